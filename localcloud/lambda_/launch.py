"""Starts sandboxes."""

import datetime
import secrets
import threading
from collections.abc import Callable

from localcloud.containers.engine import Containers, StartError
from localcloud.containers.images import Images, PulledImage
from localcloud.containers.pull_rights import AuthError, PullError
from localcloud.containers.roles import RoleSessions
from localcloud.containers.wish import ContainerWish
from localcloud.lambda_.conversation import Conversation, problem
from localcloud.lambda_.environment import environment, stream_name
from localcloud.lambda_.output import Output, open_log
from localcloud.lambda_.records import Function, Version
from localcloud.lambda_.refusals import denied
from localcloud.lambda_.roles import assumable
from localcloud.lambda_.runtime import Guests
from localcloud.lambda_.sandbox import Sandbox
from localcloud.lambda_.source import ENGINE_NAMES, pull

# Lambda ignores the image's USER: it runs as one that owns nothing.
USER = "993:990"


class Launcher:
    """Makes a container of a version, with its role's credentials and a way to this cloud."""

    def __init__(
        self,
        containers: Containers,
        images: Images,
        sessions: RoleSessions,
        guests: Guests,
        runtime_api: Callable[[], str],
        endpoint: Callable[[], str],
    ) -> None:
        self._containers, self._images, self._sessions = containers, images, sessions
        self._guests, self._runtime_api, self._endpoint = guests, runtime_api, endpoint

    def launch(self, function: Function, version: Version) -> Sandbox:
        """A sandbox that is being initialized, or that has failed at once.

        Raises AwsError if Lambda can't assume the function's role any more.
        """
        role = assumable(version.settings.role)
        if role is None:
            raise denied("The role defined for the function cannot be assumed by Lambda.")
        self._sessions.forget(role.arn, function.name)  # New keys last longest.
        keys = self._sessions.credentials(role.arn, function.name, function.region)
        stream = stream_name(version)
        sandbox = Sandbox(
            function=function.arn,
            build=version.build,
            conversation=Conversation(),
            output=Output(open_log(function, version, stream)),
            expires=datetime.datetime.fromisoformat(keys["Expiration"]).timestamp(),
            containers=self._containers,
            guests=self._guests,
        )
        variables = environment(
            function, version, stream, keys, self._runtime_api(), self._endpoint()
        )
        try:
            image = pull(
                self._images, version.code, function.account, function.region,
                version.settings.architecture,
            )  # fmt: skip
            self._start(sandbox, version, image, variables)
        except (PullError, AuthError) as error:
            sandbox.conversation.end(problem("Runtime.InvalidImage", str(error)))
        except StartError as error:
            reason = f"fork/exec: {error}"
            sandbox.conversation.end(problem("Runtime.InvalidEntrypoint", reason))
        return sandbox

    def _start(
        self, sandbox: Sandbox, version: Version, image: PulledImage, variables: dict[str, str]
    ) -> None:
        settings = version.settings
        if image.architecture != ENGINE_NAMES[settings.architecture]:
            raise StartError("exec format error")
        config = self._containers.api.inspect_image(image.name)["Config"]
        words = settings.image.get("Command") or config.get("Cmd") or [""]
        wish = ContainerWish(
            name=f"lambda-{secrets.token_hex(6)}",
            image=image.name,
            owner=sandbox.function,
            environment={**variables, "_HANDLER": str(words[0])},
            entrypoint=settings.image.get("EntryPoint"),
            command=settings.image.get("Command"),
            folder=settings.image.get("WorkingDirectory"),
            memory_mb=settings.memory,
            tmpfs={"/tmp": f"size={settings.storage}m,mode=1777,exec"},  # noqa: S108
            user=USER,
            read_only=True,
        )
        self._guests.expect()
        started = None
        try:
            sandbox.container = self._containers.run(wish)
            state = self._containers.state(sandbox.container)
            sandbox.address, sandbox.pid = state.address, state.pid
            started = sandbox.conversation
        finally:
            self._guests.welcome(sandbox.address, started, sandbox.pid)
        threading.Thread(target=sandbox.watch, daemon=True, name="lambda-output").start()
