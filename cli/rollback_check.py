"""Whether a record can be gone back to: every image and the bundle are still there."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from cli.stack import OpenStack
from clients.registry import Registry
from clients.registry_http import RegistryHttp
from clients.registry_names import split_repository
from release.record import ImageEntry, Record

_AT_ONCE = 16  # requests


class RollbackCheck:
    """Asks registries and the bucket, each question once however many records share it."""

    def __init__(self, stack: OpenStack) -> None:
        """Nothing is asked before `problems`."""
        self._stack = stack
        self._hosts: dict[str, RegistryHttp] = {}
        self._digests: dict[tuple[str, str], str | None] = {}

    def problems(self, record: Record) -> list[str]:
        """What is missing, one sentence each; empty if the record can be gone back to.

        Raises RegistryError or AwsError if somebody can't be asked.
        """
        self._ask(record.images.values(), record.version)
        wrong = []
        for name, entry in sorted(record.images.items()):
            if self._digests[entry.repository, entry.digest] is None:
                wrong.append(f"image {name}: {entry.repository} has no {entry.digest} any more")
            elif record.version:
                wrong += self._moved(name, entry)
        return wrong + self._bundle(record)

    def moved(self, record: Record) -> list[str]:
        """The names of a version that are no longer its content, one sentence each."""
        if not record.version:
            return []
        self._ask(record.images.values(), record.version)
        wrong = []
        for name, entry in sorted(record.images.items()):
            wrong += self._moved(name, entry)
        return wrong

    def _ask(self, entries: Iterable[ImageEntry], version: str | None) -> None:
        wanted = {(each.repository, each.digest) for each in entries}
        if version:
            wanted |= {(each.repository, each.tag) for each in entries}
        new = sorted(wanted - self._digests.keys())
        registries = {repository: self.registry(repository) for repository, _ in new}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda each: registries[each[0]].head(each[1]), new)
            self._digests.update(zip(new, found, strict=True))

    def registry(self, repository: str) -> Registry:
        """The client of a repository; those of one host share connections and logins."""
        host, _ = split_repository(repository)
        http = self._hosts.setdefault(host, RegistryHttp(host, self._stack.keychain))
        return Registry(repository, self._stack.keychain, http)

    def _moved(self, name: str, entry: ImageEntry) -> list[str]:
        """A version is redeployed by its name, so the name must still be that content."""
        found = self._digests[entry.repository, entry.tag]
        if found == entry.digest:
            return []
        return [
            f"image {name}: {entry.repository}:{entry.tag} is {found or 'gone'}, and the record "
            f"says {entry.digest}"
        ]

    def _bundle(self, record: Record) -> list[str]:
        bundle = record.bundle
        if bundle is None or self._stack.records.objects.holds(bundle.key, bundle.bucket):
            return []
        return [f"bundle: s3://{bundle.bucket}/{bundle.key} is gone"]
