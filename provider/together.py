"""`rollout:index:Together`: one last look at all rollouts; if one failed, all are put back.

It depends on every rollout, and the record of the update depends on it. See
docs/decisions/0005-together.md. Delete does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clients import ClientError
from provider.configured import Configured
from provider.policy import Failure, PutBack, RolloutError, Switched
from provider.resource import Call, Diff, Old, Properties
from provider.verdict import Verdict, is_good
from provider.wire import UNKNOWN, is_known
from release.record_text import plain

_AT_ONCE = 16  # services that are put back at the same time


class TogetherError(RolloutError):
    """A service failed, so that none of the stack has switched; the message tells each."""


class TogetherResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched) -> None:
        """`switched` is shared with all rollouts of the process."""
        self._configured = configured
        self._switched = switched

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        verdicts = inputs.get("verdicts")
        if verdicts is None or not is_known(verdicts):
            return {} if verdicts else {"verdicts": "verdicts is missing; allowed: one by service"}
        if not isinstance(verdicts, dict) or not all(map(_is_verdict, verdicts.values())):
            return {
                "verdicts": "a verdict has too little; allowed by service: verdict, digest, "
                "deployed_digest, deployment"
            }
        return {}

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By whether a service was deployed since."""
        same = old.inputs.get("verdicts") == inputs.get("verdicts")
        return Diff(changed=[] if same else ["verdicts"])

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Nothing if all is well; else put all back that switched, and raise TogetherError."""
        if preview or not is_known(dict(inputs)):
            return "", {"verdict": UNKNOWN}
        verdicts = inputs["verdicts"]
        failed = self._failed(verdicts)
        if failed:
            deployment = self._configured.deployment
            with deployment.acting(call, "together", inputs.get("release")):
                self._undo(call, failed)
        return "together", {"verdict": f"{len(verdicts)} services run what was asked"}

    def read(self, call: Call, old: Old) -> Properties | None:
        """As the state has it: each rollout reads back its own service."""
        return old.outputs

    def _failed(self, verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, Failure]:
        told = self._switched.failures()
        for service, said in verdicts.items():
            right = is_good(said["verdict"]) and said["deployed_digest"] == said["digest"]
            if not right and service not in told:
                text = f"{service}: {said['verdict']}"
                told[service] = Failure(report=text, brief=text)
        return told

    def _undo(self, call: Call, failed: Mapping[str, Failure]) -> None:
        undo = {name: back for name, back in self._switched.switches().items()}
        call.info(
            f"{', '.join(sorted(failed))} failed; putting back {', '.join(undo) or 'nothing'}"
        )
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="together") as pool:
            found = dict(
                zip(undo, pool.map(lambda b: _put_back(call, b), undo.values()), strict=True)
            )
        for service, verdict in found.items():
            self._configured.deployment.amend(
                service, digest=verdict.digest, verdict=plain(verdict.words)
            )
        others = [f"{name}: had switched; {verdict.words}" for name, verdict in found.items()]
        head = "not every service runs what was asked, and they switch together:"
        raise TogetherError(
            "\n".join([head, *(each.report for each in failed.values()), *others]),
            "\n".join([head, *(each.brief for each in failed.values()), *others]),
        )


def _put_back(call: Call, back: PutBack) -> Verdict:
    try:
        return back(call)
    except ClientError as error:
        return Verdict(outcome="unknown", why=f"could not be put back: {error}")


def _is_verdict(said: object) -> bool:
    words = ("verdict", "digest", "deployed_digest", "deployment")
    return isinstance(said, dict) and all(isinstance(said.get(word), str) for word in words)
