"""The preferences of Session Manager: what AWS demands of a session document.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
"""

import json
from typing import Any

import yaml

from localcloud.ssm.document import invalid, refuse_unknown

TOP_KEYS = {"schemaVersion", "description", "sessionType", "inputs", "parameters", "properties"}
TYPES = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port")
FLAGS = {"cloudWatchEncryptionEnabled", "cloudWatchStreamingEnabled"}
FLAGS |= {"runAsEnabled", "s3EncryptionEnabled"}
TEXTS = {"s3BucketName", "s3KeyPrefix", "cloudWatchLogGroupName", "kmsKeyId", "runAsDefaultUser"}
TEXTS |= {"idleSessionTimeout", "maxSessionDuration"}
MOST = {"idleSessionTimeout": 60, "maxSessionDuration": 1440}  # minutes


def is_session(text: str) -> bool:
    """Whether the content is a session's: an update doesn't say of which type its document is."""
    return '"sessionType"' in text or "sessionType:" in text


def check_session(text: str, kind: str = "JSON") -> None:
    """Refuses what AWS refuses; raises AwsError InvalidDocumentContent."""
    try:
        content = json.loads(text) if kind == "JSON" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise invalid(f"{kind} not well-formed: {error}") from error
    if not isinstance(content, dict):
        raise invalid("the document is not a mapping")
    refuse_unknown(content, TOP_KEYS, "the document")
    if content.get("schemaVersion") != "1.0":
        raise invalid(f"schemaVersion {content.get('schemaVersion')!r}; a session has '1.0'")
    if content.get("sessionType") not in TYPES:
        raise invalid(f"sessionType {content.get('sessionType')!r}; allowed: {', '.join(TYPES)}")
    inputs = content.get("inputs") or {}
    refuse_unknown(inputs, {*TEXTS, *FLAGS, "shellProfile"}, "inputs")
    for name, value in inputs.items():
        _check_input(name, value)


def _check_input(name: str, value: Any) -> None:
    if name in FLAGS and not isinstance(value, bool):
        raise invalid(f"inputs.{name} {value!r}; allowed: true or false")
    if name in TEXTS and not isinstance(value, str):
        raise invalid(f"inputs.{name} {value!r} is no text")
    if name in MOST and value and not (value.isdecimal() and 1 <= int(value) <= MOST[name]):
        raise invalid(f"inputs.{name} {value!r}; allowed: 1 to {MOST[name]} minutes")
