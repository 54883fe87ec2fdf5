"""DockerRollout: a container gets its place after a trial, or what ran before has it again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from clients import docker_containers
from clients.docker_container import OWNER, TRIAL, Address
from provider import docker_inputs, docker_place, docker_ports, docker_wait
from provider.docker_rollout import DockerRolloutError, DockerRolloutResource
from provider.policy import Switched
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.docker_engine import FakeEngine
from tests.fakes.lines import Lines
from tests.unit.test_provider_ecs import CHILD, FakeConfigured

HOST = "unix:///var/run/docker.sock"
SHOP = "p/dev/web"
NEW, OLD = ("sha256:" + letter * 64 for letter in "ab")
REPOSITORY = "127.0.0.1:4510/dev/web"


class Bench:
    """An engine on which the version before runs, and the new one's container was made."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.engine.images = {"new": [f"{REPOSITORY}@{NEW}"], "old": [f"{REPOSITORY}@{OLD}"]}
        self.before = engine.add("web-1", "old", owner=SHOP)
        engine.start(self.before)
        self.asked = engine.add("web-2", "new", owner=SHOP)
        engine.calls.clear()
        self.lines = Lines()
        self.switched = Switched()
        self.call = Call("urn", self.lines, threading.Event())
        configured: Any = FakeConfigured()
        self.resource = DockerRolloutResource(configured, self.switched)

    def inputs(self, **more: Any) -> dict[str, Any]:
        return {
            "service": "web",
            "host": HOST,
            "owner": SHOP,
            "container": self.asked,
            "image": f"{REPOSITORY}:v2@{NEW}",
            "digest": NEW,
            "drain": 7,
            "timeout": 2,
            **more,
        }

    def up(self, old: Old | None = None, **more: Any) -> Old:
        wanted = self.inputs(**more)
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def fails(self, **more: Any) -> str:
        with pytest.raises(DockerRolloutError) as error:
            self.up(**more)
        return str(error.value)

    def first(self) -> None:
        """As if nothing had run before."""
        del self.engine.there[self.before]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    engine = FakeEngine()
    monkeypatch.setattr(docker_containers, "_connect", lambda _: engine)
    monkeypatch.setattr(docker_wait, "_POLL", 0.001)
    monkeypatch.setattr(docker_wait, "_SETTLE", 0.01)
    monkeypatch.setattr(docker_place, "_LIMIT", 0.05)
    monkeypatch.setattr(docker_ports, "_can_bind", lambda _: True)
    return Bench(engine)


def test_a_version_is_tried_beside_the_old_one_and_then_takes_its_place(bench: Bench) -> None:
    made = bench.up().outputs
    assert bench.engine.calls == [
        "make web-2-trial",
        "start web-2-trial",
        "remove web-2-trial",
        "stop web-1 7",
        "start web-2",
    ]
    assert made["verdict"] == f"running {NEW}"
    assert (made["deployed_digest"], made["running"]) == (NEW, {"web-2": NEW})
    assert made["seconds"].keys() == {"trial", "switch", "total"}


def test_a_trial_is_the_same_container_without_port_restarts_or_data(bench: Bench) -> None:
    bench.engine.behaviour["new trial"] = "hangs"
    seen: dict[str, Any] = {}
    remove = bench.engine.remove_container

    def removed(container: str, v: bool, force: bool) -> None:
        seen.update(bench.engine.there[container])
        remove(container, v, force)

    bench.engine.remove_container = removed  # type: ignore[method-assign]
    bench.fails(timeout=1)
    config, host = seen["Config"], seen["HostConfig"]
    assert (config["Image"], config["Env"]) == ("new", ["A=1"])
    assert config["Volumes"] == {"/data": {}}
    assert config["Labels"] == {TRIAL: SHOP}
    assert "Hostname" not in config
    assert config["Healthcheck"]["Interval"] == 1_000_000_000
    assert config["Healthcheck"]["Retries"] == 15, "the same patience"
    assert (host["PortBindings"], host["Binds"]) == ({}, [])
    assert host["RestartPolicy"] == {"Name": "no"}
    assert (host["Memory"], host["CapDrop"]) == (1 << 29, ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("unhealthy", "web-2-trial is unhealthy: its last check said 'connection refused'"),
        ("ends", "web-2-trial ended with exit code 3"),
        ("hungry", "exit code 137: killed, as what takes more than its memory is (key memory)"),
        ("hangs", "timed out after 1 s: web-2-trial was not healthy"),
        ("unstartable", "address already in use"),
    ],
)
def test_a_version_that_fails_its_trial_never_touches_the_one_that_runs(
    bench: Bench, behaviour: str, said: str
) -> None:
    bench.engine.behaviour["new trial"] = behaviour
    text = bench.fails(timeout=1)
    assert f"web: the rollout of {NEW} failed\nstill runs {OLD} (web-1): " in text
    assert said in text
    assert behaviour == "unstartable" or text.endswith("\n    first\n    last words")
    assert bench.engine.names() == ["web-1"]
    assert not [each for each in bench.engine.calls if "web-1" in each]
    assert not bench.engine.containers(all=True, filters={"label": f"{TRIAL}={SHOP}"})


