"""A machine that is new, or was off during a deploy, comes by itself to what its stack runs."""

from __future__ import annotations

import pytest

from clients.aws import AwsAccess
from clients.host_current import HostCurrent
from clients.object_store import ObjectStore
from components.bundle import bundle_key
from components.documents.host_spec import HostServiceSpec
from components.documents.user_data import install_script
from release.host_current import HostEntry, key_of
from tests.localcloud.cloud import REGION, Cloud, Launch, Machine
from tests.localcloud.ecs_estate import within
from tests.localcloud.host_estate import BUCKET, HostEstate

SHOP = HostServiceSpec(
    name="shop", port=8000, publish=8080, health="/healthz", timeout=10, bake=0, drain=1
)
JOB = HostServiceSpec(name="report", job=True, timeout=20)


def access(cloud: Cloud) -> AwsAccess:
    return AwsAccess(
        region=REGION,
        endpoints=AwsAccess.endpoint_pairs({"s3": cloud.url}),
        access_key="any",
        secret_key="word",
    )


def current(estate: HostEstate, version: str, *specs: HostServiceSpec, behaviour: str) -> None:
    """Says, as a rollout does, that a version is what the stack runs."""
    document = HostCurrent(ObjectStore(access(estate.cloud), BUCKET), "test")
    sha256 = estate.upload(version, *specs)
    for spec in specs:
        entry = HostEntry(
            service=spec.name,
            kind=spec.kind,
            key=bundle_key("test", version),
            sha256=sha256,
            version=version,
            image=estate.image("job" if spec.job else behaviour, version),
            timeout=str(spec.limit + 60),
        )
        document.move(spec.name, entry, document.entry(spec.name))


def log(estate: HostEstate) -> str:
    return estate.inside("journalctl -u slipway-converge.service --no-pager --output cat")


@pytest.fixture(scope="module")
def estate(cloud: Cloud, machine: Machine, launch: Launch) -> HostEstate:
    """A machine that has never been deployed to."""
    there = HostEstate.of(cloud, machine, "hosts/converge")
    current(there, "v1", SHOP, JOB, behaviour="good")
    registry = cloud.registry.partition("//")[2]
    script = install_script("test", REGION, BUCKET, f"{registry}/hosts/{{image}}")
    made = launch(UserData=script)
    made.wait_online()
    return HostEstate(cloud, made, there.images, there.digests)


def test_a_new_machine_serves_what_the_stack_runs_without_any_command(estate: HostEstate) -> None:
    within(120, "v1 answers", lambda: estate.get() == "v1")
    within(120, "its end", lambda: "(dead)" in estate.inside("systemctl status slipway-converge"))
    assert "the job ran as v1" in estate.inside("docker logs report")
    status = estate.wait(estate.send("status", SHOP)).report
    assert (status["outcome"], status["version"]) == ("running", "v1")


def test_its_unit_is_no_more_open_than_a_deploy_has_to_be(estate: HostEstate) -> None:
    said = estate.inside("systemd-analyze security slipway-converge.service --no-pager | tail -n 1")
    assert float(said.partition("service: ")[2].split()[0]) <= 7.5, said


def off(estate: HostEstate) -> None:
    estate.cloud.client("ec2").stop_instances(InstanceIds=[estate.machine.id])


def on(estate: HostEstate) -> None:
    estate.cloud.client("ec2").start_instances(InstanceIds=[estate.machine.id])
    estate.machine.wait_online()


def test_a_machine_that_was_off_during_a_deploy_serves_the_new_version(
    estate: HostEstate,
) -> None:
    off(estate)
    current(estate, "v2", SHOP, JOB, behaviour="good")
    on(estate)
    within(120, "v2 answers", lambda: estate.get() == "v2")
    within(120, "one container", lambda: "shop\nreport" in estate.inside(NAMES))


def test_after_a_rollback_it_goes_back_and_pulls_nothing(estate: HostEstate) -> None:
    off(estate)
    current(estate, "v1", SHOP, JOB, behaviour="good")
    on(estate)
    within(120, "v1 answers", lambda: estate.get() == "v1")
    assert '"pull": 0.000' in log(estate).rsplit('"service": "shop"', 1)[1]


def test_a_reboot_with_nothing_new_deploys_nothing(estate: HostEstate) -> None:
    off(estate)
    on(estate)
    looked = "shop: has releases/v1-"
    within(120, "a look", lambda: looked in log(estate), lambda: log(estate))
    within(120, "v1 answers", lambda: estate.get() == "v1")


def test_what_was_deployed_since_the_boot_is_not_undone(estate: HostEstate) -> None:
    """A rollout moves the document last: until then it names the version before."""
    assert estate.deploy(SHOP, "v3").status == "Success"
    estate.inside("systemctl start slipway-converge.service")
    assert "shop: has releases/v3-" in log(estate)
    assert estate.get() == "v3"


@pytest.mark.parametrize(
    "change",
    [
        {"image": "elsewhere.example/hosts/converge:v9@sha256:" + "a" * 64},
        {"key": "bundles/other/deploy-bundle-v9.tar.gz"},
        {"service": "shop", "version": "v9", "sha256": "0" * 64},
    ],
)
def test_what_a_document_may_not_ask_for_is_refused_and_the_version_before_serves(
    estate: HostEstate, change: dict[str, str]
) -> None:
    objects = ObjectStore(access(estate.cloud), BUCKET)
    document = HostCurrent(objects, "test")
    before = document.entry("shop")
    assert before
    document.move("shop", HostEntry(**{**vars(before), **change}), before)
    estate.inside("rm -f /run/slipway/shop/deployed; systemctl start slipway-converge.service")
    assert "test: not deployed: " in log(estate)
    assert "activating (auto-restart)" in estate.inside("systemctl status slipway-converge")
    assert estate.get() == "v3"
    document.move("shop", before, document.entry("shop"))
    estate.inside("systemctl stop slipway-converge.service")


def test_a_damaged_document_is_refused(estate: HostEstate) -> None:
    objects = ObjectStore(access(estate.cloud), BUCKET)
    found = objects.get(key_of("test"), 1 << 20)
    assert found
    hostile = found[0].replace(b'"kind":"service"', b'"kind":"service $(touch /root/owned)"')
    etag = objects.put(key_of("test"), hostile, found[1])
    estate.inside("rm -f /run/slipway/shop/deployed; systemctl start slipway-converge.service")
    assert 'kind":"service $(touch /root/owned)' in log(estate)
    assert estate.inside("ls /root/owned 2>&1").startswith("ls: cannot")
    objects.put(key_of("test"), found[0], etag)
    estate.inside("systemctl stop slipway-converge.service")


NAMES = "docker ps --all --format '{{.Names}}'"
