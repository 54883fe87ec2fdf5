"""Who calls: an access key, or a service of AWS, as a role and what the role is for."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.sts.models import sts_backends

from localcloud.iam.request import listed
from localcloud.iam.roles import find_role
from localcloud.iam.verdict import read

KINDS = {
    "ec2.amazonaws.com": "host",
    "ecs-tasks.amazonaws.com": "task",
    "lambda.amazonaws.com": "function",
    "events.amazonaws.com": "schedule",
}
EXECUTION = "ecs-execution-"
"""How sessions begin that ECS itself holds, as AWS doesn't name them; the task id follows."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One caller."""

    account: str
    """Whose it is."""
    kind: str
    """host, task, execution, function, schedule, role (any other), service, or account: somebody
    with keys of the account itself, whom no policy narrows."""
    role: Any = None
    """moto's role; None without one."""
    session: str = ""
    """Name of the role's session."""

    @property
    def arn(self) -> str:
        """As AWS names it in a refusal."""
        if self.role is None:
            return f"arn:aws:iam::{self.account}:root"
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role.name}/{self.session}"

    @property
    def names(self) -> set[str]:
        """What a resource's policy may call it."""
        own = {self.account, f"arn:aws:iam::{self.account}:root", self.arn}
        return own | ({self.role.arn} if self.role is not None else set())


class Callers:
    """Finds out whose an access key is; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[str, str]] = {}

    def of(self, access_key: str, account: str) -> Caller:
        """The caller of an access key; an account's own if it is no role's."""
        if access_key.endswith(".amazonaws.com"):
            return Caller(account=account, kind="service", session=access_key)
        arn, session = self._session(access_key)
        role = find_role(arn)
        if role is None:
            return Caller(account=account, kind="account")
        return of_role(role, session)

    def _session(self, access_key: str) -> tuple[str, str]:
        if not access_key.startswith("ASIA"):
            return "", ""
        with self._lock:
            if access_key not in self._sessions:
                for held in list(sts_backends.values()):
                    for backend in list(held.values()):
                        for each in list(backend.assumed_roles):
                            self._sessions[each.access_key_id] = (each.role_arn, each.session_name)
            return self._sessions.get(access_key, ("", ""))


def of_role(role: Any, session: str, kind: str = "") -> Caller:
    """The caller that a role's session is."""
    account = str(role.arn).split(":")[4]
    return Caller(account=account, kind=kind or kind_of(role, session), role=role, session=session)


def kind_of(role: Any, session: str) -> str:
    """What a role is for, by the service that it trusts."""
    if session.startswith(EXECUTION):
        return "execution"
    text = getattr(role, "assume_role_policy_document", None) or {}
    trust = read(unquote(text) if isinstance(text, str) else text)
    principals = [each.get("Principal") for each in listed(trust.get("Statement"))]
    services = [
        service
        for each in principals
        if isinstance(each, Mapping)
        for service in listed(each.get("Service"))
    ]
    return next((KINDS[service] for service in services if service in KINDS), "role")
