"""How much processor time containers get beside the processes outside of them.

All containers of an engine are one group, and a group weighs as much as one process: beside a few
builds and tests, whatever runs in containers would hardly move. cgroups(7), cpu.shares of version 1
and cpu.weight of version 2.
"""

from pathlib import Path

GROUPS = ("docker", "buildkit")
TIMES = 16
"""Processes that each group weighs as much as."""
ONE = {"cpu.shares": 1024, "cpu.weight": 100}
"""The weight of one process, by version of cgroups."""
AHEAD = ("nice", "-n", "-10")
"""Before the engine's command: two seconds after a command in a container has ended, it stops
reading what that printed, so an engine that waits for a processor loses it."""


def weigh_containers(top: Path = Path("/sys/fs/cgroup")) -> str:
    """Gives the groups their weight; says in a few words what came of it."""
    second = (top / "cgroup.controllers").exists()
    file, folder = ("cpu.weight", top) if second else ("cpu.shares", top / "cpu")
    try:
        if second:  # else groups have no weight
            (top / "cgroup.subtree_control").write_text("+cpu\n")
        for name in GROUPS:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / file).write_text(f"{TIMES * ONE[file]}\n")
    except OSError as error:
        return f"containers weigh as one process: {error.strerror}, {error.filename}"
    return f"containers weigh as {TIMES} processes"
