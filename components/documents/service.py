"""The bundle's files for the services of a host: units, nginx's part, environment, scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from components.documents.grammar import check
from components.documents.host_spec import RESERVED as RESERVED
from components.documents.host_spec import HostServiceSpec as HostServiceSpec
from components.documents.systemd_timer import timer_lines

FILES = Path(__file__).with_name("files")
SCRIPTS = (
    "ec2_deploy.sh",
    "machine.sh",
    "container.sh",
    "environment.sh",
    "nginx.sh",
    "settle.sh",
    "unit.sh",
    "bootstrap.sh",
    "converge.sh",
)
CONVERGE_UNIT = "slipway-converge.service"
_SHARED = (*SCRIPTS, CONVERGE_UNIT, ".env.example")
_STOP_SLACK = 15  # seconds beyond the container's own, until systemd ends the unit by force


class _Unit(Template):
    """`@{name}` is ours, so that systemd's `${NAME}` and nginx's `$name` stay as they are."""

    delimiter = "@"


def unit_file(service: HostServiceSpec, *, region: str, login: bool = True) -> str:
    """The systemd unit of one service; `login`: its registry wants ECR's login."""
    values: dict[str, object] = {
        "service": service.name,
        "container": service.container_name,
        "region": check("region", region),
        "login": "ecr" if login else "none",
        "repository": service.repository or "",
        "hardening": (FILES / "hardening.unit").read_text(),
        "stop": service.drain + _STOP_SLACK,
        "port": service.port,
        "publish": " ".join(map(str, service.published)),
        "health": service.health,
        "status": service.health_status or "",
        "at_deploy": _word(service.runs_at_deploy),
        "must_succeed": _word(service.must_succeed),
        "parameters": service.parameters or "",
        "options": " ".join(run_options(service)),
    }
    for name in ("interval", "timeout", "bake", "drain", "keep", "free_mib"):
        values[name] = getattr(service, name)
    return _Unit((FILES / f"{service.kind}.unit").read_text()).substitute(values)


def timer_file(service: HostServiceSpec) -> str | None:
    """The systemd timer of a job with a schedule."""
    if service.schedule is None:
        return None
    values = {
        "service": service.name,
        "schedule": service.schedule,
        "when": timer_lines(service.schedule),
    }
    return _Unit((FILES / "job.timer").read_text()).substitute(values)


def nginx_file(service: HostServiceSpec) -> str:
    """nginx's server for the published ports; the deploy script fills in which container."""
    values = {
        "service": service.name,
        "word": service.name.replace("-", "_"),
        "listen": "\n".join(f"  listen {port};" for port in service.published),
        "body_mib": service.body_mib,
    }
    return _Unit((FILES / "service.conf").read_text()).substitute(values)


def run_options(service: HostServiceSpec) -> list[str]:
    """Options of `docker run`, the same for each container of a release."""
    folder = f"/opt/{service.name}"
    return [
        "--init",
        "--security-opt=no-new-privileges",
        "--cap-drop=ALL",
        *(f"--cap-add={each}" for each in service.cap_add),
        *(["--read-only", "--tmpfs=/tmp:rw,nosuid,nodev,size=64m"] if service.read_only else []),
        *([f"--user={service.user}"] if service.user else []),
        f"--memory={service.memory}m",
        f"--pids-limit={service.pids}",
        f"--stop-timeout={service.drain}",
        "--log-driver=json-file",
        "--log-opt=max-size=10m",
        "--log-opt=max-file=3",
        *(f"--volume={folder}/{volume}" for volume in service.volumes),
    ]


def environment_file(service: HostServiceSpec) -> str:
    """`environment` of the stack file in the form of `docker run --env-file`."""
    return "".join(f"{name}={value}\n" for name, value in sorted(service.environment.items()))


def names_in_example(text: str) -> tuple[str, ...]:
    """The variables that a service's .env.example lists, without those that each deploy sets."""
    found = re.findall(r"^(?:export )?([A-Za-z_][A-Za-z0-9_]*)=", text, re.MULTILINE)
    return tuple(dict.fromkeys(name for name in found if name not in RESERVED))


def parameters_text(versions: Mapping[str, int]) -> str:
    """Names of parameters and their versions as a line each: part of a service's fingerprint."""
    return "".join(f"{name}={version}\n" for name, version in sorted(versions.items()))


def service_files(service: HostServiceSpec, *, region: str, login: bool = True) -> dict[str, str]:
    """The bundle's files that belong to one service alone, by path."""
    name = service.name
    files = {
        f"deploy/systemd/{name}.service": unit_file(service, region=region, login=login),
        f"deploy/environment/{name}.env": environment_file(service),
    }
    if service.needs:
        files[f"deploy/environment/{name}.needs"] = "".join(f"{each}\n" for each in service.needs)
    if not service.job:
        files[f"deploy/nginx/{name}.conf"] = nginx_file(service)
    timer = timer_file(service)
    if timer is not None:
        files[f"deploy/systemd/{name}.timer"] = timer
    return files


def bundle_files(
    services: Iterable[HostServiceSpec], *, region: str, login: bool = True
) -> dict[str, str]:
    """All files of a bundle by path, except VERSION.

    Raises `ValueError` if two services want one port of the machine, or one name of a container.
    """
    files = {f"deploy/{name}": (FILES / name).read_text() for name in _SHARED}
    taken: dict[str, str] = {}
    for service in services:
        ports = () if service.job else service.published
        for what in (f"container {service.container_name}", *(f"port {each}" for each in ports)):
            if what in taken:
                raise ValueError(f"{taken[what]} and {service.name} both want {what} of the host")
            taken[what] = service.name
        files |= service_files(service, region=region, login=login)
    return files


def fingerprint(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and contents: equal if and only if the files are."""
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        for part in (path.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _word(value: bool) -> str:
    return "yes" if value else "no"
