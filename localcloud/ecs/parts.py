"""What all tasks of a cloud share."""

from collections.abc import Callable

from localcloud.containers.engine import Containers
from localcloud.containers.images import Images
from localcloud.containers.namespace import Namespaces
from localcloud.containers.roles import RoleSessions
from localcloud.place import Place
from localcloud.registry.loop import LoopThread


class Parts:
    """The rooms that a task needs; `told` hears that a task has changed."""

    def __init__(
        self,
        place: Place,
        loop: LoopThread,
        containers: Containers,
        images: Images,
        namespaces: Namespaces,
        sessions: RoleSessions,
        told: Callable[[], None],
    ) -> None:
        self.place, self.loop, self.containers = place, loop, containers
        self.images, self.namespaces, self.sessions = images, namespaces, sessions
        self.told = told
        self.api_port = 0
