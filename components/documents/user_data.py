"""The script of a machine's first boot."""

from __future__ import annotations

from components.documents.deploy_document import own_text
from components.documents.service import CONVERGE_UNIT, FILES

MOST = 16384
"""Bytes that EC2 takes."""
_END = "END-OF-SLIPWAY"


def install_script(
    stack: str, region: str, bucket: str, repository: str, *, kubernetes: bool = False
) -> str:
    """User data of a machine: Docker, nginx, AWS CLI and SSM agent, where they are missing; and
    MicroK8s, if it is wanted. Then it runs what the stack runs, now and at every boot.

    Takes what `deploy_document` takes. Raises `ValueError` for a value that is none.
    """
    own = own_text(stack, region, bucket, repository) + "\n"
    files = {
        "/etc/slipway/bootstrap.sh": (FILES / "bootstrap.sh").read_text(),
        "/etc/slipway/converge.sh": (FILES / "converge.sh").read_text(),
        f"/etc/slipway/stacks/{stack}": own,
        f"/etc/systemd/system/{CONVERGE_UNIT}": (FILES / CONVERGE_UNIT).read_text(),
    }
    written = "".join(f"cat >{path} <<'{_END}'\n{text}{_END}\n" for path, text in files.items())
    microk8s = (FILES / "install_microk8s.sh").read_text().replace("#!/bin/sh", "", 1)
    return (
        (FILES / "install.sh").read_text()
        + (microk8s if kubernetes else "")
        + f"\nmkdir -p /etc/slipway/stacks\n{written}"
        + f"systemctl daemon-reload\nsystemctl enable {CONVERGE_UNIT}\n"
        # Not waited for: the script there waits for the end of this one.
        + f"systemctl start --no-block {CONVERGE_UNIT}\n"
    )
