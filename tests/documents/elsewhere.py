"""The documents' commands that other tests run, those that cannot run here, and mere names."""

from __future__ import annotations

STATUS = "tests/e2e/test_status.py"
SUPPLY = "tests/e2e/test_supply_chain.py"
WORKFLOWS = "docs/workflow-steps.md"
KUBERNETES = "tests/kubernetes/"
ALL_TESTS = ("tests/parts.py", '"check", "policy", "unit", "browser"')
SIDE_BY_SIDE = ("tests/parts.py", '"kubernetes", "e2e", "localcloud", "systems"')

DEMO = ("tests/documents/test_demo.py", "make")

ELSEWHERE: dict[str, tuple[str, str]] = {
    # command: (the file that runs it, words in it)
    ". ./env.sh": ("tests/documents/test_documents.py", '  line = f". ./env.sh; {typed}"'),
    "make test": (".ci/run", "make test"),
    "make check": ALL_TESTS,
    "make unit": ALL_TESTS,
    "make browser": ALL_TESTS,
    "make setup": ALL_TESTS,
    "make workflows": ("Makefile", "check: setup workflows"),
    "make kubernetes": SIDE_BY_SIDE,
    "make e2e": SIDE_BY_SIDE,
    "make fuzz": ("tests/attacks/test_harness.py", "tests.attacks"),
    "make kubernetes-parts": ("Makefile", "-m offline.setup_kubernetes"),
    "make docs": ("tests/unit/test_reference.py", "stack-file.md"),
    "make deploy-dev": ("tests/systems/test_make_deploy_dev.py", '"deploy-dev", "--yes"'),
    "make demo": DEMO,
    "make down": DEMO,
    "make help": DEMO,
    "export DOCKER_CONFIG=$PWD/.slipway/docker-config": DEMO,
    "make gate STACK=prod VERSION=v1.2.0": (WORKFLOWS, "make gate STACK=prod"),
    'make preview STACKS="dev prod"': (WORKFLOWS, 'make preview STACKS="dev prod"'),
    "make summary STACK=prod": (WORKFLOWS, "make summary STACK=prod"),
    "python -m localcloud up": ("tests/estate.py", '"-m", "localcloud", "up"'),
    "pulumi stack output ci": ("tests/e2e/test_ci_role.py", "ci"),
    "pulumi destroy --remove --stack NAME": ("tests/e2e/test_ci_role.py", '"--remove", "--stack"'),
    "pulumi stack output user_data": ("tests/e2e/test_fleet.py", '"stack", "output", "user_data"'),
    "pulumi config rm slipway:kubeconfig": (
        f"{KUBERNETES}test_ssm_moving.py",
        '"config", "rm", "slipway:kubeconfig"',
    ),
    "pulumi up --stack microk8s -c version=v1.2.0": (f"{KUBERNETES}test_recipes.py", '"version='),
    "pulumi up --stack microk8s -c source=1.2.0-SNAPSHOT-7d2a1b0": (
        f"{KUBERNETES}test_recipes.py",
        "source={source}",
    ),
    "pulumi up --stack prod -c source=1.2.0-SNAPSHOT-7d2a1b0": (
        "tests/systems/test_snapshot_promotion.py",
        "source={name}",
    ),
    "systemctl list-timers 'slipway-login-*'": (f"{KUBERNETES}test_ssm_app.py", "slipway-login-"),
    "docker ps --filter label=slipway.service=<project>/<stack>/<service>": (
        STATUS,
        "slipway.service=slipway/",
    ),
    "slipway logs <service>": (STATUS, '"logs", service'),
    "slipway logs backend --stack seen --lines 1": (STATUS, '"--lines", "1"'),
    "slipway logs book-shop --stack seen --lines 3": (STATUS, '"--lines"'),
    "slipway logs notifier --stack seen --lines 3 --since 1h": (STATUS, '"--since", "1h"'),
    "slipway logs backend -f": ("tests/unit/test_cli_logs.py", "following"),
    "slipway shell <service or instance>": (STATUS, '"shell", "book-shop"'),
    "slipway shell book-shop --stack seen": (STATUS, '"shell", "book-shop"'),
    "slipway shell slipway-e2e-seen": (STATUS, '"shell", WEB'),
    "slipway status seen": (STATUS, '"status"'),
    "slipway status seen; echo $?": (STATUS, '"status"'),
    "slipway release backend minor": ("tests/systems/test_ecr_versions.py", '"minor"'),
    "slipway run backend v1.2.0": ("tests/systems/test_ci_build_deploy.py", '"run", "storefront"'),
}

AWS = "acts on a real account; slipway does not call it"
GITHUB = "acts on GitHub"
KMS = "needs a key of AWS KMS; the same command without `--secrets-provider` is run"
NODE = "an operator's own look at the cluster; slipway does not ask it"
LONG = "measures for minutes, so it is a target of its own"
NAMED = "named in a comparison, nothing to type"

