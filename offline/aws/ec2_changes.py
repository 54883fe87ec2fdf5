"""Changes of an EC2 instance in place: most at once, some only while it is stopped."""

import base64
from collections.abc import Callable

from botocore.exceptions import ClientError

from offline.plugin.naming import to_api
from offline.plugin.waiting import wait_until
from offline.plugin.wire import State

from .call import Call
from .ec2_groups import retag
from .ec2_reading import found_instances
from .waiting import error_code, patiently

_NEED_A_STOP = frozenset({"instanceType", "userData", "userDataBase64"})
_SIMPLE = {
    "disableApiTermination": "DisableApiTermination",
    "disableApiStop": "DisableApiStop",
    "sourceDestCheck": "SourceDestCheck",
}


def update(call: Call, changed: frozenset[str]) -> None:
    """Applies the changed properties; the instance is stopped and started if one needs it."""
    ec2 = call.client("ec2")
    for name in sorted(changed & set(_SIMPLE)):
        value = {"Value": bool(call.props.get(name))}
        ec2.modify_instance_attribute(InstanceId=call.id, **{_SIMPLE[name]: value})
    for name, change in _CHANGES.items():
        if name in changed:
            change(call)
    if changed & _NEED_A_STOP:
        _change_stopped(call, changed)
    if "tagsAll" in changed:
        retag(call)


def _groups(call: Call) -> None:
    call.client("ec2").modify_instance_attribute(
        InstanceId=call.id, Groups=call.props["vpcSecurityGroupIds"]
    )


def _shutdown(call: Call) -> None:
    call.client("ec2").modify_instance_attribute(
        InstanceId=call.id,
        InstanceInitiatedShutdownBehavior={
            "Value": call.props["instanceInitiatedShutdownBehavior"]
        },
    )


def _options(call: Call) -> None:
    wanted = {**(call.olds.get("metadataOptions") or {}), **call.props["metadataOptions"]}
    call.client("ec2").modify_instance_metadata_options(
        InstanceId=call.id, **to_api({k: v for k, v in wanted.items() if v not in (None, "")})
    )


def _monitoring(call: Call) -> None:
    ec2 = call.client("ec2")
    switch = ec2.monitor_instances if call.props.get("monitoring") else ec2.unmonitor_instances
    switch(InstanceIds=[call.id])


def _profile(call: Call) -> None:
    ec2, name = call.client("ec2"), call.props.get("iamInstanceProfile")
    held = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [call.id]}]
    )["IamInstanceProfileAssociations"]
    associations = [item["AssociationId"] for item in held]
    if not name:
        for association in associations:
            ec2.disassociate_iam_instance_profile(AssociationId=association)
        return

    def attach() -> object:
        profile = {"Name": name}
        if associations:
            return ec2.replace_iam_instance_profile_association(
                AssociationId=associations[0], IamInstanceProfile=profile
            )
        return ec2.associate_iam_instance_profile(InstanceId=call.id, IamInstanceProfile=profile)

    patiently(attach, frozenset({"InvalidParameterValue"}), 20.0, call.cloud.cancelled)


def _volume(call: Call) -> None:
    """Size, type and speed change in place; whether it is encrypted never does."""
    ec2, wanted = call.client("ec2"), call.props["rootBlockDevice"]
    old: State = call.olds.get("rootBlockDevice") or {}
    different = {
        name: value
        for name, value in wanted.items()
        if value is not None and str(value) != str(old.get(name))
    }
    if "deleteOnTermination" in different:
        mapping = {
            "DeviceName": old["deviceName"],
            "Ebs": {"DeleteOnTermination": different["deleteOnTermination"]},
        }
        ec2.modify_instance_attribute(InstanceId=call.id, BlockDeviceMappings=[mapping])
    names = {"volumeSize": "Size", "volumeType": "VolumeType", "iops": "Iops"}
    names["throughput"] = "Throughput"
    if sizes := {names[key]: value for key, value in different.items() if key in names}:
        ec2.modify_volume(VolumeId=old["volumeId"], **sizes)


def _change_stopped(call: Call, changed: frozenset[str]) -> None:
    ec2 = call.client("ec2")
    ec2.stop_instances(InstanceIds=[call.id])
    _await_state(call, "stopped")
    if "instanceType" in changed:
        ec2.modify_instance_attribute(
            InstanceId=call.id, InstanceType={"Value": call.props["instanceType"]}
        )
    if changed & {"userData", "userDataBase64"}:
        _put_user_data(call, user_data(call.props) or b"")
    ec2.start_instances(InstanceIds=[call.id])


def _put_user_data(call: Call, data: bytes) -> None:
    modify = call.client("ec2").modify_instance_attribute
    try:
        modify(InstanceId=call.id, UserData={"Value": data})
    except ClientError as error:
        # moto decodes once more than AWS does.
        if error_code(error) != "InvalidUserData.Malformed":
            raise
        modify(InstanceId=call.id, UserData={"Value": base64.b64encode(data)})


def user_data(props: State) -> bytes | None:
    """The bytes for boto3, which encodes them itself; None without user data."""
    if encoded := props.get("userDataBase64"):
        return base64.b64decode(encoded)
    text = props.get("userData")
    return None if text is None else str(text).encode()


def _await_state(call: Call, state: str) -> None:
    def reached() -> bool:
        told = found_instances(call.client("ec2"), InstanceIds=[call.id])
        return bool(told) and told[0]["State"]["Name"] == state

    wait_until(reached, f"instance {call.id} {state}", call.timeout, call.cloud.cancelled)


_CHANGES: dict[str, Callable[[Call], None]] = {
    "vpcSecurityGroupIds": _groups,
    "instanceInitiatedShutdownBehavior": _shutdown,
    "metadataOptions": _options,
    "monitoring": _monitoring,
    "iamInstanceProfile": _profile,
    "rootBlockDevice": _volume,
}
