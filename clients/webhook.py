"""One POST to somebody else's address: short, without redirects, signed if there is a secret."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from clients import ClientError
from clients.registry_names import is_loopback

if TYPE_CHECKING:
    import requests

SIGNATURE = "X-Slipway-Signature-256"
_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}")


class WebhookError(ClientError):
    """The address did not take the event; the text names its host alone, as paths may be secret."""


def check_webhook(address: str) -> str:
    """The address. Raises ValueError for one that events are not sent to, without repeating it."""
    if not _URL.fullmatch(address) or not (parts := _split(address)):
        raise ValueError("is no address; allowed: https://host[:port]/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a login in it; sign by `secret`, or keep it in parameter:/…")
    if parts.scheme == "http" and not is_loopback(parts.netloc):
        raise ValueError("is http://; allowed: https://, or http:// on this machine (127.0.0.1)")
    return address


def host_of(address: str) -> str:
    """The host of an address, for messages."""
    return urlsplit(address).netloc


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of the body in hexadecimal digits."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def post(address: str, body: bytes, headers: Mapping[str, str], seconds: float) -> None:
    """Sends the body once. `seconds` bounds each wait for bytes, not the whole.

    Raises WebhookError unless the answer is 2xx.
    """
    import requests  # imported late: a settings file that names no address needs it not

    host = host_of(address)
    session = requests.Session()
    session.auth = _as_it_is  # else ~/.netrc adds a login
    session.trust_env = not is_loopback(host)
    sent = {"Content-Type": "application/json", "User-Agent": "slipway", **headers}
    try:
        with session.post(
            address, data=body, headers=sent, timeout=seconds, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.Timeout:
        raise WebhookError(f"{host} did not answer within {seconds:g} s") from None
    except requests.exceptions.SSLError:
        raise WebhookError(f"{host} has a certificate that can't be trusted") from None
    except requests.RequestException as error:
        raise WebhookError(f"{host} could not be reached ({type(error).__name__})") from None
    if 300 <= status < 400:
        raise WebhookError(
            f"{host} answered {status}, and redirects are not followed; write the address that it "
            "leads to into `events.webhook`"
        )
    if not 200 <= status < 300:
        raise WebhookError(f"{host} answered {status}")


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