NOT_HERE: dict[str, str] = {
    "apt-get install -y git make": "installs what cloning this repository needs",
    "aws cloudtrail …": AWS,
    "aws ec2 enable-ebs-encryption-by-default": AWS,
    "aws ec2 modify-instance-metadata-defaults --http-tokens required"
    " --http-put-response-hop-limit 1": AWS,
    "aws ecr describe-image-signing-status": AWS,
    "aws ecr put-account-setting --name BLOB_MOUNTING --value ENABLED": AWS,
    "aws ecr put-registry-scanning-configuration --scan-type ENHANCED …": AWS,
    'aws ecr put-signing-configuration --signing-configuration \'{"rules": [{': AWS,
    "aws logs create-export-task": AWS,
    "aws s3control put-public-access-block --account-id …": AWS,
    "aws signer put-signing-profile --profile-name acme_images"
    " --platform-id Notation-OCI-SHA384-ECDSA": AWS,
    "aws ssm delete-document --name SSM-SessionManagerRunShell": AWS,
    "aws ssm start-session --target INSTANCE": "the local cloud has no sessions",
    "aws ssm start-session --target i-df73979e5e7c36336 --region eu-west-1"
    " --endpoint-url http://127.0.0.1:48135": "the local cloud has no sessions",
    "aws sso login": AWS,
    "aws sso login --profile acme-dev": AWS,
    "docker --host unix:///run/slipway-5f395140/docker.sock exec -it slipway-e2e-seen-9cf07aee"
    " /bin/sh": "what `slipway shell` printed",
    "docker buildx create --name team --driver remote tcp://buildkit.acme.internal:1234": (
        "needs a builder of one's own; slipway's tests use this driver through a socket"
    ),
    "docker buildx history": NAMED,
    "docker ps": NAMED,
    "docker pull; docker tag; docker push": NAMED,
    "docker push -f": NAMED,
    "docker run -p 127.0.0.1:3000:3000 …@sha256:…": NAMED,
    "docker stop; docker run": NAMED,
    "gh api --method POST repos/OWNER/REPOSITORY/rulesets --input docs/branch-rules.json": GITHUB,
    "gh auth login": GITHUB,
    "gh variable set AWS_DEV_ROLE_ARN --body arn:aws:iam::123456789012:role/slipway-dev-ci": GITHUB,
    "gh variable set AWS_PROD_ROLE_ARN --body arn:aws:iam::123456789012:role/slipway-prod-ci": (
        GITHUB
    ),
    "gh variable set AWS_REGION --body eu-west-1": GITHUB,
    "gh variable set PULUMI_BACKEND_URL --body s3://acme-pulumi-state": GITHUB,
    "git add": NAMED,
    "git diff": NAMED,
    "git diff --quiet": NAMED,
    "git diff --quiet main HEAD -- FOLDER": NAMED,
    "git diff main..HEAD": NAMED,
    "git fast-import": NAMED,
    "git push": NAMED,
    "kubectl rollout status": NAMED,
    "kubectl scale": NAMED,
    "kubectl set image": NAMED,
    "kubectl set image; kubectl rollout status": NAMED,
    "kubectl … exec": NAMED,
    "make bench": LONG,
    "make long": LONG,
    "make no-loss": f"{LONG}; `make kubernetes` runs the same test with fewer rollouts",
    "make demo KUBERNETES=1": "`make demo` and `make kubernetes` run, their sum takes minutes more",
    "make faults": f"{LONG}; `make test` runs the same tests",
    "make histories": f"{LONG}; `make e2e` runs 25 of its steps",
    "python -m bench many fresh hosted": LONG,
    "python -m bench kubernetes": LONG,
    "python -m bench planning": LONG,
    "python -m bench promotion": LONG,
    "microk8s config": NAMED,
    "microk8s config \\| pulumi config set --secret slipway:kubeconfig": NODE,
    "microk8s enable ingress": NODE,
    "microk8s enable metrics-server": NODE,
    "microk8s inspect": NODE,
    "microk8s kubectl": NAMED,
    "microk8s status": NODE,
    "pulumi config set --secret": NAMED,
    "microk8s kubectl --namespace prod create secret docker-registry registry --dry-run=client"
    " -o yaml --docker-server=<registry> --docker-username=AWS"
    ' --docker-password="$(aws ecr get-login-password)" | sudo microk8s kubectl apply --server-side'
    " --force-conflicts -f -": NODE,
    "python -m localcloud.kubernetes up": "the tests start the same node, and a machine has one",
    "docker buildx imagetools inspect REPOSITORY@DIGEST --format '{{json .Provenance}}'": (
        f"{SUPPLY} reads the same from the registry"
    ),
    "pulumi login --local": "tests have a folder of their own for the state (PULUMI_BACKEND_URL)",
    'pulumi stack init --secrets-provider "awskms://alias/pulumi"': KMS,
    "pulumi stack init --secrets-provider awskms://…": KMS,
    'pulumi stack init dev --secrets-provider "awskms://alias/pulumi?region=eu-west-1"': KMS,
    'pulumi stack init prod --secrets-provider "awskms://alias/pulumi?region=eu-west-1"': KMS,
}
"""With the reason."""
