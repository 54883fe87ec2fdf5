"""A machine, bundles and images for the tests of what a deploy does on a host."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from components.bundle import bundle, bundle_key
from components.documents.deploy_document import deploy_document
from components.documents.host_spec import HostServiceSpec
from components.documents.service import bundle_files
from release.host_current import key_of
from tests.localcloud.cloud import ROOT, Cloud, Machine, inside
from tests.localcloud.lambda_images import Images, images_of

BUCKET = "test-hosts"
PROGRAM = """
import http.server, os, signal, sys, threading, time
BEHAVIOUR, VERSION = sys.argv[1], sys.argv[2]
BEGAN, WORD = time.monotonic(), BEHAVIOUR.partition(":")[2]
SERVED = []
def age():
    # `serving`: since the first request of a user, so not before nginx leads here.
    begun = (SERVED or [time.monotonic()])[0] if WORD.startswith("serving") else BEGAN
    return time.monotonic() - begun
def late(): return age() > float(WORD.rpartition("serving")[2])
def crash():
    while not late(): time.sleep(0.05)
    os._exit(4)

class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path != "/healthz" and not SERVED: SERVED.append(time.monotonic())
        sick = BEHAVIOUR == "sick" or BEHAVIOUR.startswith("sickens") and late()
        bad = self.path == "/healthz" and sick
        if self.path.startswith("/slow"):
            time.sleep(float(self.path.partition("=")[2]))
        text = {"/env": repr(dict(os.environ)), "/headers": repr(dict(self.headers))}
        body = (text.get(self.path, VERSION) + "\\n").encode()
        self.send_response(503 if bad else 200)
        self.send_header("Content-Length", str(len(body)))
        self._headers_buffer += [b"\\r\\n", body]
        self.flush_headers()
    do_POST = do_GET
    def log_message(self, *words): pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

if BEHAVIOUR.startswith("job"):
    print("the job ran as", VERSION, os.environ.get("COLOUR", ""), flush=True)
    if os.path.isdir("/output"): open("/output/" + VERSION, "w").write(VERSION)
    sys.exit(int(WORD or 0))
if BEHAVIOUR == "hungry":
    print(len(bytearray(b"x" * (1 << 30))))
if BEHAVIOUR == "broken":
    sys.exit(3)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
if BEHAVIOUR.startswith("crash"):
    threading.Thread(target=crash, daemon=True).start()
