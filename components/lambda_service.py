"""One service of Lambda: a function from an image, judged before it serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

from components.deployable_image import DeployableImage
from components.documents.function import LambdaServiceSpec
from components.function_url import FunctionUrl, FunctionUrlArgs
from components.lambda_function import LambdaFunction, LambdaFunctionArgs
from components.record_entry import entry_of
from provider.sdk import LambdaRollout, LambdaRolloutArgs

ALIAS = "live"
"""The alias that callers use; only the rollout makes and moves it."""


@dataclass(frozen=True, kw_only=True)
class LambdaServiceArgs:
    """What to run."""

    stack: str
    """Name of the stack."""
    service: LambdaServiceSpec
    """The function as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of: a single manifest in private ECR of the function's region."""
    policy: Literal["independent", "together"] = "independent"
    """What becomes of the other services of the stack if this one fails."""
    key_arns: Sequence[str] = ()
    """KMS keys of one's own that its secrets are encrypted with."""
    log_key: str | None = None
    """ARN of the KMS key that its log and its environment are encrypted with."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of its role may exceed."""
    release: str | None = None
    """The version of this update, if the stack has versions."""
    again: bool = False
    """Deploys it though nothing changed."""


class LambdaService(pulumi.ComponentResource):
    """Makes a function whose alias `live` leads to a version that has passed its smoke event.

    If a new version fails it, the alias stays where it is and the update fails.
    """

    url: pulumi.Output[str] | None
    """The address of the alias; None without one."""
    digest: pulumi.Output[str]
    """The digest behind the alias."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    function_name: pulumi.Output[str]
    """`<stack>-<service>`."""
    role_name: pulumi.Output[str]
    """The function's role, `<stack>-<service>-function`, to attach policies to."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: LambdaServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a secret that isn't there."""
        super().__init__("slipway:index:LambdaService", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        function = self._create_function(args)
        rollout = self._create_rollout(args, function)
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.version = args.image.tag
        self.function_name, self.role_name = function.function_name, function.role_name
        self.entry = entry_of("lambda", args.image, rollout)
        self.url = None
        if args.policy == "independent":
            self.add_address(rollout)
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
            }
        )

    def _create_function(self, args: LambdaServiceArgs) -> LambdaFunction:
        return LambdaFunction(
            self._name,
            LambdaFunctionArgs(
                stack=args.stack,
                service=args.service,
                ref=args.image.ref,
                key_arns=args.key_arns,
                log_key=args.log_key,
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )

    def _create_rollout(self, args: LambdaServiceArgs, function: LambdaFunction) -> LambdaRollout:
        service = args.service
        return LambdaRollout(
            f"{self._name}-rollout",
            LambdaRolloutArgs(
                service=service.name,
                function=function.function_name,
                alias=ALIAS,
                image=args.image.ref,
                digest=args.image.digest,
                configuration=function.configuration,
                smoke=service.smoke_event,
                timeout=service.deadline,
                policy=args.policy,
                release=args.release,
                again=args.again,
            ),
            # A change of the function alone has to be there before its version is published.
            pulumi.ResourceOptions(parent=self, depends_on=[function]),
        )

    def add_address(self, after: pulumi.Resource) -> None:
        """Makes the address that the stack file asks for, once the alias is there; sets `url`.

        With the policy "together" a rollout that failed is no error before `after`, the resource
        that raises: the alias may be missing until then, so it is for the program to call this.
        """
        if not self._args.service.url:
            return
        made = FunctionUrl(
            self._name,
            FunctionUrlArgs(
                function_name=self.function_name,
                alias=ALIAS,
                after=after,
                public=self._args.service.url == "public",
            ),
            self._child,
        )
        self.url = made.url
