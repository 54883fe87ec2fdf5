"""What GitHub answers, as far as we read it: https://docs.github.com/rest."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from clients.github_error import GitHubError

ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""Of a commit or tag object, SHA-1 or SHA-256."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class GitObject(_Answer):
    """What a reference or a tag object names."""

    type: str
    """`commit` or `tag`; others are nothing that a release can be made of."""
    sha: ObjectId


class Reference(_Answer):
    """`git/ref/tags/...`."""

    ref: str
    object: GitObject


class TagObject(_Answer):
    """`git/tags/...`."""

    object: GitObject


class MadeTag(_Answer):
    """A new tag object."""

    sha: ObjectId


class ReleaseAnswer(_Answer):
    """`releases/...`."""

    html_url: str
    tag_name: str = ""
    body: str | None = None
    draft: bool = False


class User(_Answer):
    """Who wrote a comment, or whose token it is."""

    login: str = ""
    type: str = ""


class Comment(_Answer):
    """`issues/.../comments`."""

    id: int
    html_url: str
    body: str | None = None
    user: User | None = None


class Repository(_Answer):
    """`repos/...`."""

    archived: bool = False
    permissions: dict[str, bool] | None = None


T = TypeVar("T")
Shape: TypeAlias = type[T] | TypeAdapter[T]
"""A kind of answer."""
Anything = TypeAdapter[Any](Any)
"""For an answer that nothing is read of."""
Comments = TypeAdapter(list[Comment])
Releases = TypeAdapter(list[ReleaseAnswer])


def shaped(shape: Shape[T], found: Any, about: str) -> T:
    """`found` as `shape`. Raises GitHubError with the first place where it is something else."""
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    try:
        return adapter.validate_python(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(each) for each in first["loc"]) or "the whole"
        raise GitHubError(
            f"{about}: GitHub's answer is not what its documentation says ({place}: "
            f"{first['msg']}); try again, and see that slipway:github names GitHub's API"
        ) from None
