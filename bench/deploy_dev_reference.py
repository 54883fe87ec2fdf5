"""What a deploy of one service to a host is compared with: the whole way of `make deploy-dev`.

Of the procedure that docs/recipes has as deploy-dev, in its order: tag, `docker build`, `docker
push` of two tags, bundle to S3, one SSM command that fetches the bundle, one that runs its script
(log in, pull, stop, copy the unit, start, look). Going back is the manual way of the same text:
pull the older tag, write it into `.env`, restart.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass

from bench import monorepo
from bench.host_reference import UNIT, stop_pull_start
from bench.monorepo import Stack
from tests.localcloud.cloud import REGION, Cloud, Machine

NAME, PORT, BUCKET = "theirs", 8102, "reference-deploys"
_BUNDLES = "bundles/dev"


@dataclass(frozen=True)
class DeployDev:
    """One service `theirs` on a machine of its own."""

    cloud: Cloud
    machine: Machine
    stack: Stack
    """Whose monorepo it deploys from."""

    @property
    def repository(self) -> str:
        """Where its image is pushed to."""
        return f"{self.cloud.registry.partition('//')[2]}/reference/{NAME}"

    def prepare(self) -> None:
        """Makes repository and bucket."""
        self.cloud.client("ecr").create_repository(repositoryName=f"reference/{NAME}")
        where = {"LocationConstraint": REGION}
        self.cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)

    def deploy(self, version: str) -> None:
        """The way of a commit to the machine; it ends before the container listens."""
        image = f"{self.repository}:{version}"
        self.stack.estate.git("tag", version, top=self.stack.top)
        self._build_and_push(image)
        self._upload(version)
        key = f"s3://{BUCKET}/{_BUNDLES}/deploy-bundle-{version}.tar.gz"
        self._command(
            "set -e",
            f"mkdir -p /opt/{NAME}",
            f"cd /opt/{NAME}",
            f"aws s3 cp --only-show-errors {key} .",
            f"tar -xzf deploy-bundle-{version}.tar.gz",
        )
        self._command(*stop_pull_start(NAME, PORT, image, REGION))

    def roll_back(self, version: str) -> None:
        """By hand, as the procedure says."""
        host = self.repository.partition("/")[0]
        self._command(
            "set -e",
            "export HOME=/root",
            f"aws ecr get-login-password --region {REGION} | "
            f"docker login --username AWS --password-stdin {host} 2>/dev/null",
            f"docker pull -q {self.repository}:{version}",
            f"sed -i 's/IMAGE_TAG=.*/IMAGE_TAG={version}/' /opt/{NAME}/.env",
            f"systemctl restart {NAME}.service",
            f"systemctl status {NAME}.service | head -3",
            f"docker ps | grep {NAME} || true",
        )

    def _build_and_push(self, image: str) -> None:
        base = f"BASE={self.cloud.registry.partition('//')[2]}/base/debian:bookworm"
        latest = f"{self.repository}:latest-dev"
        folder = str(self.stack.top / "services" / "book-shop")
        # Docker's own builder, as on a runner: it keeps its layers, as slipway's does.
        builder = ("buildx", "build", "--builder", "default", "--load", "--quiet")
        names = ("-t", image, "-t", latest)
        monorepo.docker(self.stack.estate, *builder, "--build-arg", base, *names, folder)
        for each in (image, latest):
            monorepo.docker(self.stack.estate, "push", "--quiet", each)

    def _upload(self, version: str) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as bundle:
            for path, text in (
                (f"deploy/systemd/{NAME}.service", UNIT.format(name=NAME, port=PORT)),
                ("VERSION", version),
            ):
                entry = tarfile.TarInfo(path)
                entry.size = len(text.encode())
                bundle.addfile(entry, io.BytesIO(text.encode()))
        key = f"{_BUNDLES}/deploy-bundle-{version}.tar.gz"
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=packed.getvalue())

    def _command(self, *lines: str) -> None:
        done = self.machine.run(*lines)
        if done["Status"] != "Success":
            raise RuntimeError(f"the reference failed: {done['StandardErrorContent'][-1000:]}")
