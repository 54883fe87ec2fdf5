"""Keys of the customer's own that values are encrypted with: whoever reads needs kms:Decrypt.

AWS's own keys (aws/ssm, aws/secretsmanager) let everybody of the account use them through their
service: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from localcloud.aws_request import AwsRequest
from localcloud.calls.need import Need


def key_arn(key: str | None, account: str, region: str) -> str | None:
    """The ARN of a key of the customer's own, given by id, alias or ARN; None for AWS's own."""
    if not key or "alias/aws/" in key:
        return None
    if ":key/" in key:
        return key
    found = kms_backends[account][region].get_key_id(key)
    return f"arn:aws:kms:{region}:{account}:key/{found or key}"


def key_of(service: str, name: str, account: str, region: str) -> str | None:
    """The key of a parameter or a secret, as ARN; None if it needs none of the customer's own."""
    if service == "ssm":
        path = name.partition(":parameter")[2] or name
        known = ssm_backends[account][region]._parameters
        found = known.get(path) or known.get(path.lstrip("/"))
        held = found[-1] if found else None
        return key_arn(getattr(held, "keyid", None), account, region)
    secrets = list(secretsmanager_backends[account][region].secrets.values())
    secret = next((each for each in secrets if name in (each.arn, each.name)), None)
    return key_arn(getattr(secret, "kms_key_id", None), account, region)


def decrypting(request: AwsRequest, service: str, names: list[str]) -> list[Need]:
    """kms:Decrypt for each value that has a key of the customer's own."""
    region, account = request.region, request.account
    keys = {key_of(service, name, account, region) for name in names}
    context = {"kms:ViaService": [f"{service}.{region}.amazonaws.com"]}
    return [
        Need(action="kms:Decrypt", resource=key, context=context, by="implied")
        for key in sorted(key for key in keys if key)
    ]
