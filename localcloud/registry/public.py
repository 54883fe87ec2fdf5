"""ECR Public's repositories: one registry for all accounts, each under its alias."""

import hashlib
import re
from typing import Any

from moto.ecr.models import Repository

from localcloud.aws_error import AwsError
from localcloud.registry.hosts import Hosts

NAME = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
SECTION = "public"
"""Stands where a region's name would in the store."""
LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"


class PublicRepository(Repository):
    """A repository that everybody may pull from and whose tags always move."""

    def __init__(self, account: str, name: str, host: str) -> None:
        super().__init__(account, "us-east-1", name, account, None, "", "MUTABLE")
        self.region_name = SECTION
        self.arn = f"arn:aws:ecr-public::{account}:repository/{name}"
        self.uri = f"{host}/{alias_of(account)}/{name}"
        self.catalog_data: dict[str, Any] = {}
        self.tags: dict[str, str] = {}


class PublicRepositories:
    """All public repositories, by account and name."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._made: dict[tuple[str, str], PublicRepository] = {}
        self._accounts: dict[str, str] = {}

    @property
    def host(self) -> str:
        """Where they all are."""
        return self._hosts.public

    def create(self, account: str, name: str) -> PublicRepository:
        """A new repository; raises AwsError if the name is wrong or taken."""
        if not 2 <= len(name) <= 205 or not NAME.fullmatch(name):
            message = f"Invalid parameter at 'repositoryName' failed to satisfy constraint: {name}"
            raise AwsError("InvalidParameterException", message)
        if (account, name) in self._made:
            message = (
                f"The repository with name '{name}' already exists in the registry with id "
                f"'{account}'"
            )
            raise AwsError("RepositoryAlreadyExistsException", message)
        self._accounts[alias_of(account)] = account
        made = self._made[account, name] = PublicRepository(  # type: ignore[abstract]
            account, name, self.host
        )
        return made

    def find(self, account: str, name: str) -> PublicRepository:
        """An account's repository; raises AwsError if there is none."""
        found = self._made.get((account, name))
        if found is None:
            message = (
                f"The repository with name '{name}' does not exist in the registry with id "
                f"'{account}'"
            )
            raise AwsError("RepositoryNotFoundException", message)
        return found

    def at(self, path: str) -> PublicRepository | None:
        """The repository of a path such as a1b2c3d4/shop."""
        alias, _, name = path.partition("/")
        return self._made.get((self._accounts.get(alias, ""), name))

    def of(self, account: str) -> list[PublicRepository]:
        """All repositories of an account, by name."""
        return [made for key, made in sorted(self._made.items()) if key[0] == account]

    def remove(self, repository: PublicRepository) -> None:
        """Forgets a repository."""
        self._made.pop((repository.account_id, repository.name), None)


def alias_of(account: str) -> str:
    """The default alias of an account's public registry, such as a1b2c3d4; it never changes."""
    seed = hashlib.sha256(f"alias {account}".encode()).digest()
    pairs = zip(seed[:4], seed[4:8], strict=True)
    return "".join(LETTERS[one % 26] + DIGITS[two % 10] for one, two in pairs)
