"""What docker push and docker pull talk to: ECR's rules in front of the real registry."""

from aiohttp import web

from localcloud.counters import Counters
from localcloud.registry.content import Content
from localcloud.registry.gate import READS, Entry, PrivateGate
from localcloud.registry.hosts import Hosts
from localcloud.registry.public_gate import PublicGate
from localcloud.registry.replies import refused

MANIFEST_LIMIT = 4 << 20


class Front:
    """The registries' HTTP interface; the host that a client names decides which one it is."""

    def __init__(
        self,
        hosts: Hosts,
        private: PrivateGate,
        public: PublicGate,
        content: Content,
        counters: Counters,
    ) -> None:
        self._hosts, self._private, self._public = hosts, private, public
        self._content, self._counters = content, counters

    def application(self) -> web.Application:
        """The aiohttp application of it."""
        app = web.Application(client_max_size=MANIFEST_LIMIT)
        app.router.add_route("*", "/{path:.*}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Asks the registry's gate, then serves what it has let in."""
        self._counters.add("registry_requests")
        entry = self._enter(request)
        if not isinstance(entry, Entry):
            return entry
        response = await self._content.serve(request, entry)
        if response.status < 400:
            reads = request.method in READS
            self._counters.add("registry_reads" if reads else "registry_writes")
        return response

    def _enter(self, request: web.Request) -> Entry | web.Response:
        if request.host == self._hosts.public:
            return self._public.enter(request)
        owner = self._hosts.account(request.host)
        if owner is None:
            return refused(404, "NAME_UNKNOWN", f"{request.host} is no registry of this cloud")
        return self._private.enter(request, owner)
