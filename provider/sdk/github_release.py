"""`GitHubRelease` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class GitHubReleaseArgs:
    """One release of one repository. The token is no input: the plugin finds it when it acts."""

    repository: str
    """owner/name. Another one replaces the resource, and leaves the old release."""
    tag: str
    """The release's tag, such as v1.2.0. A diff: the release of that tag is made, too."""
    commit: Input[str]
    """Whole id of the commit that the content came from; GitHub has to have it."""
    name: str
    """The release's title."""
    notes: Input[str]
    """Its text in Markdown, at most 125,000 characters. By itself no diff."""
    record: Input[str]
    """Id of the release's record: so it is published after the record is closed. No diff."""
    api: str = "https://api.github.com"
    """The API's address; https://HOST/api/v3 for a GitHub Enterprise Server."""
    prerelease: bool = False
    """Whether GitHub shows it as not ready for production. By itself no diff."""


class GitHubRelease(pulumi.CustomResource):
    """A release on GitHub with its annotated tag.

    What is there already stays as it is; a tag of that name on another commit is an error.
    Deleting the resource keeps both.
    """

    url: pulumi.Output[str]
    """The release's page."""
    tag: pulumi.Output[str]
    """The release's tag."""
    created: pulumi.Output[bool]
    """Whether the last update made it, or found it."""

    def __init__(
        self, name: str, args: GitHubReleaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = ("url", "created")
        super().__init__(
            "rollout:index:GitHubRelease", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
