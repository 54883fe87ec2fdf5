"""The deploy script and the document's step, run for real against a machine of fake tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.host import SHOP, FakeHost, digest, reference


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def test_a_first_deploy_runs_the_image_and_leaves_the_layout_operators_know(
    host: FakeHost,
) -> None:
    answer = host.deploy(SHOP, "v1", "good")

    assert answer.code == 0, answer.text
    assert answer.report["outcome"] == "running"
    assert answer.report["digest"] == digest("good")
    assert answer.report["version"] == "v1"
    assert answer.report["previous"] is None
    assert set(answer.report["seconds"]) == {
        "download",
        "login",
        "pull",
        "candidate",
        "switch",
        "bake",
        "drain",
        "health",
    }
    assert host.containers() == {"book-shop": digest("good")}
    assert (host.folder / "enabled" / "book-shop").exists()
    assert (host.folder / "opt/book-shop/deploy/ec2_deploy.sh").exists()
    assert host.read("/etc/systemd/system/book-shop.service") == host.read(
        "/opt/book-shop/deploy/systemd/book-shop.service"
    )
    assert host.read("/opt/book-shop/.env") == (
        f"ECR_REGISTRY=127.0.0.1:4510\nECR_REPOSITORY=dev/app\nIMAGE_TAG=v1@{digest('good')}\n"
    )


def test_a_second_deploy_replaces_the_first_and_names_it(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    answer = host.deploy(SHOP, "v2", "better")

    assert answer.code == 0, answer.text
    assert (answer.report["version"], answer.report["previous"]) == ("v2", "v1")
    assert host.containers() == {"book-shop": digest("better")}
    assert (host.folder / "opt/book-shop/releases").is_dir()
    assert len(list((host.folder / "opt/book-shop/releases").iterdir())) == 2


def test_other_keys_of_the_env_file_are_kept(host: FakeHost) -> None:
    (host.folder / "opt/book-shop").mkdir()
    (host.folder / "opt/book-shop/.env").write_text("COLOUR=blue\nIMAGE_TAG=old")
    host.deploy(SHOP, "v1", "good")

    lines = (host.read("/opt/book-shop/.env") or "").splitlines()
    assert lines[0] == "COLOUR=blue"
    assert [line for line in lines if line.startswith("IMAGE_TAG=")] == [
        f"IMAGE_TAG=v1@{digest('good')}"
    ]


def test_the_new_image_is_healthy_beside_the_old_one_before_the_unit_is_touched(
    host: FakeHost,
) -> None:
    host.deploy(SHOP, "v1", "good")
    (host.folder / "calls").unlink()
    host.deploy(SHOP, "v2", "better")

    calls = host.calls("")
    beside = "--name book-shop-next --publish 127.0.0.1:20077:8000"
    tried = next(i for i, call in enumerate(calls) if beside in call)
    probed = next(i for i, call in enumerate(calls) if "127.0.0.1:20077/healthz" in call)
    switched = calls.index("systemctl reload nginx.service")
    ended = calls.index("docker stop book-shop-former")
    assert tried < probed < switched < ended
    assert host.calls("systemctl restart") == []


@pytest.mark.fault(28, "the container ends at once, or its image is gone")
@pytest.mark.parametrize("behaviour", ["unhealthy", "crash", "missing", "wont-switch"])
def test_a_bad_version_leaves_the_old_one_serving(host: FakeHost, behaviour: str) -> None:
    host.deploy(SHOP, "v1", "good")
    unit, env = host.read("/etc/systemd/system/book-shop.service"), host.read("/opt/book-shop/.env")
    host.image("bad", behaviour)
    answer = host.deploy(SHOP, "v2", "bad")

    assert answer.code == 1
    assert answer.report["outcome"] == "put-back", answer.text
    assert answer.report["digest"] == digest("good")
    assert answer.report["version"] == "v1"
    assert answer.report["detail"] != ""
    assert host.containers() == {"book-shop": digest("good")}
    assert host.read("/etc/systemd/system/book-shop.service") == unit
    assert host.read("/opt/book-shop/.env") == env
    assert (host.folder / "opt/book-shop/current").readlink().name.startswith("v1-")
    assert "a log line of book-shop" in answer.text
    assert "a journal line" in answer.text


def test_an_image_of_another_repository_than_the_bundle_names_is_refused(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    (host.folder / "calls").unlink()
    foreign = reference("better", "v2").replace("/dev/app:", "/dev/other:")
    answer = host.deploy(SHOP, "v2", "better", image=foreign)

    assert answer.code == 1
    assert (answer.report["outcome"], answer.report["digest"]) == ("put-back", digest("good"))
    assert "is not of dev/app, the repository that the bundle names" in answer.report["detail"]
    assert host.calls("docker --config") == [], "something was pulled"
    assert host.containers() == {"book-shop": digest("good")}


def test_a_digest_that_docker_does_not_have_after_the_pull_is_refused(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    host.image("forged", "forged")
    answer = host.deploy(SHOP, "v2", "forged")

    assert answer.code == 1
    assert answer.report["detail"].startswith("refused: asked for 127.0.0.1:4510/dev/app:v2@")
    assert host.containers() == {"book-shop": digest("good")}
    assert host.calls("systemctl restart book-shop")[1:] == []


def test_a_pull_that_does_not_end_is_ended_and_its_timeout_is_named(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    host.image("endless", "endless")
    answer = host.deploy(SHOP, "v2", "endless")

    assert answer.code == 1
    assert "was not pulled within 2 s, the timeout of book-shop: raise it" in answer.text
    assert host.containers() == {"book-shop": digest("good")}


@pytest.mark.fault(13, "a host's new version is never healthy")
def test_an_unhealthy_version_never_stops_the_old_one(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    (host.folder / "calls").unlink()
    host.image("bad", "unhealthy")
    answer = host.deploy(SHOP, "v2", "bad")

    assert host.calls("systemctl restart") == []
    assert host.calls("systemctl stop") == []
    assert "a log line of book-shop-next" in answer.text


@pytest.mark.parametrize("behaviour", ["unhealthy", "wont-switch"])
def test_nothing_of_a_failed_first_deploy_stays_live(host: FakeHost, behaviour: str) -> None:
    host.image("bad", behaviour)
    answer = host.deploy(SHOP, "v1", "bad")

    assert answer.code == 1
    assert (answer.report["outcome"], answer.report["digest"]) == ("failed", None), answer.text
    assert host.containers() == {}
    assert host.read("/etc/systemd/system/book-shop.service") is None
    assert host.read("/opt/book-shop/.env") is None
    assert not (host.folder / "enabled" / "book-shop").exists()
    assert not (host.folder / "opt/book-shop/current").is_symlink()


def test_a_good_answer_from_somebody_else_is_no_health(host: FakeHost) -> None:
    (host.folder / "squatter").touch()
    host.image("bad", "crash")
    answer = host.deploy(SHOP, "v1", "bad")

    assert answer.code == 1
    assert answer.report["detail"] == "its container ended with exit code 3", answer.text


def test_a_version_that_is_killed_is_told_with_what_that_mostly_means(host: FakeHost) -> None:
    host.image("bad", "hungry")
    detail = host.deploy(SHOP, "v1", "bad").report["detail"]
    assert "exit code 137: killed, as what takes more than its memory is" in detail


def test_a_good_version_follows_a_failed_one(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    host.image("bad", "unhealthy")
    host.deploy(SHOP, "v2", "bad")
    answer = host.deploy(SHOP, "v3", "better")

    assert answer.code == 0, answer.text
    assert host.containers() == {"book-shop": digest("better")}


def test_a_login_is_asked_for_only_where_the_registry_wants_one(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    logins = len(host.calls("aws ecr get-login-password"))
    host.deploy(SHOP, "v2", "good")

    assert logins == 1
    assert len(host.calls("aws ecr get-login-password")) == 1, "the image was there already"
    assert not list(Path("/run").glob("slipway-login.*")), "a login was left behind"


def test_output_stays_below_what_ssm_keeps(host: FakeHost) -> None:
    host.image("bad", "unhealthy")
    answer = host.deploy(SHOP, "v1", "bad")

    assert len(answer.text) < 24_000


@pytest.mark.parametrize("name", ["service", "version", "image", "bucket"])
@pytest.mark.parametrize("value", ["a\n", "$(id)", "a;b", "a b", "{{x}}"])
def test_the_step_itself_refuses_what_a_pattern_might_let_pass(
    host: FakeHost, name: str, value: str
) -> None:
    sha = host.upload("v1")
    values = {"sha256": sha, "image": reference("good", "v1"), name: value}
    version = values.pop("version", "v1")
    service = values.pop("service", SHOP.name)
    parameters = {**values, "service": service, "key": "-", "version": version}
    answer = host.run({"action": "deploy", "kind": "service", "timeout": "2", **parameters})

    assert answer.code == 1
    assert "a parameter holds a character that none may hold" in answer.text
    assert list((host.folder / "opt").iterdir()) == []


def test_an_agent_that_passes_no_variables_is_refused(host: FakeHost) -> None:
    answer = host.run({}, agent_knows_variables=False)

    assert answer.code == 1
    assert "3.3.2746.0" in answer.text
