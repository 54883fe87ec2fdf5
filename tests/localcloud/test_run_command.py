"""Run Command really runs, and says truly how it ended."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.test_ecr_api import code

DEPLOY = "test-deploy"
SCRIPT = """set -eu
test "$SSM_action" = deploy || { echo "not deploy" >&2; exit 1; }
echo "deploys $SSM_version on $(hostname), limit {{ timeout }}"
touch "/root/deployed-$SSM_version"
exit "$SSM_code"
"""


@pytest.fixture(scope="module")
def document(cloud: Cloud) -> dict[str, Any]:
    """A document with the forms of parameters that a deploy document has."""

    def parameter(pattern: str, **more: str) -> dict[str, str]:
        return {"type": "String", "allowedPattern": pattern, **more}

    by_value = {"interpolationType": "ENV_VAR"}
    content = {
        "schemaVersion": "2.2",
        "description": "A test.",
        "parameters": {
            "action": {"type": "String", "allowedValues": ["deploy", "status"], **by_value},
            "version": parameter(r"^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", **by_value),
            "code": parameter("^[01]$", default="0", **by_value),
            "timeout": parameter("^[0-9]{1,5}$", default="60"),
        },
        "mainSteps": [
            {
                "action": "aws:runShellScript",
                "name": "deploy",
                "inputs": {"runCommand": [SCRIPT], "timeoutSeconds": "{{ timeout }}"},
            }
        ],
    }
    made: dict[str, Any] = cloud.client("ssm").create_document(
        Name=DEPLOY, DocumentType="Command", Content=json.dumps(content)
    )["DocumentDescription"]
    return made


def values(**given: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in {"action": "deploy", **given}.items()}


@pytest.mark.usefixtures("document")
def test_a_custom_document_runs_on_the_machine_and_its_output_comes_back(machine: Machine) -> None:
    found = machine.wait(machine.send_document(DEPLOY, values(version="v1.2.0")))
    assert (found["Status"], found["ResponseCode"]) == ("Success", 0)
    assert found["StandardOutputContent"] == f"deploys v1.2.0 on {machine.id}, limit 60\n"
    assert found["PluginName"] == "deploy"
    assert machine.run("ls /root/deployed-v1.2.0")["Status"] == "Success"


@pytest.mark.usefixtures("document")
def test_a_failing_script_fails_with_its_code_and_stderr(machine: Machine) -> None:
    found = machine.wait(machine.send_document(DEPLOY, values(action="status", version="v1")))
    assert (found["Status"], found["ResponseCode"]) == ("Failed", 1)
    assert found["StandardErrorContent"] == "not deploy\n"


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize(
    "version",
    ["v1; touch /root/pwned", "$(touch /root/pwned)", "v1\ntouch /root/pwned", "v1\n", ""],
)
def test_a_value_with_a_command_in_it_never_reaches_the_machine(
    machine: Machine, version: str
) -> None:
    before = machine.cloud.counters()["ssm_commands"]
    with pytest.raises(ClientError) as caught:
        machine.send_document(DEPLOY, values(version=version))
    assert code(caught) == "InvalidParameters"
    assert machine.cloud.counters()["ssm_commands"] == before + 1
    assert machine.run("ls /root/pwned")["Status"] == "Failed"


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize(
    "given",
    [
        {"action": ["destroy"], "version": ["v1"]},
        {"action": ["deploy"]},
        {"action": ["deploy"], "version": ["v1"], "verison": ["v2"]},
        {"action": ["deploy"], "version": ["v1", "v2"]},
    ],
)
def test_parameters_that_the_document_does_not_take_are_refused(
    machine: Machine, given: dict[str, list[str]]
) -> None:
    with pytest.raises(ClientError) as caught:
        machine.send_document(DEPLOY, given)
    assert code(caught) == "InvalidParameters"


def test_only_the_pinned_content_of_a_document_runs(
    machine: Machine, document: dict[str, Any]
) -> None:
    pinned = {"DocumentHashType": "Sha256", "DocumentHash": document["Hash"]}
    sent = machine.send_document(DEPLOY, values(version="v1"), **pinned)
    assert machine.wait(sent)["Status"] == "Success"
    with pytest.raises(ClientError) as caught:
        machine.send_document(DEPLOY, values(version="v1"), **{**pinned, "DocumentHash": "0" * 64})
    assert code(caught) == "InvalidDocument"


def test_an_unknown_document_is_refused(machine: Machine) -> None:
    with pytest.raises(ClientError) as caught:
        machine.send_document("test-nothing", {})
    assert code(caught) == "InvalidDocument"


def test_an_unknown_instance_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as caught:
        Machine(cloud, "i-0123456789abcdef0").send("true")
    assert code(caught) == "InvalidInstanceId"


@pytest.mark.usefixtures("usual_limits")
def test_an_invocation_is_not_found_right_after_it_is_sent(machine: Machine) -> None:
    machine.cloud.limits(invocation_delay_seconds=30)
    sent = machine.send("true")
    ssm = machine.cloud.client("ssm")
    with pytest.raises(ssm.exceptions.InvocationDoesNotExist):
        ssm.get_command_invocation(CommandId=sent, InstanceId=machine.id)


def test_a_command_that_takes_too_long_is_ended(machine: Machine) -> None:
    begun = time.monotonic()
    found = machine.run("echo begun; sleep 60 & sleep 60; echo never", seconds=1)
    assert time.monotonic() - begun < 10
    assert (found["Status"], found["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert found["ResponseCode"] == -1
    assert found["StandardOutputContent"] == "begun\n"
    assert machine.run("pgrep -x sleep -a | grep -v infinity")["StandardOutputContent"] == ""


def test_a_cancelled_command_ends_and_says_so(machine: Machine) -> None:
    ssm = machine.cloud.client("ssm")
    sent = machine.send("touch /root/begun; sleep 60; touch /root/ended")
    machine.run("until test -e /root/begun; do sleep 0.05; done", seconds=10)
    running = ssm.get_command_invocation(CommandId=sent, InstanceId=machine.id)
    assert running["Status"] == "InProgress"
    ssm.cancel_command(CommandId=sent)
    assert machine.wait(sent)["Status"] == "Cancelled"
    assert machine.run("ls /root/ended")["Status"] == "Failed"


def test_output_is_cut_to_the_services_limits(machine: Machine) -> None:
    found = machine.run("yes out | head -c 50000; yes err | head -c 50000 >&2")
    assert len(found["StandardOutputContent"]) == 24_000
    assert len(found["StandardErrorContent"]) == 8_000
    assert found["StandardOutputContent"].endswith("truncated---")


def test_a_command_leaves_no_mount_behind(machine: Machine) -> None:
    """systemd goes through all of them for each sandboxed unit that it starts."""
    count = "wc -l < /proc/1/mountinfo"
    first = machine.run(count)["StandardOutputContent"]
    assert int(first) < 100
    assert [machine.run(count)["StandardOutputContent"] for _ in range(3)] == [first] * 3
