"""What holds for every component, and for the recording engine that shows it."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.bundle_store import BundleStore, BundleStoreArgs
from components.documents.service import HostServiceSpec
from components.host import Host, HostArgs
from components.host_service import HostService, HostServiceArgs
from components.repository import ImageRepository, ImageRepositoryArgs
from provider.sdk import Provider, ProviderArgs
from tests.engine import Recording, build, failure_of, is_secret

FOLDER = Path(__file__).parents[2] / "components"
DIGEST = "sha256:" + "a" * 64
SHOP = HostServiceSpec(name="book-shop", port=8000, publish=8080, health="/healthz", timeout=42)
ATTA = HostServiceSpec(name="atta", job=True)


def program(suffix: str = "") -> dict[str, Any]:
    """One of every component."""
    actor = Provider(f"rollout{suffix}", ProviderArgs(region="eu-west-1"))
    repository = ImageRepository(
        f"shop{suffix}",
        ImageRepositoryArgs(
            image="shop",
            repository="dev/shop",
            registry="ecr",
            create=True,
            protect=False,
            region="eu-west-1",
        ),
    )
    store = BundleStore(
        f"bundles{suffix}", BundleStoreArgs(bucket="deploys", create=True, protect=False)
    )
    host = Host(
        f"host{suffix}",
        HostArgs(
            stack="dev",
            region="eu-west-1",
            create=True,
            bucket=store.bucket,
            repository="registry.example.com/dev/{image}",
            repository_arns=[repository.arn],
        ),
    )
    services = {
        spec.name: HostService(
            f"{spec.name}{suffix}",
            service_args(spec, host, store.put(f"{spec.name}-bundle", "key", b"", "00")),
            pulumi.ResourceOptions(providers=[actor]),
        )
        for spec in (SHOP, ATTA)
    }
    return {
        name: {"url": made.url, "digest": made.digest, "version": made.version}
        for name, made in services.items()
    }


def service_args(spec: HostServiceSpec, host: Host, key: pulumi.Output[str]) -> HostServiceArgs:
    image = SimpleNamespace(
        digest=pulumi.Output.from_input(DIGEST),
        ref=pulumi.Output.from_input(f"127.0.0.1:4510/dev/shop:v1@{DIGEST}"),
        tag=pulumi.Output.from_input("v1"),
    )
    return HostServiceArgs(
        service=spec,
        image=image,
        host=host,
        bucket="deploys",
        bundle_key=key,
        bundle_sha256="0" * 64,
        bundle_version="v1",
        fingerprint="f",
    )


@pytest.fixture(scope="module")
def recording() -> Recording:
    return build(program)


def test_every_token_is_a_literal_of_its_classes_name_and_unique() -> None:
    tokens = {}
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base) == "pulumi.ComponentResource" for base in node.bases
            ):
                tokens[node.name] = _token(node)

    assert tokens == {name: f"slipway:index:{name}" for name in tokens}
    assert set(tokens) == {
        *("BundleStore", "DockerEngine", "DockerService", "EcsBalancer", "EcsCluster"),
        *("EcsSchedule", "EcsService", "EcsTask", "FunctionUrl", "Host", "HostRole"),
        *("HostService", "ImageRepository", "LambdaFunction", "LambdaService", "ServiceRole"),
        *("CiIdentity", "CiRole", "SessionLogging", "KubernetesCluster", "MicroK8sApp"),
    }


def test_every_child_has_a_component_of_ours_as_its_parent(recording: Recording) -> None:
    components = {each.urn for each in recording.components()}
    children = [each for each in recording.resources if each.custom]
    strays = {each.name for each in children if each.parent not in components}

    assert strays == {"rollout"}, "only the provider stands beside the components"


def test_every_logical_name_derives_from_its_components(recording: Recording) -> None:
    names = {each.urn: each.name for each in recording.components()}
    children = [each for each in recording.resources if each.parent in names]

    assert children
    for child in children:
        assert child.name.startswith(names[child.parent]), child.urn


def test_two_of_every_component_live_in_one_stack() -> None:
    recording = build(lambda: [program(), program("-two")])

    assert len({each.urn for each in recording.resources}) == len(recording.resources)


def test_every_component_registers_its_outputs(recording: Recording) -> None:
    for component in recording.components():
        assert recording.registered_outputs.get(component.urn), component.urn


def test_a_preview_registers_every_resource(recording: Recording) -> None:
    previewed = build(program, preview=True)

    assert {each.urn for each in previewed.resources} == {each.urn for each in recording.resources}


def test_a_service_is_rolled_out_by_digest_with_all_it_needs(recording: Recording) -> None:
    rollouts = {each.name: each.inputs for each in recording.of("rollout:index:HostRollout")}
    document = recording.one("aws:ssm/document:Document")

    assert rollouts["book-shop-rollout"] == {
        "service": "book-shop",
        "kind": "service",
        "instances": ["host-instance-id"],
        "document": document.inputs["name"],
        "document_hash": "f" * 64,
        "bucket": "deploys",
        "bundle_key": "key",
        "bundle_sha256": "0" * 64,
        "image": f"127.0.0.1:4510/dev/shop:v1@{DIGEST}",
        "digest": DIGEST,
        "version": "v1",
        "again": False,
        "policy": "independent",
        "concurrency": "100%",
        "errors": "0",
        "on_failure": "put-back",
        "log_group": "/slipway/dev/host/deploys",
        "fingerprint": "f",
        "timeout": 77,  # healthy, bake window, drain
    }
    assert rollouts["atta-rollout"]["kind"] == "job"


def test_a_service_gives_back_its_address_and_what_runs(recording: Recording) -> None:
    assert recording.result == {
        "book-shop": {"url": "http://172.17.0.9:8080", "digest": DIGEST, "version": "v1"},
        "atta": {"url": None, "digest": DIGEST, "version": "v1"},
    }


def test_a_rollout_waits_for_the_bundle_to_be_stored(recording: Recording) -> None:
    for rollout in recording.of("rollout:index:HostRollout"):
        waited = {urn.rsplit("::", 1)[1] for urn in rollout.dependencies}

        assert f"bundles-{rollout.inputs['service']}-bundle" in waited


def test_the_engine_refuses_two_resources_of_one_urn() -> None:
    assert "registered twice" in failure_of(lambda: [program(), program()])


def test_the_engine_refuses_a_type_whose_outputs_it_does_not_know() -> None:
    failure = failure_of(lambda: pulumi.CustomResource("aws:sqs/queue:Queue", "queue", {}).urn)

    assert "aws:sqs/queue:Queue has no outputs" in failure


def test_the_engine_shows_secrets_as_secrets() -> None:
    def with_secret() -> None:
        args = ProviderArgs(region="eu-west-1", access_key="local", secret_key="word")
        Provider("rollout", args)

    inputs = build(with_secret).one("pulumi:providers:rollout").inputs

    assert is_secret(inputs["secret_key"])
    assert not is_secret(inputs["access_key"])


def test_the_engine_raises_what_a_program_raised() -> None:
    def broken() -> pulumi.Output[int]:
        return pulumi.Output.from_input(0).apply(lambda zero: 1 // zero)

    assert failure_of(broken).startswith("ZeroDivisionError")


def _token(node: ast.ClassDef) -> object:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
            first = call.args[0]
            return first.value if isinstance(first, ast.Constant) else ast.unparse(first)
    return None
