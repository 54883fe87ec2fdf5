"""What a stack runs, asked of its machine, Lambda, the registry and the bucket, not of slipway."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from tests.e2e.registry_reader import RegistryReader
from tests.histories.world import FN, SERVICES, WEB, World
from tests.invariants import Pointer, Running, Seen

# One look at a machine: state, image, names of that image, answer, health, settings.
LOOK = r"""
docker inspect --format '{{.State.Status}} {{.Image}}' web 2>/dev/null || echo 'none none'
image=$(docker inspect --format '{{.Image}}' web 2>/dev/null) &&
  docker image inspect --format '{{json .RepoDigests}}' "$image" || echo '[]'
curl --silent --fail --max-time 5 http://127.0.0.1:8080/ || true
echo
curl --silent --fail --max-time 5 --output /dev/null http://127.0.0.1:8080/healthz &&
  echo well || echo ill
grep -v ^TOKEN= /opt/web/.env 2>/dev/null |
  cat - /etc/systemd/system/web.service 2>/dev/null | sha256sum
"""
ABSENT = Running(digest=None, content=None, healthy=False)


class Reader:
    """Reads one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.estate = world.estate
        self._machines: dict[str, str] = {}
        self._clients = cache(self.estate.client)

    def seen(self, stack: str) -> Seen:
        """A stack as it is now."""
        return Seen(
            running={WEB: self._web(stack), FN: self._function(stack)},
            pointer=self._pointer(stack),
        )

    def names(self) -> dict[str, str]:
        """Every name that the registry has, by image."""
        found = {}
        for image in SERVICES:
            for tag, digest in self._tags(image).items():
                found[f"{image}:{tag}"] = digest
        return found

    def digest_named(self, image: str, tag: str) -> str:
        """Asked of the registry itself, not of the API beside it."""
        return RegistryReader(self.estate, f"histories/{image}").head(tag)

    def _tags(self, image: str) -> dict[str, str]:
        try:
            pages = self._clients("ecr").get_paginator("describe_images")
            found = list(pages.paginate(repositoryName=f"histories/{image}"))
        except ClientError as error:
            if error.response["Error"]["Code"] == "RepositoryNotFoundException":
                return {}
            raise
        return {
            tag: each["imageDigest"]
            for page in found
            for each in page["imageDetails"]
            for tag in each.get("imageTags", ())
        }

    def _web(self, stack: str) -> Running:
        machine = self.machine(stack)
        if machine is None:
            return ABSENT
        said = self.estate.on_machine(LOOK, machine).ok()
        state, names, answer, health, config = said.strip().splitlines()
        digests = {
            name.partition("@")[2] for name in json.loads(names) if "/histories/web@" in name
        }
        if state.split()[0] != "running":
            return ABSENT
        (digest,) = digests
        return Running(
            digest=digest,
            content=_content(answer),
            healthy=health == "well",
            config=config.split()[0],
        )

    def machine(self, stack: str) -> str | None:
        """The instance id of the machine of a stack; None if it has none yet."""
        if stack not in self._machines and (found := self._find_machine(stack)):
            self._machines[stack] = found
        return self._machines.get(stack)

    def _find_machine(self, stack: str) -> str | None:
        found = self.estate.client("ec2").describe_instances(
            Filters=[
                {"Name": "tag:Name", "Values": [f"slipway-{stack}-host"]},
                {"Name": "instance-state-name", "Values": ["running"]},
            ]
        )
        running = (each["InstanceId"] for r in found["Reservations"] for each in r["Instances"])
        return next(running, None)

    def _function(self, stack: str) -> Running:
        functions = self._clients("lambda")
        try:
            live = functions.get_function(FunctionName=f"{stack}-{FN}", Qualifier="live")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return ABSENT
            raise
        called = functions.invoke(FunctionName=f"{stack}-{FN}", Qualifier="live", Payload=b"{}")
        answer = called["Payload"].read().decode()
        well = "FunctionError" not in called
        return Running(
            digest=live["Code"]["ResolvedImageUri"].partition("@")[2],
            content=_content(answer) if well else None,
            healthy=well,
            config=json.dumps(live["Configuration"].get("Environment", {}), sort_keys=True),
        )

    def _pointer(self, stack: str) -> Pointer | None:
        current = self._object(stack, f"records/{stack}/current.json")
        if current is None:
            return None
        record = self._object(stack, f"records/{stack}/{current['record']}.json")
        assert record is not None, f"the pointer names {current['record']}, which is not there"
        return Pointer(
            record=current["record"],
            outcome=record["outcome"],
            version=current.get("version"),
            digests={name: each["digest"] for name, each in record["services"].items()},
            held=current.get("hold") is not None,
        )

    def _object(self, stack: str, key: str) -> dict[str, Any] | None:
        s3 = self._clients("s3")
        try:
            body = s3.get_object(Bucket=f"slipway-histories-{stack}", Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket"):
                return None
            raise
        document: dict[str, Any] = json.loads(body)
        return document


def _content(answer: str) -> str | None:
    if not answer:
        return None
    found = json.loads(answer)
    return f"{found['edition']} {found['words']}"
