"""The rules of an S3 bucket's lifecycle, both ways."""

from collections.abc import Mapping

from offline.plugin.naming import from_api, to_api
from offline.plugin.table import Property
from offline.plugin.wire import State

from .tags import tag_list

IRREGULAR = {
    "id": "ID",
    "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
    "sseAlgorithm": "SSEAlgorithm",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "mfaDelete": "MFADelete",
}
_TAG_FIELDS = {"key": Property(required=True), "value": Property(required=True)}
_SIZES = {"objectSizeGreaterThan": Property(), "objectSizeLessThan": Property()}
LIFECYCLE_RULE: Mapping[str, Property] = {
    "id": Property(required=True),
    "status": Property(required=True),
    "prefix": Property(computed=True),
    "filter": Property(
        "block",
        fields={
            "prefix": Property(),
            **_SIZES,
            "tag": Property("block", fields=_TAG_FIELDS),
            "and": Property(
                "block", fields={"prefix": Property(), **_SIZES, "tags": Property("map")}
            ),
        },
    ),
    "expiration": Property(
        "block", fields={"days": Property(), "expiredObjectDeleteMarker": Property()}
    ),
    "abortIncompleteMultipartUpload": Property("block", fields={"daysAfterInitiation": Property()}),
    "noncurrentVersionExpiration": Property(
        "block",
        fields={"noncurrentDays": Property(required=True), "newerNoncurrentVersions": Property()},
    ),
    "transitions": Property(
        "blockset", fields={"days": Property(), "storageClass": Property(required=True)}
    ),
    "noncurrentVersionTransitions": Property(
        "blockset",
        fields={
            "noncurrentDays": Property(required=True),
            "newerNoncurrentVersions": Property(),
            "storageClass": Property(required=True),
        },
    ),
}


def lifecycle_to_api(props: State) -> State:
    """The arguments of the put call."""
    rules = []
    for wanted in props.get("rules") or []:
        rule = to_api(wanted, IRREGULAR)
        if "Prefix" not in rule:
            rule.setdefault("Filter", {"Prefix": ""})
        tags = ((wanted.get("filter") or {}).get("and") or {}).get("tags")
        if tags:
            rule["Filter"]["And"]["Tags"] = tag_list(tags)
        rules.append(rule)
    return {"LifecycleConfiguration": {"Rules": rules}}


def lifecycle_from_api(told: State) -> State:
    """The properties that the get call tells."""
    rules = from_api(told["Rules"], IRREGULAR)
    for rule in rules:
        both = (rule.get("filter") or {}).get("and") or {}
        if "tags" in both:
            both["tags"] = {tag["key"]: tag["value"] for tag in both["tags"]}
    return {"rules": rules}
