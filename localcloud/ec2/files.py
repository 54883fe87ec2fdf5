"""What a machine gets before its first boot: the way to AWS, its user data, nothing else."""

import io
import tarfile

from localcloud.ec2.step_files import folder_of
from localcloud.place import Place

SOCKETS = "/var/lib/local-cloud"
METADATA = "169.254.169.254"
METADATA_PORT = 1338
REDIRECT = f"-d {METADATA} -p tcp --dport 80 -j REDIRECT --to-ports {METADATA_PORT}"
INSTANCE = "/var/lib/cloud/instance"

ADDRESS = f"""[Unit]
Description=Address of the instance metadata service
DefaultDependencies=no
Before=sockets.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ip address replace {METADATA}/32 dev lo
# Listening on the address itself would keep nginx from listening on port 80 of all addresses.
ExecStart=/usr/sbin/iptables -w -t nat -A OUTPUT {REDIRECT}
[Install]
WantedBy=sockets.target
"""

SOCKET = """[Unit]
Description=Way out to the local cloud: {name}
[Socket]
ListenStream={address}
BindToDevice=lo
[Install]
WantedBy=sockets.target
"""

PROXY = """[Unit]
Description=Way out to the local cloud: {name}
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd {sockets}/{path}
"""

USER_DATA = f"""[Unit]
Description=User data at the first boot
ConditionPathExists=!{INSTANCE}/boot-finished
After=network.target local-cloud-address.service sockets.target dbus.service
[Service]
Type=oneshot
ExecStart=-/bin/sh -c 'test ! -f {INSTANCE}/user-data || {INSTANCE}/user-data'
StateDirectory=cloud/instance
ExecStartPost=/usr/bin/touch {INSTANCE}/boot-finished
StandardOutput=append:/var/log/cloud-init-output.log
StandardError=append:/var/log/cloud-init-output.log
TimeoutStartSec=infinity
[Install]
WantedBy=multi-user.target
"""

# What the snap puts there, once the cloud has a node: `python -m localcloud.kubernetes up`.
MICROK8S = f"""#!/bin/sh
node={SOCKETS}/shared/microk8s
if [ ! -e "$node/kubeconfig" ]; then
  echo 'microk8s is not running: this local cloud has no Kubernetes node' >&2
  exit 1
fi
case "${{1:-}}" in
  kubectl) shift && exec "$node/kubectl" --kubeconfig="$node/kubeconfig" "$@" ;;
  config) exec cat "$node/kubeconfig" ;;
  status) echo 'microk8s is running' ;;
  *) echo 'microk8s of the local cloud knows kubectl, config and status' >&2 && exit 1 ;;
esac
"""

AGENT = """[Unit]
Description=Stands in for the SSM agent: the machine is online while this runs
After=local-cloud-user-data.service network.target
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""

WANTED = {
    "local-cloud-address.service": "sockets.target",
    "local-cloud-api.socket": "sockets.target",
    "local-cloud-registry.socket": "sockets.target",
    "local-cloud-imds.socket": "sockets.target",
    "local-cloud-user-data.service": "multi-user.target",
    "amazon-ssm-agent.service": "multi-user.target",
}


def mounts(place: Place, instance: str) -> dict[str, str]:
    """What a machine sees of this one: sockets, shared ones and its own, and its agent's folder."""
    return {
        str(place.shared_sockets): f"{SOCKETS}/shared",
        str(place.machine_sockets(instance)): f"{SOCKETS}/own",
        str(place.machine_steps(instance)): folder_of(instance),
    }


def ways(port: int, registry_port: int) -> dict[str, tuple[str, str]]:
    """By name: the address inside the machine and the socket that it leads to."""
    return {
        "api": (f"127.0.0.1:{port}", "shared/api.sock"),
        # Each account's registry has an address of loopback of its own, and the same port.
        "registry": (f"0.0.0.0:{registry_port}", "shared/registry.sock"),
        "imds": (f"127.0.0.1:{METADATA_PORT}", "own/imds.sock"),
    }


def first_boot(port: int, registry_port: int, user_data: bytes) -> bytes:
    """A tar archive for the machine's root."""
    endpoint = f"AWS_ENDPOINT_URL=http://127.0.0.1:{port}"
    texts = {
        "etc/systemd/system.conf.d/local-cloud.conf": f"[Manager]\nDefaultEnvironment={endpoint}\n",
        "etc/environment": f"{endpoint}\n",
        "etc/profile.d/local-cloud.sh": f"export {endpoint}\n",
    }
    units = {
        "local-cloud-address.service": ADDRESS,
        "local-cloud-user-data.service": USER_DATA,
        "amazon-ssm-agent.service": AGENT,
    }
    for name, (address, path) in ways(port, registry_port).items():
        units[f"local-cloud-{name}.socket"] = SOCKET.format(name=name, address=address)
        units[f"local-cloud-{name}.service"] = PROXY.format(name=name, sockets=SOCKETS, path=path)
    texts |= {f"etc/systemd/system/{name}": text for name, text in units.items()}
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        for path, text in texts.items():
            add(archive, path, text.encode(), 0o644)
        for unit, target in WANTED.items():
            link(archive, f"etc/systemd/system/{target}.wants/{unit}", f"../{unit}")
        add(archive, "snap/bin/microk8s", MICROK8S.encode(), 0o755)
        # cloud-init runs only what says that it is a script.
        script = user_data if user_data.startswith(b"#!") else b""
        if script:
            add(archive, f"{INSTANCE}/user-data".lstrip("/"), script, 0o700)
    return output.getvalue()


def add(archive: tarfile.TarFile, path: str, data: bytes, mode: int) -> None:
    """Adds a file that root owns."""
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))


def link(archive: tarfile.TarFile, path: str, target: str) -> None:
    """Adds a symbolic link."""
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    archive.addfile(entry)
