"""What the registry's API calls need."""

from dataclasses import dataclass

from localcloud.counters import Counters
from localcloud.limits import Limits
from localcloud.registry.account import AccountSettings
from localcloud.registry.base import BaseImage
from localcloud.registry.catalog import Catalog
from localcloud.registry.daemon import RegistryDaemon
from localcloud.registry.hosts import Hosts
from localcloud.registry.loop import LoopThread
from localcloud.registry.tokens import Tokens


@dataclass(frozen=True)
class Parts:
    """The registries of one cloud."""

    catalog: Catalog
    tokens: Tokens
    account: AccountSettings
    base: BaseImage
    daemon: RegistryDaemon
    loop: LoopThread
    counters: Counters
    limits: Limits
    hosts: Hosts
