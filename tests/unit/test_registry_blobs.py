"""Transfers between registries that answer badly, from a script, and a real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clients.registry import Manifest, Registry, RegistryError
from clients.registry_auth import Credentials, Keychain
from clients.registry_blobs import copy_blob, has_blob
from clients.registry_manifests import Descriptor
from tests.fakes.registry import OCI, docker_registry, sha256

BODY = b"layer " * 20_000
BLOB = Descriptor(digest=sha256(BODY), size=len(BODY), media_type="", foreign=False, document={})
LOGIN = 'Basic realm="here"'


class Handler(BaseHTTPRequestHandler):
    """Hands each request to `answer`."""

    answer: Callable[[Handler], None]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        type(self).answer(self)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answers."""
        self.send_response(status)
        fields = {"Content_Length": str(len(body)), **headers}
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def scripted(answer: Callable[[Handler], None]) -> Iterator[str]:
    """A server that answers by a function; gives its host and port."""
    made = type("Made", (Handler,), {"answer": staticmethod(answer)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Secret(Keychain):
    """One password for every host."""

    def credentials(self, host: str) -> Credentials:
        return Credentials("me", "canary")

    def ecr_region(self, host: str) -> str | None:
        return None


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture
def target(host: str, request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    return Registry(f"{host}/t/{sha256(request.node.name.encode())[7:19]}", Secret())


def test_a_login_never_follows_a_redirect_to_another_host(
    target: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[tuple[str, str | None]] = []

    def bucket(request: Handler) -> None:
        seen.append(("bucket", request.headers.get("Authorization")))
        request.say(200, BODY)

    with scripted(bucket) as other:

        def registry(request: Handler) -> None:
            seen.append(("registry", request.headers.get("Authorization")))
            if not seen[-1][1]:
                request.say(401, WWW_Authenticate=LOGIN)
            else:
                request.say(307, Location=f"http://{other}/presigned")

        with scripted(registry) as address:
            assert copy_blob(Registry(f"{address}/a", Secret()), target, BLOB) == "copied"
    assert has_blob(target, BLOB)
    assert seen[-2][0] == "registry"
    assert seen[-2][1] is not None
    assert seen[-1] == ("bucket", None)


@pytest.mark.fault(1, "a layer's transfer breaks off")
def test_a_transfer_that_breaks_off_is_begun_anew(target: Registry) -> None:
    tries: list[int] = []

    def registry(request: Handler) -> None:
        tries.append(1)
        if len(tries) == 1:
            request.say(200, BODY[:50_000], Content_Length=str(len(BODY)))
            request.close_connection = True
        else:
            request.say(200, BODY)

    with scripted(registry) as address:
        assert copy_blob(Registry(f"{address}/a", Secret()), target, BLOB) == "copied"
    assert len(tries) == 2
    assert has_blob(target, BLOB)


def test_a_source_that_always_breaks_off_is_named(target: Registry) -> None:
    def registry(request: Handler) -> None:
        request.say(200, BODY[:50_000], Content_Length=str(len(BODY)))
        request.close_connection = True

    with scripted(registry) as address:
        source = Registry(f"{address}/a", Secret())
        with pytest.raises(RegistryError, match=f"^{address}/a: its blob .* broke off after"):
            copy_blob(source, target, BLOB)
    assert not has_blob(target, BLOB)


def test_bytes_of_another_digest_never_become_a_blob(target: Registry) -> None:
    def registry(request: Handler) -> None:
        request.say(200, BODY[:-1] + b"!")

    with scripted(registry) as address:
        source = Registry(f"{address}/a", Secret())
        with pytest.raises(RegistryError, match="is damaged: its bytes are sha256:"):
            copy_blob(source, target, BLOB)
    assert not has_blob(target, BLOB)


def test_a_mount_logs_in_for_both_repositories() -> None:
    asked: list[str] = []

    def registry(request: Handler) -> None:
        if request.path.startswith("/token"):
            asked.append(request.path)
            request.say(200, b'{"token": "t"}')
        elif "Authorization" not in request.headers:
            here = f"http://{request.headers['Host']}/token"
            scope = "repository:prod:pull,push"
            request.say(401, WWW_Authenticate=f'Bearer realm="{here}",scope="{scope}"')
        else:
            request.say(201)

    with scripted(registry) as address:
        one = Registry(f"{address}/dev", Secret())
        two = Registry(f"{address}/prod", one.keychain, one.http)
        assert copy_blob(one, two, BLOB) == "mounted"
    assert asked == ["/token?scope=repository%3Aprod%3Apull%2Cpush&scope=repository%3Adev%3Apull"]


def test_many_threads_that_are_asked_to_log_in_do_it_once() -> None:
    logins: list[str] = []
    gate = threading.Barrier(4)

    def registry(request: Handler) -> None:
        if request.path.startswith("/token"):
            logins.append(request.path)
            request.say(200, b'{"token": "t"}')
        elif "Authorization" not in request.headers:
            gate.wait(10)
            here = f"http://{request.headers['Host']}/token"
            request.say(401, WWW_Authenticate=f'Bearer realm="{here}",scope="repository:a:pull"')
        else:
            request.say(200, Docker_Content_Digest=BLOB.digest)

    with scripted(registry) as address, ThreadPoolExecutor(4) as pool:
        one = Registry(f"{address}/a", Secret())
        assert set(pool.map(one.head, ["w", "x", "y", "z"])) == {BLOB.digest}
    assert len(logins) == 1


def test_a_refused_mount_is_uploaded_in_the_session_that_it_opened() -> None:
    seen: list[tuple[str, str]] = []

    def registry(request: Handler) -> None:
        method, path = request.command, request.path
        seen.append((method, path.partition("?")[0]))
        if method == "POST":
            request.say(202, Location="/v2/prod/blobs/uploads/7?_state=x")
        elif method == "PATCH":
            assert request.body == BODY
            request.say(202, Location="/v2/prod/blobs/uploads/7?_state=y")
        elif method == "PUT":
            assert path.endswith(f"?_state=y&digest={BLOB.digest}".replace(":", "%3A"))
            request.say(201)
        else:
            request.say(404 if method == "HEAD" else 200, b"" if method == "HEAD" else BODY)

    with scripted(registry) as address:
        one = Registry(f"{address}/dev", Secret())
        assert copy_blob(one, Registry(f"{address}/prod", one.keychain, one.http), BLOB) == "copied"
    upload = "/v2/prod/blobs/uploads/7"
    assert [path for method, path in seen if method in ("PATCH", "PUT")] == [upload, upload]
    assert sum(method == "POST" for method, _ in seen) == 1


def test_an_upload_place_on_another_host_gets_no_login(target: Registry) -> None:
    seen: list[str | None] = []

    def other(request: Handler) -> None:
        seen.append(request.headers.get("Authorization"))
        request.say(201 if request.command == "PUT" else 202, Location=request.path)

    def source(request: Handler) -> None:
        request.say(200, BODY)

    with scripted(other) as place, scripted(source) as origin:

        def registry(request: Handler) -> None:
            if "Authorization" not in request.headers:
                request.say(401, WWW_Authenticate=LOGIN)
            elif request.command == "HEAD":
                request.say(404)
            elif request.command == "PUT":
                request.say(201)
            else:
                request.say(202, Location=f"http://{place}/up")

        with scripted(registry) as address:
            copy_blob(Registry(f"{origin}/a", Secret()), Registry(f"{address}/b", Secret()), BLOB)
    assert seen[0] is None


def test_a_registry_that_takes_a_manifest_as_another_is_refused() -> None:
    changed = "sha256:" + "c" * 64

    def registry(request: Handler) -> None:
        request.say(201, Docker_Content_Digest=changed)

    made = Manifest(b"{}", OCI, sha256(b"{}"))
    with scripted(registry) as address, pytest.raises(RegistryError) as error:
        Registry(f"{address}/a", Secret()).put(made, "v1")
    assert changed in str(error.value)
    assert made.digest in str(error.value)


def test_a_manifest_of_more_than_4_mib_is_not_read_to_its_end() -> None:
    def registry(request: Handler) -> None:
        request.say(200, b" " * (5 << 20), Content_Type=OCI)

    with scripted(registry) as address, pytest.raises(RegistryError, match="larger than 4 MiB"):
        Registry(f"{address}/a", Secret()).get("v1")
