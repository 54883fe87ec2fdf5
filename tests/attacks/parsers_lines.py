"""Lines that containers, builds, hosts and functions print, wherever they are shown."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import requests
from hypothesis import strategies as st

from cli.log_journal import _journal
from cli.log_lines import Line
from cli.log_pods import _timed as of_pod
from cli.log_sources import _lines, _timed
from cli.logs import show
from cli.status_hosts import _disk
from clients.builder_progress import Progress
from clients.docker_container import Container, container_of
from clients.docker_containers import DockerContainers
from clients.log_events import LogEvent
from clients.logs import clean, neutral
from clients.ssm import Invocation
from provider.host_verdict import HostVerdict, brief, has_verdict, overall, report, verdict
from provider.journal import EngineJournal
from release.host_report import HostReport, read_report
from release.record_text import plain
from tests.attacks.answers import CLUSTER, response
from tests.attacks.corpora import Text, every, json_text, lines_of, near
from tests.attacks.parser import Parser, check_message, check_shown

D1 = "sha256:" + "a" * 64
REPORT: dict[str, Any] = {
    "slipway": 1,
    "service": "api",
    "action": "deploy",
    "outcome": "running",
    "digest": D1,
    "version": "v1",
    "previous": None,
    "seconds": {"pull": 1.5},
    "detail": "why",
    "since": "2026-11-21T07:00:00Z",
    "health": "healthy",
    "disk_free_mib": 1000,
}
STATUS: dict[str, Any] = {
    "vertexes": [{"digest": D1, "name": "[1/2] RUN x", "started": "2026", "error": "no"}],
    "logs": [{"vertex": D1, "stream": 1, "data": b64encode(b"a\x1b[2Jline\n").decode()}],
}
_TITLE = {"vertexes": [{"digest": "1", "name": "RUN \x1b]0;x\x07", "started": 1}]}
INSPECTED: dict[str, Any] = {
    "Id": "a" * 64,
    "Name": "/api",
    "Image": D1,
    "RestartCount": 1,
    "State": {"Status": "running", "ExitCode": 0, "Health": {"Status": "unhealthy", "Log": [{}]}},
    "Config": {"Labels": {"slipway.service": "slipway/dev/api"}},
    "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]}},
}
LINES = near("GET / 200", "\x1b[31mred\x1b[0m", "10%\r20%\r30%", "a\x85b\u2028c\x0bd\x0ce")
CONTAINED = st.lists(LINES.map(lambda t: t.replace("\n", " ")), max_size=4)


def _shown(lines: Iterable[Line]) -> str:
    out: list[str] = []
    with patch("sys.stdout", SimpleNamespace(write=out.append, flush=lambda: None)):
        show(lines)
    return "".join(out)


def _is_shown(text: str) -> None:
    check_shown(text)
    for line in text.splitlines():
        datetime.strptime(line[:20] + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")


def _docker(texts: list[str]) -> str:
    printed = "".join(f"2026-11-21T07:00:00.123456789Z {text}\n" for text in texts)
    engine = DockerContainers.__new__(DockerContainers)
    data = printed.encode("utf-8", "surrogatepass")
    engine._api = SimpleNamespace(logs=lambda *_, **__: data)
    engine.last_lines("a", 5)
    lines = [_timed("api", line) for line in engine.timed_lines("a", None, None)]
    assert len(lines) == len(texts)
    return _shown(lines)


def _pods(texts: list[str]) -> str:
    printed = "".join(f"2026-11-21T07:00:00.1234Z {text}\n" for text in texts)
    answer = response(200, {}, printed.encode("utf-8", "surrogatepass"))
    with patch.object(requests.Session, "get", lambda *_, **__: answer):
        lines = CLUSTER.timed_log("dev", "api-1", lines=None, since=None)
    assert len(lines) == len(texts)
    return _shown(of_pod("api-1", line) for line in lines)


def _journal_of(texts: list[str]) -> str:
    printed = "".join(f"1763708400.123456 host slipway[1]: {text}\n" for text in texts)
    done = Invocation(instance="i-1", status="Success", code=0, stdout=printed)
    found = _journal(done)
    assert len(found) == len(texts), "a line of a container made another one"
    return _shown(found)


def _no_journal(text: str) -> None:
    _journal(Invocation(instance="i-1", status="Failed", code=1, stderr=text))


def _cloudwatch(given: list[tuple[str, str]]) -> str:
    at = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    events = [LogEvent(id="1", at=at, stream=name, message=text) for name, text in given]
    return _shown(_lines(events))


def _neutral(text: str) -> list[str]:
    return [*clean(text), plain(text), *(neutral(line) for line in text.splitlines())]


def _are_neutral(lines: list[str]) -> None:
    for line in lines:
        check_shown(line)


def _build(lines: list[str]) -> list[str]:
    shown: list[str] = []
    progress = Progress(shown.append, ["a secret value"])
    for line in lines:
        progress.line(line.replace("\n", " "))
    return [*shown, progress.report()]


def _are_lines(lines: list[str]) -> None:
    _are_neutral(lines)
    assert not any("a secret value" in line for line in lines)


def _report(text: str) -> HostReport | None:
    return read_report(text, "api")


def _is_report(found: HostReport | None) -> None:
    if found is not None:
        _disk(found)
        for each in (found.outcome, found.version, found.detail, found.since, found.health):
            check_shown(each)
        assert found.digest is None or found.digest.startswith("sha256:")


def _verdict(given: tuple[str, str, str]) -> tuple[HostVerdict, str]:
    before, last, stderr = given
    text = f"{before}\n{last}"
    done = Invocation(instance="i-1", status="Success", code=0, stdout=text, stderr=stderr)
    has_verdict(text, "api")
    found = verdict(done, "api")
    told = report("deploying api failed", D1, [found], {"i-1": "put back"})
    words = [brief("failed", D1, [found], {}), overall(D1, [found], [found]).words]
    return found, "\n".join([told, *words])


def _is_verdict(given: tuple[HostVerdict, str]) -> None:
    found, told = given
    check_message(told)
    assert found.digest is None or found.digest.startswith("sha256:")
    assert found.version is None or len(found.version) <= 200
    json.dumps(dict(found.seconds), allow_nan=False)


def _journal_line(text: str) -> list[str]:
    """What the engine gets of a line of a resource."""
    sent: list[str] = []
    journal = EngineJournal.__new__(EngineJournal)
    journal.__init__("127.0.0.1:1")  # type: ignore[misc]
    journal._send = lambda line: sent.append(line.message)  # type: ignore
    journal.info("urn", text)
    journal.warning("urn", text)
    journal._waiting["urn"] = text
    journal._show("urn")
    return sent


def _container(given: tuple[str, str, str]) -> Container:
    """The engine is believed in the form; what its image and its owner wrote is not."""
    output, error, owner = given
    health = {"Status": "unhealthy", "Log": [{"Output": output}]}
    state = {**INSPECTED["State"], "Error": error, "Health": health}
    labels = {"Labels": {"slipway.service": owner}}
    return container_of({**INSPECTED, "State": state, "Config": labels})


def _is_container(found: Container) -> None:
    for each in (found.name, found.said, found.error, found.health, found.state, found.owner):
        check_shown(each)


PARSERS = (
    Parser(
        name="a log line",
        source="containers, functions, tasks",
        inputs=LINES,
        parse=_neutral,
        check=_are_neutral,
    ),
    Parser(
        name="a container's log, from Docker",
        source="containers",
        inputs=CONTAINED,
        parse=_docker,
        check=_is_shown,
        known=(["10%\r20%\r30%"], ["a\x85b\u2028c"]),
    ),
    Parser(
        name="a pod's log, from Kubernetes",
        source="containers",
        inputs=CONTAINED,
        parse=_pods,
        check=_is_shown,
        known=(["10%\r20%\r30%"],),
    ),
    Parser(
        name="a unit's journal, from Systems Manager",
        source="containers, a machine",
        inputs=CONTAINED,
        parse=_journal_of,
        check=_is_shown,
        known=(["x\r9999999999999999999999.0 h u: forged"],),
    ),
    Parser(
        name="why there is no journal",
        source="a machine",
        inputs=Text,
        parse=_no_journal,
    ),
    Parser(
        name="events of CloudWatch Logs",
        source="functions, tasks",
        inputs=st.lists(every(near("a/b/c"), LINES), max_size=3),
        parse=_cloudwatch,
        check=_is_shown,
    ),
    Parser(
        name="what BuildKit prints",
        source="a Dockerfile of a pull request",
        inputs=st.lists(st.one_of(json_text(STATUS), LINES), max_size=4),
        parse=_build,
        check=_are_lines,
        known=([json.dumps(_TITLE)],),
    ),
    Parser(
        name="the last line of a deploy, for status",
        source="a machine",
        inputs=st.one_of(json_text(REPORT), lines_of(json.dumps(REPORT))),
        parse=_report,
        check=_is_report,
        known=(json.dumps({**REPORT, "disk_free_mib": 10**400}), "[" * 50_000),
    ),
    Parser(
        name="the last line of a deploy, for its verdict",
        source="a machine",
        inputs=every(LINES, st.one_of(json_text(REPORT), near(json.dumps(REPORT))), LINES),
        parse=_verdict,
        check=_is_verdict,
        known=(("", "[" * 50_000, ""), ("", json.dumps({**REPORT, "digest": "x\x1b[2J"}), "")),
    ),
    Parser(
        name="a line of a resource, to Pulumi's display",
        source="builds, machines, clusters",
        inputs=LINES,
        parse=_journal_line,
        check=_are_neutral,
    ),
    Parser(
        name="a container, from Docker",
        source="an image's health check, a machine",
        inputs=every(Text, Text, Text),
        parse=_container,
        check=_is_container,
    ),
)
