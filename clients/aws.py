"""boto3 clients from one description of an account, and AWS's errors in one sentence each."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clients import ClientError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError as BotoClientError


class AwsError(ClientError):
    """AWS refused or could not be reached; `code` is AWS's own error code, or empty."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class AwsAccess:
    """How to reach one AWS account (or the local cloud). Clients are cached by it."""

    region: str
    """AWS region, such as eu-west-1."""
    account: str | None = None
    """Account id that is expected (12 digits), or None when any will do."""
    profile: str | None = None
    """Profile of the AWS configuration files, or None for boto3's own search."""
    endpoints: tuple[tuple[str, str], ...] = ()
    """Pairs of service name and URL that replace AWS's own endpoints."""
    access_key: str | None = None
    """Key for the local cloud only; a real account's credentials come from boto3's own search."""
    secret_key: str | None = field(default=None, repr=False)
    """Secret for the local cloud only."""

    @staticmethod
    def endpoint_pairs(endpoints: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
        """The endpoints as a hashable value, sorted by service."""
        return tuple(sorted((endpoints or {}).items()))

    def endpoint(self, service: str) -> str | None:
        """The URL that replaces AWS's endpoint of `service`, or None.

        Stack files write a service without the dash of boto3's name: ecrpublic, not ecr-public.
        """
        return dict(self.endpoints).get(service.replace("-", ""))


_clients: dict[tuple[AwsAccess, str, str], Any] = {}
_sessions: dict[AwsAccess, Any] = {}
_lock = threading.RLock()


def client(access: AwsAccess, service: str, region: str | None = None) -> Any:
    """The boto3 client of `service`: made once per access, service and region; safe in threads.

    Raises AwsError when the profile is unknown.
    """
    wanted = (access, service, region or access.region)
    with _lock:
        if wanted not in _clients:
            with translated(f"making a client of {service}"):
                _clients[wanted] = new_client(*wanted)
        return _clients[wanted]


def new_client(
    access: AwsAccess, service: str, region: str, *, read_timeout: float = 30, attempts: int = 5
) -> Any:
    """A client of its own: `read_timeout` in seconds for an answer, tries of each call."""
    from botocore.config import Config

    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=3,
        read_timeout=read_timeout,
        max_pool_connections=50,
    )
    # Clients are safe in threads, the making of them is not.
    with _lock:
        return _session(access).client(
            service, region, endpoint_url=access.endpoint(service), config=config
        )


def _session(access: AwsAccess) -> Any:
    """What all clients of an account are made by: each session reads botocore's map of endpoints
    anew, which takes longer than the client."""
    if access not in _sessions:
        import boto3  # imported late: half of a no-op's time, and a plain registry never needs it

        _sessions[access] = boto3.session.Session(
            region_name=access.region,
            profile_name=access.profile,
            aws_access_key_id=access.access_key,
            aws_secret_access_key=access.secret_key,
        )
    return _sessions[access]


def account_of(access: AwsAccess) -> str:
    """The id (12 digits) of the account that the credentials belong to, by one STS call."""
    with translated("asking AWS who these credentials belong to"):
        # Somebody waits for this before anything else is done.
        sts = new_client(access, "sts", access.region, read_timeout=10, attempts=2)
        return str(sts.get_caller_identity()["Account"])


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn boto3's exceptions into AwsError: what was done, what is wrong, what to do next."""
    from botocore import exceptions as boto

    try:
        yield
    except (boto.EndpointConnectionError, boto.ConnectTimeoutError) as error:
        url = error.kwargs.get("endpoint_url", "its endpoint")
        raise AwsError(f"{doing}: {url} does not answer; is it running, and reachable?") from None
    except (boto.ReadTimeoutError, boto.ConnectionClosedError) as error:
        raise AwsError(f"{doing}: the answer did not come: {error}; try again") from None
    except (boto.NoCredentialsError, boto.PartialCredentialsError):
        raise AwsError(
            f"{doing}: no AWS credentials were found; log in (aws sso login), set AWS_PROFILE, "
            "or give the job a role"
        ) from None
    except boto.ProfileNotFound as error:
        raise AwsError(f"{doing}: {error}; see `aws configure list-profiles`") from None
    except boto.ClientError as error:
        raise _refusal(doing, error) from None
    except boto.BotoCoreError as error:
        raise AwsError(f"{doing}: {error}") from None


_LONGEST = 4000  # characters of what AWS says; it repeats what was asked for
_ADVICE = {
    "ExpiredToken": "the AWS credentials have expired; log in again",
    "ExpiredTokenException": "the AWS credentials have expired; log in again",
    "RequestExpired": "the AWS credentials or the request have expired; log in again",
    "RequestTimeTooSkewed": "the clock of this machine is wrong; set it and try again",
    "InvalidClientTokenId": "AWS does not know these credentials; log in again",
    "UnrecognizedClientException": "AWS does not know these credentials; log in again",
    "InvalidSignatureException": "AWS refused the signature; check the secret key and the clock",
    "SignatureDoesNotMatch": "AWS refused the signature; check the secret key and the clock",
}


def _refusal(doing: str, error: BotoClientError) -> AwsError:
    code = str(error.response.get("Error", {}).get("Code", ""))[:100]
    said = str(error.response.get("Error", {}).get("Message", "")).strip() or "no reason given"
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    advice = _ADVICE.get(code)
    return AwsError(
        f"{doing}: {advice} ({code}: {said})" if advice else f"{doing}: {code}: {said}", code
    )
