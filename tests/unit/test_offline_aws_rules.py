"""What the offline aws plugin fills in, finds different, and knows in a preview."""

import json
import subprocess
import sys
import threading

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from offline.aws.cloud import settings
from offline.aws.documents import same_policy
from offline.plugin.compare import same
from offline.plugin.table import Property
from offline.plugin.waiting import WaitError, wait_until
from offline.plugin.wire import UNKNOWN
from tests.offline_aws_engine import SERVICES, Engine, configuration, engine
from tests.offline_aws_examples import ASSUME, document, policy

BUCKET = "aws:s3/bucket:Bucket"
REPOSITORY = "aws:ecr/repository:Repository"
DOCUMENT = "aws:ssm/document:Document"


def test_a_name_left_out_is_made_once_from_the_logical_name(asking: Engine) -> None:
    first, _ = asking.check(BUCKET, "Deploys", {})
    assert first["bucket"].startswith("deploys-")
    assert len(first["bucket"]) == len("deploys-") + 7
    again, _ = asking.check(BUCKET, "Deploys", {}, {**first, "bucket": "deploys-0000000"})
    assert again["bucket"] == "deploys-0000000"
    chosen, _ = asking.check(BUCKET, "Deploys", {"bucket": "mine"}, first)
    assert chosen["bucket"] == "mine"
    assert "bucket" not in chosen["__defaults"]


def test_a_changed_name_replaces_and_a_chosen_name_is_freed_first(asking: Engine) -> None:
    made = asking.create(REPOSITORY, "r", {"name": "dev/old"})
    difference = asking.diff(made, {"name": "dev/new"})
    assert list(difference.replaces) == ["name"]
    assert not difference.deleteBeforeReplace
    encrypted = {"name": "dev/old", "encryptionConfigurations": [{"encryptionType": "KMS"}]}
    difference = asking.diff(made, encrypted)
    assert list(difference.replaces) == ["encryptionConfigurations"]
    assert difference.deleteBeforeReplace


def test_a_preview_of_a_new_resource_knows_its_inputs_and_nothing_else(asking: Engine) -> None:
    inputs = {"name": "dev/seen", "imageTagMutability": "IMMUTABLE", "tags": {"a": "b"}}
    state = asking.preview(REPOSITORY, "api", inputs)
    assert state["name"] == "dev/seen"
    assert state["tagsAll"] == {"a": "b"}
    assert state["region"] == "eu-west-1"
    assert state["repositoryUrl"] is UNKNOWN
    with pytest.raises(grpc.RpcError):
        asking.invoke("aws:ecr/getRepository:getRepository", name="dev/seen")


def test_a_preview_of_a_change_knows_what_stays(asking: Engine) -> None:
    first = {"name": "seen", "documentType": "Command", "content": document("one")}
    made = asking.create(DOCUMENT, "d", first)
    unchanged = asking.update(made, {**first, "tags": {"a": "b"}}, preview=True)
    assert unchanged.state["hash"] == made.state["hash"]
    changed = asking.update(made, {**first, "content": document("two")}, preview=True)
    assert changed.state["hash"] is UNKNOWN
    assert changed.state["arn"] == made.state["arn"]
    assert asking.changed(made, {**first, "content": UNKNOWN}) == ["content"]


def test_default_tags_go_to_every_resource_and_are_no_diff(moto_url: str) -> None:
    tags = json.dumps({"tags": {"team": "platform", "app": "default"}})
    with engine(configuration(moto_url, defaultTags=tags)) as asking:
        made = asking.create(BUCKET, "b", {"bucket": "tagged", "tags": {"app": "x"}})
        assert made.state["tagsAll"] == {"team": "platform", "app": "x"}
        assert made.state["tags"] == {"app": "x"}
        assert asking.changed(made, {"bucket": "tagged", "tags": {"app": "x"}}) == []
    with engine(configuration(moto_url)) as without:
        assert without.changed(made, {"bucket": "tagged", "tags": {"app": "x"}}) == ["tagsAll"]


def test_a_change_behind_pulumis_back_is_seen_by_a_refresh(asking: Engine) -> None:
    inputs = {"name": "drifting", "assumeRolePolicy": ASSUME, "description": "ours"}
    made = asking.create("aws:iam/role:Role", "r", inputs)
    theirs = asking.update(made, {**inputs, "description": "theirs", "tags": {"by": "hand"}})
    seen = asking.read(made)
    assert seen is not None
    assert seen.state == theirs.state
    assert seen.inputs["description"] == "theirs"
    assert sorted(asking.changed(seen, inputs)) == ["description", "tags"]


def test_documents_are_compared_by_meaning() -> None:
    one = policy("s3:Get", "s3:Put")
    assert same(Property(same_policy), one, policy("s3:Put", "s3:Get"))
    assert not same(Property(same_policy), one, policy("s3:Get"))
    assert same(Property("json"), '{"a": 1, "b": [2]}', '{"b":[2],"a":1}')
    assert not same(Property("json"), '{"a": [1, 2]}', '{"a": [2, 1]}')
    assert same(Property("document"), "a: [1]", '{"a": [1]}')
    assert not same(Property(same_policy), UNKNOWN, one)


def test_a_cancelled_wait_ends_at_once() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(WaitError, match="instance running: cancelled"):
        wait_until(lambda: False, "instance running", 600, cancelled)


def test_the_plugin_process_serves_on_the_port_it_prints(moto_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "offline.aws", "127.0.0.1:1"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            asking = Engine(provider_pb2_grpc.ResourceProviderStub(channel))
            asking.configure(configuration(moto_url))
            made = asking.create(BUCKET, "b", {"bucket": "by-process"})
            assert made.state["arn"] == "arn:aws:s3:::by-process"
    finally:
        process.terminate()
        process.wait(10)


def test_each_service_has_its_own_endpoint() -> None:
    blocks = json.dumps([{name: f"http://127.0.0.1/{name}"} for name in SERVICES])
    chosen = settings({"region": "eu-west-1", "endpoints": blocks})
    assert chosen.endpoints["ssm"] == "http://127.0.0.1/ssm"
