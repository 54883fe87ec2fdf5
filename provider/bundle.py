"""`rollout:index:Bundle`: one object in the bundle bucket, written once and never over another.

Delete does nothing: whoever goes back to an older record needs its bundle.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from clients import ClientError
from clients.object_store import ConditionError, ObjectStore
from provider.configured import Configured
from provider.image_inputs import changed
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known

_END = re.compile(r"(\.tar\.gz|\.[a-z0-9]+)?$")
_MOST = 64 << 20  # bytes


class BundleResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        wrong = {
            name: f"{name} is missing; allowed: a text that is not empty"
            for name in ("bucket", "key", "content", "sha256")
            if not isinstance(inputs.get(name), str) or not inputs[name]
        }
        if not wrong and is_known(inputs["content"]) and is_known(inputs["sha256"]):
            try:
                found = hashlib.sha256(_bytes(inputs)).hexdigest()
            except (binascii.Error, ValueError):
                return {"content": "it is not base64"}
            if found != inputs["sha256"]:
                return {"sha256": f"it is {inputs['sha256']}, and that of the content is {found}"}
        return wrong

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By the content, and by one HEAD: is it still there?"""
        differing = changed(old.inputs, inputs, ("bucket", "key", "sha256"))
        if not differing:
            key = str(old.outputs.get("key"))
            found = self._store(inputs).sha256_of(key, _MOST)
            if found != inputs["sha256"]:
                state = "is gone" if found is None else f"has other content ({found[:12]}…)"
                call.info(f"s3://{inputs['bucket']}/{key} {state}; it is stored again")
                differing.append("content")
        return Diff(changed=differing)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Store it under its key, or beside what has that key; say in a preview where."""
        if not is_known(inputs["bucket"]) or not is_known(inputs["content"]):
            return "", {"key": UNKNOWN}
        store = self._store(inputs)
        key = self._free(call, store, inputs)
        if not preview:
            self._configured.check_account()
            try:
                store.put(key, _bytes(inputs), None, "application/gzip")
            except ConditionError:
                raise ClientError(
                    f"s3://{store.bucket}/{key} was written by somebody else meanwhile, with other "
                    "content; nothing is written over it. Run the update again"
                ) from None
        return key, {"key": key}

    def read(self, call: Call, old: Old) -> Properties | None:
        """As the state has it: the diff looks at the bucket anyway."""
        return old.outputs

    def _free(self, call: Call, store: ObjectStore, inputs: Properties) -> str:
        """The key that holds this content already, or nothing yet."""
        wanted, sha256 = str(inputs["key"]), str(inputs["sha256"])
        beside = _END.sub(lambda end: f"-{sha256[:12]}{end[0]}", wanted, count=1)
        for key in (wanted, beside):
            if store.sha256_of(key, _MOST) in (None, sha256):
                if key != wanted:
                    call.info(
                        f"s3://{store.bucket}/{wanted} has other content and is never written "
                        f"over; this one is stored as {key}"
                    )
                return key
        raise ClientError(
            f"s3://{store.bucket}/{wanted} and {beside} have other content than this update's "
            f"({sha256}), and nothing is written over them; see who wrote there, or take another "
            "version"
        )

    def _store(self, inputs: Properties) -> ObjectStore:
        return ObjectStore(self._configured.access, str(inputs["bucket"]))


def _bytes(inputs: Properties) -> bytes:
    return base64.b64decode(str(inputs["content"]), validate=True)