@pytest.mark.fault(14, "the new version sickens, ends or hangs in its place")
@pytest.mark.parametrize("behaviour", ["unhealthy", "ends", "restarts", "hangs", "unstartable"])
def test_a_version_that_fails_in_its_place_gives_it_back(bench: Bench, behaviour: str) -> None:
    bench.engine.behaviour |= {"new": behaviour, "new trial": "good"}
    text = bench.fails(timeout=1)
    assert f"\nput back to {OLD} (web-1): " in text
    assert ("timed out" in text) == (behaviour == "hangs")
    assert bench.engine.names() == ["web-1"]
    assert bench.engine.calls[-2:] == ["stop web-2 7", "start web-1"]


def test_what_can_not_be_put_back_is_said_as_it_is(bench: Bench) -> None:
    bench.engine.behaviour |= {"new": "ends", "new trial": "good", "old": "unhealthy"}
    text = bench.fails()
    assert "\nunknown: web-2 ended with exit code 3; and web-1 was started again, but " in text


def test_the_first_version_needs_no_trial_and_leaves_nothing_running_if_it_fails(
    bench: Bench,
) -> None:
    bench.first()
    bench.engine.behaviour["new"] = "unhealthy"
    assert "absent: web-2 is unhealthy" in (text := bench.fails())
    assert "nothing ran before" in text
    assert bench.engine.names() == []
    assert bench.engine.calls == ["start web-2", "stop web-2 7"]


def test_what_an_interrupted_trial_left_is_removed(bench: Bench) -> None:
    left = bench.engine.add("web-0-trial", "old", config={"Labels": {TRIAL: SHOP}})
    other = bench.engine.add("x-trial", "old", config={"Labels": {TRIAL: "p/dev/other"}})
    bench.up()
    assert left not in bench.engine.there
    assert other in bench.engine.there


def test_a_container_that_runs_already_is_left_as_it_is(bench: Bench) -> None:
    before = bench.up()
    bench.engine.there.pop(bench.before)
    bench.engine.calls.clear()
    assert bench.up(before, image=f"{REPOSITORY}:v3@{NEW}").outputs["verdict"] == f"running {NEW}"
    assert bench.engine.calls == ["start web-2"], "which Docker takes for done"


def test_a_manifest_of_the_asked_index_counts_as_the_index(bench: Bench) -> None:
    bench.engine.images["new"] = [f"{REPOSITORY}@{CHILD}"]
    assert bench.up().outputs["deployed_digest"] == NEW


def test_another_digest_than_the_asked_one_is_put_back(bench: Bench) -> None:
    bench.engine.images["new"] = [f"{REPOSITORY}@{OLD}"]
    assert f"web-2 runs {OLD} instead of {NEW}" in bench.fails()
    assert bench.engine.names() == ["web-1"]


def test_a_port_of_another_container_is_refused_before_the_trial(bench: Bench) -> None:
    other = bench.engine.add("foreign", "old")
    bench.engine.start(other)
    bench.engine.calls.clear()
    ours = bench.engine.there[bench.before]["HostConfig"]
    ours["PortBindings"] = {}
    text = bench.fails()
    assert f"still runs {OLD} (web-1): the port 127.0.0.1:18080 is taken by the container" in text
    assert "choose another `publish`" in text
    assert bench.engine.calls == []


def test_a_port_that_the_version_before_holds_is_no_obstacle(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_ports, "_can_bind", lambda _: False)
    assert bench.up().outputs["verdict"] == f"running {NEW}"
    bench.first()
    bench.engine.stop(bench.asked, 1)
    assert "is taken by another program" in bench.fails()
    assert bench.up(host="ssh://ops@vm.example").outputs["verdict"] == f"running {NEW}"


@pytest.mark.parametrize(
    ("ip", "other", "meets"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "0.0.0.0", True),  # noqa: S104 -- compared, not bound
        ("::", "127.0.0.1", True),
        ("", "127.0.0.1", True),
    ],
)
def test_two_addresses_meet_if_one_of_them_is_every_address(
    ip: str, other: str, meets: bool
) -> None:
    assert Address(ip=ip, port=80).meets(Address(ip=other, port=80)) is meets
    assert not Address(ip=ip, port=80).meets(Address(ip=other, port=81))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that a program holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        yield probe.getsockname()[1]


