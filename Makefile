# Every target sets up what it needs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
WITH := . ./env.sh &&
SCRIPTS := setup.sh env.sh .ci/run .ci/asked bin/slipway $(wildcard components/documents/files/*.sh) \
	offline/plugin/pulumi-resource offline/language/pulumi-language-python \
	provider/pulumi-resource-rollout

# The modules of slipway are compiled once, not at each start, also where the environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=

# Each part of the tests has a state folder of its own, with the Docker engine and the builder that it
# starts where none answers, and stops at the end: a demo that runs goes on.
TESTS = .slipway/test-$@
WITH_ENGINE = mkdir -p $(TESTS) && cp .slipway/env $(TESTS)/env && \
	export SLIPWAY_STATE="$(CURDIR)/$(TESTS)" SLIPWAY_TEST_ENGINES=1 && . ./env.sh && \
	trap '$(PY) -m offline.engine down; for each in $(TESTS)-gw*; do if [ -d "$$each" ]; then \
		env -u DOCKER_HOST $(PY) -m offline.engine down --state "$$each"; fi; done' EXIT && \
	$(PY) -m offline.engine up && . ./env.sh &&
# Most of what they do is waiting: two modules at a time take little more than one.
WORKERS ?= 2
# They begin in the order in which they are named: what takes long had better not come last.
SIDE_BY_SIDE := -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# ONLY: other modules than all of them. `make test` runs those that failed beside others again.
REPORTS := .slipway/reports
REPORT = --junitxml="$(CURDIR)/$(REPORTS)/$@$(AGAIN).xml"
# `make test` leaves out what takes minutes for a rare case: `make long`.
QUICK :=
# What a Kubernetes node is made of is built (5 minutes) while other tests run: `make test` begins it.
PARTS_LOG := .slipway/kubernetes-parts.log

.PHONY: help setup demo down check workflows policy unit fuzz scan localcloud browser e2e faults histories kubernetes \
	no-loss killed systems docs bench test tag deploy-dev build preview comment up gate rollback release summary asked \
	kubernetes-parts begin-kubernetes-parts long

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## install what is missing, into .venv and your cache folder
	@sh ./setup.sh

demo: setup $(if $(KUBERNETES),kubernetes-parts) ## the main job on the local stack; KUBERNETES=1: on a real node too
	@$(WITH) SLIPWAY_DEMO_KUBERNETES="$(if $(KUBERNETES),1)" $(PY) -m cli.demo

down: ## stop and remove what demo started
	@$(WITH) $(PY) -m cli.demo down

check: setup workflows ## ruff, mypy, shellcheck, and the workflows
	@$(WITH) ruff check . && ruff format --check . && mypy . && shellcheck $(SCRIPTS) && \
		echo "check: clean"

workflows: setup ## actionlint and zizmor
	@$(PY) -m offline.check_workflows

policy: setup ## the table of security checks over dev and prod, and checkov
	@$(PY) -m offline.setup_checkov
	@$(WITH) $(PY) -m tests.policy.table && $(PY) -m pytest tests/policy -q $(REPORT)

unit: setup ## unit tests, with the coverage gate
	@$(WITH) $(PY) -m pytest tests/unit tests/attacks $(SIDE_BY_SIDE) --cov --cov-report= $(REPORT)

fuzz: setup ## hostile input for each parser of what comes from outside: EXAMPLES=20000
	@$(WITH) $(PY) -m tests.attacks.fuzz "$${EXAMPLES:-20000}"

scan: setup ## security of our code (ruff) and of its packages (pip-audit, which asks for known faults)
	@$(WITH) ruff check --select S . && $(PY) -m offline.audit

localcloud: setup ## the local cloud against the rules of AWS, a plugin against a Docker engine
	@$(WITH_ENGINE) $(PY) -m pytest $(or $(ONLY),tests/localcloud tests/plugins) $(QUICK) $(SIDE_BY_SIDE) $(REPORT)

browser: setup ## the status page in a headless Chromium, which is installed where it is missing
	@$(PY) -m offline.setup_chromium
	@$(WITH) $(PY) -m pytest tests/browser -q $(REPORT)

e2e: setup ## the whole way through the real engine
	@$(WITH_ENGINE) $(PY) -m pytest $(or $(ONLY),tests/histories tests/faults tests/e2e) $(QUICK) $(SIDE_BY_SIDE) $(REPORT)

faults: kubernetes-parts ## every fault of docs/faults.md, which is made anew, in about an hour
	@rm -f $(TESTS)/faults*.json
	@$(WITH_ENGINE) SLIPWAY_FAULTS=$(TESTS)/faults.json $(PY) -m pytest tests/unit tests/localcloud tests/e2e \
		tests/faults $(SIDE_BY_SIDE)
	@$(WITH_ENGINE) SLIPWAY_FAULTS=$(TESTS)/faults-node.json $(PY) -m pytest tests/kubernetes -q
	@$(PY) -m tests.fault_page $(TESTS)/faults*.json >$(TESTS)/faults.md && mv $(TESTS)/faults.md docs/faults.md

histories: setup ## 500 random steps of commits, deploys, faults and rollbacks; SLIPWAY_SEED, SLIPWAY_STEPS: others
	@$(WITH_ENGINE) SLIPWAY_STEPS="$${SLIPWAY_STEPS:-500}" $(PY) -m pytest tests/histories -q -s

kubernetes-parts: setup
	@$(WITH) flock .slipway/kubernetes-parts.lock $(PY) -m offline.setup_kubernetes

begin-kubernetes-parts: setup
	@$(WITH) echo "kubernetes: built meanwhile, see $(PARTS_LOG)" && \
		(flock .slipway/kubernetes-parts.lock $(PY) -m offline.setup_kubernetes >$(PARTS_LOG) 2>&1 &)

kubernetes: kubernetes-parts ## services on a real Kubernetes node
	@$(WITH_ENGINE) $(PY) -m pytest $(or $(ONLY),tests/kubernetes) $(QUICK) -q $(REPORT)

no-loss: kubernetes-parts ## a request every 10 ms through ten rollouts and two failed ones
	@$(WITH_ENGINE) SLIPWAY_ROLLOUTS=10 $(PY) -m pytest tests/kubernetes/test_no_loss.py -q -s

killed: setup ## an update ended by kill -9 at every single step of a deploy, 15 minutes
	@$(WITH_ENGINE) SLIPWAY_EVERY_STEP=1 $(PY) -m pytest tests/e2e/test_killed.py -q -s

systems: setup ## the five systems, each by its recipe, and every command of the documents
	@$(WITH_ENGINE) $(PY) -m pytest $(or $(ONLY),tests/documents tests/systems) $(QUICK) $(SIDE_BY_SIDE) $(REPORT)

docs: setup ## make the generated pages anew
	@$(PY) -m infra.reference > docs/stack-file.md
	@$(PY) -m release.record_reference > docs/records.md
	@$(PY) -m release.event_reference > docs/events.md
	@$(PY) -m cli.reference > docs/commands.md
	@$(PY) -m tests.policy.table > docs/security-checks.md
	@$(PY) -m tests.systems.workflow_steps > docs/workflow-steps.md

bench: kubernetes-parts ## slipway beside what it is compared with: docs/performance.md, about an hour
	@$(WITH_ENGINE) $(PY) -m bench --docs

test: begin-kubernetes-parts ## every test but the long ones, in a line for each part; logs in .slipway/reports
	@$(PY) -m tests.parts $(REPORTS)

long: setup kubernetes-parts ## the tests that `make test` leaves out
	@$(WITH_ENGINE) $(PY) -m pytest tests -m long $(SIDE_BY_SIDE) $(REPORT)

# What the caller says reaches the command through the environment, word for word: neither make nor
# a shell reads it.
unexport SUFFIX VERSION STACK STACKS
STACK ?= dev
STACKS ?= dev prod
tag deploy-dev: export SLIPWAY_SUFFIX = $(value SUFFIX)
tag deploy-dev up gate rollback: export SLIPWAY_TAG = $(value VERSION)
build up gate rollback release summary: export SLIPWAY_ON = $(value STACK)
preview comment: export SLIPWAY_ON = $(value STACKS)
SLIPWAY := $(PY) -m cli.app

tag: setup ## the next version tag of this commit: SUFFIX=dev, VERSION=0.1.30-dev; nothing is pushed
	@$(WITH) $(SLIPWAY) tag

deploy-dev: setup ## tag what the branch dev has, push both: the tag's workflow deploys
	@$(WITH) $(SLIPWAY) deploy-dev

build: setup ## build what changed against main, push nothing: STACK=dev
	@$(WITH) $(SLIPWAY) build --stack "$$SLIPWAY_ON"

preview: setup ## what an update would change: STACKS="dev prod"
	@$(WITH) set -f && words=() && for each in $$SLIPWAY_ON; do words+=(--stack "$$each"); done && \
		$(SLIPWAY) comment "$${words[@]}"

comment: setup ## the same, as the pull request's one comment
	@$(WITH) set -f && words=() && for each in $$SLIPWAY_ON; do words+=(--stack "$$each"); done && \
		$(SLIPWAY) comment --post "$${words[@]}"

up: setup ## deploy without asking: STACK=prod VERSION=v1.2.0
	@$(WITH) pulumi stack select --create "$$SLIPWAY_ON" && \
		pulumi up --stack "$$SLIPWAY_ON" --yes --skip-preview --non-interactive \
		$${SLIPWAY_TAG:+-c "version=$$SLIPWAY_TAG"}

gate: setup ## refuse what ECR's scanner found in the images: STACK=prod VERSION=v1.2.0
	@$(WITH) $(SLIPWAY) scan --stack "$$SLIPWAY_ON" $${SLIPWAY_TAG:+-- "$$SLIPWAY_TAG"}

rollback: setup ## go back, without asking, and hold the stack there: STACK=prod VERSION=v1.1.0 WHY=...
	@$(WITH) $(SLIPWAY) rollback --yes --why "$${WHY:-}" -- "$$SLIPWAY_ON" $${SLIPWAY_TAG:+"$$SLIPWAY_TAG"}

release: setup ## one image alone: STACK=main IMAGE=backend BUMP=minor DRY_RUN=true
	@$(WITH) if [ "$${DRY_RUN:-}" = true ]; then how=--dry-run; else how=--yes; fi && \
		$(SLIPWAY) release --stack "$$SLIPWAY_ON" "$$how" -- "$${IMAGE:-}" "$${BUMP:-patch}"

summary: setup ## what the last update of a stack changed: STACK=prod
	@$(WITH) $(SLIPWAY) summary -- "$$SLIPWAY_ON"

asked: ## which release the last commit's message asks for: KEY=Release
	@.ci/asked "$(KEY)"
