"""A monorepo whose stack has a service on a host's MicroK8s, deployed through SSM."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from localcloud.kubernetes.node import Node
from tests.estate import Estate
from tests.kubernetes.shop import APP, SERVICE, Shop
from tests.localcloud.cloud import Cloud, Machine
from tests.ports import free_port


def laid(
    cloud: Cloud, node: Node, folder: Path, port: int, service: Mapping[str, Any] | None = None
) -> Iterator[Shop]:
    """The shop; afterwards its machine and its namespace are gone."""
    estate = Estate(folder, dict(os.environ), cloud.port, cloud.registry_port)
    stack = f"a-{free_port()}"
    top = estate.checkout(folder / "shop", (SERVICE,))
    # A runtime that has had the same content under another digest calls it by that one.
    source = top / APP
    source.write_text(f"{source.read_text()}# {stack}\n")
    estate.git("commit", "--quiet", "--all", "--message", "own", top=top)
    five = {"target": "microk8s", "port": 8000, "publish": port, "health": "/healthz"}
    estate.write_stack(
        top,
        stack,
        registry={"kind": "ecr", "repository": f"{stack}/{{image}}", "create": True},
        bundles={"bucket": f"slipway-{stack}"},
        host={"create": True},
        services={SERVICE: {**five, **(service or {})}},
    )
    made = Shop(estate=estate, node=node, folder=top / "deploy", stack=stack, port=port)
    try:
        yield made
    finally:
        node.kubectl("delete", "namespace", stack, "--ignore-not-found", "--wait=false")
        found = machines(made)
        if found:
            estate.client("ec2").terminate_instances(InstanceIds=found)


def machines(shop: Shop) -> list[str]:
    """The ids of the stack's machines that run."""
    name = f"slipway-{shop.stack}-host"
    wish = [
        {"Name": "tag:Name", "Values": [name]},
        {"Name": "instance-state-name", "Values": ["running", "pending"]},
    ]
    found = shop.estate.client("ec2").describe_instances(Filters=wish)
    return [each["InstanceId"] for r in found["Reservations"] for each in r["Instances"]]


def on_host(cloud: Cloud, shop: Shop, command: str) -> str:
    """What a command prints on the stack's machine, as an operator would send it."""
    done = Machine(cloud, machines(shop)[0]).run(command)
    return str(done["StandardOutputContent"]) + str(done["StandardErrorContent"])


def keep_kubeconfig(shop: Shop, text: str) -> None:
    """As `microk8s config | pulumi config set --secret slipway:kubeconfig`."""
    file = shop.folder / "kubeconfig"
    file.write_text(text)
    command = f'pulumi config set --secret slipway:kubeconfig --stack {shop.stack} < "{file}"'
    shop.estate.run("bash", "-c", command, cwd=shop.folder).ok()
    file.unlink()
