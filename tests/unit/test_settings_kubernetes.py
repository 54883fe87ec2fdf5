"""`slipway:kubernetes`, its kubeconfig, `target: microk8s`: what is read and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from clients import kubernetes
from clients.kubernetes import Document
from infra.former import Former
from infra.kubernetes_cluster import find_cluster, secrets_by_ssm
from infra.look import Look
from infra.losses import losses
from infra.secret_settings import refuse_open_kubeconfig, refuse_secrets
from infra.service_specs import specs_of
from infra.settings import Settings, read_settings

API = {"delivery": "api"}
HERE, THERE = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
SHOP: dict[str, Any] = {"target": "microk8s", "port": 8000, "publish": 30080, "health": "/healthz"}
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: microk8s
contexts: [{name: microk8s, context: {cluster: one, user: admin}}]
clusters: [{name: one, cluster: {server: "https://10.0.0.7:16443"}}]
users: [{name: admin, user: {token: hunter2}}]
"""


def settings(shop: dict[str, Any] | None = None, stack: str = "prod", **own: Any) -> Settings:
    services = {"book-shop": SHOP if shop is None else {"target": "microk8s", **shop}}
    texts: dict[str, Any] = {
        "bundles": {"bucket": "acme"},
        "services": services,
        "host": {"create": True},
        **own,
    }
    texts = {key: value for key, value in texts.items() if value is not None}
    written = {
        f"slipway:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in texts.items()
    }
    return read_settings("slipway", stack, {"aws:region": "eu-west-1", **written})


