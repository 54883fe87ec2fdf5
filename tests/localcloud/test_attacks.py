"""Hostile values, bundles, records and containers, up to a real machine: a canary never runs."""

from __future__ import annotations

import base64
import json
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.log_journal import _journal
from cli.logs import show
from clients.ssm import Invocation
from components.bundle import bundle, bundle_key
from components.documents.deploy_document import deploy_document
from components.documents.host_spec import HostServiceSpec
from components.documents.service import FILES, bundle_files
from provider.host_verdict import report, verdict
from release.host_current import HostEntry, text_of
from tests.attacks.bundles import SMALL, bomb, with_entry, with_script
from tests.attacks.parser import check_message, check_shown
from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.ecs_estate import within
from tests.localcloud.host_estate import BUCKET, HostEstate, Said

SHOP = HostServiceSpec(
    name="prey",
    port=8000,
    publish=8089,
    health="/healthz",
    timeout=8,
    bake=0,
    drain=0,
    parameters="/prey/",
)
# A container that says what it likes: to its log, to whoever asks for its health, in a forged end.
RUDE = """
import http.server, json, os, sys
FORGED = {"slipway": 1, "service": "prey", "outcome": "running", "digest": sys.argv[1],
          "version": "v9", "detail": "$(touch /tmp/CANARY)", "seconds": {}}
print("\\x1b]0;owned\\x07\\x1b[2J$(touch /tmp/CANARY) `touch /tmp/CANARY`", flush=True)
print("10%\\r20%\\u2028\\x85" + json.dumps(FORGED), flush=True)
print(json.dumps(FORGED), flush=True)
class Rude(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"\\x1b[2J$(touch /tmp/CANARY)\\0\\r\\n" + json.dumps(FORGED).encode() * 1000
        self.send_response(500, "$(touch /tmp/CANARY)")
        self.send_header("Location", "file:///etc/passwd")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): print("\\x1b[31m$(touch /tmp/CANARY)", words, flush=True)
http.server.HTTPServer(("", 8000), Rude).serve_forever()
"""

HOSTS = "records/test/hosts.json"
# Where a command would work, and the root folder itself.
PLACES = "/tmp /etc /opt /root /run /usr/local /"  # noqa: S108 -- of the machine


@dataclass
class Prey:
    """A machine that serves a version, and the name of a file that nothing may make."""

    estate: HostEstate
    canary: str

    @property
    def commands(self) -> tuple[str, ...]:
        """Values that make the canary wherever a shell reads them."""
        touch = f"touch /tmp/{self.canary}"
        blank = touch.replace(" ", "${IFS}")
        return (
            f"$({touch})", f"`{touch}`", f"v1;{touch}", f"v1|{touch}", f"v1&{touch}",
            f"v1\n{touch}",
            f"$({blank})", f"v1;{blank};", f"'; {touch}; '", f'"; {touch}; "', f"-v1 {touch}",
            f"{{{{ssm:{touch}}}}}", f"a[$({blank})]", "v1\n", "", "-rf", "../../etc", "é", "v1 v2",
        )  # fmt: skip

    def listed(self) -> str:
        """What Docker says of all its containers."""
        return self.estate.inside("docker ps --all --format '{{.Names}} {{.Status}}' 2>&1")

    def containers(self) -> list[str]:
        """The names of those that belong to the service."""
        names = [line.partition(" ")[0] for line in self.listed().splitlines()]
        return [each for each in names if each.startswith("prey")]

    def untouched(self, places: str = PLACES) -> None:
        """The canary is nowhere, and the version before serves, with one container."""
        assert not list(Path(gettempdir()).glob(f"*{self.canary}*"))
        assert not list(Path.cwd().glob(f"*{self.canary}*"))
        deep = "" if places == "/" else "-maxdepth 4"
        found = self.estate.inside(
            f"find {places} {deep} -ignore_readdir_race -path /proc -prune -o -path /sys -prune -o "
            f"-name '*{self.canary}*' -print"
        )
        assert found == "", found
        assert self.estate.get(port=8089) == "v1"
        within(10, "one container", lambda: self.containers() == ["prey"], self.listed)
        left = self.estate.inside("ls -A /opt/prey /opt/prey/releases; ls -d /tmp/tmp.* || true")
        assert not [one for one in left.split() if one.endswith(".new") or one == ".deploying"]


@pytest.fixture(scope="module")
def prey(cloud: Cloud, machine: Machine) -> Iterator[Prey]:
    found = Prey(HostEstate.of(cloud, machine, "hosts/prey"), f"canary-{secrets.token_hex(6)}")
    assert found.estate.deploy(SHOP, "v1").status == "Success"
    yield found
    found.untouched("/")  # also in every container and volume
    # Other tests have hosts of this stack too.
    cloud.client("s3").delete_object(Bucket=BUCKET, Key=HOSTS)


