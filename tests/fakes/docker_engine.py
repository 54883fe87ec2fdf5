"""A Docker engine as its SDK shows it: containers of images that behave as they were told to."""

from __future__ import annotations

from typing import Any

from docker.errors import APIError, ImageNotFound, NotFound

OWNER = "slipway.service"


class FakeEngine:
    """The low-level client."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, Any]] = {}
        """Containers by id."""
        self.images: dict[str, list[str]] = {}
        """RepoDigests by image id."""
        self.behaviour: dict[str, str] = {}
        """By image, or image + " trial": good, unhealthy, ends, restarts, hangs or unstartable."""
        self.calls: list[str] = []
        """What was changed, in words."""
        self._made = 0

    def add(self, name: str, image: str, *, owner: str = "", **more: Any) -> str:
        """A container that was made and not started; its id."""
        config = {
            "Image": image,
            "Labels": {OWNER: owner} if owner else {},
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5_000_000_000, "Retries": 3},
            "Hostname": "old",
            "Env": ["A=1"],
            **more.pop("config", {}),
        }
        host = {
            "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18080"}]},
            "Binds": ["web-data:/data"],
            "RestartPolicy": {"Name": "unless-stopped"},
            "Memory": 1 << 29,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            **more,
        }
        self._made += 1
        made = f"{self._made:02d}".ljust(64, "0")
        self.there[made] = {
            "Id": made,
            "Name": f"/{name}",
            "Image": image,
            "Config": config,
            "HostConfig": host,
            "State": {"Status": "created", "ExitCode": 0},
        }
        return made

    def state(self, container: str) -> str:
        return str(self.there[container]["State"]["Status"])

    def names(self) -> list[str]:
        """The names of those that run."""
        ran = (each for each in self.there.values() if each["State"]["Status"] == "running")
        return [each["Name"][1:] for each in ran]

    def inspect_container(self, name_or_id: str) -> dict[str, Any]:
        for each in self.there.values():
            if name_or_id in (each["Id"], each["Name"][1:]):
                return each
        raise NotFound(f"No such container: {name_or_id}")

    def containers(self, all: bool = False, filters: Any = None) -> list[dict[str, Any]]:
        name, _, value = (filters or {}).get("label", "").partition("=")
        return [
            {"Id": each["Id"]}
            for each in self.there.values()
            if (all or each["State"]["Status"] == "running")
            and (not name or each["Config"]["Labels"].get(name) == value)
        ]

    def inspect_image(self, image: str) -> dict[str, Any]:
        if image not in self.images:
            raise ImageNotFound(image)
        return {"RepoDigests": self.images[image]}

    def create_container_from_config(self, config: dict[str, Any], name: str) -> dict[str, str]:
        self.calls.append(f"make {name}")
        config = dict(config)
        host = config.pop("HostConfig")
        made = self.add(name, config["Image"], config=config)
        self.there[made]["HostConfig"] = host
        self.there[made]["Config"] = config
        return {"Id": made}

    def start(self, container: str) -> None:
        found = self.inspect_container(container)
        name, image = found["Name"][1:], found["Image"]
        self.calls.append(f"start {name}")
        default = self.behaviour.get(image, "good")
        how = self.behaviour.get(f"{image} trial", default) if name.endswith("-trial") else default
        if how == "unstartable":
            raise APIError("refused", explanation="address already in use")
        names = {"good": "healthy", "restarts": "healthy", "hangs": "starting"}
        health = names.get(how, how)
        log = [{"Output": "connection\nrefused"}]
        found["State"] = {"Status": "running", "Health": {"Status": health, "Log": log}}
        found["RestartCount"] = 2 if how == "restarts" else 0
        if how in ("ends", "hungry"):
            found["State"] = {"Status": "exited", "ExitCode": 3 if how == "ends" else 137}

    def stop(self, container: str, timeout: int) -> None:
        found = self.inspect_container(container)
        self.calls.append(f"stop {found['Name'][1:]} {timeout}")
        found["State"] = {"Status": "exited", "ExitCode": 0}

    def remove_container(self, container: str, v: bool, force: bool) -> None:
        found = self.inspect_container(container)
        assert v
        assert force
        self.calls.append(f"remove {found['Name'][1:]}")
        del self.there[found["Id"]]

    def logs(self, container: str, tail: int) -> bytes:
        return b"first\nlast words\n"
