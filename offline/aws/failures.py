"""AWS's refusals in its own words, and what to do about them."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_KEYS = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"})
_MISSING = (".NotFound", "NotFoundException", "NotFound", ".Malformed")
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def reason(error: Exception) -> str | None:
    """What AWS said, or None if the error is not AWS's."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        code = str(told.get("Code"))
        return f"{error.operation_name} refused: {code}: {told.get('Message')}{_way_out(code)}"
    if isinstance(error, EndpointConnectionError):
        return f"{error}; is the endpoint of aws:endpoints up?"
    if isinstance(error, NoCredentialsError):
        return "no AWS credentials; set aws:profile or log in, then try again"
    return str(error) if isinstance(error, BotoCoreError) else None


def _way_out(code: str) -> str:
    if code in _EXPIRED:
        return "; the credentials have expired: log in again (`aws sso login`), then try again"
    if code in _UNKNOWN_KEYS:
        return "; AWS doesn't know these keys: check aws:profile and AWS_ACCESS_KEY_ID"
    if code in _NOT_ALLOWED:
        return "; allow it in the policy of the role or user that deploys"
    if code.endswith(_MISSING):
        return "; look at its name or id and at aws:region"
    return ""
