"""A network bridge of our own, needed only where another dockerd of this machine has docker0."""

import os
import re
import subprocess
from pathlib import Path
from zlib import crc32

from offline.setup_error import SetupError
from offline.setup_place import State, find_program

SUBNETS = tuple(f"10.213.{third}.1/24" for third in range(1, 255))


def bridge_name(state: State) -> str:
    return f"slw-{state.runtime.name[-8:]}"


def make_bridge(state: State, proc: Path = Path("/proc")) -> list[str]:
    """Gives the words for dockerd's command line: none, or the bridge that it has to use.

    Of two engines that start together each has to see what the other has taken: one at a time.
    """
    name = bridge_name(state)
    if name in _addresses():
        return [f"--bridge={name}"]
    if not other_dockerd_runs(proc):
        return []
    _ip("link", "add", "name", name, "type", "bridge")
    _ip("addr", "add", free_subnet(_addresses(), crc32(name.encode())), "dev", name)
    _ip("link", "set", name, "up")
    return [f"--bridge={name}"]


def remove_bridge(state: State) -> None:
    """Removes the bridge and the packet filter's rules that name it; dockerd leaves both behind."""
    name = bridge_name(state)
    if name not in _addresses():
        return
    _ip("link", "del", name)
    for table in ("filter", "nat"):
        for rule in rules_of(name, _run("iptables", "-t", table, "-S")):
            _run("iptables", "-t", table, "-D", *rule)


def rules_of(bridge: str, listing: str) -> list[list[str]]:
    """The words after -A of the rules in `iptables -S`'s output that name a bridge."""
    rules = (line.split()[1:] for line in listing.splitlines() if line.startswith("-A "))
    return [rule for rule in rules if bridge in rule]


def other_dockerd_runs(proc: Path) -> bool:
    """Whether a dockerd runs in our network; those of containers have a network of their own."""
    ours = os.readlink(proc / "self/ns/net")
    for process in proc.glob("[0-9]*"):
        try:
            is_dockerd = (process / "comm").read_text().strip() == "dockerd"
            if is_dockerd and os.readlink(process / "ns/net") == ours:
                return True
        except OSError:
            continue
    return False


def free_subnet(addresses: str, first: int = 0) -> str:
    """One of SUBNETS that no interface in `ip addr`'s output has; SetupError if there is none.

    They are tried from `first` on: an engine remembers the subnet that it had, so each had better
    get the same one again.
    """
    taken = set(re.findall(r"\b10\.213\.\d+\.1/24\b", addresses))
    start = first % len(SUBNETS)
    for subnet in (*SUBNETS[start:], *SUBNETS[:start]):
        if subnet not in taken:
            return subnet
    raise SetupError("all subnets 10.213.1.0/24 to 10.213.254.0/24 are taken; stop a local cloud")


def _addresses() -> str:
    return _ip("-oneline", "addr", "show") if find_program("ip") else ""


def _ip(*words: str) -> str:
    return _run("ip", *words)


def _run(name: str, *words: str) -> str:
    program = find_program(name)
    if program is None:
        raise SetupError(f"the command `{name}` is not installed; run `make setup`")
    done = subprocess.run([str(program), *words], capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise SetupError(f"{name} {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
