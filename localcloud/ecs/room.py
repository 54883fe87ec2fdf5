"""The parts of ECS, put together."""

from localcloud.containers.room import ContainerRoom
from localcloud.counters import Counters
from localcloud.ecs.api_estate import EstateApi
from localcloud.ecs.api_services import ServiceApi
from localcloud.ecs.api_tasks import TaskApi
from localcloud.ecs.hook import Hook
from localcloud.ecs.parts import Parts
from localcloud.ecs.scheduled import ScheduledTasks
from localcloud.ecs.scheduler import Scheduler
from localcloud.gateway import Handler, WsgiApp
from localcloud.place import Place
from localcloud.registry.loop import LoopThread


class EcsRoom:
    """Services, tasks and schedules of one cloud."""

    def __init__(
        self, place: Place, loop: LoopThread, containers: ContainerRoom, counters: Counters
    ) -> None:
        self._parts = Parts(
            place,
            loop,
            containers.containers,
            containers.images,
            containers.namespaces,
            containers.sessions,
            self._wake,
        )
        self._scheduler = Scheduler(self._parts, counters)
        self._tasks = TaskApi(self._scheduler)
        self._schedules = ScheduledTasks(self._tasks)

    def start(self, port: int) -> None:
        """Begins to keep services and schedules; `port` is the API's."""
        self._parts.api_port = port
        self._scheduler.start()
        self._schedules.start()

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """The API calls that this room answers."""
        return {
            **self._tasks.handlers(),
            **ServiceApi(self._scheduler).handlers(),
            **EstateApi(self._scheduler).handlers(),
            **self._schedules.handlers(),
        }

    def hook(self, app: WsgiApp) -> WsgiApp:
        """The gateway with this room's own paths before it."""
        return Hook(app, self._schedules.fire)

    def stop(self) -> None:
        """Starts nothing more; the containers end with their room."""
        self._schedules.stop()
        self._scheduler.stop()

    def _wake(self) -> None:
        self._scheduler.wake()
