"""The gateway's question about every call: may its caller do that?"""

from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.calls.api import needs
from localcloud.calls.checkpoint import demand
from localcloud.calls.registry_http import CALLERS

CODES = {
    "json": ("AccessDeniedException", 400),
    "ec2": ("UnauthorizedOperation", 403),
    "s3": ("AccessDenied", 403),
    "query": ("AccessDenied", 403),
}


class Judgement:
    """Takes every call down, and refuses what policies don't allow."""

    def judge(self, request: AwsRequest, environ: dict[str, Any]) -> None:
        """Raises AwsError in the words of the call's own service.

        An account's own keys may do everything at home but what a resource's policy denies them.
        """
        caller = CALLERS.of(request.access_key, request.account)
        refused = demand(caller, needs(request, environ), request.region)
        if refused is None:
            return
        code, status = CODES[request.protocol]
        if request.service == "lambda":
            status = 403
        raise AwsError(code, refused[1], status)
