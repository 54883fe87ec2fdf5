"""The resources of the plugin `rollout` as a Pulumi program writes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProviderArgs:
    """How the plugin reaches AWS and BuildKit. A plain registry needs none of the AWS fields."""

    region: str
    """AWS region, such as eu-west-1."""
    account: str | None = None
    """Account id (12 digits) that the credentials must belong to; None accepts any."""
    profile: str | None = None
    """Profile of the AWS configuration files."""
    endpoints: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """URLs by service name (ecr, ssm, sts) that replace AWS's own: the local cloud."""
    access_key: str | None = None
    """Key for the local cloud only: real credentials are never inputs."""
    secret_key: Input[str] | None = None
    """Secret for the local cloud only; kept as a Pulumi secret."""
    builder: str | None = None
    """Buildx builder; else $BUILDX_BUILDER, else a docker-container builder named slipway."""
    max_builds: int = 2
    """How many images are built at the same time."""


class Provider(pulumi.ProviderResource):
    """The explicit provider of `Image` and `HostRollout`."""

    def __init__(
        self, name: str, args: ProviderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name; a second provider serves a second account."""
        inputs = _inputs(args)
        if args.secret_key is not None:
            inputs["secret_key"] = pulumi.Output.secret(args.secret_key)
        super().__init__("rollout", name, inputs, opts)


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
    """Attach provenance and a bill of materials: the image is an index then."""
    build_names: Sequence[str] = ()
    """Tags given when the content is built, and only then."""
    release_names: Sequence[str] = ()
    """Tags given at every update; one that names other content is an error. A diff."""
    movable_names: Sequence[str] = ()
    """Tags that may move from older content (latest). A diff."""
    promote: bool = False
    """Never build: redeploy the release of that name, or name this commit's content as one."""
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

    def __init__(
        self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor commit."""
        outputs = ("digest", "tag", "ref", "uri", "reason")
        super().__init__(
            "rollout:index:Image", name, {**_inputs(args), **dict.fromkeys(outputs)}, opts
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class HostRolloutArgs:
    """One service or job on a set of hosts, switched by an SSM document."""

    service: str
    """Name of the service and of its unit. Another one replaces the resource."""
    kind: str
    """"service", which keeps running, or "job", which runs to its end at each deploy."""
    instances: Input[Sequence[Input[str]]]
    """EC2 instance ids, 1 to 50. A diff."""
    document: Input[str]
    """Name of the deploy document. A diff."""
    document_hash: Input[str]
    """SHA-256 that AWS has of the document; pinned at each run. A diff."""
    bucket: Input[str]
    """Bucket of the deploy bundle."""
    bundle_key: Input[str]
    """Key of the deploy bundle in the bucket."""
    bundle_sha256: Input[str]
    """SHA-256 of the deploy bundle, checked on the host before unpacking."""
    image: Input[str]
    """repository:tag@digest: what to run. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    version: Input[str]
    """Version of the bundle. By itself no diff: a new commit redeploys nothing."""
    fingerprint: Input[str]
    """Hash of the service's own files in the bundle (unit, environment, settings). A diff."""
    timeout: int = 300
    """Seconds that a host has to switch and become healthy."""


class HostRollout(pulumi.CustomResource):
    """A service that runs the asked digest on every host, or an error and the old one on each.

    Deleting the resource does nothing on the hosts: usually the same `pulumi destroy` ends them.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…", or "completed sha256:…" for a job."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back from each instance, by instance id."""
    deployed_digest: pulumi.Output[str]
    """The digest that really runs; after a refresh maybe another than was asked for."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long each step took on the slowest host, and "total" as seen from here."""

    def __init__(
        self, name: str, args: HostRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = ("verdict", "running", "deployed_digest", "seconds")
        super().__init__(
            "rollout:index:HostRollout", name, {**_inputs(args), **dict.fromkeys(outputs)}, opts
        )


def _inputs(args: ProviderArgs | ImageArgs | HostRolloutArgs) -> dict[str, Any]:
    # Not dataclasses.asdict: that copies Outputs.
    values = {field.name: getattr(args, field.name) for field in dataclasses.fields(args)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }
