"""What a workflow may do with images: build them, or name what others have built.

The actions behind the registry's own API:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
"""

from __future__ import annotations

from components.documents.ci_actions import IMAGES, of
from components.documents.ci_estate import CiEstate
from components.documents.grants import Grants

LOOK = "BatchGetImage DescribeImageScanFindings DescribeImages ListImageReferrers ListImages"
UPLOAD = "BatchCheckLayerAvailability CompleteLayerUpload InitiateLayerUpload UploadLayerPart"

BUILD = of("ecr", f"{LOOK} {UPLOAD} GetDownloadUrlForLayer PutImage")
"""Layers, manifests and names; BuildKit asks for blobs that are there already."""
PROMOTE_WITHIN = of("ecr", f"{LOOK} PutImage")
"""Names for digests that are there. Without an upload session no content can come in: ECR takes a
manifest only if it has all of its layers."""
PROMOTE_ACROSS = BUILD
"""A mount is an upload session that ends at once; where it is refused, layers are copied."""
SOURCE = of("ecr", "BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer")
"""What is read of the repositories that images are promoted from, with what hangs on them."""

PUBLIC_BUILD = of(
    "ecr-public",
    "BatchCheckLayerAvailability CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart",
)
"""Reading is for everybody there."""

_RIGHTS = {"build": BUILD, "within": PROMOTE_WITHIN, "across": PROMOTE_ACROSS}


def give_images(grants: Grants, estate: CiEstate) -> None:
    """Adds what the stack does with its repositories, and with those that it promotes from."""
    if estate.registry == "other":
        return
    if estate.registry == "ecr-public":
        _give_public(grants, estate)
        return
    grants.give("LogInToRegistry", of("ecr", "GetAuthorizationToken"), "*")
    if estate.repositories:
        sid = {"build": "BuildImages", "within": "NameImages", "across": "BringImages"}
        rights = (*_RIGHTS[estate.images], *_kept(estate))
        grants.give(sid[estate.images], rights, estate.repository_arns)
    if estate.registry_key is not None:
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
        through = {"StringEquals": {"kms:ViaService": f"ecr.{estate.region}.amazonaws.com"}}
        key = of("kms", "CreateGrant DescribeKey RetireGrant")
        grants.give("EncryptRepositories", key, estate.registry_key, through)
    if estate.sources:
        looked = (*SOURCE, *of("ecr", "DescribeImageScanFindings ListImageReferrers"))
        grants.give("ReadSources", looked, estate.sources)


def _kept(estate: CiEstate) -> list[str]:
    if not estate.makes_repositories:
        # The lookup of a repository that others have made.
        return list(of("ecr", "DescribeImages DescribeRepositories ListTagsForResource"))
    return [
        action
        for token, actions in IMAGES.items()
        if token.startswith("aws:ecr/")
        for action in actions
    ]


def _give_public(grants: Grants, estate: CiEstate) -> None:
    public = {"StringEquals": {"sts:AWSServiceName": "ecr-public.amazonaws.com"}}
    grants.give("LogInToRegistry", of("ecr-public", "GetAuthorizationToken"), "*")
    grants.give("BearToken", of("sts", "GetServiceBearerToken"), "*", public)
    own = IMAGES["aws:ecrpublic/repository:Repository"] if estate.makes_repositories else ()
    if estate.repositories:
        grants.give("BuildImages", (*PUBLIC_BUILD, *own), estate.repository_arns)
