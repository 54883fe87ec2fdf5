"""IAM roles as services of AWS use them: what they may do, and their expiring credentials."""

import datetime
import threading
from typing import Any

from moto.sts.models import sts_backends

from localcloud.limits import Limits

FRESH_SECONDS = 300


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