@pytest.fixture(autouse=True)
def _afterwards(prey: Prey) -> Iterator[None]:
    yield
    prey.untouched()


def good_values(prey: Prey) -> dict[str, str]:
    return {
        "action": "deploy",
        "service": SHOP.name,
        "kind": SHOP.kind,
        "stack": "test",
        "bucket": BUCKET,
        "key": bundle_key("test", "v1"),
        "sha256": prey.estate.upload("v1", SHOP),
        "version": "v1",
        "image": prey.estate.image("good", "v1"),
        "timeout": "60",
        "by": "somebody",
        "lines": "10",
        "since": "-",
        "region": "eu-west-1",
    }


def test_a_command_sent_as_any_parameter_is_refused_by_systems_manager(prey: Prey) -> None:
    good, machine = good_values(prey), prey.estate.machine
    for name in good:
        for value in prey.commands:
            sent = {key: [text] for key, text in {**good, name: value}.items()}
            with pytest.raises(ClientError) as caught:
                machine.send_document("slipway-test", sent)
            code = caught.value.response["Error"]["Code"]
            assert code == "InvalidParameters", f"{name}={value!r}: {code}"


def test_a_command_that_passed_the_patterns_is_refused_by_the_script(prey: Prey) -> None:
    good = good_values(prey)
    script = base64.b64encode((FILES / "bootstrap.sh").read_bytes()).decode()
    cases, lines = [], [f"echo {script} | base64 -d >/run/attacked.sh"]
    for name in good:
        for value in prey.commands[:13]:
            given = {f"SSM_{key}": text for key, text in {**good, name: value}.items()}
            words = " ".join(shlex.quote(f"{key}={text}") for key, text in given.items())
            cases.append(f"{name}={value!r}")
            lines.append(f"env {words} sh /run/attacked.sh >/run/attacked.out 2>&1; echo $?")
    packed = base64.b64encode("\n".join(lines).encode()).decode()
    told = prey.estate.inside(f"echo {packed} | base64 -d | sh").split()
    assert len(told) == len(cases)
    assert [each for each, code in zip(cases, told, strict=True) if code != "1"] == []


def test_a_hostile_bundle_with_the_right_hash_is_refused_before_it_is_unpacked(prey: Prey) -> None:
    good = bundle(bundle_files([SHOP], region="eu-west-1"), "v2")
    hostile = {what: with_entry(good, prey.canary, **each) for what, each in SMALL.items()}
    hostile |= {
        "a bomb": bomb(300),
        "nothing": b"",
        "no archive": b"#!/bin/sh\n",
        "cut": good[:900],
    }
    for what, data in hostile.items():
        said = refused(prey, data=data)
        assert "bundle" in said.report["detail"], what
        assert said.seconds < 60, what


def refused(prey: Prey, data: bytes, sha256: str = "") -> Said:
    """What the machine says of a deploy of v2 with that bundle, which it must not take."""
    uploaded = prey.estate.upload("v2", data=data or b" ")
    said = prey.estate.deploy(SHOP, "v2", sha256=sha256 or uploaded)
    assert said.status == "Failed", said.text
    assert said.report["outcome"] == "put-back", said.text
    assert said.report["version"] == "v1"
    assert prey.estate.inside("ls /opt/prey/releases | grep ^v2 || true") == ""
    return said


def test_other_bytes_in_the_place_of_the_announced_bundle_never_run(prey: Prey) -> None:
    good = bundle(bundle_files([SHOP], region="eu-west-1"), "v2")
    announced = prey.estate.upload("v2", data=good)
    evil = with_script(good, f"#!/bin/sh\ntouch /tmp/{prey.canary}\n")
    flipped = good[:500] + bytes([good[500] ^ 1]) + good[501:]
    for data in (evil, flipped, good[:-1]):
        assert "its SHA-256 differs" in refused(prey, data, announced).report["detail"]


def test_a_hostile_record_of_what_hosts_run_deploys_nothing(prey: Prey) -> None:
    good = good_values(prey)
    entry = HostEntry(**{k: good[k] for k in HostEntry.__dataclass_fields__})
    whole = text_of([entry])
    lines = [whole.replace('"version":"v1"', f'"version":{json.dumps(x)}') for x in prey.commands]
    lines += [
        whole.replace('"service":"prey"', f'"service":{json.dumps(x)}') for x in prey.commands
    ]
    foreign = "127.0.0.1:1/evil/image:v1@sha256:" + "f" * 64
    lines += [whole.replace(entry.image, foreign), whole.replace(entry.sha256, "0" * 64)]
    lines += [whole.replace("bundles/test/", "bundles/other/"), whole[:-20], "\x1b[2J\0" + whole]
    held = [line for text in lines for line in text.split("\n") if line.startswith('{"service')]
    document = '{"schema_version": 1, "services": [\n' + ",\n".join(held) + "\n]}\n"
    put_record(prey, document.encode() + b"\xff\xfe\n" + b'{"service"' + b"A" * 100_000)
    prey.estate.inside("rm -f /run/slipway/prey/deployed; systemctl start slipway-converge.service")
    log = prey.estate.inside("journalctl -u slipway-converge.service --no-pager --output cat")
    assert log.count("not deployed: ") >= 30, log[-2000:]
    check_shown(log)


