"""Lookups of Secrets Manager."""

from botocore.exceptions import ClientError

from offline.plugin.wire import State

from .call import Call
from .invoke import lookup
from .tags import tag_map
from .waiting import error_code


def find_secret(call: Call) -> State:
    """What is known of a secret, by ARN or name, never its value.

    Raises LookupError if it is not there or waits for its deletion.
    """
    named = call.props.get("arn") or call.props.get("name")
    if not named:
        raise LookupError("one of arn and name must be given")
    client = call.client("secretsmanager")
    try:
        told = client.describe_secret(SecretId=named)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise LookupError(
            f"secret '{named}' does not exist in {call.region}; "
            "`aws secretsmanager list-secrets` shows those that do"
        ) from error
    if told.get("DeletedDate"):
        raise LookupError(
            f"secret '{named}' is scheduled for deletion; "
            "`aws secretsmanager restore-secret` brings it back"
        )
    policy = client.get_resource_policy(SecretId=told["ARN"]).get("ResourcePolicy")
    dates = {"createdDate": "CreatedDate", "lastChangedDate": "LastChangedDate"}
    return {
        **{ours: _text(told.get(theirs)) for ours, theirs in dates.items()},
        "arn": told["ARN"],
        "description": told.get("Description", ""),
        "id": told["ARN"],
        "kmsKeyId": told.get("KmsKeyId", ""),
        "name": told["Name"],
        "policy": policy or "",
        "region": call.region,
        "tags": tag_map(told.get("Tags")),
        "type": told.get("Type", ""),
    }


def _text(moment: object) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else ""


FIND_SECRET = lookup(
    "secretsmanager/getSecret",
    "arn name region tags",
    "arn createdDate description id kmsKeyId lastChangedDate name policy region tags type",
    find_secret,
)
