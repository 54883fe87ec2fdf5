"""The settings of an S3 bucket that are resources of their own: each is put, got and deleted."""

from collections.abc import Callable, Mapping
from typing import Any

from .naming import from_api, to_api
from .s3_lifecycle import IRREGULAR, LIFECYCLE_RULE, lifecycle_from_api, lifecycle_to_api
from .table import REGION, Call, Property, ResourceType
from .wire import State

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


def _part(
    kind: str,
    call_name: str,
    properties: Mapping[str, Property],
    translate: tuple[Translation, Translation],
    *,
    delete: Callable[[Any, Call], None] | None = None,
) -> ResourceType:
    """A bucket setting whose calls are put_X, get_X and, unless given, delete_X."""
    to_wire, from_wire = translate

    def put(call: Call) -> str:
        name: str = call.props["bucket"]
        getattr(call.client("s3"), f"put_{call_name}")(Bucket=name, **to_wire(call.props))
        return name

    def read(call: Call) -> State:
        told = getattr(call.client("s3"), f"get_{call_name}")(Bucket=call.id)
        return {"bucket": call.id, **from_wire(told)}

    def remove(call: Call) -> None:
        if call.props.get("skipDestroy"):
            return
        s3 = call.client("s3")
        if delete:
            delete(s3, call)
        else:
            getattr(s3, f"delete_{call_name}")(Bucket=call.id)

    return ResourceType(
        f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}",
        properties={
            "bucket": Property(required=True, replaces=True),
            **properties,
            "region": REGION,
        },
        outputs=frozenset(),
        create=put,
        read=read,
        update=lambda call, changed: void(put(call)) if changed else None,
        delete=remove,
    )


def void(_: object) -> None:
    """Drops a result."""


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
        {"policy": Property("policy", required=True)},
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
