"""The offline aws plugin's public repository through its life, against the local cloud."""

import json
from collections.abc import Iterator

import grpc
import pytest

from tests.localcloud.cloud import Cloud
from tests.offline_aws_engine import Engine, State, configuration, engine

TOKEN = "aws:ecrpublic/repository:Repository"
FIRST: State = {
    "repositoryName": "dev/gallery",
    "region": "us-east-1",
    "catalogData": {
        "description": "A shop",
        "architectures": ["x86-64", "ARM 64"],
        "logoImageBlob": "aGVsbG8=",
    },
    "forceDestroy": False,
    "tags": {"app": "shop"},
}


@pytest.fixture
def asking(cloud: Cloud) -> Iterator[Engine]:
    ends = json.dumps([{"ecrpublic": cloud.url, "sts": cloud.url}])
    with engine(configuration(cloud.url, endpoints=ends)) as made:
        yield made


def test_a_public_repository_is_made_read_changed_and_gone(cloud: Cloud, asking: Engine) -> None:
    made = asking.create(TOKEN, "it", FIRST)
    alias_uri = cloud.client("ecr-public", "us-east-1").describe_registries()["registries"][0]
    assert made.id == "dev/gallery"
    assert made.state["repositoryUri"] == f"{alias_uri['registryUri']}/dev/gallery"
    assert made.state["arn"] == "arn:aws:ecr-public::123456789012:repository/dev/gallery"
    assert made.state["registryId"] == "123456789012"
    assert made.state["tagsAll"] == {"app": "shop"}
    assert asking.changed(made, FIRST) == []
    reordered = {**FIRST["catalogData"], "architectures": ["ARM 64", "x86-64"]}
    assert asking.changed(made, {**FIRST, "catalogData": reordered}) == []
    again = asking.read(made)
    assert again is not None
    assert (again.state, again.inputs) == (made.state, made.inputs)
    change = {"catalogData": {"description": "Two shops"}, "tags": {"team": "a"}}
    second = {**FIRST, **change}
    assert sorted(asking.changed(made, second)) == ["catalogData", "tags"]
    made = asking.update(made, second)
    assert asking.changed(made, second) == []
    after = asking.read(made)
    assert after is not None
    assert after.state["catalogData"] == {"description": "Two shops"}
    assert after.state["tagsAll"] == {"team": "a"}
    asking.delete(made)
    assert asking.read(made) is None
    asking.delete(made)


def test_a_new_name_is_a_new_public_repository(asking: Engine) -> None:
    made = asking.create(TOKEN, "it", {"repositoryName": "dev/one", "region": "us-east-1"})
    other = {"repositoryName": "dev/two", "region": "us-east-1"}
    assert list(asking.diff(made, other).replaces) == ["repositoryName"]
    asking.delete(made)


def test_a_public_repository_outside_of_us_east_1_is_refused(asking: Engine) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        asking.create(TOKEN, "it", {"repositoryName": "dev/three"})
    assert "ECR Public is not in eu-west-1" in str(caught.value.details())
