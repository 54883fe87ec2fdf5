"""What a workflow may do in S3: its bundles, its records, and the state of its stack."""

from __future__ import annotations

from components.documents.ci_actions import BUCKET, OBJECTS, of
from components.documents.ci_estate import CiEstate, CiState
from components.documents.grants import Grants


def give_storage(grants: Grants, estate: CiEstate) -> None:
    """Adds the bucket, its bundles and records of this stack, and those that it promotes from."""
    bucket = estate.s3(estate.bucket)
    kept = [action for actions in BUCKET.values() for action in actions]
    looked_up = of("s3", "GetBucketLocation ListBucket")
    grants.give("KeepBucket", kept if estate.makes_bucket else looked_up, bucket)
    objects = [action for actions in OBJECTS.values() for action in actions]
    grants.give("KeepBundles", objects, f"{bucket}/bundles/{estate.stack}/*")
    written = [f"{bucket}/records/{estate.stack}/*"]
    if estate.registry != "ecr":
        # Where the registry does not guard its names, the bucket does.
        written += [f"{bucket}/names/*/{name}/*" for name in estate.repositories]
    grants.give("KeepRecords", of("s3", "GetObject PutObject"), written)
    if estate.images == "build" and estate.makes_repositories and estate.registry == "ecr":
        # What its repositories keep follows from what other stacks have deployed out of them.
        grants.give("ReadAllRecords", of("s3", "GetObject"), f"{bucket}/records/*")
    if estate.bucket_key is not None:
        through = {"StringEquals": {"kms:ViaService": f"s3.{estate.region}.amazonaws.com"}}
        key = of("kms", "Decrypt GenerateDataKey")
        grants.give("EncryptObjects", key, estate.bucket_key, through)
    if estate.source is not None:
        _give_source(grants, estate, *estate.source)
    if estate.state is not None:
        _give_state(grants, estate, estate.state)


def _give_source(grants: Grants, estate: CiEstate, bucket: str, stack: str) -> None:
    if bucket != estate.bucket:
        grants.give("ListSourceRecords", of("s3", "ListBucket"), estate.s3(bucket))
    records = estate.s3(f"{bucket}/records/{stack}/*")
    grants.give("ReadSourceRecords", of("s3", "GetObject"), records)


def _give_state(grants: Grants, estate: CiEstate, state: CiState) -> None:
    """The files that Pulumi keeps of one stack, as its backend in S3 lays them out."""
    root, of_stack = estate.s3(f"{state.bucket}/.pulumi"), f"{state.project}/{estate.stack}"
    grants.give("ListState", of("s3", "ListBucket"), estate.s3(state.bucket))
    grants.give("ReadStateFormat", of("s3", "GetObject"), f"{root}/meta.yaml")
    files = [
        f"{root}/stacks/{of_stack}.*",
        f"{root}/history/{of_stack}/*",
        f"{root}/backups/{of_stack}/*",
        f"{root}/locks/organization/{of_stack}/*",
    ]
    grants.give("KeepState", of("s3", "DeleteObject GetObject PutObject"), files)
    if state.key_arn is not None:
        key = of("kms", "Decrypt Encrypt GenerateDataKey")
        grants.give("UseStateKey", key, state.key_arn)
