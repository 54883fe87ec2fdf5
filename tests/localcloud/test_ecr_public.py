"""ECR Public: everybody pulls, the owner pushes, a tag always moves."""

import hashlib
import re
import time
from collections.abc import Iterator

import pytest
import requests
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud, login_of
from tests.localcloud.pusher import Bearer, Pusher
from tests.localcloud.test_accounts import OTHER
from tests.localcloud.test_ecr_api import code
from tests.localcloud.test_registry import codes

HOME = "us-east-1"


def bearer(cloud: Cloud, host: str, key: str | None = "any") -> Bearer:
    """A bearer token as docker gets it; of nobody if there is no key."""
    auth = None
    if key:
        ecr = cloud.client("ecr-public", HOME, aws_access_key_id=key)
        auth = login_of(ecr.get_authorization_token()["authorizationData"])
    answer = requests.get(f"http://{host}/token/", auth=auth, timeout=10)
    assert answer.status_code == 200
    return Bearer(answer.json()["token"])


@pytest.fixture
def owner(cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[Pusher]:
    """The owner's client of a new public repository."""
    ecr = cloud.client("ecr-public", HOME)
    name = f"t/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    host, _, path = uri.partition("/")
    yield Pusher(cloud, path, bearer(cloud, host), host)
    ecr.delete_repository(repositoryName=name, force=True)


def test_the_uri_begins_with_the_registrys_host_and_alias(cloud: Cloud, owner: Pusher) -> None:
    (registry,) = cloud.client("ecr-public", HOME).describe_registries()["registries"]
    (alias,) = registry["aliases"]
    assert re.fullmatch(r"([a-z][0-9]){4}", alias["name"])
    assert registry["registryUri"] == f"{owner.host}/{alias['name']}"
    assert f"{owner.host}/{owner.name}".startswith(registry["registryUri"] + "/t/")
    assert owner.host != f"127.0.0.1:{cloud.registry_port}"


def test_two_accounts_have_two_aliases_at_one_host(cloud: Cloud) -> None:
    clients = [cloud.client("ecr-public", HOME, aws_access_key_id=key) for key in ("any", OTHER)]
    registries = [each.describe_registries()["registries"][0] for each in clients]
    hosts, aliases = zip(*(each["registryUri"].split("/") for each in registries), strict=True)
    assert hosts[0] == hosts[1]
    assert aliases[0] != aliases[1]


@pytest.mark.parametrize("call", ["get_authorization_token", "describe_registries"])
def test_the_service_is_in_us_east_1_alone(cloud: Cloud, call: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(cloud.client("ecr-public", "eu-west-1"), call)()
    assert code(caught) == "UnsupportedCommandException"


def test_a_client_without_a_token_is_told_where_to_get_one(owner: Pusher) -> None:
    answer = requests.get(f"{owner.registry}/v2/{owner.name}/tags/list", timeout=10)
    assert answer.status_code == 401
    realm = f'Bearer realm="http://{owner.host}/token/",service="public.ecr.aws"'
    assert answer.headers["WWW-Authenticate"].startswith(realm)


def test_everybody_pulls(cloud: Cloud, owner: Pusher) -> None:
    digest = owner.push("public", "v1")
    nobody = Pusher(cloud, owner.name, bearer(cloud, owner.host, None), owner.host)
    manifest = nobody.call("GET", "manifests/v1")
    assert manifest.headers["Docker-Content-Digest"] == digest
    layer = manifest.json()["layers"][0]["digest"]
    assert nobody.call("GET", f"blobs/{layer}").content == b"public"
    assert nobody.call("GET", "tags/list").json()["tags"] == ["v1"]


def test_nobody_and_other_accounts_do_not_push(cloud: Cloud, owner: Pusher) -> None:
    owner.push("public", "v1")
    manifest = owner.call("GET", "manifests/v1").text
    nobody = Pusher(cloud, owner.name, bearer(cloud, owner.host, None), owner.host)
    other = Pusher(cloud, owner.name, bearer(cloud, owner.host, OTHER), owner.host)
    assert nobody.put(manifest, "v2").status_code == 401
    assert nobody.call("POST", "blobs/uploads/").status_code == 401
    assert codes(other.put(manifest, "v2")) == ["DENIED"]
    assert other.put(manifest, "v2").status_code == 403
    assert owner.call("GET", "tags/list").json()["tags"] == ["v1"]


def test_a_private_registrys_login_is_none_here(cloud: Cloud, owner: Pusher) -> None:
    answer = requests.get(f"{owner.registry}/token/", auth=cloud.token(), timeout=10)
    assert answer.status_code == 401
    direct = requests.get(f"{owner.registry}/v2/", auth=cloud.token(), timeout=10)
    assert direct.status_code == 401


def test_tokens_are_not_given_by_oauth(owner: Pusher) -> None:
    form = {"grant_type": "password", "username": "AWS", "password": "guess"}
    answer = requests.post(f"{owner.registry}/token/", data=form, timeout=10)
    assert answer.status_code == 405


def test_the_authorization_token_itself_is_a_bearer_too(cloud: Cloud, owner: Pusher) -> None:
    data = cloud.client("ecr-public", HOME).get_authorization_token()["authorizationData"]
    direct = Pusher(cloud, owner.name, Bearer(data["authorizationToken"]), owner.host)
    assert direct.push("direct", "v1").startswith("sha256:")


@pytest.mark.usefixtures("usual_limits")
def test_a_login_to_push_ends_when_its_time_is_over(cloud: Cloud, owner: Pusher) -> None:
    cloud.limits(ecr_token_seconds=0.5)
    late = Pusher(cloud, owner.name, bearer(cloud, owner.host), owner.host)
    assert late.call("POST", "blobs/uploads/").status_code == 202
    time.sleep(0.6)
    assert late.call("POST", "blobs/uploads/").status_code == 401


def test_a_tag_always_moves(owner: Pusher) -> None:
    first, second = owner.push("one", "v1"), owner.push("two", "v1")
    assert first != second
    assert owner.call("HEAD", "manifests/v1").headers["Docker-Content-Digest"] == second


def test_layers_are_never_mounted(cloud: Cloud, owner: Pusher) -> None:
    ecr = cloud.client("ecr-public", HOME)
    layer = owner.blob(b"layer")["digest"]
    name = f"{owner.name.partition('/')[2]}-copy"
    ecr.create_repository(repositoryName=name)
    copy = Pusher(cloud, f"{owner.name}-copy", owner.login, owner.host)
    answer = copy.call("POST", f"blobs/uploads/?mount={layer}&from={owner.name}")
    assert answer.status_code == 202
    assert copy.call("HEAD", f"blobs/{layer}").status_code == 404
    ecr.delete_repository(repositoryName=name)


def test_a_push_makes_no_public_repository(owner: Pusher) -> None:
    stranger = Pusher(owner.cloud, f"{owner.name}-none", owner.login, owner.host)
    answer = stranger.call("POST", "blobs/uploads/")
    assert answer.status_code == 404
    assert codes(answer) == ["NAME_UNKNOWN"]


def test_the_api_describes_what_was_pushed(cloud: Cloud, owner: Pusher) -> None:
    ecr, name = cloud.client("ecr-public", HOME), owner.name.partition("/")[2]
    digest = owner.push("one", "v1")
    answer = ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": "v1"}])
    (found,) = answer["imageDetails"]
    assert (found["imageDigest"], found["imageTags"]) == (digest, ["v1"])
    (tag,) = ecr.describe_image_tags(repositoryName=name)["imageTagDetails"]
    assert (tag["imageTag"], tag["imageDetail"]["imageDigest"]) == ("v1", digest)
    with pytest.raises(ClientError) as caught:
        ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": "v2"}])
    assert code(caught) == "ImageNotFoundException"
    with pytest.raises(ClientError) as caught:
        ecr.delete_repository(repositoryName=name)
    assert code(caught) == "RepositoryNotEmptyException"


def test_a_repository_keeps_its_tags_and_its_words(cloud: Cloud) -> None:
    ecr = cloud.client("ecr-public", HOME)
    made = ecr.create_repository(
        repositoryName="t/words",
        catalogData={"description": "A shop"},
        tags=[{"Key": "app", "Value": "shop"}],
    )["repository"]
    arn = made["repositoryArn"]
    assert arn == "arn:aws:ecr-public::123456789012:repository/t/words"
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "a"}])
    ecr.untag_resource(resourceArn=arn, tagKeys=["app"])
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "team", "Value": "a"}]
    data = ecr.get_repository_catalog_data(repositoryName="t/words")["catalogData"]
    assert data["description"] == "A shop"
    with pytest.raises(ClientError) as caught:
        ecr.create_repository(repositoryName="t/words")
    assert code(caught) == "RepositoryAlreadyExistsException"
    ecr.delete_repository(repositoryName="t/words")
    with pytest.raises(ClientError) as caught:
        ecr.describe_repositories(repositoryNames=["t/words"])
    assert code(caught) == "RepositoryNotFoundException"


def test_a_name_outside_of_the_grammar_is_refused(cloud: Cloud) -> None:
    for name in ("Shop", "a//b", "-a", "ab\n"):
        with pytest.raises(ClientError) as caught:
            cloud.client("ecr-public", HOME).create_repository(repositoryName=name)
        assert code(caught) == "InvalidParameterException"


def test_an_action_that_is_not_offered_is_refused_by_name(cloud: Cloud) -> None:
    ecr = cloud.client("ecr-public", HOME)
    with pytest.raises(ClientError, match="BatchDeleteImage is not known") as caught:
        ecr.batch_delete_image(repositoryName="t/none", imageIds=[{"imageTag": "v1"}])
    assert code(caught) == "UnsupportedCommandException"
