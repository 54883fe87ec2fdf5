"""Stack files, `.env`, pyproject.toml, kubeconfigs, addresses, and who asks for a release."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import strategies as st

from cli.comment import number_of_event
from cli.logs import seconds_of
from clients.git import Checkout
from clients.git_tags import check_tag_name
from clients.github_names import check_api, check_repository, check_tag, web_url
from clients.kubernetes_config import Cluster, cluster_of, tls_of
from clients.registry_names import split_repository
from clients.webhook import check_webhook, host_of
from infra.env_file import KEYS, Said, read_env_files
from infra.settings import Settings
from infra.stack_file import account_in_stack_file, read_stack_file
from infra.version import version_in
from release.versions import LONGEST
from tests.attacks.corpora import damaged, json_bytes, lines_of, near, yaml_text
from tests.attacks.parser import PROJECT, Parser, check_shown

_STACK = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())
_ENV = ("AWS_ACCOUNT_ID=123456789012", "AWS_REGION=eu-west-1", "AWS_PROFILE=a b", "export A=$(id)")
KUBECONFIG: dict[str, Any] = {
    "kind": "Config",
    "current-context": "a",
    "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1:16443"}}],
    "users": [{"name": "u", "user": {"token": "secret-token"}}],
}


_AT = Checkout(top=PROJECT, common=PROJECT, index=PROJECT / "index", commit="a" * 40, shallow=False)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _stack(data: bytes) -> Settings:
    with TemporaryDirectory() as folder:
        (Path(folder) / "Pulumi.yaml").write_text("name: slipway\n")
        (Path(folder) / "Pulumi.dev.yaml").write_bytes(data)
        account_in_stack_file("dev", Path(folder))
        return read_stack_file("dev", Path(folder))


def _env(data: bytes) -> dict[str, Said]:
    with TemporaryDirectory() as folder:
        (Path(folder) / ".env").write_bytes(data)
        return read_env_files(Path(folder))


def _are_ours(found: dict[str, Said]) -> None:
    assert set(found) <= set(KEYS)


def _kubeconfig(text: str) -> Cluster:
    found = cluster_of(text)
    tls_of(found)
    return found


def _is_cluster(found: Cluster) -> None:
    assert found.server.startswith("https://")
    check_shown(found.server + found.name)
    # It becomes a header: what can't be one would be shown by the error that says so.
    assert found.token is None or re.fullmatch(r"[\x21-\x7e]+", found.token)


def _names(text: str) -> str:
    for check in (check_repository, check_tag, lambda t: web_url(check_api(t)), split_repository):
        try:
            check(text)
        except ValueError:
            continue
        check_shown(text)
    return check_repository(text)


def _webhook(text: str) -> str:
    return host_of(check_webhook(text))


def _event(data: bytes) -> int:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "event.json"
        file.write_bytes(data)
        return number_of_event({"GITHUB_EVENT_PATH": str(file)})


def _asked(message: str) -> str:
    """`.ci/asked` with that message as what the last commit asks for; its output of the job."""
    with TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        done = subprocess.run(
            [PROJECT / ".ci/asked", "Release"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "ASKED": message, "GITHUB_OUTPUT": str(output)},
            capture_output=True,
            check=False,
            timeout=60,
        )
        check_shown((done.stdout + done.stderr).decode())
        if done.returncode != 0:
            raise ValueError(done.stderr.decode())
        assert os.listdir(folder) == ["output"]
        return output.read_text()


def _is_output(text: str) -> None:
    assert re.fullmatch(r"name=([0-9A-Za-z][0-9A-Za-z.+_-]{0,127})?\n", text), text


def _tag_name(name: str) -> str:
    return check_tag_name(_AT, name)


def _is_no_option(name: str) -> None:
    assert not name.startswith("-")


def _short(version: str) -> None:
    assert len(version) <= LONGEST


PYPROJECT = '[project]\nversion = "1.2.0"\n[tool.poetry]\nversion = "1.2.0"\n'
TOML = st.sampled_from((
    "a=" + "[" * 5000, "a=" + "{a=" * 5000, "a." * 5000 + "b=1", "a=" + "9" * 5000, "[project]",
    "[project]\nversion=1", "project=1", "[[project]]", 'project.version="v1\\u001b"', 
    "a=1979-99-99",
))  # fmt: skip

PARSERS = (
    Parser(
        name="a stack file",
        source="a pull request",
        inputs=damaged(
            st.one_of(yaml_text(_STACK), lines_of("config:", " aws:region: a")).map(_bytes)
        ),
        parse=_stack,
        known=(b'config: {"aws:region": eu-west-1, "aws:endpoints": 0}',),
        share=0.5,
    ),
    Parser(
        name=".env of a repository",
        source="a folder, a pull request",
        inputs=damaged(lines_of(*_ENV).map(_bytes)),
        parse=_env,
        check=_are_ours,
    ),
    Parser(
        name="a version in pyproject.toml",
        source="a pull request",
        inputs=st.one_of(near(PYPROJECT), TOML),
        parse=lambda text: version_in("pyproject.toml", text),
        check=_short,
    ),
    Parser(
        name="a kubeconfig",
        source="a cluster",
        inputs=yaml_text(KUBECONFIG),
        parse=_kubeconfig,
        check=_is_cluster,
        share=0.3,
        known=(
            json.dumps(KUBECONFIG).replace("secret-token", "secret-token\\n"),
            json.dumps(KUBECONFIG).replace('"secret-token"', '{"a": "secret-token"}'),
        ),
    ),
    Parser(
        name="names on GitHub and of repositories",
        source="the stack file, a workflow",
        inputs=near("acme/shop", "v1.2.0", "https://api.github.com", "127.0.0.1:4510/dev/api"),
        parse=_names,
        check=check_shown,
    ),
    Parser(
        name="an address for events",
        source="the stack file, a parameter",
        inputs=near("https://hooks.example.com/a?b=c", "http://127.0.0.1:1/", "https://[::1]:1/"),
        parse=_webhook,
        check=check_shown,
        known=("https://\u202egnp.example.com/", "https://\ud800.example.com/"),
    ),
    Parser(
        name="the event of a pull request",
        source="GitHub",
        inputs=json_bytes({"pull_request": {"number": 7}}),
        parse=_event,
        check=lambda number: number + 0,
    ),
    Parser(
        name="--since of a log",
        source="a person",
        inputs=near("10m", "7d"),
        parse=seconds_of,
        check=lambda number: number + 0,
    ),
    Parser(
        name="the release that a commit asks for (.ci/asked)",
        source="whoever commits",
        inputs=near("1.2.0", "v1.2.0-rc.1+a").map(
            lambda t: t.replace("\0", "").encode("utf-8", "replace").decode()
        ),
        parse=_asked,
        check=_is_output,
        share=0.2,
    ),
    Parser(
        name="the name of a new tag",
        source="a person, make tag VERSION=",
        inputs=near("v1.2.0").map(lambda t: os.fsdecode(_bytes(t))),
        parse=_tag_name,
        check=_is_no_option,
        share=0.3,
    ),
)
