"""Two services, two stacks, one machine each: where histories happen."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.calls_proxy import CallsProxy
from tests.estate import PROJECT, Estate, Ran
from tests.faults.faulty import Change

DEV, PROD = "dev", "prod"
STACKS = (DEV, PROD)
WEB, FN = "web", "fn"
SERVICES = (WEB, FN)
UPDATE = ("--yes", "--skip-preview", "--non-interactive")
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Call:
    """The `number`th call (from 1) whose name begins so; `answered`: when it is done."""

    name: str
    number: int
    answered: bool

    def __str__(self) -> str:
        return f"{'after' if self.answered else 'before'} {self.name} {self.number}"


class World:
    """The monorepo, its cloud behind a proxy, and the commands that a team types."""

    def __init__(self, folder: Path) -> None:
        self.estate = Estate(folder, dict(os.environ))
        self.estate.start_cloud()
        self.proxy = CallsProxy(self.estate.cloud_port)
        self.top = self.estate.checkout(folder / "histories", ())
        self.slipway = self.top / "deploy"
        self.secrets = {
            "parameter": f"canary{secrets.token_hex(12)}",
            "stack": f"canary{secrets.token_hex(12)}",
        }
        self._lay_out()
        for stack in STACKS:
            self._write_stack(stack)
            self._put_secrets(stack)
        self.commit("services")

    def close(self) -> None:
        """Ends the cloud and all that runs in it."""
        self.proxy.close()
        self.estate.stop_cloud()

    def write(self, path: str, text: str) -> None:
        """A file of the work tree, by its path in services/."""
        (self.top / "services" / path).write_text(f"{text}\n")

    def commit(self, message: str) -> str:
        """Commits everything; its id. Stack files are left out: Pulumi rewrites them."""
        self.git("add", "--all", "services")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str) -> str:
        return self.estate.git(*words, top=self.top)

    def up(self, stack: str, *words: str, wishes: Mapping[str, str] | None = None) -> Ran:
        """`pulumi up`; wishes are variables."""
        argv = ("pulumi", "up", "--stack", stack, *UPDATE, *words)
        return self.estate.run(*argv, cwd=self.slipway, **(wishes or {}))

    def preview(self, stack: str, *words: str) -> Ran:
        return self.estate.pulumi("preview", "--stack", stack, *words, cwd=self.slipway)

    def refresh(self, stack: str) -> Ran:
        """`pulumi refresh`, which asks the machines too."""
        words = ("--yes", "--skip-preview", "--stack", stack)
        return self.estate.pulumi("refresh", *words, cwd=self.slipway)

    def command(self, *words: str) -> Ran:
        """`slipway …`."""
        return self.estate.run(sys.executable, "-m", "cli.app", *words, cwd=self.slipway)

    def start_up(
        self, stack: str, *words: str, wishes: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """`pulumi up` in a process group of its own, not waited for."""
        return subprocess.Popen(
            ["pulumi", "up", "--stack", stack, *UPDATE, *words],
            cwd=self.slipway,
            env={**self.estate.environment, **(wishes or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def up_killed(
        self, at: Call, stack: str, *words: str, wishes: Mapping[str, str] | None = None
    ) -> Ran:
        """`pulumi up` that is ended by kill -9 at a call, if that comes."""
        process = self.start_up(stack, *words, wishes=wishes)

        def kill() -> None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

        self.proxy.aim(at.name, at.number, answered=at.answered, act=kill)
        text, _ = process.communicate(timeout=600)
        self.proxy.aim("none", 1, answered=False, act=lambda: None)
        return Ran(code=process.returncode, text=text)

    def up_with(self, at: Call, change: Change, stack: str) -> Ran:
        """`pulumi up` during which something happens to one call, if that comes."""
        self.proxy.fault(re.escape(at.name), change, skip=at.number - 1)
        try:
            return self.up(stack)
        finally:
            self.proxy.mend()

    def wait_for_machines(self) -> None:
        """Until no machine is at work any more for an update that is dead."""
        until = time.monotonic() + 300
        while any(
            each["Status"] in ("Pending", "InProgress")
            for each in self.estate.client("ssm").list_commands()["Commands"]
        ):
            assert time.monotonic() < until, "a machine has been at work for 300 s"
            time.sleep(0.5)

    def _lay_out(self) -> None:
        shutil.copytree(HERE / "services", self.top / "services", dirs_exist_ok=True)
        runtime = PROJECT / "services" / "notifier" / "runtime.py"
        shutil.copy2(runtime, self.top / "services" / FN / "runtime.py")

    def _write_stack(self, stack: str) -> None:
        dev = stack == DEV
        build = {"images": "build", "names": ["{sha}"]}
        promote = {
            "images": "promote",
            "names": ["{version}"],
            "source": "required",
            "origin": {"stack": DEV, "bucket": f"slipway-histories-{DEV}"},
        }
        web = {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"}
        fast = {"bake": 0, "drain": 1, "keep": 3, "timeout": 90, "parameters": f"/{stack}/{WEB}/"}
        file = self.estate.write_stack(
            self.top,
            stack,
            protected=None if dev else True,
            release=build if dev else promote,
            registry={"kind": "ecr", "repository": "histories/{image}", "create": dev},
            bundles={"bucket": f"slipway-histories-{stack}"},
            host={"create": True},
            services={
                WEB: {**web, **fast},
                FN: {"target": "lambda", "smoke": {}, "deadline": 60,
                     "secrets": {"TOKEN": f"parameter:/{stack}/{WEB}/TOKEN"}},
            },
        )  # fmt: skip
        text = file.read_text()
        file.write_text(text.replace(f"127.0.0.1:{self.estate.cloud_port}", self.proxy.address))

    def _put_secrets(self, stack: str) -> None:
        value = self.secrets["parameter"]
        self.estate.client("ssm").put_parameter(
            Name=f"/{stack}/{WEB}/TOKEN", Value=value, Type="SecureString"
        )
        self.estate.select(stack, self.slipway)
        subprocess.run(  # by stdin, as in an argument everybody could read it
            ["pulumi", "config", "set", "--secret", "aws:secretKey", "--stack", stack],
            cwd=self.slipway,
            env=self.estate.environment,
            input=self.secrets["stack"],
            text=True,
            check=True,
        )
