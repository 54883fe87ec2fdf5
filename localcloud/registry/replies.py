"""Errors in the registry protocol's form."""

from aiohttp import web


def refused(status: int, code: str, message: str) -> web.Response:
    """One error."""
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=status)


def unauthorized(challenge: str) -> web.Response:
    """The answer that makes docker ask its credential store for a login."""
    response = refused(401, "UNAUTHORIZED", "no basic auth credentials, or the token is over")
    response.headers["WWW-Authenticate"] = challenge
    return response