class OneCluster:
    """Answers as the cluster HERE."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster

    def get(self, kind: str, namespace: str, name: str) -> Document:
        assert (kind, namespace, name) == ("Namespace", "", "kube-system")
        return {"metadata": {"uid": HERE}}


@pytest.fixture(autouse=True)
def one_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "Kubernetes", OneCluster)


def found(read: Settings, before: Former | None = None, folder: Path = Path("/nowhere")) -> Any:
    return find_cluster(read, before, folder)


def test_a_service_is_five_lines_and_the_rest_is_safe() -> None:
    read = settings(kubernetes=API, kubeconfig=KUBECONFIG)
    look: Any = Look
    shop = specs_of(read, look).kubernetes["book-shop"]
    assert (shop.port, shop.publish, shop.replicas) == (8000, 30080, 2)
    assert (shop.user, shop.read_only, shop.drain) == (65534, True, 30)


def test_the_scale_becomes_bounds() -> None:
    read = settings(
        {"port": 1, "scale": {"least": 2, "most": 4}}, kubernetes=API, kubeconfig="x: y"
    )
    look: Any = Look
    scale = specs_of(read, look).kubernetes["book-shop"].scale
    assert scale is not None
    assert (scale.least, scale.most, scale.cpu_percent) == (2, 4, 70)


@pytest.mark.parametrize(
    ("shop", "said"),
    [
        ({"publish": 8080, "port": 1}, "services.book-shop.publish"),
        ({"host": "nodots", "port": 1}, "services.book-shop.host"),
        ({"user": 0}, "services.book-shop.user"),
        ({"tls_secret": "a", "port": 1}, "the certificate of `host`"),
        ({"scale": {"least": 1, "most": 2}, "replicas": 3}, "remove `replicas`"),
        ({"replica": 3}, "did you mean 'replicas'?"),
    ],
)
def test_a_key_that_can_not_be_is_refused_by_its_path(shop: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        settings(shop)


@pytest.mark.parametrize(
    ("shop", "said"),
    [
        ({"publish": 30001}, "`publish` needs `port`"),
        ({"schedule": "@daily"}, "is not a schedule"),
        ({"scale": {"least": 3, "most": 2}}, "scale 3 to 2"),
        ({"port": 1, "schedule": "* * * * *"}, "serves nothing"),
    ],
)
def test_what_the_cluster_would_refuse_is_told_with_the_service(
    shop: dict[str, Any], said: str
) -> None:
    look: Any = Look
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        specs_of(settings(shop), look)
    assert "slipway:services.book-shop" in str(error.value)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"kubernetes": API}, "need `kubeconfig`: microk8s config | pulumi config set --secret"),
        ({"kubernetes": {"delivery": "ssh"}}, "kubernetes.delivery"),
        ({"kubernetes": {"namespace": "kube-system"}}, "the cluster's own"),
        ({"kubernetes": {"kubeconfig": "~/.kube/config"}}, "are for `delivery: api`"),
        ({"kubeconfig": "x: y"}, "is for `kubernetes: {delivery: api}`"),
        ({"kubernetes": {**API, "kubeconfig": "k"}, "kubeconfig": "x: y"}, "is given twice"),
        ({"kubernetes": {**API, "cluster": "mine"}}, "kubernetes.cluster"),
    ],
)
def test_delivery_and_kubeconfig_have_to_agree(own: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        settings(**own)


def test_a_kubeconfig_is_never_shown() -> None:
    read = settings(kubernetes=API, kubeconfig=KUBECONFIG)
    assert "hunter2" not in repr(read)
    assert "hunter2" not in repr(found(read))
    with pytest.raises(ValueError, match="kubeconfig") as error:
        settings(kubernetes=API, kubeconfig='["hunter2"]')
    assert "hunter2" not in str(error.value)


def test_a_kubeconfig_may_be_json_and_is_what_a_command_sees_of_an_encrypted_one() -> None:
    read = settings(kubernetes=API, kubeconfig={"secure": "v1:abc"})
    assert json.loads(read.kubeconfig or "") == {"secure": "v1:abc"}


def test_the_kubeconfig_alone_may_be_a_secret_and_must_be_one() -> None:
    refuse_secrets("slipway", "prod", ["slipway:kubeconfig", "aws:secretKey"])
    with pytest.raises(ValueError, match="slipway:kubernetes encrypted"):
        refuse_secrets("slipway", "prod", ["slipway:kubeconfig", "slipway:kubernetes"])
    keys = {"slipway:kubeconfig": "x", "aws:region": "y"}
    refuse_open_kubeconfig("slipway", "prod", keys, ["slipway:kubeconfig"])
    refuse_open_kubeconfig("slipway", "prod", {"aws:region": "y"}, [])
    with pytest.raises(ValueError, match="as plain text"):
        refuse_open_kubeconfig("slipway", "prod", keys, [])


def test_nothing_is_asked_of_a_cluster_that_no_service_wants() -> None:
    texts = {"aws:region": "eu-west-1", "slipway:bundles": '{"bucket": "acme"}'}
    assert found(read_settings("slipway", "prod", texts)) is None
    assert found(settings()) is None


def test_a_path_starts_at_the_folder_of_the_project(tmp_path: Path) -> None:
    read = settings(kubernetes={**API, "kubeconfig": "admin.yaml"})
    with pytest.raises(ValueError, match=r"kubernetes\.kubeconfig: .*admin\.yaml can't be read"):
        found(read, folder=tmp_path)
    (tmp_path / "admin.yaml").write_text(KUBECONFIG)
    there = found(read, folder=tmp_path)
    assert (there.id, there.node, there.namespace) == (HERE, "10.0.0.7", "prod")


def test_what_is_no_kubeconfig_is_told_by_its_key() -> None:
    with pytest.raises(ValueError, match="slipway:kubeconfig: the kubeconfig is none"):
        found(settings(kubernetes=API, kubeconfig="clusters: []"))


def test_a_stack_whose_name_is_no_namespace_has_to_say_one() -> None:
    read = settings(stack="Prod_1", kubernetes=API, kubeconfig=KUBECONFIG)
    with pytest.raises(ValueError, match=r"kubernetes\.namespace: 'Prod_1' is not"):
        found(read)
    named = settings(stack="Prod_1", kubernetes={**API, "namespace": "p"}, kubeconfig=KUBECONFIG)
    assert found(named).namespace == "p"


@pytest.mark.parametrize(
    ("said", "before", "refused"),
    [
        (None, None, False),
        (None, HERE, False),
        (None, THERE, True),
        (HERE, THERE, False),
        (THERE, HERE, True),
    ],
)
def test_another_cluster_than_the_stacks_is_refused_unless_it_is_said(
    said: str | None, before: str | None, refused: bool
) -> None:
    section = {**API, **({"cluster": said} if said else {})}
    read = settings(kubernetes=section, kubeconfig=KUBECONFIG)
    if not refused:
        assert found(read, Former(cluster=before)).id == HERE
        return
    with pytest.raises(ValueError, match=f"belongs to the cluster {THERE}") as error:
        found(read, Former(cluster=before))
    assert f"`cluster: {HERE}`" in str(error.value)
    assert "Nothing was done" in str(error.value)


def test_the_state_tells_which_cluster_it_was() -> None:
    outputs = {"cluster_id": HERE, "namespace": "prod"}
    resource = {"type": "slipway:index:KubernetesCluster", "outputs": outputs}
    assert Former.of({"urn::kubernetes": resource}).cluster == HERE
    assert Former.of({}).cluster is None


def test_the_delivery_through_a_host_needs_one() -> None:
    with pytest.raises(ValueError, match=r"need `host`.*`kubernetes: \{delivery: api\}`"):
        settings(host=None)


def test_microk8s_is_installed_on_a_machine_that_is_made_here_alone() -> None:
    assert settings(host={"create": True, "kubernetes": True}).host
    with pytest.raises(ValueError, match="`create: true`"):
        settings(host={"instances": {"tag": "role=shop"}, "kubernetes": True})


def test_leaving_the_api_is_refused_until_its_objects_are_left_alone() -> None:
    before = Former(services={"book-shop": ("microk8s", "")}, cluster=HERE)
    with pytest.raises(ValueError, match=r"would be deleted.*Nothing was done.*moving: true"):
        find_cluster(settings(), before, Path())
    moving = Former(services={"book-shop": ("microk8s", "")}, cluster=HERE, moving=True)
    assert find_cluster(settings(), moving, Path()) is None
    assert losses(moving, settings(), ()) == []


def test_moving_is_a_word_of_the_api_alone() -> None:
    with pytest.raises(ValueError, match="are for `delivery: api`"):
        settings(kubernetes={"moving": True})


def test_a_reference_that_no_host_can_follow_is_refused_before_aws_is_asked() -> None:
    shop = {"secrets": {"KEY": "secret:shop:key"}}
    with pytest.raises(ValueError, match=r"slipway:services\.book-shop\.secrets\.KEY: one key"):
        secrets_by_ssm(settings(shop))
    by_api = settings(shop, kubernetes=API, kubeconfig=KUBECONFIG)
    assert secrets_by_ssm(by_api) == {}, "the other delivery can"
