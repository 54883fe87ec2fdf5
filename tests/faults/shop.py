"""A stack of one container on this machine's engine, all of whose calls go through two proxies."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.aws import AwsAccess
from clients.record_store import RecordStore
from release.record import Pointer
from tests.estate import Estate, Ran
from tests.faults.faulty import FaultyProxy
from tests.ports import free_port

STACK, BUCKET, WEB = "faults", "slipway-faults-deploys", "slipway-faults-web"
WRITES = ("builds", "registry_writes", "ssm_commands", "s3_writes", "api_writes")


@dataclass
class Attempt:
    """One change and the update that was to deploy it."""

    old: str
    """The greeting before."""
    new: str
    """The greeting of the change."""
    pointer: str | None
    """The current record before."""


@dataclass
class Shop:
    """The stack, what it runs, and the ways that its calls go."""

    estate: Estate
    top: Path
    aws: FaultyProxy
    registry: FaultyProxy
    port: int
    changes: int = 0

    @staticmethod
    def of(estate: Estate, folder: Path) -> Shop:
        """Lays the stack out; nothing is deployed."""
        top = estate.checkout(folder / "monorepo", ("book-shop",))
        registry, aws = FaultyProxy(estate.registry_port), FaultyProxy(estate.cloud_port)
        real = f"127.0.0.1:{estate.registry_port}"
        registry.rewritten[real] = aws.rewritten[real] = registry.address
        port = free_port()
        web = {"target": "docker", "image": "book-shop", "port": 8000, "publish": port}
        file = estate.write_stack(
            top,
            STACK,
            registry={"kind": "ecr", "repository": "faults/{image}", "create": True},
            bundles={"bucket": BUCKET},
            host=None,
            services={WEB: {**web, "health": "/healthz", "grace": 0, "timeout": 60}},
        )
        cloud = f"127.0.0.1:{estate.cloud_port}"
        file.write_text(file.read_text().replace(cloud, aws.address))
        shop = Shop(estate=estate, top=top, aws=aws, registry=registry, port=port)
        shop.log_in(folder)
        return shop

    def log_in(self, folder: Path) -> None:
        """As `docker login` does, for the registry and for the way to it."""
        told = self.estate.client("ecr").get_authorization_token()["authorizationData"][0]
        auth = {"auth": told["authorizationToken"]}
        hosts = (self.registry.address, f"127.0.0.1:{self.estate.registry_port}")
        place = folder / "docker"
        place.mkdir()
        (place / "config.json").write_text(json.dumps({"auths": dict.fromkeys(hosts, auth)}))
        (place / "cli-plugins").symlink_to(Path.home() / ".docker" / "cli-plugins")
        self.estate.environment["DOCKER_CONFIG"] = str(place)

    @property
    def slipway(self) -> Path:
        return self.top / "deploy"

    @property
    def records(self) -> RecordStore:
        """The records, past the proxy."""
        at = f"http://127.0.0.1:{self.estate.cloud_port}"
        access = AwsAccess(
            region="eu-west-1",
            endpoints=(("s3", at),),
            access_key="local",
            secret_key="local",
        )
        return RecordStore(access, BUCKET)

    def pointer(self) -> Pointer | None:
        """The pointer to the current record."""
        found = self.records.pointer(STACK)
        return found[0] if found else None

    def attempt(self) -> Attempt:
        """Another greeting, which is another image."""
        pointer, old = self.pointer(), self.greeting()
        assert old.startswith("Welcome"), old
        self.changes += 1
        new = f"Welcome number {self.changes}"
        self.edit(new)
        return Attempt(old=old, new=new, pointer=pointer.record if pointer else None)

    def edit(self, greeting: str) -> None:
        """Gives the service that greeting."""
        source = self.top / "services" / "book-shop" / "app.py"
        source.write_text(re.sub('GREETING = ".*"', f'GREETING = "{greeting}"', source.read_text()))

    def greeting(self) -> str:
        """What is served."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as said:
                return str(json.loads(said.read())["greeting"])
        except OSError as error:
            return f"nothing: {error}"

    def up(self, *words: str) -> Ran:
        return self.estate.pulumi(*UP, *words, cwd=self.slipway)

    def begin(self, log: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        """`pulumi up` beside the test, in a session of its own, its output in a file."""
        with log.open("wb") as out:
            return subprocess.Popen(
                ["pulumi", *UP, "--non-interactive", *words],
                cwd=self.slipway,
                env={**self.estate.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stands(self, made: Attempt, code: int) -> None:
        """What holds after any update: old or new serves, and only what succeeded is current."""
        serves, pointer = self.greeting(), self.pointer()
        now = pointer.record if pointer else None
        assert serves in (made.old, made.new)
        if code == 0:
            assert serves == made.new
            assert now != made.pointer
        if now != made.pointer:
            assert serves == made.new, "the pointer moves last"

    def refused(self, made: Attempt, ran: Ran) -> str:
        """What an update said that had to fail and to leave all as it was."""
        text = ran.refused()
        self.stands(made, ran.code)
        assert self.greeting() == made.old
        return text

    def converges(self, made: Attempt, *, leaving: int = 1) -> None:
        """Without the fault an update does what was asked, and the next one nothing."""
        self.aws.mend()
        self.registry.mend()
        self.stands(made, (ran := self.up()).code)
        ran.ok()
        self.has_nothing_to_do()
        assert len(self.containers()) == leaving, "no container is left over"

    def has_nothing_to_do(self) -> None:
        """An update that writes nothing at all."""
        before = self.estate.counters()
        assert "unchanged" in self.up("--expect-no-changes").ok()
        after = self.estate.counters()
        assert {each: after[each] - before[each] for each in WRITES} == dict.fromkeys(WRITES, 0)

    def containers(self) -> list[str]:
        """The names of all containers of the service, stopped ones and trials too."""
        return self.running("--all")

    def running(self, *words: str) -> list[str]:
        """The names of its containers that run."""
        label = f"label=slipway.service=slipway/{STACK}/{WEB}"
        argv = ("docker", "ps", *words, "--filter", label, "--format", "{{.Names}}")
        return self.estate.run(*argv).ok().split()

    def tags(self) -> set[str]:
        """The names in the repository."""
        ecr = self.estate.client("ecr")
        found: list[dict[str, Any]] = ecr.describe_images(repositoryName="faults/book-shop")[
            "imageDetails"
        ]
        return {tag for each in found for tag in each.get("imageTags", [])}

    def close(self) -> None:
        """Removes what it runs."""
        for name in self.containers():
            self.estate.run("docker", "rm", "--force", "--volumes", name)
        self.aws.close()
        self.registry.close()


UP = ("up", "--stack", STACK, "--yes", "--skip-preview", "--parallel", "1")
