"""What a switch on a host is compared with: pull, stop the unit, start it, look.

The procedure and the unit are those that deploy documents of this kind describe: `docker pull`,
`systemctl stop`, copy the unit, `systemctl start`, `systemctl status; docker ps`.
"""

from __future__ import annotations

UNIT = """[Unit]
Description={name}
After=docker.service
Requires=docker.service
[Service]
EnvironmentFile=/opt/{name}/.env
ExecStartPre=/usr/bin/docker pull -q ${{ECR_REGISTRY}}/${{ECR_REPOSITORY}}:${{IMAGE_TAG}}
ExecStart=/usr/bin/docker run --rm --name {name} --env-file /opt/{name}/.env -p {port}:8000 \
${{ECR_REGISTRY}}/${{ECR_REPOSITORY}}:${{IMAGE_TAG}}
ExecStop=/usr/bin/docker stop {name}
ExecStopPost=-/usr/bin/docker rm -f {name}
Restart=no
[Install]
WantedBy=multi-user.target
"""


def stop_pull_start(name: str, port: int, image: str, region: str) -> list[str]:
    """The shell lines of one deploy of registry/repository:tag."""
    registry, _, rest = image.partition("/")
    repository, _, tag = rest.partition(":")
    return [
        "set -e",
        "export HOME=/root",
        f"mkdir -p /opt/{name}",
        f"aws ecr get-login-password --region {region} | "
        f"docker login --username AWS --password-stdin {registry} 2>/dev/null",
        f"docker pull -q {image}",
        f"if systemctl is-active -q {name}.service; then systemctl stop {name}.service; fi",
        f"printf 'ECR_REGISTRY={registry}\\nECR_REPOSITORY={repository}\\nIMAGE_TAG={tag}\\n' "
        f">/opt/{name}/.env",
        f"cat >/etc/systemd/system/{name}.service <<'END'\n{UNIT.format(name=name, port=port)}END",
        "systemctl daemon-reload",
        f"systemctl start {name}.service",
        f"systemctl enable -q {name}.service",
        f"systemctl status {name}.service | head -3",
        f"docker ps | grep {name} || true",
        f"docker logout {registry}",
    ]
