"""The registry's HTTP requests as the ECR actions that AWS judges them by.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html and its page on pulling.
"""

from collections.abc import Mapping

from moto.ecr.models import Repository

from localcloud.calls.caller import Callers
from localcloud.calls.checkpoint import demand
from localcloud.calls.need import Need

READING = {
    ("GET", "manifests"): "BatchGetImage",
    ("HEAD", "manifests"): "BatchGetImage",
    ("GET", "blobs"): "GetDownloadUrlForLayer",
    # Whether a layer is there is asked before a push alone.
    ("HEAD", "blobs"): "BatchCheckLayerAvailability",
    ("GET", "tags"): "ListImages",
    ("PUT", "manifests"): "PutImage",
    ("POST", "blobs"): "InitiateLayerUpload",
    ("PATCH", "blobs"): "UploadLayerPart",
    ("PUT", "blobs"): "CompleteLayerUpload",
}
CALLERS = Callers()


def refusal(
    key: str, account: str, method: str, kind: str, query: Mapping[str, str], repository: Repository
) -> str:
    """ECR's sentence for what the holder of a login may not do; empty if it may.

    `key` is the access key that the login was given to, `kind` is manifests, blobs or tags.
    """
    caller = CALLERS.of(key, account)
    refused = demand(caller, needs(method, kind, query, repository), repository.region_name)
    return refused[1] if refused else ""


def needs(method: str, kind: str, query: Mapping[str, str], repository: Repository) -> list[Need]:
    """What a request to a repository needs; nothing is known of one that ECR doesn't serve."""
    service = repository.arn.split(":")[2]
    action = READING.get((method, kind))
    found = [Need(action=f"{service}:{action}", resource=repository.arn)] if action else []
    if action == "InitiateLayerUpload" and query.get("mount") and query.get("from"):
        home = repository.arn.rpartition(":repository/")[0]
        source = f"{home}:repository/{query['from']}"
        read = f"{service}:GetDownloadUrlForLayer"
        found.append(Need(action=read, resource=source, by="implied"))
    return found
