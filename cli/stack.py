"""A stack as the commands beside Pulumi see it: its settings, its repositories, its records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clients.aws import AwsAccess
from clients.record_store import RecordStore
from clients.registry import Registry
from clients.registry_auth import Keychain
from clients.repositories import Repositories
from infra.access import access_of, checked_access_of
from infra.look import Look, look
from infra.settings import Settings
from infra.stack_file import PROJECT, read_stack_file
from release.names import render_repository


@dataclass(frozen=True, kw_only=True)
class OpenStack:
    """One stack. Nothing is asked of anybody before it is needed."""

    settings: Settings
    """What its stack file says."""
    folder: Path
    """The folder of the Pulumi project."""

    @cached_property
    def access(self) -> AwsAccess:
        """How its account is reached, once it is known to be the right one.

        Raises `ValueError` for another account's credentials, `AwsError` for none that work.
        """
        return checked_access_of(self.settings)

    @cached_property
    def keychain(self) -> Keychain:
        """Logins of registries, found when they are used."""
        return Keychain(self._registry_access)

    @cached_property
    def records(self) -> RecordStore:
        """Its records."""
        return RecordStore(self.access, self.settings.bundles.bucket)

    @cached_property
    def look(self) -> Look:
        """The work tree and the plan of its images. Raises GitError or ValueError."""
        return look(self.settings, self.folder)

    @cached_property
    def repositories(self) -> Repositories:
        """Where its images are."""
        wanted = self.settings.registry
        return Repositories(access=self._registry_access, kind=wanted.kind, alias=wanted.alias)

    @property
    def _registry_access(self) -> AwsAccess:
        """Where no registry is AWS's, nobody has to be logged in there."""
        kinds = (self.settings.registry.kind, self.settings.release.origin.registry)
        asks_aws = any(each in ("ecr", "ecr-public") for each in kinds)
        return self.access if asks_aws else access_of(self.settings)

    def repository(self, image: str) -> str:
        """host/path of an image's repository."""
        values = {"image": image, "stack": self.settings.stack}
        path = render_repository(self.settings.registry.repository, values)
        return f"{self.repositories.place}/{path}"

    def registry(self, image: str) -> Registry:
        """The client of an image's repository."""
        return Registry(self.repository(image), self.keychain)


def open_stack(name: str) -> OpenStack:
    """The stack of that name in the slipway project around the current folder, else in our own.

    Raises `ValueError` if there is none, or with all that is wrong in its file.
    """
    folder = project_folder()
    return OpenStack(settings=read_stack_file(name, folder), folder=folder)


def project_folder() -> Path:
    """Where `pulumi` would run, if that is a slipway; else the one that this command belongs to."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder if (folder / "infra" / "stack_file.py").is_file() else PROJECT
    return PROJECT
