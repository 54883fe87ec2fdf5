"""What Pulumi starts becomes the plugin, without the configuration in its environment."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

LAUNCHER = Path(__file__).parents[2] / "provider" / "pulumi-resource-rollout"


def test_no_process_of_the_plugin_inherits_the_decrypted_configuration(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    for file in (python, tmp_path / "provider" / LAUNCHER.name):
        file.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\nenv\n')
    python.chmod(0o755)
    shutil.copy(LAUNCHER, tmp_path / "provider")
    environment = {
        "PATH": "/usr/bin:/bin",
        "PULUMI_CONFIG": '{"aws:secretKey": "canary"}',
        "PULUMI_CONFIG_SECRET_KEYS": '["aws:secretKey"]',
        "KEPT": "yes",
    }
    launcher = tmp_path / "provider" / LAUNCHER.name
    said = subprocess.run(
        [launcher, "127.0.0.1:1"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("-P -m provider 127.0.0.1:1\n")
    assert "KEPT=yes" in said
    assert "PULUMI_CONFIG" not in said
