"""The provider's configuration, as it comes over the wire."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State

FLAGS: Mapping[str, str] = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
"""What is off unless it is said, and the variable that says it too."""
TEXTS = frozenset({"cluster", "clusterIdentifier", "context", "kubeconfig", "namespace"})
WITHOUT_EFFECT = frozenset(
    {
        *("helmReleaseSettings", "kubeClientSettings"),
        *("suppressDeprecationWarnings", "suppressHelmHookWarnings"),
    }
)
"""Of parts that the stand-in has not."""
REFUSED: Mapping[str, str] = {
    "alwaysRender": "true",
    "enableServerSideApply": "false",
    "renderYamlToDirectory": "a folder",
    "skipUpdateUnreachable": "true",
}
"""Settings, and the value of each that asks for what the stand-in can't do."""
KNOWN = TEXTS | WITHOUT_EFFECT | FLAGS.keys() | REFUSED.keys()
IGNORED = frozenset({"version", "pluginDownloadURL", "__defaults", "__internal"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Which cluster, and what is allowed there."""

    kubeconfig: str | None = None
    """Its text, or the path of a file; None is $KUBECONFIG, else ~/.kube/config."""
    context: str | None = None
    """None is the current one of the kubeconfig."""
    cluster: str | None = None
    """Wins over the cluster of the context."""
    namespace: str | None = None
    """For objects that name none."""
    delete_unreachable: bool = False
    """Whether state is dropped of a cluster that does not answer."""
    mutable: frozenset[str] = frozenset()
    """ConfigMap, Secret: their data changes in place."""
    force: bool = False
    """Whether fields are taken from other field managers."""
    upsert: bool = False
    """Whether an object that is there already is taken over instead of refused."""


def settings(config: State) -> Settings:
    """The settings from the wire, where everything but texts is JSON text.

    Raises ConfigurationError for an unknown key, one that is no text, and what the stand-in
    can't do.
    """
    for key, value in config.items():
        if key not in KNOWN | IGNORED:
            raise ConfigurationError(
                f"kubernetes:{key}: not known to the offline kubernetes plugin; "
                f"known: {', '.join(sorted(KNOWN))}"
            )
        _refuse(key, value)
    kinds = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
    return Settings(
        kubeconfig=config.get("kubeconfig") or None,
        context=config.get("context") or None,
        cluster=config.get("cluster") or None,
        namespace=config.get("namespace") or None,
        delete_unreachable=_flag(config, "deleteUnreachable"),
        mutable=frozenset(kind for kind, flag in kinds.items() if _flag(config, flag)),
        force=_flag(config, "enablePatchForce"),
        upsert=_flag(config, "upsertExistingObjects"),
    )


def _refuse(key: str, value: Any) -> None:
    if key in TEXTS and not isinstance(value, str):
        raise ConfigurationError(f"kubernetes:{key}: a text is expected")
    refused = REFUSED.get(key)
    text = value if isinstance(value, str) else json.dumps(value)
    if refused and text not in ("", "null") and (text == refused or refused == "a folder"):
        raise ConfigurationError(
            f"kubernetes:{key}: {text} asks for what only the official plugin does (the stand-in "
            "applies server-side, to a cluster that answers); leave the setting out"
        )


def _flag(config: State, key: str) -> bool:
    value = config.get(key)
    if value is None or value == "":
        value = os.environ.get(FLAGS[key], "false")
    text = str(value).strip('"').lower()
    if text not in ("true", "false"):
        raise ConfigurationError(f"kubernetes:{key}: {text}: true or false is expected")
    return text == "true"
