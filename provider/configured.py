"""What the plugin works with once the engine has configured it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clients import CancelledError
from clients.aws import AwsAccess, AwsError, account_of, client
from clients.builder import Builder
from clients.git import Checkout, checkout
from clients.registry import Registry
from clients.registry_auth import Keychain
from clients.registry_http import RegistryHttp
from clients.registry_names import split_repository
from clients.registry_tags import Guard
from provider.begun import Stack
from provider.deployment import Deployment
from provider.events import Events, Told
from provider.telling import Telling

if TYPE_CHECKING:
    from clients.record_store import RecordStore


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The provider's own inputs."""

    access: AwsAccess
    builder: str | None
    max_builds: int
    project: str | None = None
    stack: str | None = None
    bucket: str | None = None
    """Where records are kept; without project, stack and bucket none are."""
    told: Told = field(default_factory=Told)
    """Who is told of deployments."""

    @staticmethod
    def of(values: Mapping[str, Any]) -> Configuration:
        """From the property bag of the provider resource."""
        return Configuration(
            access=AwsAccess(
                region=str(values["region"]),
                account=values.get("account"),
                profile=values.get("profile"),
                endpoints=AwsAccess.endpoint_pairs(values.get("endpoints")),
                access_key=values.get("access_key"),
                secret_key=values.get("secret_key"),
            ),
            builder=values.get("builder"),
            max_builds=int(values.get("max_builds", 2)),
            project=values.get("project"),
            stack=values.get("stack"),
            bucket=values.get("bucket"),
            told=Told(
                webhook=values.get("webhook"),
                topic=values.get("topic"),
                secret=values.get("event_secret"),
            ),
        )


class Configured:
    """Clients of the services around, made once and shared by all resources; safe in threads."""

    def __init__(self, configuration: Configuration, folder: Path) -> None:
        """`folder` lies in the git work tree that images are built from."""
        self.access = configuration.access
        self.keychain = Keychain(configuration.access)
        self.builder = Builder(self.keychain, configuration.builder)
        self.max_builds = configuration.max_builds
        self.deployment = Deployment(self._stack_of(configuration))
        events = Events(configuration.access, configuration.told, configuration.bucket or "")
        self.deployment.telling = Telling(events.send)
        self._folder = folder
        self._account: str | None = None
        self._slots = threading.BoundedSemaphore(configuration.max_builds)
        self._hosts: dict[str, RegistryHttp] = {}
        self._registries: dict[str, Registry] = {}
        self._lock = threading.Lock()

    def _stack_of(self, configuration: Configuration) -> Stack | None:
        project, name, bucket = configuration.project, configuration.stack, configuration.bucket
        if not (project and name and bucket):
            return None

        def store() -> RecordStore:
            from clients.record_store import RecordStore

            return RecordStore(self.access, bucket)

        return Stack(project=project, name=name, store=store, commit=lambda: self.checkout.commit)

    @cached_property
    def checkout(self) -> Checkout:
        """The work tree around the Pulumi program. Raises GitError."""
        return checkout(self._folder)

    @property
    def guard(self) -> Guard | None:
        """Who owns a name where the registry itself would let it move; None without a bucket."""
        return self._claim_name if self.deployment.kept else None

    def _claim_name(self, repository: str, name: str, digest: str) -> str:
        return self.deployment.store.claim_name(repository, name, digest)

    def registry(self, repository: str) -> Registry:
        """The client of a repository; those of one host share connections and logins."""
        with self._lock:
            if repository not in self._registries:
                host, _ = split_repository(repository)
                http = self._hosts.setdefault(host, RegistryHttp(host, self.keychain))
                self._registries[repository] = Registry(repository, self.keychain, http)
            return self._registries[repository]

    def load_sdk(self) -> None:
        """Load boto3 and what is needed of it ahead, in a thread, while the engine is busy."""
        # What is wrong with the credentials is said when they are needed.
        with suppress(AwsError):
            if self.access.account is not None:
                client(self.access, "ecr")
            if self.deployment.kept:
                client(self.access, "s3")
                self.deployment.store  # noqa: B018 -- loads pydantic and the records' schema

    def check_account(self) -> None:
        """Raise AwsError unless the credentials belong to the configured account."""
        wanted = self.access.account
        with self._lock:
            if wanted is None or self._account == wanted:
                return
            self._account = account_of(self.access)
        if self._account != wanted:
            raise AwsError(
                f"the credentials belong to account {self._account}, but this stack belongs to "
                f"{wanted}; log in to that account, or mend `account` in the stack file"
            )

    @contextmanager
    def build_slot(self, cancelled: threading.Event, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold one of the `max_builds` places. Raises CancelledError while waiting."""
        if not self._slots.acquire(blocking=False):
            on_wait()
            while not self._slots.acquire(timeout=0.2):
                if cancelled.is_set():
                    raise CancelledError("cancelled while waiting for a free builder")
        try:
            yield
        finally:
            self._slots.release()
