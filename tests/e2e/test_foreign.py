"""A real machine refuses what is not its stack's: altered bundles, foreign images and digests.

Whoever may send commands and write into the bucket is the attacker here. Each time the version
before goes on serving.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.bundle import bundle
from components.documents.service import HostServiceSpec, bundle_files
from tests.estate import STACK, Estate

BUCKET = "slipway-local-deploys"
DOCUMENT = f"slipway-deploy-{STACK}"
SHOP = HostServiceSpec(name="book-shop", port=8000, publish=8080, health="/healthz", timeout=60)


@pytest.fixture(scope="module")
def deployed(estate: Estate) -> dict[str, Any]:
    """The services as a good update has left them."""
    file = estate.slipway / f"Pulumi.{STACK}.yaml"
    file.write_text(file.read_text().replace("timeout: 15", "timeout: 60"))
    estate.up().ok()
    return estate.services()


@pytest.fixture
def unchanged(estate: Estate, deployed: dict[str, Any]) -> Iterator[None]:
    """After the test the machine serves as before it, with the same unit and environment."""
    look = "cat /etc/systemd/system/book-shop.service /opt/book-shop/.env; readlink /opt/*/current"
    before, answer = estate.on_machine(look).ok(), estate.get("/version")
    yield
    assert estate.get("/version") == answer
    assert answer["digest"] == deployed["book-shop"]["digest"]
    assert estate.on_machine(look).ok() == before


def repository(estate: Estate, image: str) -> str:
    return f"127.0.0.1:{estate.registry_port}/local/{image}"


def put(estate: Estate, data: bytes, version: str) -> dict[str, str]:
    """Puts a bundle of that version; the parameters that announce it."""
    key = f"bundles/{STACK}/deploy-bundle-{version}.tar.gz"
    overwrite(estate, key, data)
    return {"key": key, "version": version, "sha256": hashlib.sha256(data).hexdigest()}


def overwrite(estate: Estate, key: str, data: bytes) -> None:
    """As who may change the bucket's policy too: that refuses to write anything twice."""
    s3 = estate.client("s3")
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=data)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)


def good_bundle(repository: str = "local/book-shop", version: str = "v9") -> bytes:
    spec = HostServiceSpec(**{**vars(SHOP), "repository": repository})
    return bundle(bundle_files([spec], region="eu-west-1"), version)


def send(estate: Estate, **parameters: str) -> dict[str, Any]:
    """Sends the stack's own document as a deploy does; the report of the machine."""
    named = {
        "action": "deploy",
        "service": "book-shop",
        "kind": "service",
        "bucket": BUCKET,
        "timeout": "60",
        "region": "eu-west-1",
        **parameters,
    }
    ssm = estate.client("ssm")
    sent = ssm.send_command(
        DocumentName=DOCUMENT,
        InstanceIds=estate.instances()[:1],
        Parameters={name: [value] for name, value in named.items()},
    )["Command"]["CommandId"]
    asked = {"CommandId": sent, "InstanceId": estate.instances()[0]}
    deadline = time.monotonic() + 60
    while (said := _answer(ssm, asked))["Status"] in ("Pending", "InProgress", "Delayed"):
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    assert said["Status"] == "Failed", said["StandardOutputContent"]
    report: dict[str, Any] = json.loads(said["StandardOutputContent"].splitlines()[-1])
    assert report["outcome"] == "put-back"
    return report


def _answer(ssm: Any, asked: dict[str, str]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ssm.get_command_invocation(**asked)
    except ssm.exceptions.InvocationDoesNotExist:
        return {"Status": "Pending"}
    return answer


@pytest.mark.usefixtures("unchanged")
def test_other_bytes_under_the_key_of_the_announced_bundle_are_refused(
    estate: Estate, deployed: dict[str, Any]
) -> None:
    announced = put(estate, good_bundle(version="v8"), "v8")
    overwrite(estate, announced["key"], good_bundle(version="v8") + b"\0")
    image = f"{repository(estate, 'book-shop')}:v8@{deployed['book-shop']['digest']}"
    report = send(estate, **announced, image=image)
    assert "is not the bundle that was announced: its SHA-256 differs" in report["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_digest_of_another_repository_is_refused_under_its_own_name(
    estate: Estate, deployed: dict[str, Any]
) -> None:
    announced = put(estate, good_bundle(), "v9")
    foreign = f"{repository(estate, 'atta')}:v9@{deployed['atta']['digest']}"
    report = send(estate, **announced, image=foreign)
    assert "is not of local/book-shop, the repository that the bundle names" in report["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_digest_of_another_repository_is_refused_under_the_right_name(
    estate: Estate, deployed: dict[str, Any]
) -> None:
    announced = put(estate, good_bundle(), "v9")
    forged = f"{repository(estate, 'book-shop')}:v9@{deployed['atta']['digest']}"
    report = send(estate, **announced, image=forged)
    assert f"could not pull {forged}" in report["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_bundle_whose_unit_names_another_image_is_refused(
    estate: Estate, deployed: dict[str, Any]
) -> None:
    announced = put(estate, good_bundle("local/atta"), "v9")
    image = f"{repository(estate, 'book-shop')}:v9@{deployed['book-shop']['digest']}"
    report = send(estate, **announced, image=image)
    assert "is not of local/atta, the repository that the bundle names" in report["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "foreign",
    [
        {"image": "registry.example.com/local/book-shop:v9@{digest}"},
        {"image": "{host}/prod/book-shop:v9@{digest}"},
        {"image": "{host}/local/book-shop:v9"},
        {"bucket": "somebody-elses-bucket"},
        {"key": "bundles/prod/deploy-bundle-v9.tar.gz"},
    ],
    ids=lambda foreign: next(iter(foreign.values())),
)
def test_ssm_itself_refuses_what_the_document_of_the_stack_does_not_take(
    estate: Estate, deployed: dict[str, Any], foreign: dict[str, str]
) -> None:
    digest = deployed["book-shop"]["digest"]
    host = f"127.0.0.1:{estate.registry_port}"
    announced = put(estate, good_bundle(), "v9")
    wanted = {"image": f"{host}/local/book-shop:v9@{digest}", **announced}
    wrong = {name: value.format(host=host, digest=digest) for name, value in foreign.items()}
    with pytest.raises(ClientError, match="InvalidParameters"):
        send(estate, **{**wanted, **wrong})
