"""The lookups (invokes): what a program asks about things that exist already."""

from typing import Any

from botocore.exceptions import ClientError

from offline.plugin.naming import present
from offline.plugin.wire import State, secret

from .call import Call
from .ec2_lookups import (
    INSTANCE_RESULTS,
    find_instance,
    find_instances,
    find_subnet,
    find_subnets,
    find_vpc,
)
from .ecr import describe_repository
from .ecs_cluster import FIND_CLUSTER
from .iam_provider import FIND_PROVIDER
from .invoke import lookup
from .s3_bucket import bucket_facts
from .secrets import FIND_SECRET
from .ssm import document_arn
from .waiting import error_code


def _caller_identity(call: Call) -> State:
    told = call.client("sts").get_caller_identity()
    account = told["Account"]
    return {"accountId": account, "arn": told["Arn"], "id": account, "userId": told["UserId"]}


def _region(call: Call) -> State:
    given = call.props.get("region") or call.props.get("name") or call.props.get("id")
    region = str(given or call.cloud.region)
    endpoint = f"ec2.{region}.amazonaws.com"
    return {
        "id": region,
        "name": region,
        "region": region,
        "endpoint": endpoint,
        "description": region,
    }


def _parameter(call: Call) -> State:
    decrypt = call.props.get("withDecryption")
    decrypt = True if decrypt is None else decrypt
    name = call.props["name"]
    try:
        told = call.client("ssm").get_parameter(Name=name, WithDecryption=decrypt)["Parameter"]
    except ClientError as error:
        if error_code(error) != "ParameterNotFound":
            raise
        raise LookupError(
            f"SSM parameter '{name}' does not exist in {call.region}; "
            "`aws ssm put-parameter` makes it"
        ) from error
    plain = told["Type"] != "SecureString"
    return {
        "arn": told["ARN"],
        "id": name,
        "name": told["Name"],
        "region": call.region,
        "type": told["Type"],
        "value": secret(told["Value"]),
        "insecureValue": told["Value"] if plain else None,
        "version": told["Version"],
        "withDecryption": decrypt,
    }


def _repository(call: Call) -> State:
    ecr = call.client("ecr")
    name: str = call.props["name"]
    state = describe_repository(ecr, name)
    scanning = state.pop("imageScanningConfiguration")
    return {
        **state,
        "id": name,
        "region": call.region,
        "imageScanningConfigurations": [scanning] if scanning else [],
        "mostRecentImageTags": _newest_tags(ecr, name),
    }


def _newest_tags(ecr: Any, name: str) -> list[str]:
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=name)
    images = [image for page in pages for image in page["imageDetails"]]
    newest: State = max(images, key=lambda image: image["imagePushedAt"], default={})
    return list(newest.get("imageTags") or [])


def _bucket(call: Call) -> State:
    name: str = call.props["bucket"]
    try:
        call.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        if error_code(error) not in ("404", "NoSuchBucket"):
            raise
        raise LookupError(f"S3 bucket '{name}' does not exist") from error
    return {**bucket_facts(call, name), "bucket": name, "id": name, "region": call.region}


def _document(call: Call) -> State:
    props = call.props
    wanted = present(
        DocumentVersion=props.get("documentVersion"), DocumentFormat=props.get("documentFormat")
    )
    told = call.client("ssm").get_document(Name=props["name"], **wanted)
    return {
        "id": told["Name"],
        "name": told["Name"],
        "arn": document_arn(call, told["Name"]),
        "content": told["Content"],
        "documentFormat": told["DocumentFormat"],
        "documentType": told["DocumentType"],
        "documentVersion": props.get("documentVersion") or told["DocumentVersion"],
        "region": call.region,
    }


INVOKES = (
    FIND_CLUSTER,
    FIND_PROVIDER,
    FIND_SECRET,
    lookup("index/getCallerIdentity", "id", "accountId arn id userId", _caller_identity),
    lookup(
        "index/getRegion",
        "endpoint id name region",
        "description endpoint id name region",
        _region,
    ),
    lookup(
        "ssm/getParameter",
        "name! region withDecryption",
        "arn id insecureValue name region type value version withDecryption",
        _parameter,
    ),
    lookup(
        "ec2/getVpc",
        "cidrBlock default dhcpOptionsId filters id region state tags",
        "arn cidrBlock default dhcpOptionsId id instanceTenancy ownerId region state tags",
        find_vpc,
    ),
    lookup(
        "ec2/getSubnet",
        "availabilityZone cidrBlock defaultForAz filters id region state tags vpcId",
        "arn availabilityZone availabilityZoneId availableIpAddressCount cidrBlock defaultForAz "
        "filters id mapPublicIpOnLaunch ownerId region state tags vpcId",
        find_subnet,
    ),
    lookup("ec2/getSubnets", "filters region tags", "filters id ids region tags", find_subnets),
    lookup(
        "ec2/getInstances",
        "filters instanceStateNames instanceTags region",
        "filters id ids instanceStateNames instanceTags ipv6Addresses privateIps publicIps region",
        find_instances,
    ),
    lookup(
        "ec2/getInstance",
        "filters getUserData instanceId instanceTags region tags",
        INSTANCE_RESULTS,
        find_instance,
    ),
    lookup(
        "ecr/getRepository",
        "name! region",
        "arn encryptionConfigurations id imageScanningConfigurations imageTagMutability "
        "imageTagMutabilityExclusionFilters mostRecentImageTags name region registryId "
        "repositoryUrl tags",
        _repository,
    ),
    lookup(
        "s3/getBucket",
        "bucket! region",
        "arn bucket bucketDomainName bucketRegion bucketRegionalDomainName hostedZoneId id region "
        "websiteDomain websiteEndpoint",
        _bucket,
    ),
    lookup(
        "ssm/getDocument",
        "documentFormat documentVersion name! region",
        "arn content documentFormat documentType documentVersion id name region",
        _document,
    ),
)
