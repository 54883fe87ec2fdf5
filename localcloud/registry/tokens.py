"""Registry logins as GetAuthorizationToken gives them."""

import base64
import binascii
import secrets
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Login:
    """What a token is good for, until `expires` (seconds since the epoch)."""

    account: str
    region: str
    expires: float
    key: str = ""
    """The access key that it was given to."""


class Tokens:
    """The tokens given out since the start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logins: dict[str, Login] = {}

    def issue(self, account: str, region: str, seconds: float, key: str = "") -> tuple[str, Login]:
        """A new authorization token (base64 of user:password) and its login."""
        password = secrets.token_urlsafe(48)
        login = Login(account, region, time.time() + seconds, key)
        with self._lock:
            self._logins[password] = login
        return base64.b64encode(f"AWS:{password}".encode()).decode(), login

    def login(self, authorization: str | None) -> Login | None:
        """The login of an HTTP Authorization header, None if it is wrong or over."""
        kind, _, encoded = (authorization or "").partition(" ")
        try:
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        if kind.lower() != "basic" or user != "AWS":
            return None
        with self._lock:
            login = self._logins.get(password)
        return login if login is not None and self.valid(login) else None

    def valid(self, login: Login) -> bool:
        """Whether a login is not over yet."""
        return login.expires > time.time()
