"""An EC2 instance as the API tells it, in Pulumi's property names."""

import base64
from typing import Any

from offline.plugin.naming import from_api, picked
from offline.plugin.wire import State

from .tags import tag_map

_PATHS = {
    "ami": "ImageId",
    "instanceType": "InstanceType",
    "instanceState": "State.Name",
    "instanceLifecycle": "InstanceLifecycle || ''",
    "availabilityZone": "Placement.AvailabilityZone",
    "tenancy": "Placement.Tenancy",
    "subnetId": "SubnetId",
    "privateIp": "PrivateIpAddress",
    "privateDns": "PrivateDnsName",
    "publicIp": "PublicIpAddress || ''",
    "publicDns": "PublicDnsName || ''",
    "keyName": "KeyName || ''",
    "ebsOptimized": "EbsOptimized",
    "sourceDestCheck": "SourceDestCheck",
    "outpostArn": "OutpostArn || ''",
    "spotInstanceRequestId": "SpotInstanceRequestId || ''",
    "primaryNetworkInterfaceId": "NetworkInterfaces[0].NetworkInterfaceId",
    "vpcSecurityGroupIds": "sort(SecurityGroups[].GroupId)",
    "securityGroups": "sort(SecurityGroups[].GroupName)",
}
_OPTIONS = (
    "httpEndpoint",
    "httpProtocolIpv6",
    "httpPutResponseHopLimit",
    "httpTokens",
    "instanceMetadataTags",
)
_VOLUME = {
    "encrypted": "Encrypted",
    "iops": "Iops",
    "kmsKeyId": "KmsKeyId",
    "throughput": "Throughput",
    "volumeSize": "Size",
    "volumeType": "VolumeType",
}


def found_instances(ec2: Any, **query: Any) -> list[State]:
    """The instances of a query, of all pages."""
    pages = ec2.get_paginator("describe_instances").paginate(**query)
    return [
        instance
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]


def instance_state(ec2: Any, told: State, region: str, owner: str) -> State:
    """All that the description of one instance says."""
    state = picked(_PATHS, told)
    options = from_api(told.get("MetadataOptions") or {})
    profile = (told.get("IamInstanceProfile") or {}).get("Arn", "")
    root = root_volume(ec2, told)
    return {
        **state,
        "arn": f"arn:aws:ec2:{region}:{owner}:instance/{told['InstanceId']}",
        "associatePublicIpAddress": bool(state["publicIp"]),
        "iamInstanceProfile": profile.rsplit("/", 1)[-1],
        "monitoring": (told.get("Monitoring") or {}).get("State") in ("enabled", "pending"),
        **({"metadataOptions": {name: options.get(name) for name in _OPTIONS}} if options else {}),
        **({"rootBlockDevice": root} if root else {}),
        "passwordData": "",
        "tags": tag_map(told.get("Tags")),
    }


def root_volume(ec2: Any, told: State) -> State | None:
    """The block of the root volume; None while it is not attached."""
    name = told.get("RootDeviceName")
    mappings = told.get("BlockDeviceMappings") or []
    ebs = next((item["Ebs"] for item in mappings if item["DeviceName"] == name), None)
    if ebs is None:
        return None
    volumes = ec2.describe_volumes(VolumeIds=[ebs["VolumeId"]])["Volumes"]
    return {
        **picked(_VOLUME, volumes[0]),
        "deleteOnTermination": ebs.get("DeleteOnTermination"),
        "deviceName": name,
        "volumeId": ebs["VolumeId"],
    }


def attributes(ec2: Any, instance_id: str) -> State:
    """What only the calls for single attributes tell; user data as text."""

    def ask(name: str, field: str) -> Any:
        answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=name)
        return (answer.get(field) or {}).get("Value")

    encoded = ask("userData", "UserData") or ""
    return {
        "disableApiTermination": bool(ask("disableApiTermination", "DisableApiTermination")),
        "disableApiStop": bool(ask("disableApiStop", "DisableApiStop")),
        "instanceInitiatedShutdownBehavior": ask(
            "instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"
        ),
        "userDataBase64": encoded,
        "userData": base64.b64decode(encoded).decode(errors="replace"),
    }
