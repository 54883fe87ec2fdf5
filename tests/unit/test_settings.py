"""The stack file: what it takes, and how it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.guards import (
    check_protected,
    check_services,
    check_version_given,
    wrong_account,
)
from infra.look import Look
from infra.service_specs import specs_of
from infra.settings import Settings, read_settings
from release.catalogue import ImageSource
from release.plan import Naming, Tree, plan_images

PROJECT = Path(__file__).resolve().parents[2]
SERVICE = {"target": "host", "port": 8000}


def config(**own: object) -> dict[str, str]:
    """A whole configuration as Pulumi hands it over, with these keys of ours changed."""
    keys: dict[str, object] = {
        "bundles": {"bucket": "acme-deploys"},
        "host": {"create": True},
        "services": {"api": SERVICE},
        **own,
    }
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in keys.items()}
    return {"aws:region": "eu-west-1", **{f"slipway:{k}": v for k, v in texts.items()}}


def settings(**own: object) -> Settings:
    return read_settings("slipway", "dev", config(**own))


def refusal(**own: object) -> str:
    with pytest.raises(ValueError, match=r"Pulumi\.dev\.yaml is not right:") as told:
        settings(**own)
    return str(told.value)


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_every_stack_file_of_this_repository_is_right(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    values = yaml.safe_load(text)["config"]
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    assert read_settings("slipway", stack, texts).protected == (stack == "prod")


def test_all_problems_are_told_at_once_each_by_its_key() -> None:
    told = refusal(
        rots="x",
        version="v01",
        release={"names": ["{shaa}"]},
        services={"api": {"target": "lamda"}, "web": {"target": "host", "prot": 1}},
    )
    assert "slipway:rots: 'rots' is not a key here\n    did you mean 'roots'?" in told
    assert "slipway:version: 'v01'" in told
    assert "slipway:release.names" in told
    assert "services.api.target: 'lamda' is not a target\n    allowed: 'host', 'ecs'" in told
    assert "slipway:services.web.prot: 'prot' is not a key here\n    did you mean 'port'?" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("key", ["region", "profile", "endpoints", "secret_key", "project"])
def test_a_key_of_aws_is_not_taken_from_our_own_namespace(key: str) -> None:
    assert f"slipway:{key}: '{key}' is not a key here" in refusal(**{key: "x"})


def test_a_missing_bucket_and_region_are_named() -> None:
    with pytest.raises(ValueError, match="bundles: is missing") as told:
        read_settings("slipway", "dev", {})
    assert "aws:region" in str(told.value)


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"target": "host"}, "needs `port`"),
        ({"target": "host", "job": True, "port": 1}, "a job serves no port"),
        ({"target": "host", "port": 70000}, "services.api.port"),
        ({"target": "host", "port": 80, "health": "/$(id)"}, "services.api.health"),
        ({"target": "host", "job": True, "volumes": ["../x:/y"]}, "services.api.volumes"),
        ({"port": 80}, "services.api.target: is missing"),
    ],
)
def test_a_service_that_cannot_run_is_refused(service: dict[str, object], told: str) -> None:
    assert told in refusal(services={"api": service})


def test_a_host_is_created_or_found_and_never_both() -> None:
    assert "either" in refusal(host={"create": True, "instances": {"tag": "role=app"}})
    assert "either" in refusal(host={})


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("concurrency", 0, "1% to 100%"),
        ("concurrency", "half", "1% to 100%"),
        ("concurrency", True, "host.concurrency"),
        ("errors", -1, "0% to 100%"),
        ("errors", "101%", "0% to 100%"),
        ("on_failure", "ignore", "'put-back' or 'hold'"),
        ("log_days", 2, "allowed: 1, 3, 5"),
    ],
)
def test_how_a_fleet_switches_is_refused_with_what_is_allowed(
    key: str, value: object, allowed: str
) -> None:
    text = refusal(host={"create": True, key: value})
    assert f"host.{key}" in text
    assert allowed in text


@pytest.mark.parametrize("said", [{"on_failure": "hold"}, {"errors": 1}, {"errors": "10%"}])
def test_a_fleet_that_keeps_failures_is_not_put_back_together(said: dict[str, object]) -> None:
    text = refusal(host={"create": True, **said}, rollout={"policy": "together"})
    assert "choose one of both" in text


@pytest.mark.parametrize(
    "instances", [{}, {"tag": "role"}, {"id": "i-1"}, {"tag": "a=b", "x": "y"}]
)
def test_machines_are_found_by_one_tag(instances: dict[str, str]) -> None:
    assert "allowed: {tag: name=value}" in refusal(host={"instances": instances})


def test_keys_belong_to_a_local_cloud_only() -> None:
    with pytest.raises(ValueError, match="aws:accessKey belongs to a local cloud"):
        read_settings("slipway", "dev", config() | {"aws:accessKey": "AKIA"})


@pytest.mark.parametrize("said", ["0", "", "s3", '{"s3": "http://x"}', "[1]", '["s3"]', "[[]]"])
def test_endpoints_are_a_list_of_mappings(said: str) -> None:
    with pytest.raises(ValueError, match=r"aws:endpoints: .*\n.*a list of mappings, as Pulumi's"):
        read_settings("slipway", "dev", config() | {"aws:endpoints": said})


@pytest.mark.parametrize("said", ['[{"s3": 1}]', '[{"s3": null}]', '[{"s3": ["http://x"]}]'])
def test_an_endpoint_is_a_text(said: str) -> None:
    with pytest.raises(ValueError, match=r"aws:endpoints: .*\n.*valid string"):
        read_settings("slipway", "dev", config() | {"aws:endpoints": said})


def test_endpoints_of_several_mappings_count_together() -> None:
    both = '[{"s3": "http://x"}, {"ecr": "http://y", "sts": "http://z"}]'
    settings = read_settings("slipway", "dev", config() | {"aws:endpoints": both})
    assert settings.endpoints == {"s3": "http://x", "ecr": "http://y", "sts": "http://z"}


def test_no_secret_key_is_shown_by_the_settings() -> None:
    local = {
        "aws:accessKey": "a",
        "aws:secretKey": "s3cr3t",
        "aws:endpoints": '[{"s3": "http://x"}]',
    }
    assert "s3cr3t" not in repr(read_settings("slipway", "dev", config() | local))


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4))
def test_any_stack_file_gives_settings_or_one_clear_refusal(own: dict[str, str]) -> None:
    texts = config() | {f"slipway:{key}": value for key, value in own.items()}
    try:
        read_settings("slipway", "dev", texts)
    except ValueError as error:
        assert str(error).startswith("Pulumi.dev.yaml is not right:")  # noqa: PT017


def seen(dirty: str | None = None) -> Look:
    folder = "services/api"
    source = ImageSource(
        name="api", folder=folder, context=folder, dockerfile=f"{folder}/Dockerfile"
    )
    tree = Tree(
        commit="c" * 40,
        tree="t",
        ids={folder: "x", f"{folder}/Dockerfile": "y"},
        uncommitted=frozenset({dirty} if dirty else ()),
    )
    naming = Naming(templates=("{version}",), stack="prod", version="v1.2.0")
    images = plan_images({"api": source}, tree, naming, args={})
    return Look(tree=tree, images=images, shallow=False)


def test_a_protected_stack_refuses_an_uncommitted_input_by_name() -> None:
    with pytest.raises(ValueError, match=r"api: not committed: services/api/app\.py"):
        check_protected(
            settings(protected=True, version="v1.2.0", release={"names": ["{version}"]}),
            seen("services/api/app.py"),
        )


def test_a_rewritten_stack_file_does_not_make_a_protected_stack_refuse() -> None:
    given_version = settings(protected=True, version="v1.2.0")
    check_protected(given_version, seen("Pulumi.prod.yaml"))


PROMOTE = {"images": "promote", "names": ["{version}"]}


@pytest.mark.parametrize("own", [{"protected": True}, {"release": PROMOTE}])
def test_a_release_wants_a_version_for_an_update_and_none_for_a_preview(
    own: dict[str, object],
) -> None:
    check_version_given(settings(**own), seen(), preview=True)
    check_version_given(settings(**own), replace(seen(), version="v1.2.0"), preview=False)
    with pytest.raises(ValueError, match=r"-c version=v1\.2\.0"):
        check_version_given(settings(**own), seen(), preview=False)


def test_a_stack_of_snapshots_wants_no_version() -> None:
    check_version_given(settings(), seen(), preview=False)


@pytest.mark.parametrize("names", [["{sha}"], ["{version}", "{version}-{short_sha}"], ["latest"]])
def test_a_promotion_gives_release_names_only(names: list[str]) -> None:
    assert "`promote` gives release names only" in refusal(
        release={"images": "promote", "names": names}
    )


def test_a_protected_stack_has_no_moving_name() -> None:
    assert "latest" in refusal(protected=True, release={"names": ["latest-dev"]})


def test_a_service_without_an_image_is_refused_with_the_images_there_are() -> None:
    with pytest.raises(ValueError, match="there is no image 'web'\n    allowed: api"):
        check_services(settings(services={"web": SERVICE}), seen())


def test_a_repository_without_images_is_refused_with_its_roots() -> None:
    empty = Look(tree=seen().tree, images={}, shallow=False)
    with pytest.raises(ValueError, match="no Dockerfile below services"):
        check_services(settings(), empty)


def test_another_account_is_refused_with_both_numbers() -> None:
    ours = settings(account="123456789012")
    assert wrong_account(ours, "123456789012") is None
    told = wrong_account(ours, "210987654321") or ""
    assert "123456789012" in told
    assert "210987654321" in told


def test_each_target_has_keys_of_its_own_and_refuses_those_of_others() -> None:
    told = refusal(
        services={
            "api": {"target": "ecs", "port": 3000, "publish": 80},
            "hook": {"target": "lambda", "port": 3000},
            "web": {"target": "docker", "job": True},
        }
    )
    assert "slipway:services.api.publish: 'publish' is not a key here" in told
    assert "cpu, memory, architecture" in told
    assert "slipway:services.hook.port: 'port' is not a key here" in told
    assert "slipway:services.web.job: 'job' is not a key here" in told


def test_a_secret_typed_in_the_place_of_its_reference_is_refused_and_never_shown() -> None:
    told = refusal(services={"hook": {"target": "lambda", "secrets": {"TOKEN": "hunter2"}}})
    assert "slipway:services.hook.secrets.TOKEN" in told
    assert "hunter2" not in told


def test_a_smoke_event_that_is_not_json_is_refused() -> None:
    told = refusal(services={"hook": {"target": "lambda", "smoke": "{ping"}})
    assert "slipway:services.hook.smoke" in told
    assert "the smoke event is not JSON" in told


def test_a_balancer_s_unknown_key_is_told_with_those_there_are() -> None:
    service = {"target": "ecs", "port": 3000, "balancer": {"publik": True}}
    told = refusal(services={"api": service})
    assert "did you mean 'public'? allowed: public, certificate, open_to" in told


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"target": "ecs", "port": 3000, "cpu": 300}, "300"),
        ({"target": "ecs", "port": 3000, "cpu": 256, "memory": 4096}, "4096"),
        ({"target": "ecs", "schedule": "every day"}, "every day"),
    ],
)
def test_what_fargate_would_refuse_is_refused_before_anything(
    service: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=r"slipway:services\.api") as refused:
        specs_of(settings(services={"api": service}), seen())
    assert said in str(refused.value)


def test_a_function_of_an_index_or_another_registry_is_refused() -> None:
    function = {"api": {"target": "lambda"}}
    attested = settings(services=function, build={"attest": True})
    with pytest.raises(ValueError, match="attest: false"):
        specs_of(attested, look_of(attested))
    elsewhere = settings(services=function, registry={"kind": "registry.example.com:443"})
    with pytest.raises(ValueError, match="private ECR"):
        specs_of(elsewhere, look_of(elsewhere))


def look_of(wanted: Settings) -> Look:
    """The image api as these settings would build it."""
    image = replace(seen().images["api"], attest=bool(wanted.build.attest))
    return replace(seen(), images={"api": image})
