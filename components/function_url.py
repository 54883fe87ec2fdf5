"""The HTTPS address of a function's alias."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class FunctionUrlArgs:
    """Whose address, and who may use it."""

    function_name: pulumi.Input[str]
    """Name of the function."""
    alias: str
    """The alias that it leads to."""
    after: pulumi.Resource
    """What makes the alias, or makes sure of it: the address comes after that."""
    public: bool = False
    """Whether everybody may call it; else callers whose own rights in AWS say so."""


class FunctionUrl(pulumi.ComponentResource):
    """Makes an address of an alias, and lets everybody in if it is public; gives it back."""

    url: pulumi.Output[str]
    """https://…lambda-url….on.aws/"""

    def __init__(
        self, name: str, args: FunctionUrlArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:FunctionUrl", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self, depends_on=[args.after])
        # Callers known to AWS need nothing here: their own policies let them in.
        if args.public:
            self._let_everybody_in(args)
        made = aws.lambda_.FunctionUrl(
            f"{name}-url",
            function_name=args.function_name,
            qualifier=args.alias,
            authorization_type="NONE" if args.public else "AWS_IAM",
            opts=self._child,
        )
        self.url = made.function_url
        self.register_outputs({"url": self.url})

    def _let_everybody_in(self, args: FunctionUrlArgs) -> None:
        # AWS wants both since October 2025:
        # https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        # The plugin gives the first when it makes an address, and never again; these stay.
        aws.lambda_.Permission(
            f"{self._name}-url-permission",
            function=args.function_name,
            qualifier=args.alias,
            action="lambda:InvokeFunctionUrl",
            principal="*",
            function_url_auth_type="NONE",
            opts=self._child,
        )
        aws.lambda_.Permission(
            f"{self._name}-invoke-permission",
            function=args.function_name,
            qualifier=args.alias,
            action="lambda:InvokeFunction",
            principal="*",
            invoked_via_function_url=True,
            opts=self._child,
        )
