"""EC2 instances: made, waited for, changed in place or replaced, terminated."""

from dataclasses import replace

from offline.plugin.naming import present, to_api
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.waiting import wait_until
from offline.plugin.wire import State

from .call import REGION, Call
from .ec2_changes import update, user_data
from .ec2_groups import tag_specifications
from .ec2_reading import attributes, found_instances, instance_state
from .waiting import patiently

_COMPUTED = Property(computed=True)
_FIXED = Property(computed=True, replaces=True)
_USER_DATA = Property(computed=True, replaces_if="userDataReplaceOnChange")
_OPTIONS = Property(
    "block",
    computed=True,
    fields={
        name: _COMPUTED
        for name in (
            "httpEndpoint",
            "httpProtocolIpv6",
            "httpPutResponseHopLimit",
            "httpTokens",
            "instanceMetadataTags",
        )
    },
)
_VOLUME_FIELDS = (
    "deleteOnTermination",
    "encrypted",
    "iops",
    "kmsKeyId",
    "throughput",
    "volumeSize",
    "volumeType",
)
_VOLUME = Property(
    "block",
    computed=True,
    fields={
        name: _FIXED if name in ("encrypted", "kmsKeyId") else _COMPUTED for name in _VOLUME_FIELDS
    },
)
# IAM tells EC2 about a new instance profile some seconds late.
_NOT_YET_VISIBLE = frozenset({"InvalidParameterValue", "InvalidIamInstanceProfile"})


def _create(call: Call) -> str:
    props, ec2 = call.props, call.client("ec2")
    profile, zone = props.get("iamInstanceProfile"), props.get("availabilityZone")
    arguments = present(
        ImageId=props.get("ami"),
        InstanceType=props.get("instanceType"),
        IamInstanceProfile={"Name": profile} if profile else None,
        SubnetId=props.get("subnetId"),
        SecurityGroupIds=props.get("vpcSecurityGroupIds"),
        PrivateIpAddress=props.get("privateIp"),
        KeyName=props.get("keyName"),
        EbsOptimized=props.get("ebsOptimized"),
        Placement={"AvailabilityZone": zone} if zone else None,
        UserData=user_data(props),
        MetadataOptions=to_api(props.get("metadataOptions")),
        BlockDeviceMappings=_root_mapping(call),
        Monitoring={"Enabled": True} if props.get("monitoring") else None,
        DisableApiTermination=props.get("disableApiTermination"),
        DisableApiStop=props.get("disableApiStop"),
        InstanceInitiatedShutdownBehavior=props.get("instanceInitiatedShutdownBehavior"),
        TagSpecifications=tag_specifications(call, "instance") or None,
    )
    if props.get("associatePublicIpAddress") is not None:
        arguments = _with_interface(arguments, bool(props["associatePublicIpAddress"]))
    answer = patiently(
        lambda: ec2.run_instances(MinCount=1, MaxCount=1, **arguments),
        _NOT_YET_VISIBLE if profile else frozenset(),
        20.0,
        call.cloud.cancelled,
    )
    return str(answer["Instances"][0]["InstanceId"])


def _with_interface(arguments: State, public: bool) -> State:
    """A public address is a matter of the network interface, which then holds the rest too."""
    moved = {"SubnetId": "SubnetId", "SecurityGroupIds": "Groups"}
    moved["PrivateIpAddress"] = "PrivateIpAddress"
    interface = {theirs: arguments[ours] for ours, theirs in moved.items() if ours in arguments}
    kept = {key: value for key, value in arguments.items() if key not in moved}
    interface |= {"DeviceIndex": 0, "AssociatePublicIpAddress": public}
    return {**kept, "NetworkInterfaces": [interface]}


def _root_mapping(call: Call) -> list[State] | None:
    wanted = call.props.get("rootBlockDevice")
    if not wanted:
        return None
    images = call.client("ec2").describe_images(ImageIds=[call.props["ami"]])["Images"]
    device = (images[0].get("RootDeviceName") if images else None) or "/dev/sda1"
    ebs = to_api({name: wanted[name] for name in _VOLUME_FIELDS if wanted.get(name) is not None})
    return [{"DeviceName": device, "Ebs": ebs}]


def _status(call: Call) -> str:
    told = found_instances(call.client("ec2"), InstanceIds=[call.id])
    return str(told[0]["State"]["Name"]) if told else "terminated"


def _await_running(call: Call) -> None:
    def running() -> bool:
        status = _status(call)
        if status in ("shutting-down", "terminated", "stopped"):
            raise LookupError(f"instance {call.id} is {status} instead of running")
        return status == "running"

    wait_until(running, f"instance {call.id} running", call.timeout, call.cloud.cancelled)


def _read(call: Call) -> State | None:
    ec2 = call.client("ec2")
    told = found_instances(ec2, InstanceIds=[call.id])
    if not told or told[0]["State"]["Name"] in ("terminated", "shutting-down"):
        return None
    state = instance_state(ec2, told[0], call.region, call.cloud.account())
    extra = attributes(ec2, call.id)
    # A program states user data one way; the other way stays empty, as with the official plugin.
    extra.pop("userData" if call.props.get("userDataBase64") else "userDataBase64")
    state["getPasswordData"] = False
    return {**state, **extra}


def _delete(call: Call) -> None:
    ec2 = call.client("ec2")
    if call.props.get("forceDestroy") and call.props.get("disableApiTermination"):
        ec2.modify_instance_attribute(InstanceId=call.id, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[call.id])
    wait_until(
        lambda: _status(call) == "terminated",
        f"instance {call.id} terminated",
        call.timeout,
        call.cloud.cancelled,
    )


def _update(call: Call, changed: frozenset[str]) -> None:
    update(call, changed)
    _await_running(replace(call, timeout=min(call.timeout, 300.0)))


_OUTPUTS = frozenset(
    {
        *("arn", "instanceLifecycle", "instanceState", "outpostArn", "passwordData"),
        *("primaryNetworkInterfaceId", "privateDns", "publicDns", "publicIp"),
        *("spotInstanceRequestId", "tagsAll"),
    }
)

INSTANCE = ResourceType(
    "aws:ec2/instance:Instance",
    properties={
        "ami": _FIXED,
        "instanceType": _COMPUTED,
        "iamInstanceProfile": _COMPUTED,
        "vpcSecurityGroupIds": Property("set", computed=True),
        "subnetId": _FIXED,
        "availabilityZone": _FIXED,
        "associatePublicIpAddress": _FIXED,
        "privateIp": _FIXED,
        "keyName": _FIXED,
        "userData": _USER_DATA,
        "userDataBase64": _USER_DATA,
        "userDataReplaceOnChange": Property(default=False),
        "metadataOptions": _OPTIONS,
        "rootBlockDevice": _VOLUME,
        "monitoring": _COMPUTED,
        "ebsOptimized": _FIXED,
        "sourceDestCheck": Property(default=True),
        "disableApiTermination": _COMPUTED,
        "disableApiStop": _COMPUTED,
        "instanceInitiatedShutdownBehavior": _COMPUTED,
        "forceDestroy": Property(default=False),
        "getPasswordData": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=_OUTPUTS,
    create=_create,
    complete=_await_running,
    read=_read,
    update=_update,
    delete=_delete,
    recomputed={
        name: frozenset({"instanceType", "userData", "userDataBase64"})
        for name in ("publicIp", "publicDns")
    },
)
