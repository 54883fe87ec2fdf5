"""`slipway:ci`: the workflows on GitHub that deploy this stack, without a key."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from components.documents.ci_trust import check_part
from infra.release_section import Section


def _part(kind: str) -> AfterValidator:
    return AfterValidator(lambda value: check_part(kind, value))


class Provider(Section):
    """`slipway:ci.provider`: GitHub as an identity provider of the account."""

    create: bool = True
    """Whether this stack owns it; an account has one. False: another stack made it."""


class Ci(Section):
    """`slipway:ci`: the role that workflows take to deploy this stack. See docs/ci-role.md."""

    repository: Annotated[str, _part("repository")]
    """owner/name, as it stands in `sub` of GitHub's tokens; repositories whose tokens carry the
    numbers of owner and repository write those too."""
    branch: Annotated[str, _part("branch")] = "main"
    """The branch whose jobs take the role, unless `environment` is given."""
    environment: Annotated[str, _part("environment")] | None = None
    """The environment whose jobs take it, instead of a branch's; a protected stack needs one."""
    tag: Annotated[str, _part("tag")] | None = None
    """Tags whose jobs take it too, such as "*-dev" where tags are versions; * is anything."""
    provider: Provider = Provider()
    """Who owns GitHub as an identity provider: one stack of the account makes it."""
    boundary: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$"
    )
    """ARN of a policy that no role of the stack exceeds, where programs have rights of their own;
    if not given, one with what slipway itself gives them."""
    state_bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """The bucket of Pulumi's state, where it is in S3."""
    state_key: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
    )
    """ARN of the KMS key of the state's secrets, or of its bucket."""
    session_minutes: int = Field(default=60, ge=60, le=720)
    """How long a job has the role at most."""

    @model_validator(mode="after")
    def _one_place(self) -> Ci:
        if self.environment is not None and "branch" in self.model_fields_set:
            raise ValueError(
                "a token names the environment or the branch, never both: say one of them, and "
                "limit the environment to a branch in its settings on GitHub"
            )
        if self.environment is not None and self.tag is not None:
            raise ValueError(
                "a token of a job with an environment names no tag: remove `tag`, and limit the "
                "environment to tags in its settings on GitHub"
            )
        if self.state_key is not None and self.state_bucket is None:
            raise ValueError("`state_key` belongs to `state_bucket`: say where the state is")
        return self
