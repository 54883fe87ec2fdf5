"""What runs on a cluster, as `slipway status`, `logs` and `shell` tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import log_pods, shell, status_kubernetes
from cli.log_pods import PodLog
from cli.stack import OpenStack
from cli.status_kubernetes import look_at_pods
from clients import ClientError
from infra.places import KubernetesPlace, place_of
from infra.settings import read_settings
from release.status import Seen
from tests.fakes.records import D1, D2

SERVICES = """{
    "shop": {"target": "microk8s", "port": 8000},
    "night": {"target": "microk8s", "schedule": "0 3 * * *"}
}"""
CONFIG = {
    "aws:region": "eu-west-1",
    "slipway:bundles": '{"bucket": "acme-deploys"}',
    "slipway:host": '{"instances": {"tag": "role=app"}}',
    "slipway:kubernetes": '{"delivery": "api", "kubeconfig": "here"}',
    "slipway:services": SERVICES,
}


def opened(**changes: str) -> OpenStack:
    keys = {f"slipway:{name}": text for name, text in changes.items()}
    return OpenStack(settings=read_settings("slipway", "prod", CONFIG | keys), folder=Path("/x"))


def place(name: str = "shop", **changes: str) -> KubernetesPlace:
    found = place_of(opened(**changes).settings, name)
    assert isinstance(found, KubernetesPlace)
    return found


def container(digest: str) -> Mapping[str, Any]:
    return {"containers": [{"image": f"r/shop:v1@{digest}"}]}


def pod(name: str, digest: str = D1, runs: str | None = None, **state: Any) -> dict[str, Any]:
    status = {"imageID": f"r/shop@{runs or digest}", "restartCount": 1, "state": state}
    return {
        "metadata": {"name": name},
        "spec": container(digest),
        "status": {"startTime": "2026-11-21T07:00:00Z", "containerStatuses": [status]},
    }


def _at(line: str) -> float:
    return datetime.fromisoformat(line[:19] + "+00:00").timestamp()


class FakeCluster:
    """`clients.kubernetes.Kubernetes` with one namespace."""

    def __init__(self) -> None:
        self.cluster = SimpleNamespace(server="https://10.0.0.7:16443")
        self.ready = 2
        self.objects: dict[str, Any] = {
            "Deployment/shop": {"spec": {"replicas": 2, "template": {"spec": container(D1)}}},
            "CronJob/night": {
                "spec": {
                    "schedule": "0 3 * * *",
                    "jobTemplate": {"spec": {"template": {"spec": container(D1)}}},
                }
            },
        }
        self.pods = [pod("shop-1-a"), pod("shop-1-b")]
        self.logs = {
            "shop-1-a": ["2026-11-21T07:00:01.000000001Z one", "2026-11-21T07:00:03Z three"],
            "shop-1-b": ["2026-11-21T07:00:02.5Z two"],
        }

    def get(self, kind: str, namespace: str, name: str) -> Any:
        found = self.objects.get(f"{kind}/{name}")
        return found and {**found, "status": {"readyReplicas": self.ready}}

    def listed(self, kind: str, namespace: str, labels: Mapping[str, str]) -> Sequence[Any]:
        assert (kind, namespace) == ("Pod", "prod")
        return self.pods

    def timed_log(self, namespace: str, name: str, *, lines: Any, since: Any) -> list[str]:
        held = self.logs[name][-lines:] if lines else self.logs[name]
        return [each for each in held if since is None or _at(each) >= int(since)]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    made = FakeCluster()
    for module in (status_kubernetes, log_pods, shell):
        monkeypatch.setattr(module, "cluster_of_stack", lambda opened: made)
    return made


def seen(name: str = "shop") -> Seen:
    (found,) = look_at_pods(opened(), place(name), D1)
    return found


def test_a_service_stands_in_the_namespace_of_its_stack() -> None:
    assert place() == KubernetesPlace(
        name="shop", kind="Deployment", namespace="prod", delivery="api"
    )
    assert place("night").kind == "CronJob"
    assert place("night").labels["app.kubernetes.io/name"] == "night-task"
    named = place(kubernetes='{"namespace": "books"}')
    assert (named.namespace, named.delivery) == ("books", "ssm")


def test_pods_that_run_what_they_should_are_well(cluster: FakeCluster) -> None:
    found = seen()
    assert (found.state, found.well, found.digest, found.health) == ("running", True, D1, "healthy")
    assert (found.where, found.since) == ("prod/shop", "2026-11-21T07:00:00Z")
    assert found.facts == {"pods": "2/2", "restarts": "2"}


def test_one_pod_of_another_digest_is_told_first(cluster: FakeCluster) -> None:
    cluster.pods[1] = pod("shop-2-b", D2)
    assert seen().digest == D2
    cluster.pods[1]["metadata"]["deletionTimestamp"] = "now"
    assert seen().digest == D1, "one that ends counts no more"
    cluster.objects["Deployment/shop"]["spec"]["template"]["spec"] = container(D2)
    assert seen().digest == D2, "what is asked for and not there yet"


def test_a_pod_that_was_asked_for_without_a_digest_is_what_the_runtime_says(
    cluster: FakeCluster,
) -> None:
    cluster.pods[1]["spec"] = {"containers": [{"image": "r/shop:v9"}]}
    cluster.pods[1]["status"]["containerStatuses"][0]["imageID"] = f"r/shop@{D2}"
    assert seen().digest == D2


def test_pods_that_are_not_ready_are_told_with_their_reasons(cluster: FakeCluster) -> None:
    cluster.ready = 1
    cluster.pods[1] = pod("shop-1-b", waiting={"reason": "CrashLoopBackOff"})
    found = seen()
    assert not found.well
    assert found.why == "1 of 2 pods are ready: CrashLoopBackOff"
    cluster.objects["Deployment/shop"]["spec"]["replicas"] = cluster.ready = 0
    assert (seen().state, seen().why) == ("stopped", "no pod is wanted")
    cluster.objects.clear()
    assert (seen().state, seen().why) == ("absent", "the namespace prod has no such Deployment")


def test_what_runs_by_the_clock_is_scheduled_unless_it_is_suspended(cluster: FakeCluster) -> None:
    assert (seen("night").state, seen("night").well, seen("night").digest) == (
        "scheduled", True, D1,
    )  # fmt: skip
    cluster.objects["CronJob/night"]["spec"]["suspend"] = True
    assert seen("night").why == "it is suspended"


def test_the_lines_of_all_pods_come_in_order(cluster: FakeCluster) -> None:
    log = PodLog(opened(), place())
    found = log.newest(2, None)
    assert [(each.source, each.text) for each in found] == [("1-b", "two"), ("1-a", "three")]
    cluster.logs["shop-1-b"].append("2026-11-21T07:00:04.25Z four")
    assert [each.text for each in log.more()] == ["four"]
    cluster.pods = []
    with pytest.raises(ClientError, match="no pod of shop is in the namespace prod"):
        log.newest(2, None)


def test_a_shell_names_the_server_that_it_is_meant_for(cluster: FakeCluster) -> None:
    words = shell._into(opened(), place())
    assert words == [
        *("kubectl", "--kubeconfig", "/x/here", "--server", "https://10.0.0.7:16443"),
        *("--namespace", "prod", "exec", "-it", "deployment/shop", "--", "/bin/sh"),
    ]
    with pytest.raises(ClientError, match="night runs by the clock"):
        shell._into(opened(), place("night"))
    cluster.ready = 0
    with pytest.raises(ClientError, match="no pod of shop is ready in prod"):
        shell._into(opened(), place())


def test_behind_a_closed_port_the_command_for_the_host_is_told(cluster: FakeCluster) -> None:
    stack, there = opened(kubernetes="{}"), place(kubernetes="{}")
    kubectl = "on its host (`slipway shell <instance>`): sudo microk8s kubectl --namespace prod"
    kubectl = kubectl.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ClientError, match=f"{kubectl} get deployment/shop"):
        look_at_pods(stack, there, D1)
    with pytest.raises(ClientError, match=f"{kubectl} logs --selector=app.kubernetes.io/name=shop"):
        PodLog(stack, there).newest(1, None)
    with pytest.raises(ClientError, match=f"{kubectl} exec -it deployment/shop -- /bin/sh"):
        shell._into(stack, there)
