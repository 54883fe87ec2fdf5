"""The instance metadata service, version 2 only, one per machine."""

import base64
import json
import secrets
import time
from collections.abc import Callable

from aiohttp import web
from moto.ec2.models.instances import Instance

from localcloud.ec2.credentials import RoleCredentials, role_of

TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
LONGEST_SECONDS = 21600
ROLE_PATH = "iam/security-credentials/"


class MetadataService:
    """Answers for one instance; who asks is sure because only its machine sees the socket."""

    def __init__(self, instance: Instance, credentials: RoleCredentials) -> None:
        self._instance, self._credentials = instance, credentials
        self._tokens: dict[str, float] = {}

    def application(self) -> web.Application:
        """The aiohttp application of it."""
        app = web.Application()
        app.router.add_put("/latest/api/token", self.token)
        app.router.add_get("/{path:.*}", self.get)
        return app

    async def token(self, request: web.Request) -> web.Response:
        """A session token for the asked seconds; refused for requests that a proxy passed on."""
        ttl = request.headers.get(TTL_HEADER, "")
        if "X-Forwarded-For" in request.headers:
            return web.Response(status=403)
        if not ttl.isdigit() or not 1 <= int(ttl) <= LONGEST_SECONDS:
            return web.Response(status=400, text="400 - Bad Request")
        token = secrets.token_urlsafe(40)
        self._tokens[token] = time.monotonic() + int(ttl)
        return web.Response(text=token, headers={TTL_HEADER: ttl})

    async def get(self, request: web.Request) -> web.Response:
        """A metadata value; 401 without a valid token."""
        end = self._tokens.get(request.headers.get("X-aws-ec2-metadata-token", ""), 0)
        if end <= time.monotonic():
            return web.Response(status=401, text="401 - Unauthorized")
        text = self._value(request.path.removeprefix("/latest/").rstrip("/"))
        return web.Response(text=text) if text is not None else web.Response(status=404)

    def _value(self, path: str) -> str | None:
        if path == "dynamic/instance-identity/document":
            return json.dumps(self._document(), indent=1)
        if path == "user-data":
            return user_data(self._instance).decode() or None
        name = path.removeprefix("meta-data/")
        if name.startswith("iam"):
            return self._iam(name)
        value = self._plain().get(name)
        return value() if value else None

    def _plain(self) -> dict[str, Callable[[], str]]:
        it = self._instance
        return {
            "instance-id": lambda: it.id,
            "instance-type": lambda: it.instance_type,
            "ami-id": lambda: it.image_id,
            "local-ipv4": lambda: it.private_ip or "",
            "local-hostname": lambda: it.private_dns_name,
            "hostname": lambda: it.private_dns_name,
            "placement/region": lambda: it.region_name,
            "placement/availability-zone": lambda: it.placement.zone or "",
        }

    def _iam(self, name: str) -> str | None:
        role = role_of(self._instance)
        if role is None:
            return None
        if name == "iam/info":
            profile = self._instance.iam_instance_profile or {}
            return json.dumps({"Code": "Success", "InstanceProfileArn": profile.get("Arn")})
        if name + "/" == ROLE_PATH:
            return str(role.name)
        if name == ROLE_PATH + role.name:
            return json.dumps(self._credentials.of(self._instance, role), indent=1)
        return None

    def _document(self) -> dict[str, str]:
        plain = self._plain()
        return {
            "accountId": self._instance.owner_id,
            "region": self._instance.region_name,
            "availabilityZone": plain["placement/availability-zone"](),
            "instanceId": self._instance.id,
            "instanceType": self._instance.instance_type,
            "imageId": self._instance.image_id,
            "privateIp": plain["local-ipv4"](),
            "architecture": "x86_64",
        }


def user_data(instance: Instance) -> bytes:
    """The instance's user data, decoded."""
    value = instance.user_data
    return base64.b64decode(str(value)) if value else b""
