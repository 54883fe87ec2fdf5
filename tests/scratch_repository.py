"""A scratch repository for tests of what git says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Repository:
    """A scratch repository on `main` with one service in it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(parents=True)
        self.environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write("services/api/Dockerfile", "FROM scratch\n")
        self.write(".gitignore", "*.log\n")
        self.commit("first")

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        argv = ["git", "-C", str(self.top), *identity, *words]
        done = subprocess.run(argv, capture_output=True, text=True, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, path: str, text: str) -> Path:
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()
