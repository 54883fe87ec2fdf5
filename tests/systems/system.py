"""One of the five systems: a repository with its history, and the recipe's own stack files."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.estate import PROJECT, Estate, Ran

RECIPES = PROJECT / "docs" / "recipes"
# All that is added to a shipped stack file: where this cloud is.
ENDPOINTS = """\
  aws:accessKey: "{account}"
  aws:secretKey: local
  aws:s3UsePathStyle: "true"
  aws:skipMetadataApiCheck: "true"
  aws:endpoints:
    - ec2: {url}
      ecr: {url}
      ecrpublic: {url}
      ecs: {url}
      elbv2: {url}
      events: {url}
      iam: {url}
      lambda: {url}
      logs: {url}
      s3: {url}
      secretsmanager: {url}
      ssm: {url}
      sts: {url}
  slipway:build: {{args: {{BASE: "{base}"}}}}
"""


@dataclass
class System:
    """A scratch monorepo with slipway in deploy/ and the stack files of a recipe."""

    estate: Estate
    top: Path

    @property
    def slipway(self) -> Path:
        """Slipway's folder."""
        return self.top / "deploy"

    @staticmethod
    def of(estate: Estate, top: Path, recipe: Path, files: Mapping[str, str]) -> System:
        """Lays it out with these source files, and makes the first commit."""
        system = System(estate, estate.checkout(top))
        shutil.rmtree(top / "services")
        for stack in (top / "deploy").glob("Pulumi.*.yaml"):
            stack.unlink()
        for shipped in recipe.glob("Pulumi.*.yaml"):
            # The embedded stacks name their own endpoints.
            if "aws:endpoints" not in shipped.read_text():
                system.add_stack(shipped)
        system.commit("first", files, amend=True)
        return system

    def add_stack(self, shipped: Path, name: str | None = None, account: str | None = None) -> None:
        """A shipped stack file, every byte of it, with the endpoints after its end."""
        text = shipped.read_text()
        added = ENDPOINTS.format(
            account=account or "123456789012",
            url=f"http://127.0.0.1:{self.estate.cloud_port}",
            base=f"127.0.0.1:{self.estate.registry_port}/base/debian:bookworm",
        )
        (self.slipway / (name or shipped.name)).write_text(text + added)

    def write(self, files: Mapping[str, str]) -> None:
        """Writes files below the top."""
        for path, text in files.items():
            file = self.top / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def commit(self, message: str, files: Mapping[str, str], *, amend: bool = False) -> str:
        """Writes files and commits all; the commit's id."""
        self.write(files)
        self.git("add", "--all")
        again = ["--amend"] if amend else []
        self.git("commit", "--quiet", "--allow-empty", "--message", message, *again)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str) -> str:
        """Runs git in the monorepo; what it printed."""
        return self.estate.git(*words, top=self.top)

    def up(self, stack: str, *words: str, **environment: str) -> Ran:
        """The literal `pulumi up --stack …`, answered with yes."""
        self.estate.select(stack, self.slipway)
        return self.estate.pulumi(
            "up", "--stack", stack, *words, "--yes", cwd=self.slipway, **environment
        )

    def preview(self, stack: str, *words: str) -> Ran:
        """The literal `pulumi preview --stack …`."""
        return self.estate.preview(*words, stack=stack, cwd=self.slipway)

    def slipway_command(self, *words: str, **environment: str) -> Ran:
        """`slipway …` as a person types it."""
        return self.estate.run(
            ".venv/bin/python", "-m", "cli.app", *words, cwd=self.slipway, **environment
        )

    def images(self, stack: str) -> dict[str, dict[str, Any]]:
        """The stack output `images`."""
        text = self.estate.pulumi("stack", "output", "--json", "--stack", stack, cwd=self.slipway)
        images: dict[str, dict[str, Any]] = json.loads(text.ok())["images"]
        return images

    def digests(self, stack: str) -> dict[str, str]:
        """The digest of each image of a stack."""
        return {name: image["digest"] for name, image in self.images(stack).items()}

    def on_machine(self, stack: str, command: str) -> Ran:
        """Types a command on the machine that a stack's services run on."""
        text = self.estate.pulumi("stack", "export", "--stack", stack, cwd=self.slipway).ok()
        resources = json.loads(text)["deployment"]["resources"]
        rollout = next(each for each in resources if each["type"] == "rollout:index:HostRollout")
        instance = next(iter(rollout["outputs"]["running"]))
        return self.estate.on_machine(command, instance)

    def services(self, stack: str) -> dict[str, dict[str, Any]]:
        """The stack output `services`."""
        text = self.estate.pulumi("stack", "output", "--json", "--stack", stack, cwd=self.slipway)
        services: dict[str, dict[str, Any]] = json.loads(text.ok())["services"]
        return services

    def get(self, stack: str, service: str, path: str) -> dict[str, Any]:
        """What a service answers."""
        url = f"{self.services(stack)[service]['url']}{path}"
        with urllib.request.urlopen(url, timeout=3) as answer:
            document: dict[str, Any] = json.loads(answer.read())
        return document

    def tags(self, repository: str) -> list[str]:
        """What people see in a repository: its tags without those of content keys."""
        found = self.estate.client("ecr").describe_images(repositoryName=repository)
        tags = [tag for each in found["imageDetails"] for tag in each.get("imageTags", [])]
        return sorted(tag for tag in tags if not tag.startswith("src-"))

    def stack_file(self, stack: str) -> str:
        """The stack file as it is now."""
        return (self.slipway / f"Pulumi.{stack}.yaml").read_text()


def sample(service: str) -> dict[str, str]:
    """The source files of a sample service of ours."""
    folder = PROJECT / "services" / service
    files = [
        each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts
    ]
    return {f"services/{service}/{each.relative_to(folder)}": each.read_text() for each in files}


def tiny_image(content: str) -> dict[str, str]:
    """The files of an image without a base, by name inside of its folder."""
    return {"Dockerfile": "FROM scratch\nCOPY app.txt /app.txt\n", "app.txt": content}


def images_of(root: str, **contents: str) -> dict[str, str]:
    """The source files of several such images."""
    return {
        f"{root}/{image.replace('_', '-')}/{name}": text
        for image, content in contents.items()
        for name, text in tiny_image(content).items()
    }
