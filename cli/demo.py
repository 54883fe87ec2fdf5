"""`make demo`: the main job on the embedded local stack, with the literal commands."""

from __future__ import annotations

import shutil
import sys
import time

from cli.demo_kubernetes import deploy_to_kubernetes, on_kubernetes, stop_kubernetes
from cli.local_cloud import give_parameter, log_in
from cli.local_stack import (
    PROJECT,
    STATE,
    Client,
    counting,
    edited,
    get,
    must_run,
    put_back_edits,
    rollout_seconds,
    run,
    show_services,
    stack_outputs,
    stack_resources,
    title,
)

APP = PROJECT / "services" / "book-shop" / "app.py"
UP = ("pulumi", "up", "--stack", "local", "--yes", "--skip-preview")
COUNTED = ("builds", "registry_writes", "ssm_commands", "s3_writes")


def demo() -> None:
    """Runs every step; ends with exit code 1 where one does not do what it says."""
    started = time.monotonic()
    start_cloud()
    first_deploy()
    nothing_to_do()
    one_file_changed()
    never_healthy()
    if on_kubernetes():
        deploy_to_kubernetes()
    addresses(time.monotonic() - started)


def start_cloud() -> None:
    title("The embedded cloud")
    must_run(sys.executable, "-m", "offline.engine", "up")
    put_back_edits(APP)
    if not stack_resources():
        # A destroyed stack leaves its repositories and bucket behind, and a first one wants to
        # make them.
        must_run(sys.executable, "-m", "localcloud", "down")
    must_run(sys.executable, "-m", "localcloud", "up")
    (STATE / "pulumi").mkdir(parents=True, exist_ok=True)
    _forget_a_stack_of_another_cloud()
    must_run("pulumi", "stack", "select", "--create", "local")
    print("  a parameter /backend/db for the backend, and a login for the Docker engine")
    give_parameter("/backend/db", "not-a-real-password")
    log_in()


def first_deploy() -> None:
    title("1. Deploy: four images, on a systemd machine (by SSM), ECS, Lambda and Docker")
    with counting(COUNTED):
        must_run(*UP)
    _show_answer()


def nothing_to_do() -> None:
    title("2. The same again: nothing to do")
    with counting(COUNTED) as spent:
        must_run(*UP)
    _expect(not any(spent.values()), f"a second `pulumi up` did something: {spent}")


def one_file_changed() -> None:
    title("3. One file of book-shop changes")
    # The time makes it new content in a second demo too.
    greeting = f"Welcome back at {time.strftime('%H:%M:%S')}"
    with edited(APP, "Welcome to the book shop", greeting):
        must_run("pulumi", "preview", "--stack", "local")
        with counting(COUNTED) as spent:
            must_run(*UP)
        _expect(spent["builds"] == 1, f"one image was to be built, not {spent['builds']}")
        _expect(spent["ssm_commands"] == 1, "one service was to be deployed")
        steps = rollout_seconds("book-shop")
        print("  seconds on the host:", ", ".join(f"{name} {took}" for name, took in steps.items()))
        _expect(greeting in _show_answer(), "the new version does not answer")


def never_healthy() -> None:
    title("4. A version that never becomes healthy")
    url = stack_outputs()["services"]["book-shop"]["url"]
    before = get(f"{url}/version")
    with edited(APP, "HEALTHY = True", "HEALTHY = False"), Client(f"{url}/version") as client:
        code = run(*UP)
    _expect(code != 0, "`pulumi up` of an unhealthy version ended with exit code 0")
    print(f"\n  exit code {code}; a client asking every 50 ms: {client.answered} answered, "
          f"{client.missed} missed")  # fmt: skip
    _expect(get(f"{url}/version") == before, "the old version does not answer any more")
    print("  the old version still answers; the next good `pulumi up`:")
    must_run(*UP)
    _show_answer()


def addresses(seconds: float) -> None:
    title(f"5. Done in {seconds:.0f} s. What runs now:")
    pods = stack_outputs("kubernetes")["services"] if on_kubernetes() else {}
    show_services(stack_outputs()["services"] | pods)
    print("\n  Try yourself:  . ./env.sh; pulumi preview --stack local")
    print("  Stop it all:   make down")


def down() -> None:
    """Stops and removes only what the demo started."""
    put_back_edits(APP)
    stop_kubernetes()
    must_run(sys.executable, "-m", "localcloud", "down")
    must_run(sys.executable, "-m", "offline.engine", "down")
    shutil.rmtree(STATE / "pulumi", ignore_errors=True)
    print("down: nothing of the local stack is left running")


def _forget_a_stack_of_another_cloud() -> None:
    """The cloud keeps all in memory: after a reboot it is a new one, and the old state is void."""
    cloud, seen = STATE / "localcloud" / "cloud.pid", STATE / "pulumi" / "cloud"
    now = cloud.read_text()
    if seen.exists() and seen.read_text() != now:
        print("  the local cloud was started anew: its former stack is forgotten")
        shutil.rmtree(STATE / "pulumi")
        seen.parent.mkdir()
    seen.write_text(now)


def _show_answer() -> str:
    services = stack_outputs()["services"]
    url = services["book-shop"]["url"]
    body = get(f"{url}/version")
    print(f"\n  GET {url}/version\n  {body.strip()}")
    _expect(services["book-shop"]["digest"] in body, "another digest answers than was deployed")
    return get(url)


def _expect(fact: bool, otherwise: str) -> None:
    if not fact:
        raise SystemExit(f"demo: {otherwise}")


if __name__ == "__main__":
    down() if sys.argv[1:] == ["down"] else demo()
