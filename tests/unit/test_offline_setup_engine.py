"""The Docker engine and the builder: found by pid, never taken for somebody else's process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline import engine, engine_bridge, engine_builder, engine_docker
from offline.engine_process import Daemon
from offline.engine_weight import weigh_containers
from offline.setup_error import SetupError
from offline.setup_place import State, state_at

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "state").mkdir()
    (tmp_path / "run").mkdir()
    return State(tmp_path / "state", tmp_path / "run")


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not ours."""
    process = subprocess.Popen([sys.executable, "-c", SLEEP, "stranger"])
    yield process
    process.kill()
    process.wait()


def daemon(state: State, mark: str = "mark-of-ours") -> Daemon:
    return Daemon("sleeper", state.folder / "pid", state.folder / "log", mark)


def test_a_started_daemon_is_found_again_and_stopped(state: State) -> None:
    argv = [sys.executable, "-c", SLEEP, "mark-of-ours"]
    pid = daemon(state).start(argv, lambda: daemon(state).pid() is not None, 5)
    assert daemon(state).pid() == pid
    assert daemon(state).stop()
    assert daemon(state).pid() is None
    assert not daemon(state).stop(), "a second stop finds nothing"


def test_a_pid_file_that_names_a_foreign_process_is_ignored_and_that_process_lives_on(
    state: State, stranger: subprocess.Popen[bytes]
) -> None:
    daemon(state).pid_file.write_text(f"{stranger.pid}\n")
    assert daemon(state).pid() is None
    assert not daemon(state).stop()
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "word", "999999999"])
def test_a_broken_or_dead_pid_file_is_ignored(state: State, text: str) -> None:
    daemon(state).pid_file.write_text(text)
    assert daemon(state).pid() is None


def test_a_daemon_that_ends_at_once_shows_the_end_of_its_log(state: State) -> None:
    script = "import sys; print('no such device', flush=True); sys.exit(3)"
    with pytest.raises(SetupError) as caught:
        daemon(state).start([sys.executable, "-c", script], lambda: False, 20)
    assert "sleeper ended with exit code 3" in str(caught.value)
    assert "no such device" in str(caught.value)
    assert not daemon(state).pid_file.exists()


def test_a_daemon_that_stays_silent_is_stopped(state: State) -> None:
    argv = [sys.executable, "-c", SLEEP, "mark-of-ours"]
    with pytest.raises(SetupError, match="did not answer within 0 s"):
        daemon(state).start(argv, lambda: False, 0.3)
    assert daemon(state).pid() is None


def test_sockets_have_a_short_path_however_deep_the_state_folder_is(tmp_path: Path) -> None:
    deep = state_at(tmp_path.joinpath(*["a" * 50] * 4))
    assert len(deep.docker_host.removeprefix("unix://").encode()) <= 107
    assert deep.runtime != state_at(tmp_path).runtime, "each state folder has its own"


def test_an_engine_that_answers_is_used_and_none_of_ours_is_wanted(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def answers(host: str | None) -> bool:
        asked.append(host)
        return True

    monkeypatch.setattr(engine_docker, "answers", answers)
    assert not engine_docker.wants_own(state, {"DOCKER_HOST": "tcp://build:2375"})
    assert not engine_docker.wants_own(state, {})
    assert asked == ["tcp://build:2375", None]


def test_without_any_engine_one_of_ours_is_wanted(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_docker, "answers", lambda host: False)
    assert engine_docker.wants_own(state, {})
    assert engine_docker.wants_own(state, {"DOCKER_HOST": state.docker_host})


def test_a_chosen_engine_that_does_not_answer_is_an_error_that_names_it(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_docker, "answers", lambda host: False)
    with pytest.raises(SetupError, match=r"DOCKER_HOST=tcp://build:2375.*unset DOCKER_HOST"):
        engine_docker.wants_own(state, {"DOCKER_HOST": "tcp://build:2375"})


@pytest.mark.parametrize(
    ("answers", "chosen", "docker_host", "builder"),
    [
        (True, "", "", "slipway-local"),
        (False, "", "ours", "slipway-local"),
        (True, "mine", "", "mine"),
    ],
)
def test_the_exports_leave_an_engine_and_a_builder_of_the_users_own_alone(
    state: State, monkeypatch: pytest.MonkeyPatch,
    answers: bool, chosen: str, docker_host: str, builder: str,
) -> None:  # fmt: skip
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine_docker, "answers", lambda host: answers)
    engine.write_exports(state)
    show = f'. {state.env_file}; echo "${{DOCKER_HOST:-}} $BUILDX_BUILDER ${{BUILDX_CONFIG:-}}"'
    env = {"PATH": os.environ["PATH"]} | ({"BUILDX_BUILDER": chosen} if chosen else {})
    done = subprocess.run(["sh", "-c", show], env=env, capture_output=True, text=True, check=True)
    config = "" if chosen else f"{state.folder}/buildx"
    host = state.docker_host if docker_host else ""
    assert done.stdout == f"{host} {builder} {config}\n"


