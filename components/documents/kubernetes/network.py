"""Who reaches a service: the service itself, the ingress, the rule for its namespace."""

from __future__ import annotations

from typing import Any

from components.documents.kubernetes.spec import KubernetesServiceSpec


def service_object(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any] | None:
    """The address inside of the cluster, and the node's port if one is published."""
    if service.port is None:
        return None
    port: dict[str, Any] = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    if service.publish is not None:
        port["nodePort"] = service.publish
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": {
            "type": "ClusterIP" if service.publish is None else "NodePort",
            "selector": service.labels,
            "ports": [port],
        },
    }


def ingress(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any] | None:
    """What the cluster's ingress controller leads to it; None without a host."""
    if service.host is None:
        return None
    backend = {"service": {"name": service.name, "port": {"name": "http"}}}
    rule = {
        "host": service.host,
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    spec: dict[str, Any] = {"rules": [rule]}
    if service.tls_secret is not None:
        spec["tls"] = [{"hosts": [service.host], "secretName": service.tls_secret}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": spec,
    }


def network_policy(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any]:
    """Nothing comes in but to its port; from everywhere if it is published or behind an ingress."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": service.name}},
            "policyTypes": ["Ingress"],
            "ingress": _entries(service),
        },
    }


def _entries(service: KubernetesServiceSpec) -> list[dict[str, Any]]:
    if service.port is None:
        return []
    ports = [{"port": "http", "protocol": "TCP"}]
    if service.publish is not None or service.host is not None:
        return [{"ports": ports}]
    if not service.open_to:
        return []
    peers = [
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}
        for name in sorted(service.open_to)
    ]
    return [{"from": peers, "ports": ports}]
