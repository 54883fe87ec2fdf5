"""Whether a role may pull an image of the cloud's ECR, in ECS's words."""

from typing import Any

from moto.ecr.models import Repository

from localcloud.calls.checkpoint import ask
from localcloud.containers.roles import refusal
from localcloud.resource_policy import allows

PULLS = ("ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
RETRIED = "pull image manifest has been retried 1 time(s)"


class PullError(Exception):
    """The reason as ECS words it, without the word CannotPullContainerError before it."""


class AuthError(Exception):
    """The reason why there is no login for ECR: AWS fails before any pull then."""


def refuse(repository: Repository, role: Any, session: str, reference: str) -> None:
    """Raises AuthError or PullError for what the role, or the repository, does not allow."""
    region = repository.region_name
    login = "ecr:GetAuthorizationToken"
    if role is None or not allowed(role, login, "*", session, region):
        reason = "there is no execution role"
        if role is not None:
            reason = refusal(role, session, "ecr:GetAuthorizationToken", "*")
        raise AuthError(
            "unable to retrieve ecr registry auth: service call has been retried 1 time(s): "
            f"{reason}. Please check your task network configuration."
        )
    host = reference.partition("/")[0]
    account = role.arn.split(":")[4]
    for action in PULLS:
        if not allowed(role, action, repository.arn, session):
            reason = refusal(role, session, action, repository.arn)
            raise PullError(f"{RETRIED}: failed to resolve ref {reference}: {reason}")
        if account == repository.account_id:
            continue
        if not allows(repository.policy, account, action):
            raise PullError(
                f"{RETRIED}: failed to resolve ref {reference}: pulling from host "
                f"{host} failed with status code [manifests]: 403 Forbidden: "
                f"no policy of {repository.arn} allows account {account} {action}"
            )


def allowed(role: Any, action: str, resource: str, session: str, region: str = "") -> bool:
    """Whether the role's own policies let ECS, or Lambda itself, do this for a pull."""
    kind = getattr(role, "kind", "execution")
    return ask(role, action, resource, kind=kind, session=session, region=region)
