"""At which address of loopback each registry answers."""

import asyncio
import hashlib

from aiohttp import web

from localcloud.accounts import DEFAULT
from localcloud.processes import occupied

FIRST, PUBLIC = "127.0.0.1", "127.0.0.2"


class Hosts:
    """One port at many addresses: the registry is told by the host that a client names.

    On AWS that is <account>.dkr.ecr.<region>.amazonaws.com and public.ecr.aws. An account's address
    follows from its number, so it stays the same in every cloud.
    """

    def __init__(self) -> None:
        self.port = 0
        self._opening = asyncio.Lock()
        self._runner: web.AppRunner
        self._accounts: dict[str, str] = {}

    async def start(self, runner: web.AppRunner, port: int) -> None:
        """Listens for the default account and the public registry; port 0 takes a free one.

        Raises CloudError if the port is taken.
        """
        self._runner, self.port = runner, port
        await self._listen(FIRST)
        addresses = [address for address in runner.addresses if isinstance(address, tuple)]
        self.port = int(addresses[0][1])
        self._accounts[FIRST] = DEFAULT
        await self._listen(PUBLIC)

    async def open(self, account: str) -> None:
        """Listens for an account's registry too."""
        address = address_of(account)
        async with self._opening:
            if address not in self._accounts:
                await self._listen(address)
                self._accounts[address] = account

    def knows(self, account: str) -> bool:
        """Whether an account's registry is open."""
        return address_of(account) in self._accounts

    def host(self, account: str) -> str:
        """The host and port of an account's registry."""
        return f"{address_of(account)}:{self.port}"

    @property
    def public(self) -> str:
        """The host and port of the public registry."""
        return f"{PUBLIC}:{self.port}"

    def account(self, host: str) -> str | None:
        """Whose registry a client means by a Host header, None if nobody's."""
        address = host.rpartition(":")[0]
        return self._accounts.get(FIRST if address == "localhost" else address)

    async def _listen(self, address: str) -> None:
        try:
            await web.TCPSite(self._runner, address, self.port).start()
        except OSError as error:
            raise occupied(self.port, "SLIPWAY_REGISTRY_PORT") from error


def address_of(account: str) -> str:
    """An address of loopback for an account: 127.0.0.1 for the default one."""
    if account == DEFAULT:
        return FIRST
    one, two, three = hashlib.sha256(account.encode()).digest()[:3]
    return f"127.{one % 254 + 1}.{two}.{three % 254 + 1}"
