"""Images of the offline docker plugin, pulled by a real Docker engine from a real registry."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from docker.errors import NotFound

from offline.docker.catalogue import PLUGIN
from tests.offline_docker_engine import (
    HOST,
    engine,
    push_small,
    registry,
)
from tests.offline_engine import Engine, Made, serving

IMAGE = "docker:index/remoteImage:RemoteImage"
# Of the password made-up.
BCRYPT = "$2b$04$38pS7fmmJmHS8XoC4gOmTurGHmEHeTU5OO5I3FNb50dJUTEOoAWRO"


def test_an_image_is_pulled_by_its_digest_known_again_and_removed(
    docker_api: Any, docker_asking: Engine, tmp_path: Path
) -> None:
    with registry(tmp_path) as address:
        ref = push_small(docker_api, address)
        made = docker_asking.create(IMAGE, "i", {"name": ref})
        assert made.state["repoDigest"] == ref
        assert docker_api.inspect_image(ref)["Id"] == made.state["imageId"]
        assert made.id == made.state["imageId"] + ref
        assert docker_asking.changed(made, {"name": ref}) == []
        again = docker_asking.read(made)
        assert again is not None
        assert again.state == made.state
        kept = docker_asking.update(made, {"name": ref, "keepLocally": True})
        docker_asking.delete(kept)
        assert docker_api.inspect_image(ref)["Id"] == made.state["imageId"], "keepLocally keeps it"
        docker_asking.delete(made)
    with pytest.raises(NotFound):
        docker_api.inspect_image(ref)
    assert docker_asking.read(made) is None


def test_a_new_digest_or_trigger_is_a_new_image_and_keeping_it_is_not(
    docker_asking: Engine,
) -> None:
    state = {"name": "a@sha256:1", "imageId": "sha256:2", "repoDigest": "a@sha256:1"}
    made = Made(IMAGE, "i", "sha256:2a", {"name": "a@sha256:1"}, state)
    assert list(docker_asking.diff(made, {"name": "a@sha256:9"}).replaces) == ["name"]
    with_trigger = {"name": "a@sha256:1", "pullTriggers": ["x"]}
    assert list(docker_asking.diff(made, with_trigger).replaces) == ["pullTriggers"]
    kept = docker_asking.diff(made, {"name": "a@sha256:1", "keepLocally": True})
    assert (list(kept.diffs), list(kept.replaces)) == (["keepLocally"], [])


def test_an_image_that_nobody_pushed_is_one_message_with_a_way_out(
    docker_asking: Engine, tmp_path: Path
) -> None:
    with registry(tmp_path) as address, pytest.raises(grpc.RpcError) as error:
        docker_asking.create(IMAGE, "i", {"name": f"{address}/none@sha256:{'0' * 64}"})
    assert f"{address}/none@sha256" in error.value.details()
    assert "nobody pushed" in error.value.details()


def configured(address: str) -> str:
    """What `docker login` writes for a user with the password made-up."""
    login = base64.b64encode(b"user:made-up").decode()
    return json.dumps({"auths": {address: {"auth": login}}})


def test_a_login_comes_from_dockers_own_configuration_and_never_into_a_state(
    docker_api: Any, tmp_path: Path
) -> None:
    with registry(tmp_path, login=f"user:{BCRYPT}") as address:
        ref = push_small(docker_api, address, {"username": "user", "password": "made-up"})
        file = tmp_path / "config.json"
        file.write_text(configured(address))
        for entry in ({"configFile": str(file)}, {"configFileContent": configured(address)}):
            logins = json.dumps([{"address": address, **entry}])
            with engine({"host": HOST, "registryAuth": logins}) as asking:
                made = asking.create(IMAGE, "i", {"name": ref})
                assert made.state["repoDigest"] == ref
                assert set(made.state) == {"name", "imageId", "repoDigest"}
                asking.delete(made)
        off = {"authDisabled": True, "configFileContent": configured(address)}
        nobody = json.dumps([{"address": address, **off}])
        with (
            engine({"host": HOST, "registryAuth": nobody}) as asking,
            pytest.raises(grpc.RpcError) as error,
        ):
            asking.create(IMAGE, "i", {"name": ref})
    assert "run `docker login` for that registry" in error.value.details()


@pytest.mark.filterwarnings("ignore:docker-credential-no-such-helper")
def test_a_credential_helper_that_fails_is_named_with_its_registry(docker_api: Any) -> None:
    helper = json.dumps({"credHelpers": {"127.0.0.1:9": "no-such-helper"}})
    logins = json.dumps([{"address": "127.0.0.1:9", "configFileContent": helper}])
    with (
        engine({"host": HOST, "registryAuth": logins}) as asking,
        pytest.raises(grpc.RpcError) as error,
    ):
        asking.create(IMAGE, "i", {"name": "127.0.0.1:9/none:1"})
    said = error.value.details()
    assert "docker:registryAuth of 127.0.0.1:9: Docker's configuration gives no login" in said
    assert "no-such-helper" in said


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"host": "unix:///none.sock"}, "no Docker engine answers at unix:///none.sock"),
        ({"hots": "x"}, "docker:hots: not known to the offline docker plugin"),
        ({"sshOpts": "[]"}, "docker:sshOpts: not known"),
        ({"registryAuth": "[{"}, "docker:registryAuth: not valid JSON"),
        ({"registryAuth": '[{"username": "u"}]'}, "docker:registryAuth.address: missing"),
        ({"registryAuth": '[{"address": "a", "username": "u"}]'}, "belong together"),
        ({"registryAuth": '[{"address": "a", "token": "u"}]'}, "registryAuth.token: not known"),
    ],
)
def test_wrong_settings_are_refused_by_key(config: dict[str, str], named: str) -> None:
    with serving(PLUGIN) as asking:
        with pytest.raises(grpc.RpcError) as error:
            asking.configure(config)
        assert named in error.value.details()
