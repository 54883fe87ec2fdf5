"""Pulumi's own AWS provider, told what only `.env` says."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pulumi
from pulumi.runtime.config import is_config_secret

from infra.project import stack_config
from infra.settings import Settings


def provide(settings: Settings) -> pulumi.ProviderResource | None:
    """The provider for all resources and look-ups of AWS in this program; None where Pulumi's
    default one finds the same profile and region by itself: it reads stack file and environment."""
    said = [settings.said.get(name) for name in ("profile", "region")]
    if not any(each and each.file for each in said):
        return None
    config = stack_config()
    inputs = {"region": settings.region, "profile": settings.profile} | _of_stack(config)
    # Its name begins so that Pulumi shows it like the default one that it stands for.
    provider = pulumi.ProviderResource(
        "aws",
        "default_env_file",
        {name: value for name, value in inputs.items() if value is not None},
        pulumi.ResourceOptions(version=version("pulumi_aws")),
    )
    _for_all(provider)
    return provider


def _of_stack(config: Mapping[str, str]) -> dict[str, Any]:
    """The stack's own keys, as Pulumi hands them to the default provider: as text."""
    return {
        key.removeprefix("aws:"): pulumi.Output.secret(value) if is_config_secret(key) else value
        for key, value in config.items()
        if key.startswith("aws:")
    }


def _for_all(provider: pulumi.ProviderResource) -> None:
    def of_resource(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("aws:") or args.opts.provider is not None:
            return None
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(provider=provider))
        return pulumi.ResourceTransformationResult(props=args.props, opts=opts)

    def of_lookup(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult | None:
        if not args.token.startswith("aws:") or args.opts.provider is not None:
            return None
        args.opts.provider = provider
        return pulumi.InvokeTransformResult(args=args.args, opts=args.opts)

    pulumi.runtime.register_stack_transformation(of_resource)
    pulumi.runtime.register_invoke_transform(of_lookup)