def test_a_port_of_another_program_is_refused(
    bench: Bench, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(docker_containers, "_connect", lambda _: bench.engine)
    binding = [{"HostIp": "127.0.0.1", "HostPort": str(taken)}]
    bench.engine.there[bench.asked]["HostConfig"]["PortBindings"] = {"80/tcp": binding}
    text = bench.fails()
    assert f"the port 127.0.0.1:{taken} is taken by another program of this machine" in text
    assert bench.engine.calls == []


def test_a_cancelled_run_puts_back_and_says_so(bench: Bench) -> None:
    bench.engine.behaviour |= {"new": "hangs", "new trial": "good"}
    start = bench.engine.start

    def started(container: str) -> None:
        start(container)
        if container == bench.asked:
            bench.call.cancelled.set()

    bench.engine.start = started  # type: ignore[method-assign]
    assert f"put back to {OLD} (web-1): cancelled while web-2 was running" in bench.fails()
    assert bench.engine.names() == ["web-1"]


def test_under_together_a_failure_is_a_verdict_and_a_success_can_be_undone(bench: Bench) -> None:
    bench.engine.behaviour["new trial"] = "ends"
    made = bench.up(policy="together").outputs
    assert made["verdict"].startswith(f"still runs {OLD} (web-1)")
    assert made["deployed_digest"] == OLD
    assert bench.switched.failures().keys() == {"web"}
    assert not bench.switched.switches()

    bench.engine.behaviour["new trial"] = "good"
    bench.up(policy="together")
    verdict = bench.switched.switches()["web"](bench.call)
    assert verdict.words == f"put back to {OLD} (web-1)"
    assert bench.engine.names() == ["web-1"]


def test_what_was_put_back_after_all_is_a_diff(bench: Bench) -> None:
    old = bench.up(policy="together")
    bench.switched.switches()["web"](bench.call)
    assert bench.resource.diff(bench.call, old, old.inputs).changed == ["container"]


def test_nothing_is_a_diff_while_it_runs(bench: Bench) -> None:
    old = bench.up()
    assert bench.resource.diff(bench.call, old, old.inputs).changed == []
    assert bench.resource.diff(bench.call, old, {**old.inputs, "drain": 9}).changed == []


@pytest.mark.parametrize("state", ["exited", "paused", "restarting"])
def test_a_container_that_does_not_run_is_a_diff_with_its_reason(bench: Bench, state: str) -> None:
    old = bench.up()
    bench.engine.there[bench.asked]["State"]["Status"] = state
    assert bench.resource.diff(bench.call, old, old.inputs).changed == ["container"]
    assert bench.lines.facts == [f"web: its container web-2 is {state}; it will be deployed again"]
    assert bench.resource.read(bench.call, old)["verdict"] == "absent"  # type: ignore[index]


def test_another_digest_behind_the_container_is_a_diff(bench: Bench) -> None:
    old = bench.up()
    bench.engine.images["new"] = [f"{REPOSITORY}@{OLD}"]
    assert bench.resource.diff(bench.call, old, old.inputs).changed == ["deployed_digest"]
    bench.engine.images["new"] = []
    assert bench.resource.diff(bench.call, old, old.inputs).changed == []


def test_a_stopped_container_is_started_again(bench: Bench) -> None:
    old = bench.up()
    bench.engine.stop(bench.asked, 1)
    bench.engine.calls.clear()
    assert bench.up(old).outputs["verdict"] == f"running {NEW}"
    assert bench.engine.calls == ["start web-2"]


def test_who_took_the_place_by_hand_is_stopped_and_not_removed(bench: Bench) -> None:
    old = bench.up()
    del bench.engine.there[bench.asked]
    foreign = bench.engine.add("web-2", "old")
    bench.engine.start(foreign)
    bench.asked = bench.engine.add("web-3", "new", owner=SHOP)
    bench.up(old)
    assert bench.engine.names() == ["web-3"]
    assert bench.engine.state(foreign) == "exited"
    assert bench.lines.facts == ["web-2 was not ours: it is stopped, not removed"]


def test_a_container_that_is_not_there_is_an_error_that_says_what_to_do(bench: Bench) -> None:
    text = bench.fails(container="f" * 64)
    assert "there is no container ffffffffffff; nothing was changed" in text
    assert "--refresh" in text


def test_a_preview_asks_nobody(bench: Bench) -> None:
    _, outputs = bench.resource.settle(bench.call, bench.inputs(container=UNKNOWN), None, True)
    assert outputs["verdict"] is UNKNOWN
    assert outputs["deployed_digest"] == NEW
    assert bench.engine.calls == []


@pytest.mark.parametrize(
    ("wrong", "named", "said"),
    [
        ({"host": "localhost:2375"}, "host", "ssh://user@host"),
        ({"owner": ""}, "owner", "owner is missing"),
        ({"container": None}, "container", "container is missing"),
        ({"drain": -1}, "drain", "0 or more"),
        ({"timeout": 0}, "timeout", "1 or more"),
        ({"image": f"{REPOSITORY}:v2"}, "image", "never tags"),
    ],
)
def test_bad_inputs_are_named(bench: Bench, wrong: Any, named: str, said: str) -> None:
    assert said in docker_inputs.check(bench.inputs(**wrong))[named]
    assert docker_inputs.check(bench.inputs()) == {}


def test_the_component_labels_containers_as_the_client_looks_for_them() -> None:
    from components import docker_service

    assert docker_service.OWNER == OWNER
