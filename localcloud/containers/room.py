"""The containers' parts, put together once for ECS and Lambda."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.ecr.models import Repository

from localcloud.aws_request import AwsRequest
from localcloud.calls.caller import EXECUTION
from localcloud.containers.engine import Containers
from localcloud.containers.images import Images
from localcloud.containers.namespace import Namespaces
from localcloud.containers.roles import RoleSessions
from localcloud.ec2.engine import Engine
from localcloud.gateway import Handler
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.problem import CloudError

IMPORT_SECONDS = 300
SERVICE = "lambda.amazonaws.com"


class ContainerRoom:
    """Engine, images, namespaces and role sessions; `start` removes what an earlier server left."""

    def __init__(self, place: Place, machines: Engine, limits: Limits) -> None:
        self.containers = Containers(place.label)
        self.sessions = RoleSessions(limits)
        self._machines = machines
        self._token: Handler | None = None
        self._health: Callable[[], str] = lambda: ""
        self._tar = Path()
        self.images = Images(self.containers, self._login, place.folder / "pulled-images")
        self.namespaces = Namespaces(self.containers, self._image)

    def clear(self) -> None:
        """Removes what an earlier server left; before the machines' network is removed."""
        self.stop()

    def start(self, tar: Path, health: Callable[[], str], token: Handler) -> None:
        """`tar` is the machine image, `health` says when it is imported, `token` is the handler of
        ECR's GetAuthorizationToken."""
        self._tar, self._health, self._token = tar, health, token

    def stop(self) -> None:
        """Removes all containers and the images that were pulled for them."""
        self.containers.remove_all()
        self.images.remove_all()

    def _login(self, role: Any, session: str, repository: Repository) -> str:
        """A login that is the role's own; Lambda's, which has none, is the repository's owner's."""
        if self._token is None:
            raise CloudError("the cloud is still starting; try again")
        region, account, key = repository.region_name, repository.account_id, SERVICE
        if getattr(role, "kind", "") != "service":
            name = f"{EXECUTION}{session}"
            key = self.sessions.credentials(role.arn, name, region)["AccessKeyId"]
            account = role.arn.split(":")[4]
        request = AwsRequest("ecr", "GetAuthorizationToken", region, account, key, "json")
        answer = self._token(request) or {}
        return str(answer["authorizationData"][0]["authorizationToken"])

    def _image(self) -> str:
        # Imported at the same time twice it would take twice as long.
        deadline = time.monotonic() + IMPORT_SECONDS
        while "still being imported" in self._health() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self._machines.image(self._tar)
