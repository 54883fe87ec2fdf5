"""GitHub as an identity provider of the account: one for all of its stacks."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.ci_roles import PROVIDER_HOST
from components.documents.ci_trust import AUDIENCE
from components.lookups import looked_up


@dataclass(frozen=True, kw_only=True)
class CiIdentityArgs:
    """Whose the provider is."""

    account: str
    """AWS account, 12 digits."""
    create: bool = True
    """Whether this stack owns it: AWS has one per account. False: it is looked up."""
    protect: bool = False
    """Pulumi refuses to delete or replace it."""


class CiIdentity(pulumi.ComponentResource):
    """Makes, or looks up, the provider of GitHub's tokens; gives back its ARN.

    Destroying it keeps it: other stacks of the account may be using it.
    """

    arn: pulumi.Output[str]
    """Its ARN."""

    def __init__(
        self, name: str, args: CiIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` if it is to be there and isn't."""
        super().__init__("slipway:index:CiIdentity", name, None, opts)
        self._name = name
        self.arn = self._create_provider(args) if args.create else self._look_up_provider(args)
        self.register_outputs({"arn": self.arn})

    def _create_provider(self, args: CiIdentityArgs) -> pulumi.Output[str]:
        made = aws.iam.OpenIdConnectProvider(
            f"{self._name}-provider",
            url=f"https://{PROVIDER_HOST}",
            client_id_lists=[AUDIENCE],
            # Without thumbprints AWS checks GitHub's certificate by its own list of authorities.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=True),
        )
        arn: pulumi.Output[str] = made.arn
        return arn

    def _look_up_provider(self, args: CiIdentityArgs) -> pulumi.Output[str]:
        arn = f"arn:aws:iam::{args.account}:oidc-provider/{PROVIDER_HOST}"
        opts = pulumi.InvokeOptions(parent=self)
        found = looked_up(
            f"the identity provider {PROVIDER_HOST} of account {args.account}",
            "one stack of the account makes it: ci: {provider: {create: true}}",
            lambda: str(aws.iam.get_open_id_connect_provider(arn=arn, opts=opts).arn),
        )
        return pulumi.Output.from_input(found)
