"""The `.env` of a repository: account, region and profile. Nothing else of it is kept or shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

NAME = ".env"
KEYS = ("AWS_ACCOUNT_ID", "AWS_REGION", "AWS_PROFILE")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An account, a region or a profile, and who says so."""

    value: str
    """The value as it is written."""
    place: str
    """Where, in words."""
    file: Path | None = None
    """The `.env` it was read from, which Pulumi's own AWS provider does not read; else None."""


def env_files(project: Path) -> Iterator[Path]:
    """The `.env` files that count; `project` is the folder of Pulumi.yaml.

    Without asking git: the top is where `.git` is, a folder or (in a work tree) a file.
    """
    folder = project.resolve()
    tops = [each for each in (folder, *folder.parents) if (each / ".git").exists()]
    for each in dict.fromkeys([folder, *tops[:1]]):
        if (each / NAME).is_file():
            yield each / NAME


def read_env_files(project: Path) -> dict[str, Said]:
    """What the `.env` beside Pulumi.yaml and the one at the top of the git repository say.

    Raises `ValueError` if they contradict each other, or can't be read.
    """
    found: dict[str, Said] = {}
    for file in env_files(project):
        for key, said in _read(file).items():
            other = found.setdefault(key, said)
            if other.value != said.value:
                raise ValueError(
                    f"{other.place} is {other.value!r}, but {said.place} is {said.value!r}. "
                    "Nothing was done. Say it once, or twice the same"
                )
    return found


def _read(file: Path) -> dict[str, Said]:
    found = {}
    try:
        with file.open(encoding="utf-8") as stream:
            for line in parse_stream(stream):
                if line.error:
                    _refuse_ours(file, line.original.string, line.original.line)
                elif line.key in KEYS and (value := (line.value or "").strip()):
                    found[line.key] = Said(value=value, place=f"{line.key} in {file}", file=file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ValueError(
            f"{file} can't be read: {why}; {', '.join(KEYS)} are looked for there"
        ) from None
    return found


def _refuse_ours(file: Path, text: str, number: int) -> None:
    """A line of others that is no assignment is theirs to mend; its text may be a secret."""
    for key in KEYS:
        if text.removeprefix("export").strip().startswith(key):
            raise ValueError(f"line {number} of {file} is no assignment; write {key}=value")
