"""What a function writes arrives in CloudWatch Logs, between Lambda's own lines."""

import base64
import re
import time

from tests.localcloud.cloud import Cloud
from tests.localcloud.lambda_kit import Kit


def lines(cloud: Cloud, name: str) -> dict[str, list[str]]:
    """What is in the log group of a function, by stream."""
    logs, group = cloud.client("logs"), f"/aws/lambda/{name}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    return {
        stream["logStreamName"]: [
            event["message"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        for stream in streams
    }


def test_logs_have_the_functions_lines_between_lambdas_own(kit: Kit) -> None:
    kit.create("logging")
    _, answer = kit.invoke("logging", {"print": "first"}, LogType="Tail")
    kit.invoke("logging", {"print": "second"})
    (stream, found), *others = lines(kit.cloud, "logging").items()
    assert not others, "a sandbox writes to one stream"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    request = answer["ResponseMetadata"]["RequestId"]
    assert found[:3] == [
        f"START RequestId: {request} Version: $LATEST", "first", f"END RequestId: {request}",
    ]  # fmt: skip
    assert re.fullmatch(
        rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\t",
        found[3],
    )
    assert found[5] == "second"
    assert "Init Duration" not in found[7], "the second one was warm"
    assert base64.b64decode(answer["LogResult"]).decode().splitlines() == found[:4]


def test_the_tail_of_a_log_is_four_kilobytes(kit: Kit) -> None:
    kit.create("chatty")
    _, answer = kit.invoke("chatty", {"print": "x" * 9000}, LogType="Tail")
    tail = base64.b64decode(answer["LogResult"])
    assert len(tail) == 4096
    assert b"REPORT RequestId" in tail
    assert "LogResult" not in kit.invoke("chatty")[1]


def test_logs_go_to_the_group_of_the_logging_config(kit: Kit) -> None:
    kit.create("elsewhere", LoggingConfig={"LogGroup": "/own/group"})
    kit.invoke("elsewhere")
    logs = kit.cloud.client("logs")
    assert logs.describe_log_streams(logGroupName="/own/group")["logStreams"]


def test_logs_of_a_role_that_may_not_log_are_lost(kit: Kit) -> None:
    logs, group = kit.cloud.client("logs"), "/aws/lambda/mute"
    kit.create("mute", Role=kit.new_role("mute"))
    assert kit.invoke("mute")[0]["count"] == 1
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    kit.client.update_function_configuration(FunctionName="mute", Timeout=9)
    kit.wait("mute")
    logs.create_log_group(logGroupName=group)
    assert kit.invoke("mute")[0]["count"] == 1
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def test_a_dry_run_runs_nothing_and_an_event_runs_later(kit: Kit) -> None:
    kit.create("later")
    assert kit.invoke("later", InvocationType="DryRun")[1]["StatusCode"] == 204
    said, answer = kit.invoke("later", {"print": "done"}, InvocationType="Event")
    assert (said, answer["StatusCode"]) == (None, 202)
    deadline = time.monotonic() + 20
    found: list[str] = []
    while "done" not in found and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = kit.cloud.client("logs").describe_log_groups(
            logGroupNamePrefix="/aws/lambda/later"
        )
        if groups["logGroups"]:
            found = [line for stream in lines(kit.cloud, "later").values() for line in stream]
    assert "done" in found
    assert len([line for line in found if line.startswith("START")]) == 1
