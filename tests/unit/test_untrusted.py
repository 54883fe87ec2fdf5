"""What was read with too much trust once, each in the smallest form that showed it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import requests

from cli.status_hosts import _disk
from clients import ClientError
from clients.git_graph import moment_of
from clients.kubernetes_config import cluster_of
from clients.logs import lines_of
from clients.record_documents import RecordError, bytes_of, parsed
from clients.registry_answers import MOST_BYTES, digest_in, next_page, read_whole
from clients.registry_http import RegistryError, RegistryHttp
from clients.ssm import Invocation
from components.documents.grammar import check
from components.documents.kubernetes.cron import check_cron
from provider.host_verdict import verdict
from provider.kubernetes_progress import progress_of
from release.catalogue import catalogue
from release.dockerfile import bases_of
from release.host_report import read_report
from release.json_document import json_of
from release.record import Record
from release.record_text import harmless
from release.yaml_document import yaml_of
from tests.attacks.answers import HOST, Somebody, registry, response
from tests.attacks.parsers_lines import REPORT
from tests.attacks.parsers_settings import KUBECONFIG
from tests.fakes.records import record

D1 = "sha256:" + "1" * 64


def test_no_error_of_a_client_moves_a_terminal_or_holds_half_a_character() -> None:
    assert str(ClientError("a\x1b[2Jb\u202e\ud800\nc")) == "a [2Jb  \nc"
    assert harmless("a\tb\r\n\x9bc") == "a b \n c"


@pytest.mark.parametrize("text", ["[" * 100_000, "!!int", "x: !!timestamp soon", "a: 2026-99-99"])
def test_yaml_that_breaks_its_reader_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is not YAML: "):
        yaml_of(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '"\\ud800"', b"\x80", b"\0\0\0\0\0"])
def test_json_that_breaks_its_reader_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^is not JSON \("):
        json_of(text)


@pytest.mark.parametrize("said", ['args: {A: "\\e[2J"}', 'platforms: ["a\\0"]', "context: !!int"])
def test_an_image_file_with_control_characters_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"image\.yaml"):
        catalogue({"a", "a/b", "a/b/Dockerfile"}, ["a"], {"a/b/image.yaml": said})


def test_a_folder_that_would_move_a_terminal_is_refused_by_a_name_that_does_not() -> None:
    folder = "a/b\x1b[2J"
    said = {f"{folder}/image.yaml": "name: api"}
    with pytest.raises(ValueError, match="control character") as caught:
        catalogue({"a", folder, f"{folder}/Dockerfile"}, ["a"], said)
    assert "\x1b" not in str(caught.value)


def test_a_base_image_is_shown_without_what_moves_a_terminal() -> None:
    assert bases_of("FROM a\x1b[2Jb", {}) == ("a [2Jb",)


def test_a_commit_from_beyond_the_calendar_has_its_last_day() -> None:
    assert moment_of(str(2**63 - 1)).year == 9999
    assert moment_of("0").year == 1970


def test_a_line_of_a_log_ends_at_a_line_feed_alone() -> None:
    assert lines_of("10%\r20%\u2028\x85\x0b\r\nb\n") == ["10%\r20%\u2028\x85\x0b", "b"]
    assert lines_of("") == []


@pytest.mark.parametrize("token", ["a\nb", "a b", "é", ["a"], 7])
def test_a_token_that_is_no_header_is_refused_and_not_shown(token: Any) -> None:
    text = json.dumps(KUBECONFIG).replace('"secret-token"', json.dumps(token))
    with pytest.raises(ClientError, match="token is none") as caught:
        cluster_of(text)
    assert str(token) not in str(caught.value)


@pytest.mark.parametrize("field", ["started", "finished", "id"])
def test_a_record_of_no_day_of_the_calendar_is_damaged(field: str) -> None:
    document = json.loads(bytes_of(record()))
    document[field] = "".join("9" if each.isdigit() else each for each in document[field])
    with pytest.raises(RecordError, match="is damaged"):
        parsed(Record, "s3://b/x", json.dumps(document).encode())


def test_a_digest_that_a_registry_makes_up_is_not_handed_on() -> None:
    evil = response(200, {"Docker-Content-Digest": f"{D1}$(reboot)"}, b"")
    with pytest.raises(RegistryError, match="allowed: sha256:"):
        registry(evil).head("v1")
    assert digest_in(response(200, {"Docker-Content-Digest": D1}, b""), "x") == D1


def test_tags_that_are_none_become_no_path_of_another_request() -> None:
    body = json.dumps({"tags": ["v1", "../../other/manifests/v1", 7, "a\nb"]}).encode()
    assert registry(response(200, {}, body), response(404, {}, b"")).all_tags() == ["v1"]


def test_a_next_page_stays_on_its_host() -> None:
    answer = response(200, {"Link": "<https://evil.example.com/v2/a?last=b>; rel=next"}, b"")
    assert next_page(answer, "/v2/a/tags/list") == "/v2/a?last=b"


def test_a_registry_elsewhere_sends_no_upload_to_this_machine() -> None:
    with pytest.raises(RegistryError, match="allowed: https"):
        RegistryHttp(HOST, Somebody())._place("http://127.0.0.1:2375/containers")
    assert RegistryHttp("127.0.0.1:5000", Somebody())._place("http://127.0.0.1:5001/x")


def test_an_answer_without_an_end_is_given_up() -> None:
    answer = requests.Response()
    answer.raw = io.BytesIO(bytes(MOST_BYTES + 1))
    with pytest.raises(RegistryError, match="more than 8 MiB"):
        read_whole(answer, HOST)


def test_what_a_host_makes_up_in_its_report_is_left_out() -> None:
    said = json.dumps({**REPORT, "disk_free_mib": 10**400, "digest": "x\x1b[2J"})
    found = read_report(said, "api")
    assert found is not None
    assert _disk(found) == {"disk free": "-"}
    assert read_report("[" * 100_000, "api") is None
    done = Invocation(instance="i", status="Success", code=0, stdout=f"\x1b[2Jx\n{said}")
    judged = verdict(done, "api")
    assert (judged.digest, judged.lines) == (None, ("x",))


def test_schedules_and_stacks_have_plain_letters_and_digits() -> None:
    with pytest.raises(ValueError, match="allowed"):
        check_cron("٣ * * * *")
    with pytest.raises(ValueError, match="allowed"):
        check("stack", "..")


def test_a_pods_last_words_are_cut() -> None:
    words = {"terminated": {"exitCode": 1, "message": "x" * 9000}}
    pod = {
        "metadata": {"name": "p"},
        "status": {"containerStatuses": [{"restartCount": 2, "lastState": words}]},
    }
    found = progress_of(
        {"metadata": {"generation": 1}, "spec": {}, "status": {"observedGeneration": 1}}, [pod]
    )
    assert len(found.failure) < 400
