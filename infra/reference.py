"""The reference of the stack file, made from the settings model: `python -m infra.reference`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from infra.ci_section import Ci, Provider
from infra.events_section import Events
from infra.host_section import Ecs, Host, Logs, Sessions
from infra.kubernetes_section import Kubernetes, MicroK8sServiceSection, ScaleSection
from infra.release_section import GitHub, Origin, Release
from infra.sections import Build, Bundles, Docker, Registry, Rollout, Scan
from infra.service_sections import (
    Balancer,
    DockerServiceSection,
    EcsServiceSection,
    HostServiceSection,
    LambdaServiceSection,
)
from infra.settings import Settings
from release.attribute_docs import attribute_docs

SECTIONS: dict[str, type[BaseModel]] = {
    "slipway": Settings,
    "slipway:release": Release,
    "slipway:release.origin": Origin,
    "slipway:registry": Registry,
    "slipway:bundles": Bundles,
    "slipway:host": Host,
    "slipway:host.sessions": Sessions,
    "slipway:logs": Logs,
    "slipway:ecs": Ecs,
    "slipway:kubernetes": Kubernetes,
    "slipway:build": Build,
    "slipway:github": GitHub,
    "slipway:events": Events,
    "slipway:ci": Ci,
    "slipway:ci.provider": Provider,
    "slipway:docker": Docker,
    "slipway:rollout": Rollout,
    "slipway:scan": Scan,
    "slipway:services.<name>, target: host": HostServiceSection,
    "slipway:services.<name>, target: ecs": EcsServiceSection,
    "slipway:services.<name>.balancer": Balancer,
    "slipway:services.<name>, target: lambda": LambdaServiceSection,
    "slipway:services.<name>, target: docker": DockerServiceSection,
    "slipway:services.<name>, target: microk8s": MicroK8sServiceSection,
    "slipway:services.<name>.scale": ScaleSection,
}
FROM_AWS = (
    "project",
    "stack",
    "said",
    "region",
    "profile",
    "endpoints",
    "access_key",
    "secret_key",
)
INTRODUCTION = """# The stack file

Every key of `Pulumi.<stack>.yaml` in the namespace `slipway:`. Unknown keys are refused.
`aws:region`, `aws:profile` and `aws:endpoints` are the keys of Pulumi's AWS provider, read by
slipway too.

This page is made from the settings model by `make docs`; a test keeps it fresh.
"""


def reference() -> str:
    """The page as Markdown."""
    parts = [INTRODUCTION]
    for title, model in SECTIONS.items():
        fields = model.model_fields.items()
        docs = attribute_docs(model)
        rows = [
            _row(name, field, docs.get(name, "see below"))
            for name, field in fields
            if not _hidden(title, name)
        ]
        head = ["| key | default | meaning |", "| --- | --- | --- |"]
        parts.append("\n".join([f"## `{title}`\n\n{model.__doc__}\n", *head, *rows]) + "\n")
    return "\n".join(parts)


def _hidden(title: str, name: str) -> bool:
    return title == "slipway" and name in FROM_AWS


def _row(name: str, field: FieldInfo, doc: str) -> str:
    meaning = " ".join(doc.split()).replace("|", "\\|")
    return f"| `{name}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value is None or isinstance(value, BaseModel):
        return ""
    if value in ((), {}):
        return "empty"
    return f"`{list(value) if isinstance(value, tuple) else value}`"


if __name__ == "__main__":
    print(reference(), end="")
