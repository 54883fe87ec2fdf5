"""The settings of an S3 bucket that are resources of their own: each is put, got and deleted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offline.plugin.naming import from_api, to_api
from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .documents import same_policy
from .s3_lifecycle import IRREGULAR, LIFECYCLE_RULE, lifecycle_from_api, lifecycle_to_api

Translation = Callable[[State], State]

_OWNER = Property(replaces=True)
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _flags_to_api(props: State) -> State:
    return {"PublicAccessBlockConfiguration": to_api({f: bool(props.get(f)) for f in _FLAGS})}


def _encryption_from_api(told: State) -> State:
    rules = from_api(told["ServerSideEncryptionConfiguration"]["Rules"], IRREGULAR)
    return {"rules": [{k: v for k, v in rule.items() if k in _ENCRYPTION_RULE} for rule in rules]}


_ENCRYPTION_RULE = {
    "applyServerSideEncryptionByDefault": Property(
        "block",
        fields={"sseAlgorithm": Property(required=True), "kmsMasterKeyId": Property()},
    ),
    "bucketKeyEnabled": Property(computed=True),
}


@dataclass(frozen=True, kw_only=True)
class _Calls:
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


def _part(
    kind: str,
    call_name: str,
    properties: Mapping[str, Property],
    translate: tuple[Translation, Translation],
    *,
    delete: Callable[[Any, Call], None] | None = None,
) -> ResourceType[Call]:
    """A bucket setting; translate: from properties to the API's arguments, and back."""
    there, back = translate
    calls = _Calls(name=call_name, to_api=there, from_api=back, remove=delete)
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


def _suspend(s3: Any, call: Call) -> None:
    s3.put_bucket_versioning(Bucket=call.id, VersioningConfiguration={"Status": "Suspended"})


def _versioning_from_api(told: State) -> State:
    status = told.get("Status", "Disabled")
    mfa = told.get("MFADelete") or "Disabled"
    return {"versioningConfiguration": {"status": status, "mfaDelete": mfa}}


TYPES = (
    _part(
        "BucketVersioning",
        "bucket_versioning",
        {
            "versioningConfiguration": Property(
                "block",
                required=True,
                fields={"status": Property(required=True), "mfaDelete": Property(computed=True)},
            ),
            "expectedBucketOwner": _OWNER,
        },
        (
            lambda props: {
                "VersioningConfiguration": to_api(props["versioningConfiguration"], IRREGULAR)
            },
            _versioning_from_api,
        ),
        delete=_suspend,
    ),
    _part(
        "BucketPublicAccessBlock",
        "public_access_block",
        {**{flag: Property(default=False) for flag in _FLAGS}, "skipDestroy": Property()},
        (_flags_to_api, lambda told: dict(from_api(told["PublicAccessBlockConfiguration"]))),
    ),
    _part(
        "BucketServerSideEncryptionConfiguration",
        "bucket_encryption",
        {
            "rules": Property("blockset", required=True, fields=_ENCRYPTION_RULE),
            "expectedBucketOwner": _OWNER,
        },
        (
            lambda props: {
                "ServerSideEncryptionConfiguration": {"Rules": to_api(props["rules"], IRREGULAR)}
            },
            _encryption_from_api,
        ),
    ),
    _part(
        "BucketPolicy",
        "bucket_policy",
        {"policy": Property(same_policy, required=True)},
        (lambda props: {"Policy": props["policy"]}, lambda told: {"policy": told["Policy"]}),
    ),
    _part(
        "BucketLifecycleConfiguration",
        "bucket_lifecycle_configuration",
        {
            "rules": Property("blocks", fields=LIFECYCLE_RULE),
            "expectedBucketOwner": _OWNER,
            "transitionDefaultMinimumObjectSize": Property(computed=True),
        },
        (lifecycle_to_api, lifecycle_from_api),
        delete=lambda s3, call: s3.delete_bucket_lifecycle(Bucket=call.id),
    ),
    _part(
        "BucketOwnershipControls",
        "bucket_ownership_controls",
        {
            "rule": Property(
                "block", required=True, fields={"objectOwnership": Property(required=True)}
            )
        },
        (
            lambda props: {"OwnershipControls": {"Rules": [to_api(props["rule"])]}},
            lambda told: {"rule": from_api(told["OwnershipControls"]["Rules"][0])},
        ),
    ),
)
