"""The docker-registry process: storage by digest on a unix socket that only the front uses."""

import json
import os
import shutil
import socket
import time
from pathlib import Path

from localcloud import processes
from localcloud.place import Place
from localcloud.problem import CloudError

BASE_STORE = "localcloud"


class RegistryDaemon:
    """Starts and stops Debian's docker-registry for one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.socket = place.sockets / "store.sock"
        self._config = place.folder / "registry.yml"

    def start(self) -> None:
        """Starts it on emptied storage and waits until it answers; raises CloudError."""
        program = shutil.which("docker-registry")
        if program is None:
            raise CloudError("docker-registry is not installed; run `make setup`")
        self.stop()
        self._empty_storage()
        self.socket.unlink(missing_ok=True)
        self._config.write_text(json.dumps(self._settings(), indent=1))  # JSON is YAML
        argv = [program, "serve", str(self._config)]
        env = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        log = self._place.log_file("registry")
        processes.start(argv, self._place.pid_file("registry"), str(self._config), log, env)
        self._wait(log)

    def stop(self) -> bool:
        """Stops it; tells whether it ran."""
        return processes.stop(self._place.pid_file("registry"), str(self._config))

    def running(self) -> int | None:
        """Its process id while it runs."""
        return processes.running(self._place.pid_file("registry"), str(self._config))

    def forget(self, storage_name: str) -> None:
        """Removes one repository from the storage, not those that are nested below its name."""
        for part in ("_layers", "_manifests", "_uploads"):
            shutil.rmtree(self._repositories / storage_name / part, ignore_errors=True)

    @property
    def _repositories(self) -> Path:
        return self._place.registry_storage / "docker/registry/v2/repositories"

    def _empty_storage(self) -> None:
        self._place.registry_storage.mkdir(parents=True, exist_ok=True)
        for folder in self._repositories.glob("*"):
            if folder.name != BASE_STORE:
                shutil.rmtree(folder)

    def _settings(self) -> dict[str, object]:
        storage = {
            "filesystem": {"rootdirectory": str(self._place.registry_storage)},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}},
        }
        http = {
            "net": "unix",
            "addr": str(self.socket),
            "relativeurls": True,
            "secret": self._place.label,
        }
        log = {"level": "warn", "accesslog": {"disabled": True}}
        return {"version": 0.1, "log": log, "storage": storage, "http": http}

    def _wait(self, log: Path, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.02)
        raise CloudError(f"docker-registry does not answer after {seconds:.0f} s; read {log}")
