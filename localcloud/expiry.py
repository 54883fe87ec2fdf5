"""Whether the credentials of a call are over."""

import datetime

from moto.sts.models import sts_backends

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest

CODES = {"json": "ExpiredTokenException", "ec2": "RequestExpired"}


class Sessions:
    """The ends of all role sessions, by access key."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime.datetime] = {}

    def refuse_expired(self, request: AwsRequest) -> None:
        """Raises AWS's error for expired credentials if the caller's role session is over."""
        if not request.access_key.startswith("ASIA"):
            return
        end = self._end(request.access_key)
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        if end is not None and end <= now:
            code = CODES.get(request.protocol, "ExpiredToken")
            status = 403 if request.protocol == "query" else 400
            raise AwsError(code, "The security token included in the request is expired", status)

    def _end(self, access_key: str) -> datetime.datetime | None:
        if access_key not in self._ends:
            for account in list(sts_backends.values()):
                for backend in list(account.values()):
                    for role in list(backend.assumed_roles):
                        self._ends[role.access_key_id] = role.expiration.replace(tzinfo=None)
        return self._ends.get(access_key)
