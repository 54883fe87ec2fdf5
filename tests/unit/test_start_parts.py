"""Of the SDKs what a program names, and one line for each resource."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime.resource as sdk
import pytest

from infra.source_positions import first_line, gather_positions
from tests.fresh_process import loaded_by, said_by

PROJECT = Path(__file__).resolve().parents[2]
NO_CODE = {"aws.amazon.com"}
SDK = "from infra.sdk_parts import load_parts; load_parts(); import pulumi_aws as aws; "


def test_of_the_sdk_the_files_are_loaded_that_are_named() -> None:
    names = "aws.s3.Bucket, aws.cloudwatch.LogGroup, aws.iam.get_policy_document"
    of_s3 = {each for each in loaded_by(SDK + names) if each.startswith("pulumi_aws.s3.")}
    files = ("_enums", "_inputs", "bucket", "outputs")
    assert of_s3 == {f"pulumi_aws.s3.{file}" for file in files}


def test_a_name_of_the_sdk_is_the_same_as_without_that() -> None:
    named = sorted(set(re.findall(r"\baws\.[a-z0-9_]+\.[A-Za-z_]+", _sources())) - NO_CODE)
    assert len(named) > 60
    code = f"print([(each.__module__, each.__qualname__) for each in ({', '.join(named)},)])"
    ours, theirs = (said_by(f"{how}import pulumi_aws as aws; {code}") for how in (SDK, ""))
    assert ours == theirs


def test_what_is_not_where_it_should_be_loads_its_service_as_ever() -> None:
    assert "pulumi_aws.s3.access_point" in loaded_by(SDK + "aws.s3.CannedAcl")
    missing = "\ntry: aws.s3.Nothing\nexcept AttributeError as error: print(error)"
    assert said_by(SDK + missing) == "module 'pulumi_aws.s3' has no attribute 'Nothing'\n"


def _sources() -> str:
    rooms = [each for room in ("infra", "components") for each in (PROJECT / room).glob("*.py")]
    return "\n".join(each.read_text() for each in rooms)


class Made(pulumi.ComponentResource):
    """A resource as components are."""

    def __init__(self, name: str) -> None:
        super().__init__("test:index:Made", name)


def test_a_resource_comes_with_the_line_that_made_it_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []

    def register(*_: Any, **__: Any) -> None:
        found.append((sdk._get_stack_trace(), first_line()))

    monkeypatch.setattr(pulumi.resource, "register_resource", register)
    monkeypatch.setattr(sdk, "_get_stack_trace", sdk._get_stack_trace)
    Made("one")
    (whole, line), *_ = found
    assert len(whole.frames) > 5
    assert [each.pc for each in line.frames] == [whole.frames[0].pc]
    assert line.frames[0].pc.uri == Path(__file__).as_uri()
    gather_positions()
    assert sdk._get_stack_trace is first_line
    assert not first_line().frames


def test_a_clients_modules_are_loaded_by_whom_they_serve() -> None:
    assert not loaded_by("import infra.program") & {"clients.kubernetes", "requests"}
