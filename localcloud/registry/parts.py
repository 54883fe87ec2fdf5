"""What the registry's API calls need."""

from dataclasses import dataclass

from localcloud.counters import Counters
from localcloud.limits import Limits
from localcloud.registry.account import AccountSettings
from localcloud.registry.base import BaseImage
from localcloud.registry.catalog import Catalog
from localcloud.registry.daemon import RegistryDaemon
from localcloud.registry.loop import LoopThread
from localcloud.registry.tokens import Tokens


@dataclass(frozen=True)
class Parts:
    """The registry of one cloud; `endpoint` is the URL of its front."""

    catalog: Catalog
    tokens: Tokens
    account: AccountSettings
    base: BaseImage
    daemon: RegistryDaemon
    loop: LoopThread
    counters: Counters
    limits: Limits
    endpoint: str
