"""What keeps a run short: nothing is loaded, sent or read that nobody needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

from clients import aws
from clients.aws import AwsAccess, client
from infra import ahead as ahead_module
from infra.ahead import Ahead, answer_of, ask_ahead, in_background
from infra.debug_lines import DebugLines, gather_debug_lines
from infra.former import Former, former_of
from provider import wire
from release.yaml_document import yaml_of
from tests.fresh_process import loaded_by

ACCOUNT = "123456789012"


@pytest.mark.parametrize("plugin", ["provider", "offline.aws", "offline.docker"])
def test_a_plugin_speaks_the_protocol_without_the_sdk(plugin: str) -> None:
    loaded = loaded_by(f"import {plugin}.__main__")
    assert "pulumi.runtime.proto.provider_pb2" in loaded
    assert not loaded & {"pulumi.resource", "pulumi.automation", "pulumi.runtime.rpc"}


def test_a_plugin_of_ours_makes_no_models_before_it_needs_them() -> None:
    assert "pydantic" not in loaded_by("import provider.resources")


def test_a_plugin_of_ours_answers_before_it_has_loaded_what_resources_need() -> None:
    loaded = loaded_by("import provider.__main__")
    assert "grpc.aio" in loaded
    assert not loaded & {"provider.resources", "clients.registry", "requests"}


HOST = "import runpy; host = runpy.run_path('offline/language/language_host.py', run_name='host')"


def test_a_language_host_that_runs_no_program_loads_no_sdk() -> None:
    assert not loaded_by(HOST) & {"pulumi.resource", "importlib.metadata"}
    after = f"{HOST}; before = sys.modules['pulumi.runtime.proto']; host['protocol']['with_sdk']()"
    same = "import pulumi; assert pulumi.runtime.proto is before; pulumi.Resource"
    assert "pulumi.runtime.rpc" in loaded_by(f"{after}; {same}")


def test_the_words_of_the_protocol_are_those_of_the_sdk() -> None:
    assert wire.UNKNOWN == rpc.UNKNOWN
    assert rpc._special_sig_key == wire._SIGNATURE
    assert rpc._special_secret_sig == wire._SECRET


def test_the_settings_load_neither_boto3_nor_requests() -> None:
    assert not loaded_by("import infra.settings") & {"boto3", "botocore", "requests"}


class Sent(list[str]):
    """What the engine was told."""

    def __call__(self, msg: str, *about: Any, **more: Any) -> None:
        self.append(msg)


def test_debug_lines_are_sent_in_parcels_and_none_is_lost() -> None:
    sent = Sent()
    lines = DebugLines(sent, parcel=3)
    for number in range(7):
        lines.add(f"line {number}")
    assert sent == ["line 0\nline 1\nline 2", "line 3\nline 4\nline 5"]
    lines.add("run_pulumi_func completed")
    assert sent[2:] == ["line 6\nrun_pulumi_func completed"]
    lines.flush()
    assert len(sent) == 3


def test_a_debug_line_about_a_resource_goes_at_once() -> None:
    sent = Sent()
    lines = DebugLines(sent)
    lines.add("waits")
    lines.add("of api", "the resource")
    assert sent == ["of api"]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Sent:
    sent = Sent()
    for name in ("debug", "warn", "error"):
        monkeypatch.setattr(pulumi.log, name, sent)
    return sent


def test_a_warning_comes_after_what_was_said_before_it(log: Sent) -> None:
    gather_debug_lines()
    pulumi.log.debug("first")
    assert log == []
    pulumi.log.warn("second")
    pulumi.log.error("third")
    assert log == ["first", "second", "third"]


class State:
    """An engine that answers with a state, and with an account or its refusal."""

    def __init__(self, resources: dict[str, Any], refusal: Exception | None = None) -> None:
        self.answer = json_format.ParseDict({"outputs": resources}, struct_pb2.Struct())
        self.identity = json_format.ParseDict({"accountId": ACCOUNT}, struct_pb2.Struct())
        self.refusal = refusal
        self.asked: dict[str, Any] = {}

    def Invoke(self, request: Any) -> Any:  # noqa: N802 -- a name of Pulumi's protocol
        self.asked[request.tok.rpartition(":")[2]] = request
        if not request.tok.startswith("aws:"):
            return _Answer(self.answer)
        if self.refusal:
            raise self.refusal
        return _Answer(self.identity)


class _Answer:
    failures = ()

    def __init__(self, values: struct_pb2.Struct) -> None:
        setattr(self, "return", values)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ahead]:
    """Asks an engine for a stack of these settings, whose folder is tmp_path."""

    def asked(engine: State, **config: str) -> Ahead:
        monkeypatch.setattr(ahead_module, "get_monitor", lambda: engine)
        monkeypatch.setattr(ahead_module, "project_folder", lambda: tmp_path)
        settings = {key.replace("_", ":", 1): value for key, value in config.items()}
        monkeypatch.setattr(ahead_module, "stack_config", lambda: settings)
        monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
        monkeypatch.setattr(pulumi, "get_project", lambda: "slipway")
        return ask_ahead()

    return asked


def test_whose_credentials_these_are_is_asked_of_the_default_provider_ahead(
    ask: Callable[..., Ahead],
) -> None:
    engine = State({})
    ahead = ask(engine, slipway_account=ACCOUNT)
    assert ahead.account == ACCOUNT
    answer_of(ahead.state)
    assert engine.asked["getCallerIdentity"].version == version("pulumi_aws")
    assert engine.asked["readStackResourceOutputs"].version == ""


def test_an_account_that_is_not_told_ahead_is_asked_for_again(ask: Callable[..., Ahead]) -> None:
    expired = State({}, refusal=RuntimeError("the token has expired"))
    assert ask(expired, slipway_account=ACCOUNT).account is None
    assert "getCallerIdentity" in expired.asked


def test_where_an_env_file_may_say_who_logs_in_nothing_is_asked_ahead(
    ask: Callable[..., Ahead], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("AWS_PROFILE=ours")
    for config in ({"slipway_account": ACCOUNT}, {"aws_accessKey": "local"}):
        assert ask(State({}), **config).identity is None
    local = ask(State({}), slipway_account=ACCOUNT, aws_accessKey="local")
    assert local.account == ACCOUNT


def test_what_began_is_waited_for_whoever_ended_the_loop_before() -> None:
    asyncio.run(asyncio.sleep(0))
    assert answer_of(in_background(sum, [1, 2])) == 3


def test_what_is_asked_ahead_loads_neither_models_nor_clients() -> None:
    assert not loaded_by("import infra.start") & {"pydantic", "pulumi_aws", "boto3", "requests"}


def test_of_a_state_the_few_outputs_are_read_that_count(ask: Callable[..., Ahead]) -> None:
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": "sha256:2"}
    state = State(
        {
            "urn:pulumi:dev::x::slipway:index:LambdaService::api": {
                "type": "slipway:index:LambdaService"
            },
            "urn:pulumi:dev::x::rollout:index:LambdaRollout::api-rollout": {
                "type": "rollout:index:LambdaRollout",
                "outputs": {"deployed_digest": secret, "seconds": {"total": 2}},
            },
            "urn:pulumi:dev::x::rollout:index:Image::api": {
                "type": "rollout:index:Image",
                "outputs": {"digest": "sha256:1"},
            },
            "urn:pulumi:dev::x::aws:ecr/repository:Repository::api-repository": {
                "type": "aws:ecr/repository:Repository",
                "outputs": {"name": "dev/api", "tags": {"a": "b"}},
            },
            "urn:pulumi:dev::x::slipway:index:KubernetesCluster::cluster": {
                "type": "slipway:index:KubernetesCluster",
                "outputs": {"cluster_id": "one", "moving": True},
            },
        }
    )
    found = former_of(answer_of(ask(state).state))
    assert state.asked["readStackResourceOutputs"].args["stackName"] == "dev"
    assert found.services == {"api": ("lambda", "sha256:2")}
    assert found.digests == {"api": "sha256:1"}
    assert found.repositories == {"api": "dev/api"}
    assert (found.cluster, found.moving) == ("one", True)


def test_a_stack_without_a_state_has_no_former(ask: Callable[..., Ahead]) -> None:
    state = State({})
    state.answer.Clear()
    assert former_of(answer_of(ask(state).state)) == Former()


def test_a_yaml_text_that_is_none_is_refused_with_its_line() -> None:
    assert yaml_of("a: [1, {b: c}]") == {"a": [1, {"b": "c"}]}
    with pytest.raises(Exception, match=r"a: \[1"):
        yaml_of("a: [1\nb: 2\n")
    with pytest.raises(Exception, match="could not determine a constructor"):
        yaml_of("!!python/object/apply:os.system ['true']")


def test_brackets_that_would_end_the_quick_reader_are_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        yaml_of("[" * 200_000)
    with pytest.raises(ValueError, match="nested too deeply"):
        yaml_of("- " * 200_000)


def test_clients_of_one_account_share_what_boto3_reads() -> None:
    access = AwsAccess(region="eu-west-1", access_key="a", secret_key="b")
    session = aws._session(access)
    assert client(access, "sts").meta.region_name == "eu-west-1"
    assert client(access, "ecr", "us-east-1").meta.region_name == "us-east-1"
    assert aws._session(access) is session
    assert aws._session(AwsAccess(region="eu-west-1", access_key="c")) is not session