def test_the_registrys_port_is_in_the_builders_configuration() -> None:
    assert '"127.0.0.1:4999"' in engine_builder.configuration({"SLIPWAY_REGISTRY_PORT": "4999"})
    assert '"127.0.0.1:4510"' in engine_builder.configuration({})


def test_down_of_a_state_that_never_was_does_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert engine.main(["down", "--state", str(tmp_path / "none")]) == 0
    assert not (tmp_path / "none").exists()
    assert capsys.readouterr().out == ""


def fake_process(proc: Path, pid: str, comm: str, network: str) -> None:
    (proc / pid / "ns").mkdir(parents=True)
    (proc / pid / "comm").write_text(f"{comm}\n")
    (proc / pid / "ns/net").symlink_to(network)


def test_a_dockerd_inside_a_container_is_no_reason_for_a_bridge_of_our_own(tmp_path: Path) -> None:
    fake_process(tmp_path, "self", "python3", "net:[1]")
    fake_process(tmp_path, "7", "dockerd", "net:[2]")
    fake_process(tmp_path, "8", "sh", "net:[1]")
    assert not engine_bridge.other_dockerd_runs(tmp_path)
    fake_process(tmp_path, "9", "dockerd", "net:[1]")
    assert engine_bridge.other_dockerd_runs(tmp_path)


def test_the_bridges_subnet_is_one_that_no_interface_has() -> None:
    taken = "5: slw-1 inet 10.213.1.1/24 scope global slw-1\n6: x inet 10.213.2.1/24 scope"
    assert engine_bridge.free_subnet("") == "10.213.1.1/24"
    assert engine_bridge.free_subnet(taken) == "10.213.3.1/24"
    with pytest.raises(SetupError, match="all subnets"):
        engine_bridge.free_subnet(" ".join(engine_bridge.SUBNETS))


def test_only_the_packet_filters_rules_of_our_bridge_are_removed() -> None:
    listing = "-P FORWARD DROP\n-A FORWARD -o slw-1 -j DOCKER\n-A FORWARD -o docker0 -j DOCKER\n"
    assert engine_bridge.rules_of("slw-1", listing) == [["FORWARD", "-o", "slw-1", "-j", "DOCKER"]]


def test_containers_weigh_more_than_a_process_in_both_versions_of_cgroups(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    (first / "cpu").mkdir(parents=True)
    second.mkdir()
    (second / "cgroup.controllers").write_text("cpu io memory\n")
    assert weigh_containers(first) == weigh_containers(second) == "containers weigh as 16 processes"
    for name in ("docker", "buildkit"):
        assert (first / "cpu" / name / "cpu.shares").read_text() == "16384\n"
        assert (second / name / "cpu.weight").read_text() == "1600\n"
    assert (second / "cgroup.subtree_control").read_text() == "+cpu\n"


def test_where_the_weight_can_not_be_set_that_is_said(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    said = weigh_containers(nowhere)
    assert (
        said == f"containers weigh as one process: No such file or directory, {nowhere}/cpu/docker"
    )
