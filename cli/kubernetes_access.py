"""The cluster of a stack as the commands beside Pulumi reach it."""

from __future__ import annotations

import subprocess

from cli.stack import OpenStack
from clients import ClientError
from clients.kubernetes import Kubernetes
from clients.kubernetes_config import cluster_of
from infra.places import KubernetesPlace
from infra.stack_file import kubeconfig_of


def cluster_of_stack(opened: OpenStack) -> Kubernetes:
    """The API that the stack's kubeconfig leads to; Pulumi is asked for the one that it keeps.

    Raises ClientError if there is none that can be used.
    """
    settings = opened.settings
    if settings.kubeconfig is None:
        try:
            return Kubernetes(cluster_of(kubeconfig_of(settings, opened.folder)))
        except ValueError as error:
            raise ClientError(str(error)) from None
    return Kubernetes(cluster_of(_decrypted(opened)))


def refuse_from_afar(place: KubernetesPlace, words: str) -> None:
    """Raises ClientError if only the cluster's host reaches it, with the command to run there.

    `words` are those after `kubectl --namespace NAME`.
    """
    if place.delivery == "ssm":
        raise ClientError(
            "with `delivery: ssm` the API of the cluster is closed to this machine; on its host "
            f"(`slipway shell <instance>`): sudo microk8s kubectl --namespace {place.namespace} "
            f"{words}"
        )


def _decrypted(opened: OpenStack) -> str:
    settings = opened.settings
    argv = ["pulumi", "config", "get", f"{settings.project}:kubeconfig", "--stack", settings.stack]
    try:
        done = subprocess.run(  # noqa: S603
            argv, cwd=opened.folder, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise ClientError(f"pulumi does not give the kubeconfig of {settings.stack}: {said}")
    return done.stdout
