"""Names, versions, messages, files of a repository, and what releases leave behind."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from components.documents.kubernetes.cron import check_cron
from components.documents.schedule import check_schedule
from components.documents.secret_reference import parse_reference
from components.documents.service import names_in_example
from components.documents.systemd_timer import timer_lines
from release.bump import BUMPS, bump_of
from release.catalogue import IMAGE_NAME, ImageSource, catalogue
from release.dockerfile import Base, base_hosts, read_bases
from release.names import TAG, parse_name, render_repository, render_tag
from release.next_version import next_version, versions_in
from release.notes import Change, code_span, release_notes
from release.versions import LONGEST, check_suffixed, check_version, is_plain, next_suffixed, order
from release.waves import check_concurrency, share
from tests.attacks.corpora import Text, every, lines_of, near, yaml_text
from tests.attacks.parser import Parser, check_shown

_VERSION = re.compile(r"[0-9A-Za-z.-]+", re.ASCII)
_DIGEST = "sha256:" + "a" * 64
VERSIONS = ("v1.2.0", "1.2.0", "2025.03", "0.1.30-dev", "1.2.0-SNAPSHOT-7d2a1b0", "1.2.0-rc.1")
TEMPLATES = ("{version}", "v{version}-{short_sha}", "{sha}", "{image}-{version}", "latest-{stack}")
FOLDERS = ("services/api", "services/$(touch canary)", "services/\x1b[2Jx", "services/\udc80/a")


def _is_bump(found: str) -> None:
    assert found in BUMPS


def _version(text: str) -> str:
    order(text)
    return check_version(text)


def _is_version(text: str) -> None:
    assert _VERSION.fullmatch(text)
    assert len(text) <= LONGEST


def _count_up(given: tuple[list[str], str]) -> str:
    return check_suffixed(next_suffixed(*given), given[1])


def _tags(given: tuple[list[str], list[str], list[str]]) -> str:
    templates, tags, messages = given
    found = versions_in(templates, tags)
    assert all(is_plain(each) for each in found)
    return next_version(found, messages=lambda: messages).version


def _name(given: tuple[str, str, str, str]) -> tuple[str, str]:
    template, version, image, stack = given
    values = {"version": version, "image": image, "stack": stack}
    values |= {"sha": "7d2a1b0" + "0" * 33, "short_sha": "7d2a1b0"}
    name = render_tag(template, values)
    parse_name(template, name)
    return name, render_repository(template, values)


def _is_name(names: tuple[str, str]) -> None:
    assert TAG.fullmatch(names[0])
    assert re.fullmatch(r"[a-z0-9._/-]+", names[1])


def _images(given: tuple[str, str]) -> dict[str, ImageSource]:
    folder, text = given
    paths = {folder, f"{folder}/Dockerfile", f"{folder}/app.py", "shared"}
    return catalogue(paths, ["services"], {f"{folder}/image.yaml": text})


def _are_images(images: dict[str, ImageSource]) -> None:
    for name, each in images.items():
        assert IMAGE_NAME.fullmatch(name)
        assert all(path == "." or not path.startswith(("/", "..")) for path in each.paths)
        for text in (*each.paths, *each.platforms, *(f"{k}={v}" for k, v in each.args)):
            check_shown(text.replace("\t", " "))


def _bases(given: tuple[str, dict[str, str]]) -> list[Base]:
    base_hosts(*given)
    return list(read_bases(*given))


def _are_bases(bases: list[Base]) -> None:
    for each in bases:
        check_shown(each.image)
        assert each.line > 0


def _notes(given: tuple[str, str, str, str]) -> str:
    subject, author, date, image = given
    change = Change(id="7d2a1b0", subject=subject, author=author, date=date)
    return release_notes("v1.2.0", [change], {image: (None, _DIGEST)}, "v1.1.0", None)


def _are_notes(text: str) -> None:
    check_shown(text)
    outside = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"[<>@`\[]", outside), outside


def _timer(text: str) -> str:
    check_schedule(text)
    return timer_lines(text)


def _is_timer(text: str) -> None:
    allowed = r"(On(Calendar|UnitActiveSec|ActiveSec|BootSec)|AccuracySec|Persistent)=[ -~]+"
    assert all(re.fullmatch(allowed, line) for line in text.strip().split("\n")), text


def _is_cron(text: str) -> None:
    assert re.fullmatch(r"[0-9*/, -]+", text, re.ASCII)


def _are_names(names: tuple[str, ...]) -> None:
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", each) for each in names)


def _share(said: Any) -> int:
    return share(check_concurrency(said), 7, least=1)


IMAGE_YAML: dict[str, Any] = {
    "name": "api",
    "context": ".",
    "inputs": ["shared"],
    "args": {"A": "1"},
    "platforms": ["linux/amd64"],
    "attest": True,
}
DOCKERFILE = (
    "ARG BASE=python:3.12", "FROM ${BASE} AS build", f"FROM debian@{_DIGEST}", "FROM build",
    "FROM --platform=linux/amd64 ghcr.io/a/b:${V:-1}", "RUN echo \\", "# escape=`", "FROM $A$A",
)  # fmt: skip
EXAMPLE = ("DATABASE_URL=", "export TOKEN=x", "# COMMENT=1", "IMAGE_TAG=v1", "lower_case=")

PARSERS = (
    Parser(
        name="a version",
        source="who starts a release, a tag, pyproject.toml",
        inputs=near(*VERSIONS),
        parse=_version,
        check=_is_version,
    ),
    Parser(
        name="tags of a repository, counted up",
        source="git",
        inputs=every(st.lists(near("0.1.30-dev", "0.1.9-dev"), max_size=5), near("dev")),
        parse=_count_up,
        check=_is_version,
    ),
    Parser(
        name="tags of a registry",
        source="whoever may push",
        inputs=every(
            st.lists(st.sampled_from(TEMPLATES), min_size=1, max_size=3),
            st.lists(near("1.2.0", "v1.2.0-7d2a1b0", "latest", "src-abc"), max_size=6),
            st.lists(near("[minor] more"), max_size=3),
        ),
        parse=_tags,
        check=_is_version,
    ),
    Parser(
        name="a name template, and names of images and stacks",
        source="the stack file, folders of the repository",
        inputs=every(near(*TEMPLATES), near("1.2.0"), near("api"), near("prod")),
        parse=_name,
        check=_is_name,
    ),
    Parser(
        name="commit messages that ask for a version",
        source="whoever commits",
        inputs=st.lists(near("[minor] x", "[major]"), max_size=5),
        parse=bump_of,
        check=_is_bump,
    ),
    Parser(
        name="image.yaml",
        source="a pull request",
        inputs=every(st.sampled_from(FOLDERS), yaml_text(IMAGE_YAML)),
        parse=_images,
        check=_are_images,
    ),
    Parser(
        name="FROM and ARG of a Dockerfile",
        source="a pull request",
        inputs=every(lines_of(*DOCKERFILE), st.dictionaries(near("BASE"), Text, max_size=2)),
        parse=_bases,
        check=_are_bases,
    ),
    Parser(
        name="a service's .env.example",
        source="a pull request",
        inputs=lines_of(*EXAMPLE),
        parse=names_in_example,
        check=_are_names,
    ),
    Parser(
        name="subjects and authors of commits",
        source="whoever commits",
        inputs=every(near("Fix it"), near("Ada"), near("2026-11-21T00:00:00Z"), near("api")),
        parse=_notes,
        check=_are_notes,
    ),
    Parser(
        name="a text in a code span",
        source="branches, reasons, failures",
        inputs=near("feat/x", "`a`"),
        parse=code_span,
        check=lambda text: check_shown(text),
    ),
    Parser(
        name="a schedule of EventBridge, as a timer",
        source="the stack file",
        inputs=near("rate(5 minutes)", "cron(0 3 ? * MON-FRI *)", "cron(0/5 1,2 1 JAN ? *)"),
        parse=_timer,
        check=_is_timer,
    ),
    Parser(
        name="a schedule of Kubernetes",
        source="the stack file",
        inputs=near("*/5 * * * *", "0 3 1-5 * 1,2"),
        parse=check_cron,
        check=_is_cron,
    ),
    Parser(
        name="a share of a fleet",
        source="the stack file",
        inputs=st.one_of(near("50%", "3"), st.integers(), st.none(), st.booleans()),
        parse=_share,
        check=lambda hosts: _positive(hosts),
    ),
    Parser(
        name="a reference to a secret",
        source="the stack file",
        inputs=near("parameter:/a/b", "secret:a:key", "secret:arn:aws:x"),
        parse=parse_reference,
    ),
)


def _positive(number: int) -> None:
    assert number >= 1
