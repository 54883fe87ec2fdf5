# Every target sets up what it needs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
WITH := . ./env.sh &&
SCRIPTS := setup.sh env.sh .ci/run bin/slipway $(wildcard components/documents/files/*.sh) \
	offline/plugin/pulumi-resource offline/language/pulumi-language-python \
	provider/pulumi-resource-rollout

# Tests have a state folder of their own, with the Docker engine and the builder that they start
# where none answers, and stop at the end: a demo that runs goes on.
TESTS := .slipway/test
WITH_ENGINE := mkdir -p $(TESTS) && cp .slipway/env $(TESTS)/env && \
	export SLIPWAY_STATE="$(CURDIR)/$(TESTS)" && . ./env.sh && \
	trap '$(PY) -m offline.engine down' EXIT && $(PY) -m offline.engine up && . ./env.sh &&
# What a Kubernetes node is made of is built (5 minutes) while other tests run: `make test` begins it.
PARTS_LOG := .slipway/kubernetes-parts.log

.PHONY: help setup demo down check policy unit localcloud e2e kubernetes no-loss systems docs bench \
	test tag deploy-dev kubernetes-parts begin-kubernetes-parts

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## install what is missing, into .venv and your cache folder
	@sh ./setup.sh

demo: setup $(if $(KUBERNETES),kubernetes-parts) ## the main job on the local stack; KUBERNETES=1: on a real node too
	@$(WITH) SLIPWAY_DEMO_KUBERNETES="$(if $(KUBERNETES),1)" $(PY) -m cli.demo

down: ## stop and remove what demo started
	@$(WITH) $(PY) -m cli.demo down

check: setup ## ruff, mypy, shellcheck
	@$(WITH) ruff check . && ruff format --check . && mypy . && shellcheck $(SCRIPTS) && \
		echo "check: clean"

policy: setup ## the table of security checks over dev and prod, and checkov
	@$(PY) -m offline.setup_checkov
	@$(WITH) $(PY) -m tests.policy.table && $(PY) -m pytest tests/policy -q

unit: setup ## unit tests, with coverage
	@$(WITH) $(PY) -m pytest tests/unit -q --cov --cov-report=term:skip-covered

localcloud: setup ## the local cloud against the rules of AWS, a plugin against a Docker engine
	@$(WITH_ENGINE) $(PY) -m pytest tests/localcloud tests/plugins -q

e2e: setup ## the whole way through the real engine
	@$(WITH_ENGINE) $(PY) -m pytest tests/e2e -q

kubernetes-parts: setup
	@$(WITH) flock .slipway/kubernetes-parts.lock $(PY) -m offline.setup_kubernetes

begin-kubernetes-parts: setup
	@$(WITH) echo "kubernetes: built meanwhile, see $(PARTS_LOG)" && \
		(flock .slipway/kubernetes-parts.lock $(PY) -m offline.setup_kubernetes >$(PARTS_LOG) 2>&1 &)

kubernetes: kubernetes-parts ## services on a real Kubernetes node
	@$(WITH_ENGINE) $(PY) -m pytest tests/kubernetes -q

no-loss: kubernetes-parts ## a request every 10 ms through ten rollouts and two failed ones
	@$(WITH_ENGINE) SLIPWAY_ROLLOUTS=10 $(PY) -m pytest tests/kubernetes/test_no_loss.py -q -s

systems: setup ## the five systems, each by its recipe
	@$(WITH_ENGINE) $(PY) -m pytest tests/systems -q

docs: setup ## make the generated pages anew
	@$(PY) -m infra.reference > docs/stack-file.md
	@$(PY) -m release.record_reference > docs/records.md
	@$(PY) -m cli.reference > docs/commands.md
	@$(PY) -m tests.policy.table > docs/security-checks.md

bench: kubernetes-parts ## slipway beside what it is compared with
	@$(WITH_ENGINE) $(PY) -m bench

test: begin-kubernetes-parts check policy unit localcloud e2e kubernetes systems ## everything that is a test
	@echo "test: all parts passed"

# What the caller says (SUFFIX, VERSION) reaches the command through the environment, word for word:
# neither make nor a shell reads it.
unexport SUFFIX VERSION
tag deploy-dev: export SLIPWAY_SUFFIX = $(value SUFFIX)
tag deploy-dev: export SLIPWAY_TAG = $(value VERSION)

tag: setup ## the next version tag of this commit: SUFFIX=dev, VERSION=0.1.30-dev; nothing is pushed
	@$(WITH) $(PY) -m cli.app tag

deploy-dev: setup ## tag what the branch dev has, push both: the tag's workflow deploys
	@$(WITH) $(PY) -m cli.app deploy-dev
