"""Runs the script steps of a workflow's jobs as GitHub would, in a scratch repository."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.estate import Ran
from tests.systems.system import System
from tests.systems.workflow_expressions import Expressions
from tests.systems.workflow_steps import Step, read, steps_of

RUN: set[tuple[str, str, str]] = set()
"""File, job and name of every step that has run."""


@dataclass
class Runner:
    """GitHub's part: an event, the variables, and the files that steps write into."""

    system: System
    folder: Path
    event_name: str
    event: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    github: Mapping[str, str] = field(default_factory=dict)
    """More of the context `github`, also as environment: api_url and the like."""
    needs: dict[str, Any] = field(default_factory=dict)
    token: str = "ghs_fake"
    """What the context `github.token` has."""
    summary: str = ""

    def ask(self, repository: str) -> None:
        """Makes it a run for pull request 7 from a branch of `repository`."""
        head = {"repo": {"full_name": repository}}
        request = {"number": 7, "head": head, "user": {"login": "ann"}}
        self.event_name, self.event = "pull_request", {"pull_request": request}
        self.github = self.on("refs/pull/7/merge")

    def on(self, ref: str) -> dict[str, str]:
        """The context `github` of a run for another ref."""
        return {**self.github, "ref": ref}

    def run(self, file: str) -> dict[str, Ran]:
        """Runs the jobs of a workflow in order; what each step printed, by its name.

        A step that fails ends it all with `AssertionError`, as does a job that has nothing to run.
        """
        document, said = read(file), {}
        for job, wanted in document["jobs"].items():
            contexts = self._contexts(wanted)
            if not all(each in self.needs for each in _listed(wanted.get("needs"))):
                continue
            if not Expressions(contexts).holds(wanted.get("if")):
                continue
            for step in (each for each in steps_of(file) if each.job == job):
                done = self._step(step, document, contexts)
                if done is not None:
                    done.ok()
                    said[step.name] = done
            filled = Expressions(contexts)
            outputs = {k: filled.text(v) for k, v in (wanted.get("outputs") or {}).items()}
            self.needs[job] = {"outputs": outputs, "result": "success"}
        return said

    def _step(
        self, step: Step, document: Mapping[Any, Any], contexts: dict[str, Any]
    ) -> Ran | None:
        filled = Expressions(contexts)
        if step.reason or not filled.holds(step.document.get("if")):
            return None
        assert "${{" not in step.document["run"], "values reach a shell through env alone"
        files = {name: self.folder / name for name in ("output", "summary", "event")}
        for name in ("output", "summary"):
            files[name].write_text("")
        files["event"].write_text(json.dumps(self.event))
        given = {**(document.get("env") or {}), **(step.document.get("env") or {})}
        done = self._bash(
            step.document["run"], files, {k: filled.text(v) for k, v in given.items()}
        )
        RUN.add((step.file, step.job, step.name))
        self.summary += files["summary"].read_text()
        if identity := step.document.get("id"):
            pairs = [each.partition("=") for each in files["output"].read_text().splitlines()]
            contexts["steps"][identity] = {"outputs": {k: v for k, _, v in pairs}}
        return done

    def _bash(self, script: str, files: Mapping[str, Path], given: Mapping[str, str]) -> Ran:
        path = self.folder / "step.sh"
        path.write_text(script)
        facts = {f"GITHUB_{name.upper()}": value for name, value in self._facts().items()}
        environment = {
            **self.system.estate.environment,
            **facts,
            "CI": "true",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_EVENT_PATH": str(files["event"]),
            **given,
        }
        for name in ("GITHUB_TOKEN", "GITHUB_EVENT"):
            if name not in given:
                environment.pop(name, None)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)],
            cwd=self.system.slipway,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        return Ran(code=done.returncode, text=done.stdout)

    def _facts(self) -> dict[str, str]:
        commit = self.system.git("rev-parse", "HEAD").strip()
        known = {"repository": "acme/shop", "sha": commit, "run_id": "42", "actor": "ann"}
        return {**known, "event_name": self.event_name, **self.github}

    def _contexts(self, job: Mapping[str, Any]) -> dict[str, Any]:
        facts = self._facts()
        return {
            "github": {**facts, "event": self.event, "token": self.token},
            "inputs": self.inputs,
            "vars": {
                "PULUMI_BACKEND_URL": self.system.estate.environment["PULUMI_BACKEND_URL"],
                "AWS_PREVIEW_ROLE_ARN": "arn:aws:iam::123456789012:role/slipway-preview",
            },
            "needs": self.needs,
            "steps": {},
        }


def not_run(file: str) -> set[str]:
    """The steps of a workflow that can run here and have not."""
    wanted = {(each.file, each.job, each.name) for each in steps_of(file) if not each.reason}
    return {f"{job}: {name}" for _, job, name in wanted - RUN}


def _listed(needs: object) -> list[str]:
    return [needs] if isinstance(needs, str) else list(needs) if isinstance(needs, list) else []
