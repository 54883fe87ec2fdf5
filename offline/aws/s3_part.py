"""How a setting of an S3 bucket that is a resource of its own is put, got and deleted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call

Translation = Callable[[State], State]

OWNER = Property(replaces=True)


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The calls of a bucket setting: put_X, get_X and, unless given, delete_X."""

    name: str
    to_api: Translation
    from_api: Translation
    remove: Callable[[Any, Call], None] | None = None

    def put(self, call: Call) -> str:
        bucket: str = call.props["bucket"]
        getattr(call.client("s3"), f"put_{self.name}")(Bucket=bucket, **self.to_api(call.props))
        return bucket

    def update(self, call: Call, changed: frozenset[str]) -> None:
        if changed:
            self.put(call)

    def read(self, call: Call) -> State:
        told = getattr(call.client("s3"), f"get_{self.name}")(Bucket=call.id)
        return {"bucket": call.id, **self.from_api(told)}

    def delete(self, call: Call) -> None:
        if call.props.get("skipDestroy"):
            return
        if self.remove:
            self.remove(call.client("s3"), call)
        else:
            getattr(call.client("s3"), f"delete_{self.name}")(Bucket=call.id)


def part(
    kind: str,
    call_name: str,
    properties: Mapping[str, Property],
    translate: tuple[Translation, Translation],
    *,
    delete: Callable[[Any, Call], None] | None = None,
) -> ResourceType[Call]:
    """A bucket setting; translate: from properties to the API's arguments, and back."""
    there, back = translate
    calls = Calls(name=call_name, to_api=there, from_api=back, remove=delete)
    return ResourceType(
        f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}",
        properties={
            "bucket": Property(required=True, replaces=True),
            **properties,
            "region": REGION,
        },
        outputs=frozenset(),
        create=calls.put,
        read=calls.read,
        update=calls.update,
        delete=calls.delete,
    )