def put_record(prey: Prey, data: bytes) -> None:
    prey.estate.cloud.client("s3").put_object(Bucket=BUCKET, Key=HOSTS, Body=data)


def test_values_of_parameters_reach_the_container_letter_by_letter(prey: Prey) -> None:
    ssm = prey.estate.cloud.client("ssm")
    values = {f"V{at}": text for at, text in enumerate(prey.commands) if text and "\n" not in text}
    for name, value in values.items():
        ssm.put_parameter(Name=f"/prey/{name}", Value=value, Type="SecureString", Overwrite=True)
    plain = HostServiceSpec(**{**vars(SHOP), "environment": {"PLAIN": "$(x) `y` '\" ${IFS}"}})
    said = prey.estate.deploy(plain, "v1", sha256=prey.estate.upload("v1", plain))
    assert said.status == "Success", said.text
    shown = prey.estate.get("/env", port=8089)
    for value in (*values.values(), "$(x) `y` '\" ${IFS}"):
        assert repr(value)[1:-1] in shown, value
    for name in values:
        ssm.delete_parameter(Name=f"/prey/{name}")


def test_a_parameter_with_a_line_break_deploys_nothing(prey: Prey) -> None:
    ssm = prey.estate.cloud.client("ssm")
    value = f"a\nIMAGE_TAG=evil\ntouch /tmp/{prey.canary}\n"
    ssm.put_parameter(Name="/prey/BROKEN", Value=value, Type="SecureString")
    try:
        said = prey.estate.deploy(SHOP, "v3")
    finally:
        ssm.delete_parameter(Name="/prey/BROKEN")
    assert said.status == "Failed"
    assert "a value is one line" in said.report["detail"]


def test_a_rude_container_neither_runs_a_command_nor_forges_its_verdict(prey: Prey) -> None:
    images = prey.estate.images.with_files({"program.py": RUDE.replace("CANARY", prey.canary)})
    touch = f"$(touch /tmp/{prey.canary})"
    labels = {"slipway.port": touch, "slipway.release": touch, "evil": f"`{touch}`\n\x1b[2J"}
    words = {"Entrypoint": ["python3", "/program.py"], "Labels": labels, "User": "65534"}
    digest = images.push("rude", "rude", runs={"config": {**words, "Cmd": ["sha256:" + "f" * 64]}})
    command = prey.estate.start(SHOP, "v4", image=f"{images.uri}:v4@{digest}")
    done = prey.estate.machine.wait(command, 120)
    assert done["Status"] == "Failed"
    found = verdict(invocation(done), SHOP.name)
    assert (found.outcome, found.version) == ("put-back", "v1")
    told = report("deploying prey failed", digest, [found], {})
    check_message(told)
    assert "$(touch" in told, "what it printed is shown, as text"


def invocation(done: dict[str, Any]) -> Invocation:
    return Invocation(
        instance="i-1",
        status=done["Status"],
        code=done["ResponseCode"],
        stdout=done["StandardOutputContent"],
        stderr=done["StandardErrorContent"],
    )


def test_a_rude_log_is_shown_as_text(prey: Prey, capsys: pytest.CaptureFixture[str]) -> None:
    rude = "\x1b]0;owned\x07\x1b[2Jrude\r9999999999999999.0 h u: forged"
    for text in (rude, "turned\u202eround\u2028 and \u2066on"):
        fields = f"MESSAGE={text}\nOBJECT_SYSTEMD_UNIT=prey.service\n"
        packed = base64.b64encode(fields.encode()).decode()
        prey.estate.inside(f"echo {packed} | base64 -d | logger --journald")
    within(30, "both in the log", lambda: "turned" in journal_of(prey).stdout)
    show(_journal(journal_of(prey)))
    text = capsys.readouterr().out
    assert "turned" in text
    check_shown(text)


def journal_of(prey: Prey) -> Invocation:
    command = prey.estate.send("logs", SHOP, lines="100", since="-")
    return invocation(prey.estate.machine.wait(command))


def test_no_document_is_made_for_a_hostile_stack_bucket_or_repository(prey: Prey) -> None:
    good = {"stack": "test", "region": "eu-west-1", "bucket": BUCKET, "repository": "a/{image}"}
    for name in good:
        for value in (each for each in prey.commands if "touch" in each):
            with pytest.raises(ValueError, match="allowed") as caught:
                deploy_document(**{**good, name: value})
            check_message(str(caught.value))
