"""Recorded resources as a plan of Terraform: checkov reads that, and nothing of Pulumi's."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.policy.resources import Resource, Resources

# The Pulumi plugin is made from Terraform's: types and properties differ in form alone, but these.
_TYPES = {
    "aws:ec2/instance:Instance": "aws_instance",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:lb/targetGroup:TargetGroup": "aws_lb_target_group",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:cloudwatch/eventRule:EventRule": "aws_cloudwatch_event_rule",
}
_SINGULAR = {
    "settings": "setting",
    "rules": "rule",
    "encryptionConfigurations": "encryption_configuration",
    "imageTagMutabilityExclusionFilters": "image_tag_mutability_exclusion_filter",
    "defaultActions": "default_action",
    "loadBalancers": "load_balancer",
    "transitions": "transition",
}
# Maps whose keys are data, and which are no blocks.
_MAPS = {"tags", "variables"}
_BUCKET, _GROUP = "aws:s3/bucket:Bucket", "aws:ec2/securityGroup:SecurityGroup"
_CREATED: dict[str, Any] = {"actions": ["create"], "before": None, "after_unknown": {}}


def plan(resources: Resources) -> dict[str, Any]:
    """The JSON of `terraform show`, as far as checkov reads it."""
    known = [one for one in resources if one.type.startswith("aws:")]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [_planned(one) for one in known]}},
        "resource_changes": [
            {**_named(one), "change": _CREATED | {"after": _values(one.inputs)}} for one in known
        ],
        "configuration": {"root_module": {"resources": [_configured(one, known) for one in known]}},
    }


def _planned(one: Resource) -> dict[str, Any]:
    return {**_named(one), "values": _values(one.inputs)}


def _configured(one: Resource, known: list[Resource]) -> dict[str, Any]:
    """What a resource refers to: checkov finds the guards of a bucket and the users of a group by
    that alone."""
    names = {other.get("bucket"): other for other in known if other.type == _BUCKET}
    expressions: dict[str, Any] = {}
    if one.type != _BUCKET and one.get("bucket") in names:
        expressions["bucket"] = {"references": _reference(names[one.get("bucket")])}
    groups = [
        reference
        for other in known
        if other.type == _GROUP and f"{other.name}-id" in json.dumps(one.inputs)
        for reference in _reference(other)
    ]
    if groups and one.type != _GROUP:
        expressions["vpc_security_group_ids"] = {"references": groups}
    named = _named(one)
    return {**named, "provider_config_key": "aws", "expressions": expressions}


def _reference(one: Resource) -> list[str]:
    address = _named(one)["address"]
    return [f"{address}.id", address]


def _named(one: Resource) -> dict[str, Any]:
    type_, name = terraform_type(one.type), one.name.replace(".", "-")
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 1,
    }


def terraform_type(token: str) -> str:
    """aws_s3_bucket_versioning for aws:s3/bucketVersioning:BucketVersioning."""
    if token in _TYPES:
        return _TYPES[token]
    module, _, name = token.split(":")[1].partition("/")
    return f"aws_{module}_{_snake(name)}"


def _values(inputs: dict[str, Any]) -> dict[str, Any]:
    return {_SINGULAR.get(key, _snake(key)): _value(key, each) for key, each in inputs.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return value if key in _MAPS else [_values(value)]
    if isinstance(value, list):
        return [_values(each) if isinstance(each, dict) else each for each in value]
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
