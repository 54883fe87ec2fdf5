"""What a team does with its stacks: deploys, releases, goes back, resumes; each step is judged."""

from __future__ import annotations

from tests.estate import Ran
from tests.histories.commits import Draw, Step, commit, one_of
from tests.histories.history import History
from tests.histories.model import Good
from tests.histories.world import DEV, PROD, SERVICES, STACKS
from tests.invariants import release_is_what_it_was


def deploy_dev(history: History, draw: Draw) -> None:
    history.tell("deploy dev")
    deploy(history)


def deploy(history: History) -> None:
    """dev, as it is asked for: refused if it is held and would change."""
    held = history.held(DEV)
    if held and not runs_wanted(history):
        history.refused(DEV, lambda: history.world.up(DEV))
    else:
        # What a rollback brought by its record is now asked for by its commit: that may be refused.
        history.update(DEV, history.model.wanted, lambda: history.world.up(DEV), faults=held)


def runs_wanted(history: History) -> bool:
    running = history.seen[DEV].running
    return all(running[n].content == v.content for n, v in history.model.wanted.items())


def preview(history: History, draw: Draw) -> None:
    stack = one_of(draw, STACKS)
    history.tell(f"preview {stack}")
    before = history.seen[stack]
    history.preview(stack)
    assert history.look(stack) == before, f"a preview changed {before}"


def next_release(history: History) -> tuple[str, Good, tuple[str, ...], dict[str, str]]:
    """The next version of what dev has tested last: version, update of dev, words, wishes."""
    history.model.versions += 1
    version = f"v1.0.{history.model.versions}"
    source = history.model.good[DEV][-1]
    return version, source, ("-c", f"version={version}"), {"SLIPWAY_SOURCE": source.record}


def promote(history: History, draw: Draw) -> None:
    version, source, words, wishes = next_release(history)
    history.tell(f"promote dev's {source.record} to prod as {version}")
    run = lambda: history.world.up(PROD, *words, wishes=wishes)  # noqa: E731
    if history.held(PROD):
        return history.refused(PROD, run)
    code = history.update(PROD, source.wanted, run)
    assert code == 0, "what dev has tested was not released"


def deploy_a_version(history: History, draw: Draw) -> None:
    releases = history.model.releases()
    version = one_of(draw, releases)
    history.tell(f"deploy {version} to prod")
    go_to(history, releases[version], "-c", f"version={version}")


def go_to(history: History, then: Good, *words: str) -> None:
    """prod at a release that it had; only an older one passes a hold."""
    pointer = history.seen[PROD].pointer
    assert pointer is not None
    run = lambda: history.world.up(PROD, *words)  # noqa: E731
    if pointer.held and number(then.version) > number(pointer.version):
        return history.refused(PROD, run)
    code = history.update(PROD, then.wanted, run)
    assert code == 0, f"{then.version}, which ran, was not brought back"
    release_is_what_it_was(then.running, history.seen[PROD].running)
    goes_back = pointer.held or number(then.version) < number(pointer.version)
    assert history.held(PROD) == goes_back, "an older version holds the stack, no other"


def number(version: str | None) -> int:
    return int(str(version).rpartition(".")[2])


def rollback(history: History, draw: Draw) -> None:
    stack = one_of(draw, STACKS)
    now = history.seen[stack].pointer
    earlier = [each for each in history.model.good[stack] if now and each.record != now.record]
    if not earlier:
        history.tell(f"rollback {stack}: nothing to go back to")
        return history.refused(stack, lambda: history.world.command("rollback", stack, "--yes"))
    then = earlier[int(one_of(draw, range(len(earlier))))]
    history.tell(f"rollback {stack} to {then.version or then.record}")
    word = then.version or then.record
    before = history.seen[stack]
    ran: list[Ran] = []

    def run() -> Ran:
        ran.append(history.world.command("rollback", stack, word, "--yes", "--why", "a history"))
        return ran[0]

    history.update(stack, then.wanted, run, faults=True)
    if ran[0].code:
        refused = "it can go back to" in ran[0].text
        assert refused, f"{word} was not brought back:\n{ran[0].text}"
        assert history.seen[stack] == before, "a refused rollback changed something"
    else:
        assert history.held(stack), "a rollback leaves a hold"


def resume(history: History, draw: Draw) -> None:
    stack = one_of(draw, [each for each in STACKS if history.held(each)])
    history.tell(f"resume {stack}")
    lift(history, stack)


def lift(history: History, stack: str) -> None:
    before = history.seen[stack]
    history.world.command("resume", stack).ok()
    after = history.look(stack)
    assert not history.held(stack), "resumed, but held"
    assert after.running == before.running


def rerun(history: History, draw: Draw) -> None:
    stack = one_of(draw, STACKS)
    history.tell(f"deploy {stack} again without faults, and once more")
    settle(history, stack)


def settle(history: History, stack: str) -> None:
    """(c), of what is asked for, or in prod of what was."""
    if history.held(stack):
        lift(history, stack)
    if stack == PROD:
        then = history.model.good[PROD][-1]
        return history.converge(PROD, then.wanted, "-c", f"version={then.version}")
    if not history.model.tree.well:
        for service in SERVICES:
            change = history.model.next_change()
            history.model.tree = history.model.tree.edited(service, change)
        commit(history, "cured")
    history.converge(DEV, history.model.wanted)


def is_held(history: History) -> bool:
    return any(history.held(stack) for stack in STACKS)


STEPS = (
    Step(name="deploy dev", weight=5, do=deploy_dev),
    Step(name="preview", weight=1, do=preview),
    Step(name="promote", weight=4, do=promote),
    Step(name="deploy a version", weight=3, do=deploy_a_version),
    Step(name="rollback", weight=3, do=rollback),
    Step(name="resume", weight=5, do=resume, possible=is_held),
    Step(name="rerun", weight=1, do=rerun),
)
