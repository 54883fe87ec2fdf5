"""What a host with MicroK8s is given: files of a bundle, rights, and what installs it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.bundle import bundle
from components.documents.kubernetes.host_files import kubernetes_files, manifests_text, scripts
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.documents.policies import host_policy
from components.documents.service import FILES, fingerprint
from components.documents.user_data import MOST, install_script

SHOP = KubernetesServiceSpec(name="book-shop", port=8000, publish=30080, health="/healthz")
SECRET = replace(SHOP, secrets={"DB": "parameter:/shop/db", "KEY": "secret:shop"})
PLACE = "deploy/kubernetes/book-shop"
IMAGE = "127.0.0.1:4510/prod/book-shop:v1@sha256:" + "a" * 64


def files(service: KubernetesServiceSpec = SHOP, *, login: bool = True) -> dict[str, str]:
    return kubernetes_files(
        service, "prod", region="eu-west-1", login=login, repository="prod/book-shop"
    )


def test_every_path_is_one_that_a_host_unpacks() -> None:
    everything = {**files(replace(SECRET, environment={"A": "b"}, before=("go",))), **scripts()}

    assert bundle(everything, "v1")
    for path in everything:
        assert re.fullmatch(r"deploy(/[A-Za-z0-9._-]+){1,2}", path), path


def test_a_host_fills_in_the_image_and_nothing_that_a_user_writes(tmp_path: Path) -> None:
    odd = {"image": "@image@", "NAME": '"name": "@task@"', "Q": '"image": "@image@"'}
    made = files(replace(SHOP, environment=odd, before=("sh", "-c", '"image": "@image@"')))
    for path, text in made.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    given = f"here={tmp_path}/deploy service=book-shop image={IMAGE} task=book-shop-before-1"
    script = f"{given}; . {FILES}/cluster.sh; filled $0"

    def filled(part: str) -> dict[str, Any]:
        done = subprocess.run(["bash", "-c", script, part], capture_output=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)["items"][0]
        return found

    assert filled("config")["data"] == odd
    pod = filled("workload")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == IMAGE
    task = filled("before")
    assert task["metadata"]["name"] == "book-shop-before-1"
    container = task["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["command"][2]) == (IMAGE, '"image": "@image@"')


def test_the_settings_say_what_the_scripts_ask_for() -> None:
    asked = set()
    for name in ("kubernetes_deploy.sh", "cluster.sh", "pods.sh"):
        asked |= set(re.findall(r"setting ([A-Z][A-Za-z]+)", (FILES / name).read_text()))
    text = files(SECRET)[f"{PLACE}.conf"]
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    assert asked
    assert asked <= set(said)
    assert said["Kinds"].split()[-1] == "Deployment"
    assert said["Scaled"] == "no"
    scaled = files(replace(SHOP, scale=Scale(least=2, most=4)))[f"{PLACE}.conf"]
    assert "Scaled=yes\n" in scaled


def test_secrets_travel_as_references_alone() -> None:
    made = files(SECRET)

    assert made[f"{PLACE}.secrets"] == "DB parameter /shop/db\nKEY secret shop\n"
    assert "Secret" not in {each["kind"] for each in json.loads(manifests_text(made))}


def test_another_version_of_a_secret_is_another_fingerprint() -> None:
    assert fingerprint(files(SECRET)) != fingerprint(files(replace(SECRET, secret_versions="2")))


def test_one_key_of_a_secret_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"secrets.KEY: .*take parameter:/path or secret:name"):
        files(replace(SHOP, secrets={"KEY": "secret:shop:key"}))


def test_without_ecr_no_pod_asks_for_a_login() -> None:
    assert "imagePullSecrets" in files()[f"{PLACE}.workload.json"]
    assert "imagePullSecrets" not in files(login=False)[f"{PLACE}.workload.json"]


def test_a_host_may_read_the_named_parameters_and_secrets_alone() -> None:
    references = ["parameter:/shop/db", "parameter:flat", "secret:shop", "secret:shop:key"]
    policy = json.loads(
        host_policy(
            bucket="deploys",
            stack="dev",
            region="eu-west-1",
            repository_arns=[],
            references=references,
        )
    )
    found = {each["Sid"]: each for each in policy["Statement"] if each["Sid"].startswith("ReadIts")}
    parameter = "arn:aws:ssm:eu-west-1:*:parameter"

    assert found["ReadItsParameters"]["Action"] == ["ssm:GetParameter"]
    assert found["ReadItsParameters"]["Resource"] == [f"{parameter}/flat", f"{parameter}/shop/db"]
    assert found["ReadItsSecrets"]["Action"] == ["secretsmanager:GetSecretValue"]
    assert found["ReadItsSecrets"]["Resource"] == [
        "arn:aws:secretsmanager:eu-west-1:*:secret:shop-??????"
    ]


def install(folder: Path, system: str, *, there: bool = False) -> tuple[int, str, list[str]]:
    """Runs the part that installs MicroK8s on a machine of that system: exit code, what it said,
    and which commands it gave."""
    programs, log, release = folder / "bin", folder / "log", folder / "os-release"
    programs.mkdir()
    release.write_text(f'ID={system}\nNAME="{system}"\n')
    log.touch()
    snap = f'#!/bin/sh\necho "snap $*" >>{log}\n'
    snap += f'[ "$2" != microk8s ] || cp {folder}/k8s {programs}/microk8s\n'
    for path, text in (
        (programs / "snap", snap),
        (folder / "k8s", f'#!/bin/sh\necho "microk8s $*" >>{log}\n'),
        (programs / "microk8s", f'#!/bin/sh\necho "microk8s $*" >>{log}\n'),
    ):
        path.write_text(text)
        path.chmod(0o755)
    if not there:
        (programs / "microk8s").unlink()
    enter = f"mount --bind {release} /etc/os-release && PATH={programs}:/usr/bin:/bin exec sh -s"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", enter],
        input=(FILES / "install_microk8s.sh").read_text(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr, log.read_text().splitlines()


def test_microk8s_is_installed_from_a_pinned_channel_with_its_addons(tmp_path: Path) -> None:
    code, said, commands = install(tmp_path, "ubuntu")

    assert (code, said) == (0, "")
    assert re.fullmatch(r"snap install microk8s --classic --channel=1\.\d+/stable", commands[1])
    assert commands[-3:] == [f"microk8s enable {a}" for a in ("dns", "ingress", "metrics-server")]


def test_microk8s_that_is_there_is_left_alone(tmp_path: Path) -> None:
    assert install(tmp_path, "ubuntu", there=True) == (0, "", [])


def test_a_system_that_is_not_ubuntu_is_refused(tmp_path: Path) -> None:
    code, said, commands = install(tmp_path, "debian")

    assert (code, commands) == (1, [])
    assert "on Ubuntu alone, and this is debian" in said


def test_the_user_data_holds_it_where_it_is_wanted_and_fits() -> None:
    place = ("dev", "eu-west-1", "deploys", "r" * 255 + "/{image}")
    assert "microk8s" not in install_script(*place)
    with_cluster = install_script(*place, kubernetes=True)
    assert "snap install microk8s" in with_cluster
    assert len(with_cluster) < MOST
