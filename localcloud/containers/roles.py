"""IAM roles as services of AWS use them: what they may do, and their expiring credentials."""

import datetime
import fnmatch
import json
import threading
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localcloud.limits import Limits

FRESH_SECONDS = 300


def find_role(arn: str | None) -> Any | None:
    """moto's role of an ARN, in whichever account it is; None if there is none."""
    parts = (arn or "").split(":")
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return None
    backend = iam_backends[parts[4]]["aws"]
    return next((role for role in list(backend.roles.values()) if role.arn == arn), None)


def may(role: Any, action: str, resource: str) -> bool:
    """Whether the role's own policies allow an action; a denial wins.

    Conditions are not judged: a statement that has one allows nothing, but denies.
    """
    statements = [each for document in documents(role) for each in listed(document, "Statement")]
    meant = [each for each in statements if speaks_of(each, action, resource)]
    if any(each.get("Effect") == "Deny" for each in meant):
        return False
    return any(each.get("Effect") == "Allow" and not each.get("Condition") for each in meant)


def documents(role: Any) -> list[dict[str, Any]]:
    """The role's policies, managed and inline, as documents."""
    texts = [
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.is_default
    ]
    texts += list(role.policies.values())
    return [json.loads(text) if isinstance(text, str) else text for text in texts]


def speaks_of(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Whether a statement's actions and resources include these."""
    wanted = action.lower()
    patterns = [str(each).lower() for each in listed(statement, "Action")]
    if not any(fnmatch.fnmatchcase(wanted, each) for each in patterns):
        return False
    resources = [str(each) for each in listed(statement, "Resource")]
    return any(fnmatch.fnmatchcase(resource, each) for each in resources)


def listed(holder: dict[str, Any], name: str) -> list[Any]:
    """A value that may be one or a list of them."""
    value = holder.get(name, [])
    return value if isinstance(value, list) else [value]


def refusal(role: Any, session: str, action: str, resource: str) -> str:
    """AWS's sentence for what a role may not do."""
    account = role.arn.split(":")[4]
    caller = f"arn:aws:sts::{account}:assumed-role/{role.name}/{session}"
    return (
        f"AccessDeniedException: User: {caller} is not authorized to perform: {action} on "
        f"resource: {resource} because no identity-based policy allows the {action} action"
    )


class RoleSessions:
    """Credentials of roles by session name, renewed before they end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, str], Any] = {}

    def credentials(self, role_arn: str, session: str, region: str) -> dict[str, str]:
        """What ECS's credentials endpoint answers: RoleArn, the keys, Token and Expiration."""
        with self._lock:
            found = self._sessions.get((role_arn, session))
            if found is None or self._old(found):
                found = self._begin(role_arn, session, region)
                self._sessions[role_arn, session] = found
        return {
            "RoleArn": role_arn,
            "AccessKeyId": found.access_key_id,
            "SecretAccessKey": found.secret_access_key,
            "Token": found.session_token,
            "Expiration": f"{found.expiration:%Y-%m-%dT%H:%M:%SZ}",
        }

    def forget(self, role_arn: str, session: str) -> None:
        """Renews no more; given credentials work until they end."""
        with self._lock:
            self._sessions.pop((role_arn, session), None)

    @property
    def _seconds(self) -> int:
        return max(1, int(self._limits.role_credentials_seconds))

    def _old(self, session: Any) -> bool:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        left = (session.expiration.replace(tzinfo=None) - now).total_seconds()
        return bool(left < min(FRESH_SECONDS, self._seconds / 2))

    def _begin(self, role_arn: str, session: str, region: str) -> Any:
        backend = sts_backends[role_arn.split(":")[4]]["aws"]
        return backend.assume_role(
            region_name=region,
            role_session_name=session,
            role_arn=role_arn,
            policy="",
            duration=self._seconds,
            external_id="",
        )
