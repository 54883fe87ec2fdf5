"""The inputs of `Image`, checked and typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from clients.builder_context import ContextSource
from clients.registry_names import is_digest, is_tag, split_repository
from provider.resource import Properties
from provider.wire import is_known
from release.bump import Bump

_KEY = re.compile(r"[0-9a-f]{8,64}")
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")
_PATHS = ("context", "dockerfile", "extra_inputs")
_DIGEST = "sha256: and 64 hexadecimal digits"
STRATEGIES = ("build", "rebuild", "promote", "redeploy")
_NAMES = ("build_names", "release_names", "movable_names")
# What of the inputs decides the content, in the words that a reason uses.
MAKERS = ("build_args", "platforms", "attest", "sbom", "dockerfile", "context", "extra_inputs")


@dataclass(frozen=True, kw_only=True)
class ImageInputs:
    """One image as its resource asks for it; every value is known."""

    image: str
    repository: str
    key: str
    source: ContextSource
    build_args: Mapping[str, str]
    platforms: tuple[str, ...]
    attest: bool
    sbom: str | None
    secrets: Mapping[str, str]
    build_names: tuple[str, ...]
    release_names: tuple[str, ...]
    movable_names: tuple[str, ...]
    changed: tuple[str, ...]
    build_timeout: int
    commit: str = ""
    strategy: str = "build"
    origin: str | None = None
    wanted_digest: str | None = None
    wanted_tag: str | None = None
    record: str | None = None
    version: str | None = None
    version_names: tuple[str, ...] = ()
    sha_names: tuple[str, ...] = ()
    bump: Bump | None = None
    new_version: bool = False

    @property
    def lasting_name(self) -> str:
        """The tag that holds this image in its repository: a release's name, or the content's."""
        if self.strategy == "redeploy" and self.wanted_digest:
            return self.wanted_digest
        if self.strategy in ("promote", "rebuild") and self.release_names:
            return self.release_names[0]
        return self.content_name

    @property
    def content_name(self) -> str:
        """The tag that says which content an image is."""
        return f"src-{self.key}"

    @staticmethod
    def of(values: Properties) -> ImageInputs:
        """From checked inputs; an unknown repository stays the unknown word."""
        return ImageInputs(
            image=values["image"],
            repository=values["repository"],
            key=values["key"],
            source=ContextSource(
                tree=values["tree"],
                context=values["context"],
                dockerfile=values["dockerfile"],
                extra_inputs=tuple(values.get("extra_inputs", ())),
            ),
            build_args=dict(values.get("build_args", {})),
            platforms=tuple(values.get("platforms", ())),
            attest=bool(values.get("attest", False)),
            sbom=values.get("sbom"),
            secrets=dict(values.get("secrets") or {}),
            build_names=tuple(values.get("build_names", ())),
            release_names=tuple(values.get("release_names", ())),
            movable_names=tuple(values.get("movable_names", ())),
            changed=tuple(values.get("changed", ())),
            build_timeout=int(values.get("build_timeout", 1800)),
            commit=str(values.get("commit", "")),
            strategy=str(values.get("strategy", "build")),
            origin=values.get("origin"),
            wanted_digest=values.get("wanted_digest"),
            wanted_tag=values.get("wanted_tag"),
            record=values.get("record"),
            version=values.get("version"),
            version_names=tuple(values.get("version_names", ())),
            sha_names=tuple(values.get("sha_names", ())),
            bump=values.get("bump"),
            new_version=bool(values.get("new_version", False)),
        )


def changed(old: Properties, new: Properties, names: Iterable[str]) -> list[str]:
    """Which of these inputs differ; one that is left out is as good as an empty one."""
    return [name for name in names if (old.get(name) or []) != (new.get(name) or [])]


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property."""
    wrong: dict[str, str] = {}
    for name in ("image", "repository", "key", "tree", "context", "dockerfile"):
        if not isinstance(values.get(name), str) or not values[name]:
            wrong[name] = f"{name} is missing; allowed: a text that is not empty"
    _check_grammar(values, wrong)
    _check_strategy(values, wrong)
    for name in _PATHS:
        _check_paths(name, values.get(name), wrong)
    for name in _NAMES:
        for tag in _listed(values.get(name)):
            if is_known(tag) and not is_tag(tag):
                wrong[name] = (
                    f"{tag!r} is not a tag that a registry takes; allowed: at most 128 of "
                    "A-Z a-z 0-9 _ . -, not beginning with . or -"
                )
    timeout = values.get("build_timeout", 1)
    if is_known(timeout) and not (isinstance(timeout, int) and timeout > 0):
        wrong["build_timeout"] = (
            f"{timeout!r} is not a time limit; allowed: whole seconds, 1 or more"
        )
    return wrong


def _check_grammar(values: Properties, wrong: dict[str, str]) -> None:
    repository = values.get("repository")
    if repository and "repository" not in wrong and is_known(repository):
        try:
            split_repository(repository)
        except ValueError as error:
            wrong["repository"] = str(error)
    for name, grammar, allowed in (
        ("key", _KEY, "8 to 64 hexadecimal digits"),
        ("tree", _OBJECT, "the id of a git tree, 40 or 64 hexadecimal digits"),
    ):
        value = values.get(name)
        if name not in wrong and is_known(value) and not grammar.fullmatch(value or ""):
            wrong[name] = f"{value!r} is not a {name}; allowed: {allowed}"
    for platform in _listed(values.get("platforms")):
        if is_known(platform) and not _PLATFORM.fullmatch(platform):
            wrong["platforms"] = f"{platform!r} is not a platform; allowed: os/arch, as linux/amd64"


def _check_strategy(values: Properties, wrong: dict[str, str]) -> None:
    strategy, digest = values.get("strategy", "build"), values.get("wanted_digest")
    if strategy not in STRATEGIES:
        wrong["strategy"] = f"{strategy!r} is not a strategy; allowed: {', '.join(STRATEGIES)}"
    if digest is None and strategy == "redeploy":
        wrong["wanted_digest"] = (
            "wanted_digest is missing; `redeploy` needs one: sha256: and 64 digits"
        )
    elif digest is not None and not is_digest(str(digest)):
        wrong["wanted_digest"] = (
            f"{digest!r} is not a digest; allowed: sha256: and 64 hexadecimal digits"
        )


def _check_paths(name: str, value: Any, wrong: dict[str, str]) -> None:
    for path in _listed(value):
        if not is_known(path) or name in wrong:
            continue
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or str(parts) != path:
            wrong[name] = (
                f"{path!r} is not a path from the top of the repository; allowed: folder/file, "
                "without . or .. inside and without / at an end"
            )


def _listed(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
