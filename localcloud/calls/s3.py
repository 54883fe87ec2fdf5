"""S3's requests as IAM actions: they speak of paths and queries, not of actions.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from typing import Any
from urllib.parse import parse_qs, unquote

from localcloud.calls.need import Need

READS = ("GET", "HEAD")
# Query word to (name of the action behind Get or Put, whether DELETE has an action of its own).
PARTS = {
    "policy": ("BucketPolicy", True),
    "website": ("BucketWebsite", True),
    "policyStatus": ("BucketPolicyStatus", False),
    "acl": ("BucketAcl", False),
    "versioning": ("BucketVersioning", False),
    "lifecycle": ("LifecycleConfiguration", False),
    "encryption": ("EncryptionConfiguration", False),
    "publicAccessBlock": ("BucketPublicAccessBlock", False),
    "ownershipControls": ("BucketOwnershipControls", False),
    "tagging": ("BucketTagging", False),
    "cors": ("BucketCORS", False),
    "logging": ("BucketLogging", False),
    "notification": ("BucketNotification", False),
    "replication": ("ReplicationConfiguration", False),
    "requestPayment": ("BucketRequestPayment", False),
    "accelerate": ("AccelerateConfiguration", False),
    "object-lock": ("BucketObjectLockConfiguration", False),
    "location": ("BucketLocation", False),
}
LISTINGS = {"versions": "s3:ListBucketVersions", "uploads": "s3:ListBucketMultipartUploads"}
OBJECT_PARTS = {"tagging": "Tagging", "acl": "Acl", "retention": "Retention"}
HEADERS = {
    "HTTP_IF_NONE_MATCH": "s3:if-none-match",
    "HTTP_IF_MATCH": "s3:if-match",
    "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION": "s3:x-amz-server-side-encryption",
    "HTTP_X_AMZ_STORAGE_CLASS": "s3:x-amz-storage-class",
}
"""Condition keys of writes, by WSGI's names of the headers that they stand for."""


def needs(environ: dict[str, Any]) -> list[Need]:
    """What a request to S3 needs."""
    method = environ["REQUEST_METHOD"]
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    bucket, _, key = unquote(environ.get("PATH_INFO", "/")).lstrip("/").partition("/")
    if not bucket:
        return [Need(action="s3:ListAllMyBuckets")]
    arn = f"arn:aws:s3:::{bucket}"
    if key:
        return _of_object(method, f"{arn}/{key}", query, environ)
    if method == "POST" and "delete" in query:
        # Which objects is said in the body; S3 judges each of them.
        return [Need(action="s3:DeleteObject", resource=f"{arn}/*")]
    action, context = _of_bucket(method, query)
    return [Need(action=action, resource=arn, context=context)]


def _of_bucket(method: str, query: dict[str, list[str]]) -> tuple[str, dict[str, list[str]]]:
    part = next((each for each in PARTS if each in query), None)
    if part:
        name, deletes = PARTS[part]
        verb = "Get" if method in READS else "Delete" if method == "DELETE" and deletes else "Put"
        return f"s3:{verb}{name}", {}
    if method in READS:
        listing = next((action for word, action in LISTINGS.items() if word in query), None)
        keys = {name: query[name] for name in ("prefix", "delimiter") if name in query}
        return listing or "s3:ListBucket", {f"s3:{name}": values for name, values in keys.items()}
    return ("s3:DeleteBucket" if method == "DELETE" else "s3:CreateBucket"), {}


def _of_object(
    method: str, arn: str, query: dict[str, list[str]], environ: dict[str, Any]
) -> list[Need]:
    version = "Version" if "versionId" in query else ""
    part = next((OBJECT_PARTS[each] for each in OBJECT_PARTS if each in query), "")
    if method in READS:
        if "uploadId" in query:
            return [Need(action="s3:ListMultipartUploadParts", resource=arn)]
        return [Need(action=f"s3:GetObject{version}{part}", resource=arn)]
    if method == "DELETE":
        if "uploadId" in query:
            return [Need(action="s3:AbortMultipartUpload", resource=arn)]
        return [Need(action=f"s3:DeleteObject{version}{part}", resource=arn)]
    context = {key: [environ[name]] for name, key in HEADERS.items() if environ.get(name)}
    if not part:
        # A part of an upload in parts makes no object yet; its end does.
        begins = "uploads" in query or "partNumber" in query
        context["s3:ObjectCreationOperation"] = ["false" if begins else "true"]
    found = [Need(action=f"s3:PutObject{version}{part}", resource=arn, context=context)]
    if environ.get("HTTP_X_AMZ_TAGGING"):
        found.append(Need(action="s3:PutObjectTagging", resource=arn, by="implied"))
    source = unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")).lstrip("/").partition("?")[0]
    if source:
        read = f"arn:aws:s3:::{source}"
        found.append(Need(action="s3:GetObject", resource=read, by="implied"))
    return found
