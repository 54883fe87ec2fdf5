"""The role of an instance and its expiring credentials."""

import datetime
import threading
from typing import Any

from moto.ec2.models.instances import Instance
from moto.sts.models import AssumedRole, sts_backends

from localcloud.limits import Limits

FRESH_SECONDS = 300


class RoleCredentials:
    """Sessions of instance roles: one at a time per instance, renewed before it ends."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._sessions: dict[str, AssumedRole] = {}

    def of(self, instance: Instance, role: Any) -> dict[str, str]:
        """What the metadata service answers for a role."""
        with self._lock:
            session = self._sessions.get(instance.id)
            if session is None or self._old(session) or session.role_arn != role.arn:
                session = self._begin(instance, role)
                self._sessions[instance.id] = session
        begun = session.expiration - datetime.timedelta(seconds=self._seconds)
        return {
            "Code": "Success",
            "LastUpdated": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
            "Type": "AWS-HMAC",
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": f"{session.expiration:%Y-%m-%dT%H:%M:%SZ}",
        }

    @property
    def _seconds(self) -> int:
        return max(1, int(self._limits.role_credentials_seconds))

    def _old(self, session: AssumedRole) -> bool:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        left = (session.expiration.replace(tzinfo=None) - now).total_seconds()
        return left < min(FRESH_SECONDS, self._seconds / 2)

    def _begin(self, instance: Instance, role: Any) -> AssumedRole:
        backend = sts_backends[instance.owner_id]["aws"]
        return backend.assume_role(
            region_name=instance.region_name,
            role_session_name=instance.id,
            role_arn=role.arn,
            policy="",
            duration=self._seconds,
            external_id="",
        )


def role_of(instance: Instance) -> Any | None:
    """moto's role in the instance's profile, None without profile or role."""
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    roles = association.iam_instance_profile.roles if association else []
    return roles[0] if roles else None
