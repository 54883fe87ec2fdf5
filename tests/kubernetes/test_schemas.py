"""kubeconform, strict, on every golden manifest; its schemas are the running API server's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from offline.setup_build import KUBECONFORM
from offline.setup_place import cache_folder

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("kubernetes_*.json"))
_KINDS = "x-kubernetes-group-version-kind"
_FILE = "{{ .ResourceKind }}{{ .KindSuffix }}.json"


def strict(schema: Any) -> Any:
    """A schema that allows only what it names, as the API does with strict field validation."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string":
        return {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    made = {name: strict(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


@pytest.fixture(scope="module")
def schemas(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one schema for each kind that the golden manifests hold."""
    folder = tmp_path_factory.mktemp("schemas")
    wanted = {
        (each["apiVersion"], each["kind"])
        for file in GOLDEN
        for each in json.loads(file.read_text())
    }
    definitions = strict(json.loads(node.kubectl("get", "--raw", "/openapi/v2"))["definitions"])
    for name, definition in definitions.items():
        for each in definition.get(_KINDS, ()):
            group, version, kind = each["group"], each["version"], each["kind"]
            if (f"{group}/{version}".lstrip("/"), kind) in wanted:
                whole = {"$ref": f"#/definitions/{name}", "definitions": definitions}
                suffix = f"-{group.split('.')[0]}-{version}" if group else f"-{version}"
                (folder / f"{kind.lower()}{suffix}.json").write_text(json.dumps(whole))
    assert len(list(folder.iterdir())) == len(wanted) >= 10
    return folder


def conform(schemas: Path, documents: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    """kubeconform's word on them."""
    program = cache_folder() / "bin" / KUBECONFORM.name
    if not program.exists():
        pytest.fail("kubeconform is not built: run these tests by `make kubernetes`")
    words = ("-strict", "-summary", "-schema-location", str(schemas / _FILE), "-output", "json")
    text = "\n---\n".join(json.dumps(each) for each in documents)
    return subprocess.run(
        [str(program), *words], input=text, check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: str(file.stem))
def test_every_manifest_conforms_to_the_schemas_of_the_api(schemas: Path, file: Path) -> None:
    documents = json.loads(file.read_text())
    done = conform(schemas, documents)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["summary"]["valid"] == len(documents)


def test_a_name_or_type_that_the_api_does_not_know_is_found(schemas: Path) -> None:
    documents = json.loads(GOLDEN[0].read_text())
    workload = next(each for each in documents if each["kind"] == "Deployment")
    for key, value in (("replicass", 2), ("replicas", "two")):
        wrong = {**workload, "spec": {**workload["spec"], key: value}}
        done = conform(schemas, [wrong])
        assert done.returncode == 1
        assert key in done.stdout