print("the shop listens:", VERSION, flush=True)
Server(("", 8000), Shop).serve_forever()
"""


@dataclass(frozen=True)
class Said:
    """What came of a command."""

    status: str
    report: dict[str, Any]
    text: str
    seconds: float


@dataclass
class Load:
    """A load that runs beside a test."""

    process: subprocess.Popen[str]
    seen: list[list[Any]] = field(default_factory=list)

    def stop(self) -> Load:
        """Ends it and reads what it saw."""
        out, _ = self.process.communicate(timeout=60)
        self.seen = [json.loads(line) for line in out.splitlines() if line.startswith("[")]
        return self

    @property
    def failed(self) -> list[list[Any]]:
        """Requests that got no 200."""
        return [each for each in self.seen if each[2] != 200]

    def versions(self) -> list[str]:
        """The answers, each change told once."""
        found: list[str] = []
        for each in self.seen:
            if each[2] == 200 and (not found or found[-1] != each[3]):
                found.append(each[3])
        return found

    def gap(self, since: float, version: str) -> tuple[float, float, int]:
        """Seconds without an answer, seconds from `since` until the first answer of a version, and
        requests lost."""
        failed = [each[0] for each in self.failed]
        first = next(each[0] + each[1] for each in self.seen if each[2:] == [200, version])
        down = max(failed) - min(failed) + 0.005 if failed else 0.0
        return down, first - since, len(failed)

    def p99(self, since: float, until: float) -> float:
        """Milliseconds, of requests that were due in that time."""
        times = sorted(each[1] for each in self.seen if since <= each[0] < until)
        return 1000 * times[min(len(times) - 1, int(len(times) * 0.99))] if times else -1.0


@dataclass
class HostEstate:
    """One machine, a bucket and a repository."""

    cloud: Cloud
    machine: Machine
    images: Images
    digests: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(cloud: Cloud, machine: Machine, repository: str) -> HostEstate:
        """Makes bucket, repository and document; what hosts of a module before run is forgotten."""
        s3, ssm = cloud.client("s3"), cloud.client("ssm")
        where = {"LocationConstraint": "eu-west-1"}
        if BUCKET not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
            content = deploy_document(
                stack="test",
                region="eu-west-1",
                bucket=BUCKET,
                repository=f"{cloud.registry.partition('//')[2]}/hosts/{{image}}",
            )
            ssm.create_document(Content=content, Name="slipway-test", DocumentType="Command")
        s3.delete_object(Bucket=BUCKET, Key=key_of("test"))
        images = images_of(cloud, repository).with_files({"program.py": PROGRAM})
        return HostEstate(cloud, machine, images)

    def image(self, behaviour: str, version: str, user: str = "65534") -> str:
        """The reference of an image that behaves so and answers its version."""
        tag = f"{behaviour.replace(':', '-')}-{version}"
        if tag not in self.digests:
            words = {"Entrypoint": ["python3", "/program.py"], "Cmd": [behaviour, version]}
            self.digests[tag] = self.images.push(tag, tag, runs={"config": {**words, "User": user}})
        return f"{self.images.uri}:{version}@{self.digests[tag]}"

    def digest(self, behaviour: str, version: str) -> str:
        """The digest of such an image."""
        return self.image(behaviour, version).partition("@")[2]

    def upload(self, version: str, *services: HostServiceSpec, data: bytes | None = None) -> str:
        """Puts a bundle into the bucket; gives its SHA-256."""
        data = data or bundle(bundle_files(services, region="eu-west-1"), version)
        key = bundle_key("test", version)
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=data)
        return hashlib.sha256(data).hexdigest()

    def start(
        self, spec: HostServiceSpec, version: str, behaviour: str = "good", **given: str
    ) -> str:
        """Uploads the bundle of a version and sends the command of its deploy."""
        return self.send(
            "deploy",
            spec,
            **{
                "bucket": BUCKET,
                "key": bundle_key("test", version),
                "sha256": given.pop("sha256", "") or self.upload(version, spec),
                "version": version,
                "image": self.image(behaviour, version),
                "timeout": str(spec.limit + 60),  # the pull, on a busy machine
                "region": "eu-west-1",
                **given,
            },
        )

    def send(self, action: str, spec: HostServiceSpec, **given: str) -> str:
        """Sends the document's command."""
        values = {"action": action, "service": spec.name, "kind": spec.kind, **given}
        return self.machine.send_document(
            "slipway-test", {name: [value] for name, value in values.items()}
        )

    def deploy(
        self, spec: HostServiceSpec, version: str, behaviour: str = "good", **given: str
    ) -> Said:
        """Deploys a version to its end."""
        return self.wait(self.start(spec, version, behaviour, **given))

    def wait(self, command: str) -> Said:
        """What came of a command, with the machine's own words."""
        began = time.monotonic()
        done = self.machine.wait(command, 180)
        text = done["StandardOutputContent"] + done["StandardErrorContent"]
        lines = done["StandardOutputContent"].strip().splitlines()
        report = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
        return Said(done["Status"], report, text, time.monotonic() - began)

    def inside(self, script: str) -> str:
        """What a script prints on the machine."""
        return inside(self.machine, script).strip()

    def get(self, path: str = "/", port: int = 8080) -> str:
        """What the machine answers there, or why it doesn't."""
        return self.inside(f"curl -sS --max-time 20 http://127.0.0.1:{port}{path}")

    def address(self) -> str:
        """The machine's address."""
        asked = self.cloud.client("ec2").describe_instances(InstanceIds=[self.machine.id])
        return str(asked["Reservations"][0]["Instances"][0]["PrivateIpAddress"])

    def load(self, rate: float = 200, port: int = 8080, path: str = "/") -> Load:
        """Starts a load on a published port."""
        url = f"http://{self.address()}:{port}{path}"
        argv = [sys.executable, "-m", "tests.localcloud.host_load", url, str(rate)]
        process = subprocess.Popen(
            argv, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return Load(process)
