"""Which room may import which, as docs/rooms.md draws it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

ARROWS: dict[str, set[str]] = {
    "release": set(),
    "pages": {"release"},
    "clients": {"release"},
    "provider": {"clients", "release"},
    "components": {"provider.sdk"},
    "infra": {"components", "provider.sdk", "clients", "release"},
    "cli": {
        "infra.settings",
        "infra.access",
        "infra.look",
        "infra.origins",
        "infra.places",
        "infra.stack_file",
        "clients",
        "pages",
        "release",
    },
    "bench": {"infra", "components", "clients", "release"},
    "localcloud": set(),
    "offline": set(),
}
NOT_IN = {
    "release": {"pulumi", "pulumi_aws", "boto3", "requests", "docker"},
    "clients": {"pulumi", "pulumi_aws"},
    "localcloud": {"pulumi"},
}


def modules(room: str) -> list[Path]:
    return sorted((PROJECT / room).rglob("*.py"))


def imports(file: Path) -> set[str]:
    """The modules a file imports, with relative ones made absolute."""
    package = file.relative_to(PROJECT).with_suffix("").parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{base}.{name.name}" for name in node.names}
    return found


def within(module: str, tops: set[str]) -> bool:
    return any(module == top or module.startswith(f"{top}.") for top in tops)


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_only_where_its_arrows_point(room: str) -> None:
    assert modules(room), f"the room {room} is empty"
    others = set(ARROWS) - {room}
    for file in modules(room):
        wrong = {m for m in imports(file) if within(m, others) and not within(m, ARROWS[room])}
        assert not wrong, f"{file.relative_to(PROJECT)} imports {sorted(wrong)}"


@pytest.mark.parametrize("room", NOT_IN)
def test_a_room_keeps_free_of_what_does_not_belong_there(room: str) -> None:
    for file in modules(room):
        wrong = {m for m in imports(file) if within(m, NOT_IN[room])}
        assert not wrong, f"{file.relative_to(PROJECT)} imports {sorted(wrong)}"


def test_the_door_is_at_most_ten_lines_and_leads_to_the_program() -> None:
    door = PROJECT / "__main__.py"
    assert len(door.read_text().splitlines()) <= 10
    assert imports(door) == {"infra.start.start"}


def test_no_room_is_a_junk_drawer() -> None:
    junk = {"utils", "helpers", "common", "manager", "misc", "constants"}
    for room in ARROWS:
        names = {part for file in modules(room) for part in file.with_suffix("").parts}
        assert not names & junk


def test_files_and_functions_stay_short() -> None:
    long = []
    for room in ARROWS:
        for file in modules(room):
            text = file.read_text()
            if len(text.splitlines()) > 200:
                long.append(f"{file.relative_to(PROJECT)}: {len(text.splitlines())} lines")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    if lines > 45:
                        long.append(f"{file.relative_to(PROJECT)} {node.name}: {lines} lines")
    assert not long, "\n".join(long)
