"""What the official plugin asks AWS for each type of resource that a stack makes.

Taken from the source of terraform-provider-aws, which pulumi-aws is a bridge to: its create, read,
update and delete functions in `internal/service/<service>/`, for instance bucket.go (whose read
asks for fourteen configurations that nobody has set), role.go, security_group.go, ec2_instance.go;
and from what AWS says that these calls need:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

What destroys data is left out: repositories, buckets and objects are kept by `pulumi destroy` too.
"""

from __future__ import annotations

from collections.abc import Mapping


def of(service: str, names: str) -> tuple[str, ...]:
    """The actions of one service, from their names with blanks between."""
    return tuple(f"{service}:{name}" for name in names.split())


IMAGES: Mapping[str, tuple[str, ...]] = {
    "aws:ecr/repository:Repository": of(
        "ecr",
        "CreateRepository DescribeRepositories ListTagsForResource PutImageScanningConfiguration "
        "PutImageTagMutability TagResource UntagResource",
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": of(
        "ecr", "DeleteRepositoryPolicy GetRepositoryPolicy SetRepositoryPolicy"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": of(
        "ecr", "DeleteLifecyclePolicy GetLifecyclePolicy PutLifecyclePolicy"
    ),
    "aws:ecrpublic/repository:Repository": of(
        "ecr-public",
        "CreateRepository DescribeRepositories GetRepositoryCatalogData ListTagsForResource "
        "PutRepositoryCatalogData TagResource UntagResource",
    ),
}

BUCKET: Mapping[str, tuple[str, ...]] = {
    "aws:s3/bucket:Bucket": of(
        "s3",
        "CreateBucket GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation "
        "GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment "
        "GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration "
        "GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListTagsForResource "
        "PutBucketTagging TagResource UntagResource",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": of("s3", "GetBucketPolicy PutBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": of(
        "s3", "GetBucketPublicAccessBlock PutBucketPublicAccessBlock"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": of("s3", "GetBucketVersioning PutBucketVersioning"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": of(
        "s3", "GetEncryptionConfiguration PutEncryptionConfiguration"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": of(
        "s3", "GetLifecycleConfiguration PutLifecycleConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": of(
        "s3", "GetBucketOwnershipControls PutBucketOwnershipControls"
    ),
    "aws:s3/bucketLogging:BucketLogging": of("s3", "GetBucketLogging PutBucketLogging"),
}

OBJECTS: Mapping[str, tuple[str, ...]] = {
    "rollout:index:Bundle": of("s3", "GetObject PutObject"),
}

ROLES: Mapping[str, tuple[str, ...]] = {
    "aws:iam/role:Role": of(
        "iam",
        "CreateRole DeleteRole GetRole ListAttachedRolePolicies ListInstanceProfilesForRole "
        "ListRolePolicies PutRolePermissionsBoundary TagRole UntagRole UpdateAssumeRolePolicy "
        "UpdateRole UpdateRoleDescription",
    ),
    "aws:iam/rolePolicy:RolePolicy": of("iam", "DeleteRolePolicy GetRolePolicy PutRolePolicy"),
}

PROFILES: Mapping[str, tuple[str, ...]] = {
    "aws:iam/instanceProfile:InstanceProfile": of(
        "iam",
        "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile "
        "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
    ),
}

OWN: Mapping[str, tuple[str, ...]] = {
    # What the CI role is made of it may look at, and never change.
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": of("iam", "GetOpenIDConnectProvider"),
    "aws:iam/policy:Policy": of("iam", "GetPolicy GetPolicyVersion ListPolicyVersions"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": of("iam", "ListAttachedRolePolicies"),
    "aws:iam/role:Role": of("iam", "GetRole ListAttachedRolePolicies ListRolePolicies"),
}
