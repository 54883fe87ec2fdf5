"""A stack with a secret in every place that takes one, and everything that it leaves to be read."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.canary_search import found_below, found_in
from tests.estate import Estate

STACK = "canary"
BUCKET = "slipway-canary-deploys"
# What an engine needs of a container to run it: its environment. On AWS it is Fargate's own.
ENGINE_OWN = ("/config.v2.json", "/config.json", "/meta.db", "/merged")
DOCKERFILE = """ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}
ARG PLANTED
WORKDIR /app
RUN echo "${PLANTED}" > planted
RUN --mount=type=secret,id=file-token,required=true \\
    --mount=type=secret,id=env-token,env=ENV_TOKEN,required=true \\
    sha256sum < /run/secrets/file-token > file.sha256 && \\
    printf %s "${ENV_TOKEN}" | sha256sum > env.sha256
COPY books.json app.py ./
USER 65534:65534
EXPOSE 8000
CMD ["python3", "-u", "/app/app.py"]
"""
PROOF = """        case "GET", "/proof":
            names = ("DB_PASSWORD", "API_KEY")
            return 200, {name: sha256(os.environ[name].encode()).hexdigest() for name in names}
        case "GET", "/version":
"""


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass
class CanaryEstate:
    """The monorepo, its secrets, and what was printed."""

    estate: Estate
    folder: Path
    values: Mapping[str, str]
    planted: str
    printed: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.top = self.estate.checkout(
            self.folder / "monorepo", ("backend", "notifier", "book-shop")
        )
        self.slipway = self.top / "deploy"
        (self.folder / "token").write_text(self.values["build file"])
        self._write_services()
        self._write_stack()
        self._put_values()
        self.estate.git("add", "--all", top=self.top)
        self.estate.git("commit", "--quiet", "--message", "with proofs", top=self.top)

    def run(self, *words: str) -> str:
        """Runs pulumi or slipway; what it printed is kept."""
        argv = ["pulumi", *words, "--non-interactive"] if words[0] != "slipway" else [
            ".venv/bin/python", "-m", "cli.app", *words[1:]
        ]  # fmt: skip
        environment = {"CANARY_TOKEN": self.values["build environment"]}
        text = self.estate.run(*argv, cwd=self.slipway, **environment).ok()
        (self.verbose if "-v=9" in words else self.printed).append(text)
        return text

    def proofs(self) -> dict[str, str]:
        """By place, the SHA-256 of the value that what runs really has."""
        shop = "docker exec book-shop cut -c1-64 file.sha256 env.sha256"
        build = self.estate.on_machine(shop).ok().split()
        task = self._ask_backend("/proof")
        called = self.estate.client("lambda").invoke(
            FunctionName=f"{STACK}-notifier", Qualifier="live", Payload=b'{"proof": true}'
        )
        exported = ("stack", "export", "--stack", STACK, "--show-secrets")
        state = self.estate.pulumi(*exported, cwd=self.slipway).ok()
        return {
            "build file": build[0],
            "build environment": build[1],
            "parameter of a task": task["DB_PASSWORD"],
            "secret of a task": task["API_KEY"],
            "parameter of a function": json.loads(called["Payload"].read())["proof"],
            "stack": sha256(self.values["stack"]) if self.values["stack"] in state else "",
        }

    def places(self) -> Iterator[tuple[str, dict[str, set[str]]]]:
        """Every kind of place, and for each value that is in it where."""
        values = {**self.values, "planted": self.planted}
        yield (
            "state and stack files",
            {
                **found_below(self.estate.folder / "pulumi", values),
                **found_below(self.slipway, values, left_out=("/.venv",)),
            },
        )
        yield "files of cloud and registry", found_below(self.estate.state, values)
        if (engine := Path(os.environ["SLIPWAY_STATE"])).joinpath("docker").is_dir():
            yield "files of Docker and BuildKit", found_below(engine, values, left_out=ENGINE_OWN)
        for place, texts in (
            ("output of commands", enumerate(self.printed)),
            ("output at -v=9", enumerate(self.verbose)),
            ("objects of the bucket", self._objects()),
            ("logs", self._logs()),
            ("commands to machines", self._commands()),
            ("definitions", self._definitions()),
        ):
            found: dict[str, set[str]] = {}
            for where, text in texts:
                data = text if isinstance(text, bytes) else str(text).encode()
                for name in found_in(data, values):
                    found.setdefault(name, set()).add(str(where))
            yield place, found

    def _write_services(self) -> None:
        services = self.top / "services"
        (services / "book-shop" / "Dockerfile").write_text(DOCKERFILE)
        backend = services / "backend" / "app.py"
        text = backend.read_text().replace('        case "GET", "/version":\n', PROOF)
        text = text.replace("import json\n", "import json\nfrom hashlib import sha256\n", 1)
        text = text.replace('print(f"backend ', 'print(os.environ["PLANTED"], f"backend ')
        backend.write_text(text)
        notifier = services / "notifier" / "app.py"
        text = notifier.read_text().replace(
            '        case {"ping": True}:\n',
            '        case {"proof": True}:\n            import hashlib\n'
            '            value = value_of(os.environ["TOKEN_ARN"])\n'
            '            return {"proof": hashlib.sha256(value.encode()).hexdigest()}\n'
            '        case {"ping": True}:\n',
        )
        notifier.write_text(text)

    def _write_stack(self) -> None:
        base = f"127.0.0.1:{self.estate.registry_port}/base/debian:bookworm"
        self.estate.write_stack(
            self.top,
            STACK,
            registry={"kind": "ecr", "repository": "canary/{image}", "create": True},
            bundles={"bucket": BUCKET},
            build={
                "args": {"BASE": base, "PLANTED": self.planted},
                "secrets": {
                    "file-token": f"file:{self.folder / 'token'}",
                    "env-token": "env:CANARY_TOKEN",
                },
            },
            services={
                "book-shop": {
                    "target": "host",
                    "port": 8000,
                    "publish": 8090,
                    "health": "/healthz",
                    "environment": {"PLANTED": self.planted},
                },
                "backend": {
                    "target": "ecs",
                    "port": 3000,
                    "health": "/healthz",
                    "timeout": 60,
                    "grace": 0,
                    "read_only": False,
                    "before": ["python3", "/app/migrate.py"],
                    "environment": {"PLANTED": self.planted},
                    "secrets": {
                        "DB_PASSWORD": "parameter:/canary/db",
                        "API_KEY": "secret:canary-key",
                    },
                },
                "notifier": {
                    "target": "lambda",
                    "smoke": {"ping": True},
                    "secrets": {"TOKEN": "parameter:/canary/token"},
                },
            },
        )

    def _put_values(self) -> None:
        ssm, secrets = self.estate.client("ssm"), self.estate.client("secretsmanager")
        for name, value in (
            ("/canary/db", "parameter of a task"),
            ("/canary/token", "parameter of a function"),
        ):
            ssm.put_parameter(Name=name, Value=self.values[value], Type="SecureString")
        secrets.create_secret(Name="canary-key", SecretString=self.values["secret of a task"])
        self.estate.select(STACK, self.slipway)
        subprocess.run(  # by stdin, as in an argument everybody could read it
            ["pulumi", "config", "set", "--secret", "aws:secretKey", "--stack", STACK],
            cwd=self.slipway,
            env=self.estate.environment,
            input=self.values["stack"],
            text=True,
            check=True,
        )

    def _ask_backend(self, path: str) -> dict[str, Any]:
        ecs, cluster = self.estate.client("ecs"), f"slipway-{STACK}"
        tasks = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
        task = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"][0]
        details = task["attachments"][0]["details"]
        address = next(each["value"] for each in details if each["name"] == "privateIPv4Address")
        with urllib.request.urlopen(f"http://{address}:3000{path}", timeout=3) as answer:
            document: dict[str, Any] = json.loads(answer.read())
        return document

    def _objects(self) -> Iterator[tuple[str, bytes]]:
        s3 = self.estate.client("s3")
        for each in s3.list_object_versions(Bucket=BUCKET).get("Versions", []):
            asked = {"Bucket": BUCKET, "Key": each["Key"], "VersionId": each["VersionId"]}
            yield each["Key"], s3.get_object(**asked)["Body"].read()

    def _logs(self) -> Iterator[tuple[str, object]]:
        logs = self.estate.client("logs")
        for group in logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            yield name, logs.filter_log_events(logGroupName=name)["events"]

    def _commands(self) -> Iterator[tuple[str, object]]:
        ssm = self.estate.client("ssm")
        for command in ssm.list_commands()["Commands"]:
            asked = {"CommandId": command["CommandId"], "InstanceId": command["InstanceIds"][0]}
            yield command["CommandId"], [command, ssm.get_command_invocation(**asked)]

    def _definitions(self) -> Iterator[tuple[str, object]]:
        ecs, functions = self.estate.client("ecs"), self.estate.client("lambda")
        for arn in ecs.list_task_definitions()["taskDefinitionArns"]:
            yield arn, ecs.describe_task_definition(taskDefinition=arn)
        yield "function", functions.get_function(FunctionName=f"{STACK}-notifier")
