"""`slipway unlock`: who holds a stack's lock, since when; broken only if the holder is dead."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
import yaml

from cli.answers import AsJson, DryRun, say, show_json
from cli.stack import open_stack
from clients import ClientError
from clients.state_locks import StateLock, break_lock, holder_is_dead, read_locks


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("unlock")
    def unlock(
        stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")],
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        """Show who holds a stack's lock and for how long; break it if that process is dead.

        Ends with exit code 1 if a lock stays.
        """
        opened = open_stack(stack)
        folder = backend_folder(opened.folder)
        locks = read_locks(folder, opened.settings.project, stack)
        told = [_settle(lock, dry_run) for lock in locks]
        if as_json:
            show_json({"stack": stack, "locks": told})
        else:
            _show(stack, told)
        if any(not each["broken"] and not each["dead"] for each in told):
            raise typer.Exit(1)


def backend_folder(project: Path) -> Path:
    """The folder of the file backend in use. Raises ClientError for every other backend."""
    url = backend_url(project)
    if not url.startswith("file://"):
        raise ClientError(
            f"the state is kept in {url}, and only a file backend's locks can be judged from here. "
            "Pulumi Cloud shows who updates on its page; a bucket has .pulumi/locks. "
            "When nobody updates any more: `pulumi cancel`"
        )
    parts = urlsplit(url)
    path = Path(unquote(parts.netloc + parts.path)).expanduser()
    return path if path.is_absolute() else (project / path).resolve()


def backend_url(project: Path) -> str:
    """Where Pulumi keeps the state, by the rules of Pulumi: environment, Pulumi.yaml, login."""
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    document: dict[str, Any] = yaml.safe_load((project / "Pulumi.yaml").read_text()) or {}
    if url := (document.get("backend") or {}).get("url"):
        return str(url)
    argv = ["pulumi", "whoami", "--verbose", "--json", "--non-interactive"]
    try:
        done = subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603
        return str(json.loads(done.stdout)["url"])
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None
    except (ValueError, KeyError):
        raise ClientError(
            f"pulumi does not say where the state is: {done.stderr.strip()}; `pulumi login` first"
        ) from None


def age(seconds: float) -> str:
    """A duration in the two largest units that it has."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    left, parts = int(seconds), []
    for name, size in units:
        if left >= size:
            parts.append(f"{left // size} {name}")
            left %= size
    return " ".join(parts[:2]) or "0 s"


def _settle(lock: StateLock, dry_run: bool) -> dict[str, Any]:
    dead, proof = holder_is_dead(lock)
    if dead and not dry_run:
        break_lock(lock)
    return {
        "user": lock.user,
        "host": lock.host,
        "pid": lock.pid,
        "since": lock.since.isoformat(),
        "age_seconds": int(lock.age),
        "dead": dead,
        "proof": proof,
        "broken": dead and not dry_run,
        "file": str(lock.file),
    }


def _show(stack: str, told: list[dict[str, Any]]) -> None:
    if not told:
        say(f"{stack}: nobody holds a lock")
    for each in told:
        holder = f"{each['user']}@{each['host']}, process {each['pid']}"
        say(f"{stack}: locked by {holder}, for {age(each['age_seconds'])} (since {each['since']})")
        if each["broken"]:
            say(f"  broken: {each['proof']}")
        elif each["dead"]:
            say(f"  would be broken: {each['proof']}")
        else:
            say(f"  kept: {each['proof']}")
            say(
                f"  Wait for that update. If it is surely over: pulumi cancel --stack {stack}",
            )
