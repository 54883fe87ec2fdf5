"""Canonical's Ubuntu image: the public parameter that names it, and the AMI."""

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami
from moto.ssm.models import Parameter, ssm_backends

PREFIX = "/aws/service/canonical/"
PARAMETER = f"{PREFIX}ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
AMI = "ami-0f0c2404000000ca1"
CANONICAL = "099720109477"


def publish(account: str, region: str) -> None:
    """Makes parameter and AMI known in an account's region, once."""
    ec2 = ec2_backends[account][region]
    if AMI not in ec2.amis:
        ec2.amis[AMI] = Ami(
            ec2,
            AMI,
            name="ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101",
            description="Canonical, Ubuntu, 24.04, amd64 noble image (the local machine image)",
            owner_id=CANONICAL,
            public=True,
            virtualization_type="hvm",
            architecture="x86_64",
            root_device_type="ebs",
            root_device_name="/dev/sda1",
            region_name=f"{region}a",
        )
    parameters = ssm_backends[account][region]._parameters
    if PARAMETER not in parameters:
        parameters[PARAMETER].append(
            Parameter(  # type: ignore[abstract]
                account_id=account,
                name=PARAMETER,
                value=AMI,
                parameter_type="String",
                description=None,
                allowed_pattern=None,
                keyid=None,
                last_modified_date=utcnow(),
                version=1,
                data_type="aws:ec2:image",
            )
        )
