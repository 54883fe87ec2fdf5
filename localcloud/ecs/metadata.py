"""What the containers of one task are told at 169.254.170.2: credentials and metadata."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from localcloud.containers.roles import RoleSessions
from localcloud.ecs.task import Task, TaskContainer
from localcloud.registry.loop import LoopThread


class TaskEndpoint:
    """Serves one task on a unix socket; who asks is sure: only its namespace leads there."""

    def __init__(self, task: Task, role: Any | None, sessions: RoleSessions) -> None:
        self._task, self._role, self._sessions = task, role, sessions
        self._runner: web.AppRunner | None = None

    def open(self, loop: LoopThread, socket: Path) -> None:
        """Starts to listen."""
        loop.call(self._open(socket))

    def close(self, loop: LoopThread) -> None:
        """Ends it; credentials that were given out work until they expire."""
        if self._runner is not None:
            loop.call(self._runner.cleanup())
        if self._role is not None:
            self._sessions.forget(self._role.arn, self._task.id)

    async def _open(self, socket: Path) -> None:
        app = web.Application()
        app.router.add_get("/v2/credentials/{id}", self.credentials)
        app.router.add_get("/v4/{id}", self.container)
        app.router.add_get("/v4/{id}/task", self.task)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(socket)).start()

    async def credentials(self, request: web.Request) -> web.Response:
        """The task role's keys (ECS Developer Guide, "Task IAM role")."""
        if self._role is None or request.match_info["id"] != self._task.id:
            return web.json_response({"code": "InvalidIdInRequest"}, status=400)
        arn, region = self._role.arn, self._task.region
        return web.json_response(
            await asyncio.to_thread(self._sessions.credentials, arn, self._task.id, region)
        )

    async def container(self, request: web.Request) -> web.Response:
        """The metadata of the container whose own URI was asked."""
        wanted = request.match_info["id"]
        for each in self._task.containers:
            if wanted == container_id(self._task, each):
                return web.json_response(self._of(each))
        return web.json_response({}, status=404)

    async def task(self, _: web.Request) -> web.Response:
        """The metadata of the task."""
        task = self._task
        return web.json_response(
            {
                "Cluster": task.cluster_arn,
                "TaskARN": task.arn,
                "Family": task.definition.family,
                "Revision": str(task.definition.revision),
                "DesiredStatus": task.desired_status,
                "KnownStatus": task.last_status,
                "LaunchType": task.launch_type,
                "AvailabilityZone": f"{task.region}a",
                "Containers": [self._of(each) for each in task.containers],
            }
        )

    def _of(self, container: TaskContainer) -> dict[str, Any]:
        return {
            "DockerId": container.runtime_id,
            "Name": container.name,
            "Image": container.image,
            "ImageID": container.digest,
            "DesiredStatus": self._task.desired_status,
            "KnownStatus": container.status,
            "ContainerARN": container.arn,
            "Labels": {"com.amazonaws.ecs.task-arn": self._task.arn},
            "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": [self._task.address]}],
        }


def container_id(task: Task, container: TaskContainer) -> str:
    """The last part of a container's metadata URI."""
    return f"{task.id}-{task.containers.index(container)}"
