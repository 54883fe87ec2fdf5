"""Checks of EC2 machines and of Systems Manager."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.policy.check import Check, Reason, on_each
from tests.policy.resources import Resource, put, rewritten, with_one

INSTANCE = "aws:ec2/instance:Instance"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DOCUMENT = "aws:ssm/document:Document"
PARAMETER = "aws:ssm/parameter:Parameter"
SECRET = "aws:secretsmanager/secretVersion:SecretVersion"
EVERYBODY = ("0.0.0.0/0", "::/0")


def _opens(group: Resource, port: int) -> bool:
    """Whether a rule lets anybody at all reach this port."""
    return any(
        rule["protocol"] == "-1" or rule["fromPort"] <= port <= rule["toPort"]
        for rule in group.get("ingress", [])
    )


def _rule(port: int, *blocks: str) -> list[dict[str, Any]]:
    return [{"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": list(blocks)}]


def _for_everybody(group: Resource) -> bool:
    """Whether everybody reaches it on anything but the ports of the web."""
    return any(
        set(rule.get("cidrBlocks", [])) & set(EVERYBODY)
        and (rule["protocol"] == "-1" or {rule["fromPort"], rule["toPort"]} - {80, 443})
        for rule in group.get("ingress", [])
    )


def _patterned(document: Resource) -> bool:
    parameters = json.loads(document.get("content"))["parameters"].values()
    return all(re.fullmatch(r"\^.+\$", each.get("allowedPattern", "")) for each in parameters)


def _session(document: Resource) -> dict[str, Any]:
    inputs: dict[str, Any] = json.loads(document.get("content"))["inputs"]
    return inputs


def _is(kind: str) -> Callable[[Resource], bool]:
    return lambda document: bool(document.get("documentType") == kind)


def _any_value(document: dict[str, Any]) -> None:
    for each in document.get("parameters", {}).values():
        each.pop("allowedPattern", None)


def _plain(document: dict[str, Any]) -> None:
    if "inputs" in document:
        document["inputs"] |= {"kmsKeyId": "", "cloudWatchEncryptionEnabled": False}


CHECKS: tuple[Check, ...] = (
    on_each(
        INSTANCE,
        ids="CKV_AWS_79, EC2.8",
        title="the metadata service takes IMDSv2 alone",
        holds=lambda one: one.get("metadataOptions.httpTokens") == "required",
        loosened=put(INSTANCE, "metadataOptions.httpTokens", "optional"),
    ),
    on_each(
        INSTANCE,
        ids="CKV_AWS_341",
        title="the metadata service is one hop away: containers never get the machine's role. One "
        "that needs a role of its own belongs on ECS or Lambda",
        holds=lambda one: one.get("metadataOptions.httpPutResponseHopLimit") == 1,
        loosened=put(INSTANCE, "metadataOptions.httpPutResponseHopLimit", 2),
    ),
    on_each(
        INSTANCE,
        ids="CKV_AWS_8, EC2.3",
        title="volumes are encrypted",
        holds=lambda one: (
            one.get("rootBlockDevice.encrypted") is True
            and all(each.get("encrypted") for each in one.get("ebsBlockDevices", []))
        ),
        loosened=put(INSTANCE, "rootBlockDevice.encrypted", False),
    ),
    on_each(
        INSTANCE,
        ids="CKV_AWS_88, EC2.9",
        title="a machine has no public address",
        holds=lambda one: one.get("associatePublicIpAddress") is False,
        loosened=put(INSTANCE, "associatePublicIpAddress", True),
        accepted="the default network has no other way out, and nothing comes in; `host.subnet`, "
        "a private one",
    ),
    on_each(
        INSTANCE,
        ids="CKV2_AWS_41",
        title="a machine has a role of its own",
        holds=lambda one: bool(one.get("iamInstanceProfile")),
        loosened=put(INSTANCE, "iamInstanceProfile", None),
    ),
    on_each(
        INSTANCE,
        ids="no key pair",
        title="nobody can log in to a machine with a key of SSH",
        holds=lambda one: one.get("keyName") is None,
        loosened=put(INSTANCE, "keyName", "laptop"),
    ),
    on_each(
        GROUP,
        ids="CKV_AWS_24, EC2.13",
        title="port 22 is open to nobody at all",
        holds=lambda one: not _opens(one, 22),
        loosened=put(GROUP, "ingress", _rule(22, "10.0.0.0/8")),
    ),
    on_each(
        GROUP,
        ids="CKV_AWS_277, EC2.18",
        title="everybody reaches ports 80 and 443 of a public balancer, and nothing else",
        holds=lambda one: not _for_everybody(one),
        loosened=put(GROUP, "ingress", _rule(8080, "0.0.0.0/0")),
    ),
    on_each(
        DOCUMENT,
        ids="allowedPattern",
        title="every parameter of the deploy document has a pattern, from ^ to $",
        among=_is("Command"),
        holds=_patterned,
        loosened=rewritten(DOCUMENT, "content", _any_value),
    ),
    on_each(
        DOCUMENT,
        ids="CKV_AWS_112",
        title="sessions are encrypted with a KMS key on their way",
        among=_is("Session"),
        holds=lambda one: bool(_session(one)["kmsKeyId"]),
        loosened=rewritten(DOCUMENT, "content", _plain),
        accepted="TLS by default; `host.sessions.key`",
    ),
    on_each(
        DOCUMENT,
        ids="CKV_AWS_113",
        title="sessions are logged, and the log is encrypted with a KMS key",
        among=_is("Session"),
        holds=lambda one: (
            bool(_session(one)["cloudWatchLogGroupName"])
            and _session(one)["cloudWatchEncryptionEnabled"] is True
        ),
        loosened=rewritten(DOCUMENT, "content", _plain),
        accepted="logged, with CloudWatch's own encryption by default; `host.sessions.key`",
    ),
    Check(
        ids="CKV2_AWS_34, CKV_AWS_337, CKV_AWS_149",
        title="no secret is made here, so none is in Pulumi's state: services get references",
        about=lambda resources: resources,
        open_in=lambda resources: [one for one in resources if one.type in (PARAMETER, SECRET)],
        loosened=with_one(PARAMETER, name="/backend/db", type="String", value="hunter2"),
    ),
)

REASONS = (
    Reason(
        ids="EC2.7",
        title="volumes are encrypted by default in the account",
        reason="a setting of the account: see [security.md](security.md#settings-of-the-account)",
    ),
    Reason(
        ids="ENV_VAR, agent version, DocumentHash",
        title="values reach a host's shell as text only, with the document that was pinned",
        reason="what the document says and the plugin asks: held by tests/unit/test_documents.py "
        "and tests/localcloud/test_documents.py",
    ),
    Reason(
        ids="systemd-analyze security, Docker host",
        title="units and containers of a host have few rights",
        reason="files of the bundle, no resources: held by tests/unit/test_documents.py. Whoever "
        "reaches the docker socket is root, whatever a unit says",
    ),
)
