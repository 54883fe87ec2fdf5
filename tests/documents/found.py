"""The commands that the documents tell people to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.estate import PROJECT

PROGRAMS = (
    "slipway",
    "pulumi",
    "make",
    "aws",
    "docker",
    "gh",
    "git",
    "systemctl",
    "journalctl",
    "kubectl",
    "microk8s",
    "apt-get",
    "export",
    "python -m",
    ". ./env.sh",
)
# `slipway: a program` and `slipway:host` are no commands, a bare `pulumi` is a name.
COMMAND = re.compile(rf"(?:{'|'.join(re.escape(each) for each in PROGRAMS)})(?= [^=:]|$)")
SPAN = re.compile(r"`([^`]+)`")
PROMPT = re.compile(r"^(?:\$ |sudo )")
REMARK = re.compile(r"\s+#.*$|\s{3,}.*$")
# What is generated from the commands themselves, and what tells why things are as they are.
LEFT_OUT = ("docs/commands.md", "docs/workflow-steps.md", "docs/decisions/")


def documents(top: Path = PROJECT) -> list[Path]:
    """The pages that people follow."""
    pages = [top / "README.md", top / "CONTRIBUTING.md", top / "bench" / "README.md"]
    pages += sorted((top / "docs").rglob("*.md"))
    return [each for each in pages if not str(each.relative_to(top)).startswith(LEFT_OUT)]


def commands(page: str) -> Iterator[str]:
    """The commands of a page: lines of its blocks of code, and code inside of sentences."""
    fenced = False
    lines = iter(re.sub(r"(?m)(?<=[^`])\n(?=[^\n`]*`[^`\n]*$)", " ", page).splitlines())
    for line in lines:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            while line.endswith("\\"):
                line = f"{line[:-1].rstrip()} {next(lines).strip()}"
            typed = REMARK.sub("", PROMPT.sub("", line.strip()))
            if COMMAND.match(typed):
                yield typed
        else:
            for span in SPAN.findall(line):
                typed = PROMPT.sub("", span)
                if COMMAND.match(typed) and typed not in PROGRAMS[:-1]:
                    yield typed


def found(top: Path = PROJECT) -> dict[str, list[str]]:
    """Each command, and the pages that name it."""
    where: dict[str, list[str]] = {}
    for page in documents(top):
        name = str(page.relative_to(top))
        for command in commands(page.read_text()):
            if name not in where.setdefault(command, []):
                where[command].append(name)
    return where
