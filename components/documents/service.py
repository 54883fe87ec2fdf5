"""One service of a host: its unit, its environment, and the bundle's files for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Literal

from components.documents.grammar import check, check_port

FILES = Path(__file__).with_name("files")
SCRIPTS = ("ec2_deploy.sh", "machine.sh", "put_back.sh")
# The deploy script writes these into /opt/<service>/.env.
RESERVED = frozenset({"ECR_REGISTRY", "ECR_REPOSITORY", "IMAGE_TAG"})


class _Unit(Template):
    """`@{name}` is ours, so that systemd's own `${NAME}` stays as it is."""

    delimiter = "@"


@dataclass(frozen=True, kw_only=True)
class HostServiceSpec:
    """What a host must know of one service. Raises `ValueError` for a value it must not hold."""

    name: str
    """Name of the unit, the container and the folder under /opt."""
    job: bool = False
    """Runs once per deploy and ends."""
    port: int | None = None
    """The port the container listens on; services only."""
    publish: int | None = None
    """The machine's port that leads to it; `port` if not given."""
    health: str = "/"
    """The path that answers 2xx or 3xx when the service is healthy."""
    volumes: tuple[str, ...] = ()
    """`name:/path`: folders under /opt/<service> that outlive the container."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables of the container; never a secret."""
    repository: str | None = None
    """Path of its image's repository: the host runs no image of another; None: any."""
    timeout: int = 60
    """Seconds until a new version must be healthy, or the job done."""

    def __post_init__(self) -> None:
        check("service", self.name)
        check("health path", self.health)
        if self.repository is not None:
            check("repository", self.repository)
        if not self.job:
            check_port(self.port or 0)
            check_port(self.published)
        for volume in self.volumes:
            check("volume", volume)
            if ".." in volume:
                raise ValueError(f"{volume!r} is not a volume; allowed: a path without ..")
        for variable, value in self.environment.items():
            check("variable", variable)
            check("value of a variable", value)
            if variable in RESERVED:
                raise ValueError(f"{variable} is set by each deploy; take another name")

    @property
    def kind(self) -> Literal["service", "job"]:
        """The word for it in the deploy document."""
        return "job" if self.job else "service"

    @property
    def published(self) -> int:
        """The machine's port."""
        return self.publish or self.port or 0


def unit_file(service: HostServiceSpec, *, region: str, login: bool = True) -> str:
    """The systemd unit of one service; `login`: its registry wants ECR's login."""
    values = {
        "service": service.name,
        "region": check("region", region),
        "login": "ecr" if login else "none",
        "repository": service.repository or "",
        "options": " ".join(run_options(service)),
    }
    if not service.job:
        values |= {"port": str(service.port), "publish": str(service.published)}
        values["health"] = service.health
    text = (FILES / f"{service.kind}.unit").read_text()
    return _Unit(text).substitute(values)


def run_options(service: HostServiceSpec) -> list[str]:
    """Options of `docker run` for the live container and for the one that is tried beside it."""
    folder = f"/opt/{service.name}"
    return [
        "--init",
        "--security-opt=no-new-privileges",
        "--log-opt=max-size=10m",
        "--log-opt=max-file=3",
        *(f"--volume={folder}/{volume}" for volume in service.volumes),
    ]


def environment_file(service: HostServiceSpec) -> str:
    """`environment` of the stack file in the form of `docker run --env-file`."""
    return "".join(f"{name}={value}\n" for name, value in sorted(service.environment.items()))


def service_files(service: HostServiceSpec, *, region: str, login: bool = True) -> dict[str, str]:
    """The bundle's files that belong to one service alone, by path."""
    return {
        f"deploy/systemd/{service.name}.service": unit_file(service, region=region, login=login),
        f"deploy/environment/{service.name}.env": environment_file(service),
    }


def bundle_files(
    services: Iterable[HostServiceSpec], *, region: str, login: bool = True
) -> dict[str, str]:
    """All files of a bundle by path, except VERSION."""
    files = {f"deploy/{name}": (FILES / name).read_text() for name in (*SCRIPTS, ".env.example")}
    for service in services:
        files |= service_files(service, region=region, login=login)
    return files


def fingerprint(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and contents: equal if and only if the files are."""
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        for part in (path.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
