"""The engine's refusals in its own words, and what to do about them."""

import requests
from docker.errors import APIError, DockerException

_WAYS_OUT = (
    ("port is already allocated", "`docker ps` shows who holds it; stop that, or publish another"),
    ("address already in use", "a program of the machine holds the port; publish another"),
    ("is already in use by container", "remove that container, or choose another name"),
    ("is using its referenced image", "set keepLocally, or remove that container first"),
    ("no basic auth credentials", "run `docker login` for that registry, then try again"),
    ("unauthorized", "run `docker login` for that registry, then try again"),
    ("manifest unknown", "nobody pushed that digest or tag there, or it was deleted"),
    ("no matching manifest", "the image has no manifest for this engine's platform"),
    ("http: server gave HTTP response", "the registry speaks plain HTTP: name it in the engine's "
     "insecure-registries"),
    ("already set memoryswap limit", "set memorySwap together with memory"),
)  # fmt: skip


def reason(error: Exception) -> str | None:
    """What the engine said, or None if the error is not the engine's."""
    if isinstance(error, APIError):
        return with_way_out(str(error.explanation or error))
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"the Docker engine went away: {error}; start it, then try again"
    return with_way_out(str(error)) if isinstance(error, DockerException) else None


def with_way_out(said: str) -> str:
    """The engine's words, and what to do where that is known."""
    way = next((way for sign, way in _WAYS_OUT if sign in said), None)
    return f"{said}; {way}" if way else said
