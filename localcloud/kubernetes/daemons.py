"""The node's daemons: their command lines, in the order in which they start."""

from pathlib import Path

from localcloud.kubernetes.network import POD_NETWORK, SERVICE_NETWORK
from localcloud.kubernetes.place import NodePlace

ETCD = "http://127.0.0.1:12379"
ETCD_PEER = "http://127.0.0.1:12380"
NODE = "node1"


def containerd(place: NodePlace) -> list[str]:
    """Runs the pods' containers."""
    return ["containerd", "--config", f"{place.folder}/containerd.toml"]


def etcd(place: NodePlace) -> list[str]:
    """Keeps the cluster's objects. Nobody needs them after a power cut: it doesn't sync."""
    return [
        str(place.etcd),
        "--data-dir",
        f"{place.folder}/etcd",
        *("--listen-client-urls", ETCD, "--advertise-client-urls", ETCD),
        *("--listen-peer-urls", ETCD_PEER),
        "--unsafe-no-fsync",
    ]


def api_server(place: NodePlace, address: str) -> list[str]:
    """The API: TLS by the cluster's own authority, one token, RBAC."""
    keys = place.folder / "pki"
    return [
        str(place.program("kube-apiserver")),
        f"--etcd-servers={ETCD}",
        f"--bind-address={address}",
        "--secure-port=6443",
        f"--tls-cert-file={keys}/api.crt",
        f"--tls-private-key-file={keys}/api.key",
        f"--cert-dir={place.folder}/apiserver",
        f"--token-auth-file={keys}/tokens.csv",
        "--authorization-mode=Node,RBAC",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--allow-privileged",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={keys}/service.key",
        f"--service-account-signing-key-file={keys}/service.key",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def controller_manager(place: NodePlace) -> list[str]:
    """Makes pods of deployments, jobs of cron jobs, and so on."""
    return [
        str(place.program("kube-controller-manager")),
        f"--kubeconfig={place.kubeconfig}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={place.folder}/controller-manager",
        "--leader-elect=false",
        f"--service-account-private-key-file={place.folder}/pki/service.key",
        f"--root-ca-file={place.folder}/pki/ca.crt",
    ]


def scheduler(place: NodePlace) -> list[str]:
    """Gives pods to the node."""
    return [
        str(place.program("kube-scheduler")),
        f"--kubeconfig={place.kubeconfig}",
        f"--authentication-kubeconfig={place.kubeconfig}",
        f"--authorization-kubeconfig={place.kubeconfig}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={place.folder}/scheduler",
        "--leader-elect=false",
    ]


def kubelet(place: NodePlace, address: str) -> list[str]:
    """Runs the node's pods."""
    return [
        str(place.program("kubelet")),
        f"--config={place.folder}/kubelet.yaml",
        f"--kubeconfig={place.kubeconfig}",
        f"--root-dir={place.folder}/kubelet",
        f"--cert-dir={place.folder}/kubelet-pki",
        f"--hostname-override={NODE}",
        f"--node-ip={address}",
    ]


def proxy(place: NodePlace, address: str) -> list[str]:
    """Leads services' addresses and ports to pods."""
    return [
        str(place.program("kube-proxy")),
        f"--kubeconfig={place.kubeconfig}",
        "--proxy-mode=iptables",
        f"--hostname-override={NODE}",
        f"--cluster-cidr={POD_NETWORK}",
        f"--nodeport-addresses=127.0.0.0/8,{address}/32",
        f"--bind-address={address}",
        "--healthz-bind-address=127.0.0.1:10256",
        "--metrics-bind-address=127.0.0.1:10249",
        "--oom-score-adj=0",
        "--conntrack-max-per-core=0",
        "--conntrack-min=0",
    ]


def mark(argv: list[str]) -> str:
    """The word of a command line that no other process of the machine has."""
    return next(
        word for word in reversed(argv) if Path(word.partition("=")[2] or word).is_absolute()
    )
