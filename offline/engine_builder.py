"""The builder: BuildKit's official image in the Docker engine, else a buildkitd of ours."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from offline import engine_docker
from offline.engine_process import Daemon
from offline.setup_error import SetupError
from offline.setup_place import State, find_program

BUILDER = "slipway-local"
IMAGE = "moby/buildkit:buildx-stable-1"
PULL_SECONDS = 60


def daemon(state: State) -> Daemon:
    folder = state.folder
    return Daemon(
        "buildkitd", folder / "buildkitd.pid", folder / "buildkitd.log",
        f"{folder}/buildkit",
    )  # fmt: skip


def configuration(environ: Mapping[str, str] = os.environ) -> str:
    """buildkitd's configuration: the local registry speaks plain HTTP."""
    port = environ.get("SLIPWAY_REGISTRY_PORT") or "4510"
    return f'[registry."127.0.0.1:{port}"]\n  http = true\n'


def up(state: State, docker_host: str | None) -> str:
    """Makes sure of a builder named slipway-local; says which, in a few words."""
    config = state.folder / "buildkitd.toml"
    same = config.exists() and config.read_text() == configuration()
    config.write_text(configuration())
    own = daemon(state)
    if not same:
        own.stop()
        _buildx(state, docker_host, "rm", "--force", BUILDER)
    if (pid := own.pid()) is None and in_engine(state, docker_host):
        return "running in the Docker engine"
    if pid is None and official_image(docker_host):
        _create(state, docker_host, "--driver=docker-container", "--driver-opt=network=host",
                f"--buildkitd-config={config}", "--bootstrap")  # fmt: skip
        return f"started in the Docker engine ({IMAGE})"
    words = f"running (ours, pid {pid})"
    if pid is None:
        (state.runtime / "buildkit.sock").unlink(missing_ok=True)
        pid = own.start(_command(state, config), lambda: _answers(state), 30)
        words = f"started (pid {pid})"
    if not _has(state, docker_host, "remote"):
        _create(state, docker_host, "--driver=remote", state.builder_address)
    return words


def down(state: State, docker_host: str | None) -> bool:
    """Removes the builder and stops our buildkitd; its cache stays. Tells whether there was one."""
    if (state.folder / "buildx").exists():
        _buildx(state, docker_host, "rm", "--force", "--keep-state", BUILDER)
    return daemon(state).stop()


def official_image(docker_host: str | None) -> bool:
    """Whether the engine has BuildKit's official image, or gets it within PULL_SECONDS."""
    docker = find_program("docker")
    if docker is None or not engine_docker.answers(docker_host):
        return False
    return _succeeds([str(docker), "image", "inspect", IMAGE], docker_host) or _succeeds(
        [str(docker), "pull", "--quiet", IMAGE], docker_host, PULL_SECONDS
    )


def _command(state: State, config: Path) -> list[str]:
    programs = {name: find_program(name) for name in ("buildkitd", "runc")}
    missing = [name for name, program in programs.items() if program is None]
    if missing:
        raise SetupError(f"{' and '.join(missing)} not found; run `make setup`")
    if os.getuid() != 0:
        raise SetupError(
            f"the image {IMAGE} can't be pulled, and only root can start buildkitd; allow the "
            "engine to pull it, or name a builder of yours in BUILDX_BUILDER"
        )
    return [
        str(programs["buildkitd"]),
        f"--config={config}",
        "--root",
        f"{state.folder}/buildkit",
        f"--addr={state.builder_address}",
        f"--oci-worker-binary={programs['runc']}",
    ]


def _answers(state: State) -> bool:
    buildctl = find_program("buildctl")
    if buildctl is None:
        return (state.runtime / "buildkit.sock").exists()
    argv = [str(buildctl), f"--addr={state.builder_address}", "debug", "workers"]
    return _succeeds(argv, None)


def in_engine(state: State, docker_host: str | None) -> bool:
    """Whether the builder is a container of the Docker engine."""
    return _has(state, docker_host, "docker-container")


def _has(state: State, docker_host: str | None, driver: str) -> bool:
    done = _buildx(state, docker_host, "inspect", BUILDER)
    return done.returncode == 0 and f"Driver: {driver}" in " ".join(done.stdout.split())


def _create(state: State, docker_host: str | None, *words: str) -> None:
    done = _buildx(
        state, docker_host, "create", f"--name={BUILDER}", f"--node={state.builder_node}", *words
    )
    if done.returncode != 0:
        raise SetupError(f"the builder {BUILDER} can't be made: {done.stderr.strip()}")


def _buildx(state: State, docker_host: str | None, *words: str) -> subprocess.CompletedProcess[str]:
    env = _environment(docker_host) | {"BUILDX_CONFIG": f"{state.folder}/buildx"}
    return subprocess.run(  # noqa: S603
        [*_buildx_program(), *words], env=env, capture_output=True, text=True
    )


def _buildx_program() -> list[str]:
    if (alone := find_program("docker-buildx")) is not None:
        return [str(alone)]
    if (docker := find_program("docker")) is not None:
        return [str(docker), "buildx"]
    raise SetupError("docker buildx is not installed; run `make setup`")


def _environment(docker_host: str | None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
    return env | ({"DOCKER_HOST": docker_host} if docker_host else {})


def _succeeds(argv: Sequence[str], docker_host: str | None, seconds: float = 20) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            list(argv), env=_environment(docker_host), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
