"""`slipway:release` and `slipway:github`: how images come to be, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from clients.github_names import check_api, check_repository
from release.names import check_reversible, fields_of, is_build_name, is_movable

HOST_OR_ECR = r"^(ecr|ecr-public|[a-z0-9.-]+:[0-9]{1,5})$"


class Section(BaseModel):
    """One section of the stack file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def one_per_image(template: str) -> str:
    """The template of a repository. Raises `ValueError` if all images would share it."""
    if "image" not in fields_of(template):
        raise ValueError("must hold {image}, or all images would share one repository")
    return template


class Origin(Section):
    """`slipway:release.origin`: the stack whose images are promoted, and where it keeps them."""

    stack: str = Field(default="dev", pattern=r"^[A-Za-z0-9._-]{1,100}$")
    """Name of the stack that builds."""
    repository: str | None = None
    """Template of its repositories; this stack's own if not given."""
    account: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    """The AWS account of its private ECR; this stack's own if not given. Its repositories have to
    let this account read: `registry.readers` of that stack."""
    registry: str | None = Field(default=None, pattern=HOST_OR_ECR)
    """ecr, or host:port of its registry; this stack's own if not given."""
    bucket: str | None = None
    """The bucket of its records, which `source` reads; this stack's own if not given."""

    @field_validator("repository")
    @classmethod
    def _one_per_image(cls, template: str | None) -> str | None:
        return None if template is None else one_per_image(template)


class Release(Section):
    """`slipway:release`: how images come to be and what they are called."""

    images: Literal["build", "rebuild", "promote"] = "build"
    """build: what the registry lacks is built. rebuild: every image is built anew, once per
    version. promote: nothing is built; a version that exists is redeployed as it is, a new one
    names what another stack has built."""
    names: tuple[str, ...] = ("{sha}",)
    """Name templates. `{sha}` and `{short_sha}` make names that are given once, when the content
    is built; the others are given at every update."""
    version_from: Literal["config", "pyproject", "git-tag", "registry"] = "config"
    """Where the version comes from. config: `-c version=`, which wins over pyproject and git-tag
    too. pyproject: `project.version`. git-tag: the highest matching tag of the commit. registry:
    the highest version that each image has, bumped for new content by [major] or [minor] in the
    messages of the commits that touched it, else patch."""
    tag: str = Field(default="*-dev", pattern=r"^[A-Za-z0-9.*?_-]{1,60}$")
    """git-tag: which tags are versions."""
    pyproject: str = "pyproject.toml"
    """pyproject: the file, from the top of the repository."""
    source: Literal["optional", "tested", "required"] = "optional"
    """What a new version is made of without `-c source=`. optional: of this commit's content, as
    `origin` built it. tested: the same, if an update of `origin` that had it succeeded. required:
    of nothing."""
    origin: Origin = Origin()
    """promote: which stack's images are promoted, and where they are."""
    cleanup: bool = True
    """Whether a successful release removes the local images that it leaves behind."""
    cache_gb: int = Field(default=10, ge=0, le=10000)
    """Size in GB that such a clean-up leaves of the builder's cache."""

    @field_validator("names")
    @classmethod
    def _readable(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            fields_of(name)
            if not is_movable(name):
                check_reversible(name)
        return names

    @model_validator(mode="after")
    def _a_release_has_a_name(self) -> Release:
        if self.images == "build":
            return self
        if any(is_build_name(name) for name in self.names) or not self._versioned:
            raise ValueError(
                f"`{self.images}` gives release names only: allowed are templates with {{version}} "
                'and without {sha}, for instance names: ["{version}"]'
            )
        if self.version_from == "registry":
            raise ValueError(
                f"`version_from: registry` makes versions while building, and `{self.images}` "
                "wants to be told: allowed with it: config, pyproject, git-tag"
            )
        return self

    @model_validator(mode="after")
    def _a_version_has_a_commit(self) -> Release:
        if self.version_from == "registry" and not (
            self._versioned and any(is_build_name(name) for name in self.names)
        ):
            raise ValueError(
                "`version_from: registry` needs names with {version} and with {sha} or "
                "{short_sha}: the commit of a version is where the next one's messages begin"
            )
        return self

    @model_validator(mode="after")
    def _a_version_has_a_name_of_its_own(self) -> Release:
        plain = [name for name in self.names if fields_of(name) - {"image", "stack"} == {"version"}]
        if self.version_from == "registry" and not plain:
            raise ValueError(
                "`version_from: registry` needs one name with {version} and without a commit, for "
                'instance "{version}": a second commit with that version would go unnoticed'
            )
        return self

    @property
    def _versioned(self) -> bool:
        return any("version" in fields_of(name) and not is_movable(name) for name in self.names)


class GitHub(Section):
    """`slipway:github`: where a release is published."""

    repository: Annotated[str, AfterValidator(check_repository)]
    """owner/name."""
    api: Annotated[str, AfterValidator(check_api)] | None = None
    """The API's address, for GitHub Enterprise; else $GITHUB_API_URL, which workflows have, or
    https://api.github.com."""

    def address(self, environment: Mapping[str, str]) -> str:
        """The API's address. Raises `ValueError` if $GITHUB_API_URL is none."""
        return self.api or check_api(environment.get("GITHUB_API_URL") or "https://api.github.com")
