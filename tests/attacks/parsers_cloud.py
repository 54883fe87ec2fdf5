"""What AWS and a cluster answer."""

from __future__ import annotations

import base64
import io
from typing import Any
from unittest.mock import patch

import requests
from hypothesis import strategies as st

from clients import lambda_invoke, secret_values, ssm
from clients.aws import AwsAccess, translated
from clients.image_scans import ImageScans
from clients.kubernetes_error import KubernetesError
from clients.ssm_fleet import _number
from provider.kubernetes_progress import progress_of
from release.scan import judge, named
from tests.attacks.answers import CLUSTER, answers, aws, refused
from tests.attacks.corpora import Text, every, json_text, near
from tests.attacks.parser import Parser, check_message, check_shown

_ACCESS = AwsAccess(region="eu-west-1")
STATUS = {"kind": "Status", "message": "no", "reason": "Forbidden", "code": 403}


def _aws_error(given: tuple[str, str]) -> None:
    with translated("reading the secret"):
        raise refused(*given)


def _secret(text: str) -> str:
    with aws("clients.secret_values.new_client", get_secret_value={"SecretString": text}):
        return secret_values.value_of(_ACCESS, "secret:db:password")


def _is_value(text: str) -> None:
    assert isinstance(text, str)


def _invocation(given: tuple[str, str, str]) -> ssm.Invocation | None:
    status, out, err = given
    answer = {"Status": status, "StatusDetails": status, "ResponseCode": 1}
    answer |= {"StandardOutputContent": out, "StandardErrorContent": err}
    with aws("clients.ssm.client", get_command_invocation=answer):
        return ssm.invocation(_ACCESS, "c", "i-1")


def _lambda(given: tuple[bytes, bytes]) -> lambda_invoke.Answered:
    payload, log = given
    answer = {
        "StatusCode": 200,
        "FunctionError": "Unhandled",
        "Payload": io.BytesIO(payload),
        "LogResult": base64.b64encode(log).decode(),
    }
    with aws("clients.lambda_invoke.new_client", invoke=answer):
        return lambda_invoke.invoke(_ACCESS, "f", "1", "{}", 1)


def _is_answered(found: lambda_invoke.Answered) -> None:
    for line in (found.payload, *found.log):
        check_shown(line)
    assert len(found.payload) <= 1000


def _findings(given: list[tuple[str, str]]) -> str:
    listed = [{"name": name, "severity": severity} for name, severity in given]
    answer = {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": listed}}
    with aws("clients.image_scans.client", describe_image_scan_findings=answer):
        found = ImageScans(_ACCESS, 1).flaws("dev/api", "sha256:" + "a" * 64)
    judged = judge(found, "LOW", ["CVE-1"])
    return f"{named(judged.refused)} {judged.text}"


def _no_scan(text: str) -> None:
    answer = {"imageScanStatus": {"status": text, "description": text}}
    with aws("clients.image_scans.client", describe_image_scan_findings=answer):
        ImageScans(_ACCESS, 0).flaws("dev/api", "sha256:" + "a" * 64)


def _cluster(answer: requests.Response) -> Any:
    with patch.object(requests.Session, "request", lambda *_, **__: answer):
        CLUSTER.listed("Pod", "dev", {})
        return CLUSTER.get("Pod", "dev", "api")


def _is_object(found: Any) -> None:
    assert found is None or isinstance(found, dict)


def _progress(given: tuple[str, str, int]) -> str:
    reason, message, restarts = given
    deployment = {
        "metadata": {"generation": 1},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 1, "conditions": []},
    }
    ended = {"terminated": {"exitCode": 1, "reason": reason, "message": message}}
    waiting = {"waiting": {"reason": reason, "message": message}}
    container = {"restartCount": restarts, "state": waiting, "lastState": ended}
    pod = {"metadata": {"name": "api-1"}, "status": {"containerStatuses": [container]}}
    found = progress_of(deployment, [pod])
    return str(KubernetesError(f"{found.words}: {found.failure or '-'}"))


def _are_numbers(found: tuple[int, ...]) -> None:
    assert all(each >= 0 for each in found)


PARSERS = (
    Parser(
        name="an error of AWS",
        source="AWS, with a name or value of others in it",
        inputs=every(near("AccessDenied", "ExpiredToken"), Text),
        parse=_aws_error,
    ),
    Parser(
        name="a secret with keys",
        source="Secrets Manager",
        inputs=json_text({"password": "x"}),
        parse=_secret,
        check=_is_value,
    ),
    Parser(
        name="an answer of Run Command",
        source="a machine",
        inputs=every(near("Success", "Failed"), Text, Text),
        parse=_invocation,
    ),
    Parser(
        name="a version of an agent",
        source="a machine",
        inputs=near("3.3.2746.0"),
        parse=_number,
        check=_are_numbers,
    ),
    Parser(
        name="an answer of a function, and its log",
        source="a function",
        inputs=every(st.binary(max_size=80), Text.map(lambda t: t.encode("utf-8", "replace"))),
        parse=_lambda,
        check=_is_answered,
    ),
    Parser(
        name="findings of ECR's scanner",
        source="packages in an image",
        inputs=st.lists(every(near("CVE-2026-1"), near("CRITICAL", "LOW")), max_size=4),
        parse=_findings,
        check=check_message,
    ),
    Parser(
        name="a scan that did not end",
        source="ECR",
        inputs=near("FAILED", "IN_PROGRESS"),
        parse=_no_scan,
    ),
    Parser(
        name="an answer of a cluster",
        source="a cluster",
        inputs=answers(STATUS),
        parse=_cluster,
        check=_is_object,
    ),
    Parser(
        name="why a pod does not start",
        source="a container's last words",
        inputs=every(near("ImagePullBackOff", "Error"), Text, st.integers(0, 3)),
        parse=_progress,
        check=check_message,
    ),
)
