"""What goes wrong meanwhile: bad versions, dead updates, hands on machines, calls that fail."""

from __future__ import annotations

from tests.estate import Ran
from tests.faults.faulty import answers, dropped, refused_by_aws, unanswered
from tests.histories.commits import Draw, Step, commit, one_of
from tests.histories.history import History
from tests.histories.steps import deploy, next_release, runs_wanted
from tests.histories.world import DEV, FN, PROD, SERVICES, STACKS, WEB, Call
from tests.invariants import Running

CALLS = (
    "PutObject bundles/", "PutObject records/*.json", "PutObject records/hosts.json",
    "PutObject records/current.json", "SendCommand", "GetCommandInvocation",
    "PutObject functions/{}/code", "PostObject functions/{}/versions",
    "PostObject functions/{}/invocations", "PutObject functions/{}/aliases",
    "GetAuthorizationToken",
)  # fmt: skip
CHANGES = {
    "answered 500": answers(500, b"internal error"),
    "answered 503": answers(503, b"slow down"),
    "refused": refused_by_aws("AccessDeniedException", "not now", 403),
    "dropped": dropped,
    "done but unanswered": unanswered,
}


def spoil(history: History, draw: Draw) -> None:
    """A commit whose service will not be healthy, deployed to dev."""
    service, mood = one_of(draw, SERVICES), one_of(draw, ("dead", "dead", "sick"))
    if service == WEB:
        mood = "dead"  # sick takes all of its time
    change = history.model.next_change()
    history.tell(f"commit a {mood} {service}, edition {change}, and deploy dev")
    history.model.tree = history.model.tree.edited(service, change, mood)
    commit(history, f"{mood} {service}")
    deploy(history)


def call_of(draw: Draw, stack: str) -> Call:
    name, at = one_of(draw, CALLS).format(f"{stack}-{FN}"), one_of(draw, ("before", "after"))
    return Call(name=name, number=int(one_of(draw, (1, 1, 2))), answered=at == "after")


def something_to_do(history: History) -> None:
    """Commits, if this commit runs in dev already."""
    if runs_wanted(history):
        for service in SERVICES:
            change = history.model.next_change()
            history.model.tree = history.model.tree.edited(service, change)
        commit(history, "something to do")


def kill(history: History, draw: Draw) -> None:
    """kill -9 of an update of dev."""
    something_to_do(history)
    at, way = call_of(draw, DEV), one_of(draw, ("unlock", "cancel"))
    history.tell(f"deploy dev, killed {at}; {way}")
    run = lambda: history.world.up_killed(at, DEV)  # noqa: E731
    history.update(DEV, history.model.wanted, run, faults=True)
    free(history, DEV, way)


def kill_a_release(history: History, draw: Draw) -> None:
    """kill -9 of a release."""
    version, source, words, wishes = next_release(history)
    at, way = call_of(draw, PROD), one_of(draw, ("unlock", "cancel"))
    history.tell(f"promote dev's {source.record} to prod as {version}, killed {at}; {way}")
    run = lambda: history.world.up_killed(at, PROD, *words, wishes=wishes)  # noqa: E731
    history.update(PROD, source.wanted, run, faults=True)
    free(history, PROD, way)


def free(history: History, stack: str, way: str) -> None:
    """Takes the lock of the dead update away."""
    world = history.world
    if way == "unlock":
        world.command("unlock", stack).ok()
    else:
        world.estate.pulumi("cancel", "--yes", "--stack", stack, cwd=world.slipway)


def fail_a_call(history: History, draw: Draw) -> None:
    """One call of dev's update fails."""
    something_to_do(history)
    at, how = call_of(draw, DEV), one_of(draw, sorted(CHANGES))
    history.tell(f"deploy dev, {at.name} {at.number} is {how}")
    run = lambda: history.world.up_with(at, CHANGES[how], DEV)  # noqa: E731
    history.update(DEV, history.model.wanted, run, faults=True)


def two_at_once(history: History, draw: Draw) -> None:
    """A second deploy of dev beside the first one: one of them at least says that it is locked."""
    something_to_do(history)
    history.tell("deploy dev twice at the same time")

    def run() -> Ran:
        processes = [history.world.start_up(DEV) for _ in range(2)]
        texts = [process.communicate(timeout=600)[0] for process in processes]
        codes = [process.returncode for process in processes]
        for code, text in zip(codes, texts, strict=True):
            assert code == 0 or not history.model.tree.well or "currently locked by" in text, text
        return Ran(code=min(codes), text="\n".join(texts))

    history.update(DEV, history.model.wanted, run, faults=True)


def by_hand(history: History, draw: Draw) -> None:
    """Somebody's hands on what runs; the next update has to see it.

    An update asks Lambda; a host is asked by a refresh alone (docs/decisions/0002).
    """
    stack = one_of(draw, STACKS)
    deed = one_of(draw, sorted(DEEDS))
    history.tell(f"by hand in {stack}: {deed}")
    DEEDS[deed](history, stack)
    if DEEDS[deed] is not move_alias:
        history.world.refresh(stack).ok()
    history.look(stack)


def remove(history: History, stack: str) -> None:
    on_machine(history, stack, "systemctl stop web.service; docker rm --force web")


def replace_image(history: History, stack: str) -> None:
    """Another image that the machine still has, in the file that the unit reads."""
    there = set(on_machine(history, stack, IMAGES).ok().split())
    others = sorted(there & history.model.tested[WEB] - {running(history, stack, WEB).digest})
    if not others:
        return history.ended("it has no other one")
    on_machine(history, stack, REPLACE.format(digest=others[0])).ok()
    found = history.reader.seen(stack).running[WEB].digest
    assert found == others[0], f"replaced by hand, {found} runs instead of {others[0]}"


IMAGES = "docker image ls --digests --format '{{.Digest}}' --filter 'reference=*/histories/web'"
REPLACE = """
sed -i 's/^IMAGE_TAG=.*/IMAGE_TAG=byhand@{digest}/' /run/slipway/web/env &&
systemctl restart web.service &&
for i in $(seq 100); do curl -sf http://127.0.0.1:8080/ && exit 0; sleep 0.2; done; exit 1
"""


def move_alias(history: History, stack: str) -> None:
    functions = history.world.estate.client("lambda")
    name = f"{stack}-{FN}"
    versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=versions[1]["Version"])


DEEDS = {
    "remove the container": remove,
    "replace the container": replace_image,
    "move the alias": move_alias,
}


def running(history: History, stack: str, service: str) -> Running:
    return history.seen[stack].running[service]


def on_machine(history: History, stack: str, command: str) -> Ran:
    machine = history.reader.machine(stack)
    assert machine is not None
    return history.world.estate.on_machine(command, machine)


FAULTS = (
    Step(name="spoil", weight=3, do=spoil, possible=lambda h: h.model.tree.well),
    Step(name="kill", weight=3, do=kill, possible=lambda h: not h.held(DEV)),
    Step(name="kill a release", weight=2, do=kill_a_release, possible=lambda h: not h.held(PROD)),
    Step(name="fail a call", weight=3, do=fail_a_call, possible=lambda h: not h.held(DEV)),
    Step(name="two at once", weight=1, do=two_at_once, possible=lambda h: not h.held(DEV)),
    Step(name="by hand", weight=2, do=by_hand),
)
