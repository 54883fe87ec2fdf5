"""Every command that a document tells people to type is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest

from tests.documents.elsewhere import ELSEWHERE, NOT_HERE
from tests.documents.found import found
from tests.documents.walk import STEPS, At, Step
from tests.estate import PROJECT, Estate, Ran
from tests.systems.system import System, sample
from tests.systems.walk import change

KEYS = (
    ". /etc/profile; export AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=123456789012"
    " AWS_SECRET_ACCESS_KEY=local"
)
"""What a developer has; the machine is where the AWS CLI is."""


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("documents") / "monorepo"
    system = System.of(estate, top, PROJECT, sample("book-shop") | sample("atta"))
    estate.write_stack(top, "local", bundles={"bucket": "slipway-local-deploys", "create": True})
    estate.environment["PULUMI_SKIP_CONFIRMATIONS"] = "true"
    for stack in ("local", "prod", "dev"):
        estate.select(stack, system.slipway)
    return system


def type_in(system: System, step: Step) -> Ran:
    """Types it where it belongs."""
    typed = step.filled or step.typed
    if step.at is At.MACHINE:
        return system.on_machine("dev", typed)
    if step.at is At.LAPTOP:
        return system.on_machine("dev", f"{KEYS}; {typed}")
    line = f". ./env.sh; {typed}"
    if step.at is At.TERMINAL:
        line = f". ./env.sh; echo y | script --quiet --return --command {shlex.quote(typed)}"
    return system.estate.run("bash", "-euo", "pipefail", "-c", line, cwd=system.slipway)


def as_pattern(command: str) -> str:
    """With what the reader fills in as a star: `slipway resume NAME`, `slipway loses <stack>`."""
    return re.sub(r"<[a-z ]+>|\b(?:NAME|COMMAND)\b", "*", command.replace("[", "[[]"))


def typed_in(commands: Iterable[str], command: str) -> bool:
    """Whether one of these is the command, or the command with more words."""
    pattern = as_pattern(command)
    return any(fnmatchcase(each, pattern) or each.startswith(f"{command} ") for each in commands)


def test_every_command_in_the_documents_is_run_or_says_why_not() -> None:
    walked = [step.typed for step in STEPS if step.typed]
    run = [*walked, *ELSEWHERE]
    pages = found()
    open_ones = {
        command: where
        for command, where in pages.items()
        if command not in NOT_HERE and not typed_in(run, command)
    }
    assert not open_ones, "add it to the walk, or say which other test runs it, or why none can"
    assert len(pages) > 150, "commands are found at all"


def test_no_command_is_listed_that_no_document_has() -> None:
    listed = [*(step.typed for step in STEPS if step.typed), *ELSEWHERE, *NOT_HERE]
    assert sorted(set(listed) - found().keys()) == []
    assert not ELSEWHERE.keys() & NOT_HERE.keys()


@pytest.mark.parametrize("command", ELSEWHERE)
def test_the_other_test_runs_it(command: str) -> None:
    file, words = ELSEWHERE[command]
    assert words in (PROJECT / file).read_text()


@pytest.mark.long
def test_the_walk_goes_as_the_documents_say(system: System) -> None:
    passed, failed = set(), []
    for number, step in enumerate(STEPS):
        if step.at is At.CHANGE:
            change(system, f"change {number}")
            continue
        ran = type_in(system, step)
        as_told = ran.code == step.code and re.search(step.says, ran.text)
        print(f"{step.typed}: exit {ran.code}{'' if as_told else ', not as told'}")
        if as_told and "Traceback" not in ran.text:
            passed.add(step.typed)
        else:
            failed.append(f"{step.typed}: exit {ran.code}, wanted {step.code} and {step.says!r}")
            failed.append(ran.text)
    assert not failed, "\n".join(failed)
    print(
        f"documents: {len(found())} commands found, {len(passed)} run here and passed, "
        f"{len(ELSEWHERE)} run by other tests, {len(NOT_HERE)} not here (elsewhere.py)"
    )
