"""What the node's daemons read, as plain texts."""

import json
from typing import Any

import yaml

from localcloud.kubernetes.network import POD_NETWORK
from localcloud.kubernetes.place import NodePlace

PAUSE = "docker.io/slipway/pause:1"


def containerd(place: NodePlace) -> str:
    """containerd's settings. Without CAP_SYS_RESOURCE a pod's oom_score_adj can't go down."""
    return f"""version = 2
root = "{place.folder}/containerd/root"
state = "{place.runtime}/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{place.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{place.folder}/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{place.plugins}"
    conf_dir = "{place.folder}/cni"
"""


def registry_hosts(host: str) -> str:
    """containerd's hosts.toml of one registry that speaks plain HTTP."""
    return (
        f'server = "http://{host}"\n[host."http://{host}"]\n  capabilities = ["pull", "resolve"]\n'
    )


def pod_network(place: NodePlace) -> str:
    """The network plugins of pods: a bridge, published ports, a packet filter."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": f"{place.folder}/ipam",
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": addresses,
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    plugins = [bridge, ports, {"type": "firewall"}]
    return json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}, indent=1)


def kubelet(place: NodePlace, address: str) -> str:
    """The kubelet's settings: cgroup v1 is allowed, and no room is kept for the system."""
    return yaml.safe_dump(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "failCgroupV1": False,
            "cgroupDriver": "cgroupfs",
            "containerRuntimeEndpoint": f"unix://{place.socket}",
            "address": address,
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "oomScoreAdj": 0,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "evictionHard": {
                "nodefs.available": "1%",
                "imagefs.available": "1%",
                "memory.available": "100Mi",
            },
            "imageGCHighThresholdPercent": 100,
            "podLogsDir": f"{place.folder}/podlogs",
            "volumePluginDir": f"{place.folder}/kubelet/volume-plugins",
            "maxPods": 60,
        }
    )


def kubeconfig(server: str, authority: str, token: str, cluster: str) -> str:
    """A kubeconfig; `authority` is the base64 text of the CA's certificate."""
    document: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster,
                "cluster": {"server": server, "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": "admin"}}],
        "current-context": cluster,
    }
    return yaml.safe_dump(document)
