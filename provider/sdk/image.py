"""`Image` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """One image: what it is made from, where it is kept, what it is called."""

    image: str
    """Name of the image in messages and in this file's catalogue."""
    repository: Input[str]
    """Where it is kept: host[:port]/path, without a tag. Another one replaces the resource."""
    key: str
    """Content key in hexadecimal digits: the tag src-<key> is asked for first. A diff."""
    tree: str
    """Git tree id of the whole work tree that the key was taken from."""
    context: str
    """Build context, a folder relative to the git top; "." is the top."""
    dockerfile: str
    """Dockerfile, relative to the git top."""
    extra_inputs: Sequence[str] = ()
    """Files and folders beside the context, under their repository path in the build."""
    build_args: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Build arguments; part of the key, visible in the image, so never secrets."""
    platforms: Sequence[str] = ()
    """Platforms such as linux/amd64; empty is the builder's own."""
    attest: bool = False
    """Attach provenance: the image is an index then."""
    sbom: str | None = None
    """The scanner image, by digest, whose bill of materials is attached too."""
    secrets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Build secrets by id: env:NAME or file:PATH, never values. No part of the key, no diff."""
    build_names: Sequence[str] = ()
    """Tags given when the content is built, and only then."""
    release_names: Sequence[str] = ()
    """Tags given at every update; one that names other content is an error. A diff."""
    movable_names: Sequence[str] = ()
    """Tags that may move from older content (latest). A diff."""
    strategy: str = "build"
    """build: what the registry lacks. rebuild: every release anew. promote: never build; redeploy
    the release of that name, or name what another stack built. redeploy: `wanted_digest`."""
    origin: Input[str] | None = None
    """promote: host/path of the repository that has it; this one if None."""
    wanted_digest: str | None = None
    """promote, redeploy: the digest, when a record says it and not this commit's content."""
    wanted_tag: str | None = None
    """redeploy: the name that the record has for it."""
    record: str | None = None
    """promote, redeploy: id of the record that says the digest. Explanation only."""
    version: str | None = None
    """The version of this update. Explanation only: the names decide."""
    version_names: Sequence[str] = ()
    """Templates with {version}: content without a version gets the next one of the repository."""
    sha_names: Sequence[str] = ()
    """Templates with a commit in them, which versions of the repository have beside theirs."""
    bump: str | None = None
    """patch, minor or major for the next version; None leaves it to the commits' messages."""
    new_version: bool = False
    """Count the version up though the content has one. A diff, while it is true."""
    changed: Sequence[str] = ()
    """Files that changed against the main branch: explanation only."""
    commit: str = ""
    """Commit id: explanation only."""
    build_timeout: int = 1800
    """Time limit of the build in seconds; waiting for a free builder does not count."""


class Image(pulumi.CustomResource):
    """An image that is in its repository under its content key and its names.

    It is built only if the repository does not have its key. Deleting the resource keeps the image.
    """

    digest: pulumi.Output[str]
    """sha256:… of the manifest or index."""
    tag: pulumi.Output[str]
    """A person's name for it: a release name, else a build name it has, else src-<key>."""
    ref: pulumi.Output[str]
    """repository:tag@digest."""
    uri: pulumi.Output[str]
    """repository@digest."""
    reason: pulumi.Output[str]
    """One line: why it was built, or where it was found."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that made, named or found it."""

    def __init__(
        self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor commit."""
        outputs = ("digest", "tag", "ref", "uri", "reason", "deployment")
        super().__init__(
            "rollout:index:Image", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
