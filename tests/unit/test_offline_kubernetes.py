"""The rules of the offline kubernetes plugin on plain values."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from offline.kubernetes.changes import another_cluster
from offline.kubernetes.checking import named
from offline.kubernetes.difference import differences
from offline.kubernetes.errors import ApiError, UnreachableError
from offline.kubernetes.failures import hidden, reason
from offline.kubernetes.fixed import fixed_paths
from offline.kubernetes.kubeconfig import access_of
from offline.kubernetes.objects import guarded, state_of
from offline.kubernetes.ownership import taken_over
from offline.kubernetes.reading import as_written, foreseen_new, imported
from offline.kubernetes.settings import Settings, settings
from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import SECRET, SIGNATURE, UNKNOWN

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=4),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=12,
)


def paths(old: Any, new: Any) -> dict[str, str]:
    return {each.path: each.verb for each in differences(old, new)}


def test_differences_name_the_property_in_pulumis_words() -> None:
    old = {"metadata": {"labels": {"a.b/c": "x"}}, "spec": {"ports": [{"port": 80}], "type": "A"}}
    new = {"metadata": {"labels": {"a.b/c": "y"}}, "spec": {"ports": [{"port": 81}, {"port": 9}]}}
    assert paths(old, new) == {
        'metadata.labels["a.b/c"]': "UPDATE",
        "spec.ports[0].port": "UPDATE",
        "spec.ports[1]": "ADD",
        "spec.type": "DELETE",
    }


def test_nothing_and_an_empty_map_are_the_same_but_zero_and_false_are_not() -> None:
    assert paths({"a": {}, "b": None}, {"c": []}) == {}
    assert paths({"a": 0}, {"a": False}) == {"a": "UPDATE"}
    assert paths({"a": 1}, {"a": UNKNOWN}) == {"a": "UPDATE"}


@given(JSON)
def test_a_value_has_no_difference_from_itself(value: Any) -> None:
    assert paths(value, json.loads(json.dumps(value))) == {}


@pytest.mark.parametrize(
    ("path", "replaces"),
    [
        ("spec.selector.matchLabels", True),
        ("metadata.name", True),
        ("metadata.namespace", True),
        ("metadata.labels", False),
        ("spec.replicas", False),
        ("spec.selectorless", False),
    ],
)
def test_a_deployment_is_replaced_by_a_change_of_what_is_fixed(path: str, replaces: bool) -> None:
    old: dict[str, Any] = {}
    inner = old
    for name in path.split("."):
        inner[name] = {}
        inner = inner[name]
    inner["x"] = "1"
    new = json.loads(json.dumps(old).replace('"1"', '"2"'))
    (found,) = differences(old, new)
    fixed = fixed_paths("apps/v1", "Deployment", frozenset(), immutable=False)
    assert any(found.is_below(each) for each in fixed) is replaces


def test_data_is_fixed_unless_it_is_mutable_and_the_object_does_not_say_otherwise() -> None:
    mutable = frozenset({"ConfigMap"})
    assert "data" in fixed_paths("v1", "ConfigMap", frozenset(), immutable=False)
    assert "data" not in fixed_paths("v1", "ConfigMap", mutable, immutable=False)
    assert "data" in fixed_paths("v1", "ConfigMap", mutable, immutable=True)
    assert "data" in fixed_paths("v1", "Secret", mutable, immutable=False)


OWNED: dict[str, Any] = {
    "f:spec": {
        "f:containers": {'k:{"name":"web"}': {"f:ports": {'k:{"containerPort":1}': {}}}},
        "f:args": {},
    }
}


def live(spec: dict[str, Any]) -> dict[str, Any]:
    managed = [{"manager": "p", "operation": "Update", "fieldsV1": OWNED}]
    return {"apiVersion": "v1", "kind": "X", "metadata": {"managedFields": managed}, "spec": spec}


def read(wanted: dict[str, Any], seen: dict[str, Any]) -> Any:
    return as_written({"spec": wanted}, live(seen))["spec"]


def test_what_the_program_does_not_speak_of_is_not_read() -> None:
    assert read({"a": 1}, {"a": 1, "b": 2}) == {"a": 1}
    assert read({"a": 1}, {"a": 3}) == {"a": 3}
    assert read({"a": 1}, {}) == {}
    assert read({"a": False, "b": {}}, {}) == {"a": False, "b": {}}, "the API leaves them out"


def test_items_of_a_keyed_list_are_told_apart_by_their_keys_and_others_by_their_place() -> None:
    web = {"name": "web", "image": "a"}
    others = [{"name": "side", "image": "s"}, {"name": "web", "image": "b", "more": 1}]
    assert read({"containers": [web]}, {"containers": others})["containers"] == [
        {"name": "web", "image": "b"}
    ]
    assert read({"containers": [web]}, {"containers": others[:1]})["containers"] == []
    assert read({"args": ["a"]}, {"args": ["a", "b"]}) == {"args": ["a", "b"]}


def test_amounts_keep_the_spelling_of_the_program() -> None:
    wanted = {"requests": {"cpu": "0.5", "memory": "1Gi"}, "limits": {"cpu": 2}}
    same = {"requests": {"cpu": "500m", "memory": "1024Mi"}, "limits": {"cpu": "2"}}
    assert read(wanted, same) == wanted
    assert read(wanted, {"requests": {"cpu": "501m", "memory": "1Gi"}, "limits": {"cpu": "2"}}) == {
        **wanted,
        "requests": {"cpu": "501m", "memory": "1Gi"},
    }
    assert read({"value": "0.5"}, {"value": "500m"}) == {"value": "500m"}, "elsewhere a text"


def test_texts_of_a_secret_are_compared_with_its_data() -> None:
    seen = {"kind": "Secret", "metadata": {}, "data": {"a": base64.b64encode(b"new").decode()}}
    assert as_written({"stringData": {"a": "old"}}, seen) == {"stringData": {"a": "new"}}


def test_an_import_leaves_out_what_the_cluster_decides() -> None:
    seen = {"kind": "X", "metadata": {"name": "a", "uid": "1", "resourceVersion": "2"}}
    assert imported({**seen, "status": {}}) == {"kind": "X", "metadata": {"name": "a"}}


def test_before_it_is_made_only_what_the_program_says_is_known() -> None:
    inputs = {"kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 1}]}}
    tried = {
        "kind": "Service",
        "metadata": {"name": "a", "namespace": "n", "uid": "not-this"},
        "spec": {"ports": [{"port": 1, "nodePort": 30000}], "clusterIP": "10.0.0.9"},
    }
    known = foreseen_new(inputs, tried)
    assert known["metadata"]["uid"] is UNKNOWN
    assert known["metadata"]["namespace"] == "n"
    assert known["spec"]["clusterIP"] is UNKNOWN
    assert known["spec"]["ports"] == [{"port": 1, "nodePort": UNKNOWN}]
    assert foreseen_new(inputs, {"metadata": {}})["spec"]["clusterIP"] is UNKNOWN


def test_what_was_created_is_applied_by_one_manager_from_then_on() -> None:
    entries = [
        {"manager": "p", "operation": "Update", "fieldsV1": {"f:a": {}}},
        {"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:b": {"f:c": {}}}},
        {"manager": "p", "operation": "Update", "subresource": "status", "fieldsV1": {"f:s": {}}},
        {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:d": {}}},
    ]
    moved = taken_over({"metadata": {"managedFields": entries}}, "p")
    assert moved is not None
    assert moved[0]["fieldsV1"] == {"f:a": {}, "f:b": {"f:c": {}}}
    assert (moved[0]["manager"], moved[0]["operation"]) == ("p", "Apply")
    assert moved[1:] == entries[2:]
    assert taken_over({"metadata": {"managedFields": moved}}, "p") is None


def test_a_name_is_made_once_and_only_where_the_program_gives_none() -> None:
    first = named({"metadata": {"labels": {}}}, {}, "web", b"seed")
    assert first["metadata"]["name"].startswith("web-")
    assert len(first["metadata"]["name"]) == len("web-") + 8
    again = named({}, first, "web", b"other")
    assert again["metadata"]["name"] == first["metadata"]["name"]
    given_ = {"metadata": {"name": "mine"}}
    assert named(given_, {}, "web", b"seed") == given_


def test_data_of_secrets_goes_to_the_engine_as_secret_only() -> None:
    sealed = guarded({"data": {"a": "b"}, "type": "Opaque"}, "Secret")
    assert sealed["data"] == {SIGNATURE: SECRET, "value": {"a": "b"}}
    assert guarded({"data": {"a": "b"}}, "ConfigMap") == {"data": {"a": "b"}}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "b", "x": "y"}
    kept = state_of({"metadata": {"annotations": applied, "managedFields": []}}, "m", "v1")
    assert kept["metadata"] == {"annotations": {"x": "y"}}


def test_an_error_of_the_api_does_not_repeat_a_secret() -> None:
    error = ApiError("https://x", 400, {"kind": "Status", "message": "bad correct-horse"})
    assert str(hidden(error, ["correct-horse"])) == "bad [secret]"


def test_only_the_apis_own_word_on_that_very_object_means_gone() -> None:
    status = {"kind": "Status", "reason": "NotFound", "details": {"name": "web"}}
    assert ApiError("https://x", 404, status).names("web")
    assert not ApiError("https://x", 404, status).names("other")
    assert not ApiError("https://x", 404, {}).names("web")


def test_reasons_say_what_to_do() -> None:
    conflict = ApiError("x", 409, {"kind": "Status", "reason": "Conflict", "message": "c"})
    assert "patchForce" in str(reason(conflict))
    unauthorized = ApiError("x", 401, {"kind": "Status", "reason": "Unauthorized"})
    assert "have expired" in str(reason(unauthorized))
    away = UnreachableError("it", "https://x", OSError("refused"))
    assert "nothing was dropped" in str(reason(away))
    other = UnreachableError("it", "https://x", OSError("CERTIFICATE_VERIFY_FAILED"))
    assert "of another cluster" in str(reason(other))
    assert reason(ValueError("x")) is None


def config(**changed: Any) -> str:
    document: dict[str, Any] = {
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": "https://h:1"}}],
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    return yaml.safe_dump({**document, **changed})


def test_a_kubeconfig_is_a_text_or_a_path_and_a_context_can_be_chosen(tmp_path: Path) -> None:
    found = access_of(Settings(kubeconfig=config()))
    assert (found.server, found.namespace, found.token) == ("https://h:1", "n", "t")
    (tmp_path / "it").write_text(config())
    assert access_of(Settings(kubeconfig=str(tmp_path / "it"))) == found
    with pytest.raises(ConfigurationError, match="no context 'two' in it; there are: one"):
        access_of(Settings(kubeconfig=config(), context="two"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/nowhere/at/all", "/nowhere/at/all can't be read"),
        ("a: b\n", "no kubeconfig"),
        (config(users=[{"name": "u", "user": {"exec": {"command": "x"}}}]), "logs in by exec"),
        (
            config(users=[{"name": "u", "user": {"client-key-data": "?"}}]),
            "client-key-data is not base64",
        ),
    ],
)
def test_a_kubeconfig_that_can_not_be_used_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        access_of(Settings(kubeconfig=text))


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"kubeconfg": "x"}, "kubernetes:kubeconfg: not known"),
        ({"enableServerSideApply": "false"}, "only the official plugin does"),
        ({"renderYamlToDirectory": "out"}, "only the official plugin does"),
        ({"deleteUnreachable": "perhaps"}, "true or false is expected"),
        ({"namespace": 7}, "a text is expected"),
    ],
)
def test_a_setting_that_can_not_be_is_refused_by_name(given_: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        settings(given_)


def test_settings_come_from_the_program_else_from_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings({"enableServerSideApply": "true"}) == Settings()
    assert settings({"enablePatchForce": "true", "enableConfigMapMutable": True}) == Settings(
        force=True, mutable=frozenset({"ConfigMap"})
    )
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    assert settings({}).delete_unreachable
    assert not settings({"deleteUnreachable": "false"}).delete_unreachable


def test_another_address_is_another_cluster_unless_an_identifier_says_it_is_not() -> None:
    one, two = config(), config().replace("https://h:1", "https://h:2")
    renewed = config().replace("token: t", "token: renewed")
    assert another_cluster({"kubeconfig": one}, {"kubeconfig": two}) == "kubeconfig"
    assert another_cluster({"kubeconfig": one}, {"kubeconfig": renewed}) == ""
    known = {"clusterIdentifier": "mine"}
    assert another_cluster({"kubeconfig": one, **known}, {"kubeconfig": two, **known}) == ""
    other = {"clusterIdentifier": "theirs"}
    assert another_cluster(known, other) == "clusterIdentifier"
    assert another_cluster({"kubeconfig": one}, {"kubeconfig": UNKNOWN}) == ""
