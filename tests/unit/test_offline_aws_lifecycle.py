"""Each type of the offline aws plugin through its life, over the wire, against moto."""

from collections.abc import Iterator

import pytest

from offline.aws.catalogue import RESOURCE_TYPES
from tests.offline_aws_balancer_examples import balancer_examples
from tests.offline_aws_engine import State, configuration, engine
from tests.offline_aws_examples import World, examples, policy
from tests.offline_aws_identity_examples import identity_examples
from tests.offline_aws_s3_examples import s3_examples
from tests.offline_aws_workloads import ecs_examples, lambda_examples

POLICIES = ("aws:ecr/lifecyclePolicy:LifecyclePolicy", "aws:ecr/repositoryPolicy:RepositoryPolicy")


@pytest.fixture(scope="module")
def world(moto_url: str) -> Iterator[World]:
    with engine(configuration(moto_url)) as asking:
        world = World(asking, moto_url, "", "", "")
        ec2 = world.aws("ec2")
        world.ami = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        world.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        world.managed_policy = world.aws("iam").create_policy(
            PolicyName="core", PolicyDocument=policy("ssm:UpdateInstanceInformation")
        )["Policy"]["Arn"]
        yield world


# moto does not know ECR Public; the local cloud does: tests/localcloud/test_offline_ecr_public.py.
KNOWN_TO_MOTO = sorted(set(RESOURCE_TYPES) - {"aws:ecrpublic/repository:Repository"})


def every_example(world: World) -> dict[str, tuple[State, State]]:
    found: dict[str, tuple[State, State]] = {}
    rooms = (examples, s3_examples, ecs_examples, lambda_examples, balancer_examples)
    for room in (*rooms, identity_examples):
        found |= room(world)
    return found


def given(inputs: State) -> State:
    return {key: value for key, value in inputs.items() if value is not None}


@pytest.mark.parametrize("token", KNOWN_TO_MOTO)
def test_a_resource_is_made_once_read_as_it_is_changed_and_gone(world: World, token: str) -> None:
    asking, (first, change) = world.engine, every_example(world)[token]
    if token in POLICIES:
        name = first["repository"]
        world.new("aws:ecr/repository:Repository", name.replace("/", "-"), {"name": name})
    made = asking.create(token, "it", first)
    assert made.id
    missing = RESOURCE_TYPES[token].outputs - set(made.state)
    assert missing <= {"checksumCrc32", "description"}, f"outputs without a value: {missing}"

    assert asking.changed(made, first) == [], "a second update would change something"
    again = asking.read(made)
    assert again is not None
    assert again.state == made.state
    assert again.inputs == made.inputs
    assert asking.changed(again, first) == []

    second = given({**first, **change})
    if change:
        difference = asking.diff(made, second)
        assert set(change) <= set(difference.diffs)
        assert list(difference.replaces) == []
        made = asking.update(made, second)
        assert asking.changed(made, second) == []
        after = asking.read(made)
        assert after is not None
        assert (after.state, after.inputs) == (made.state, made.inputs)

    asking.delete(made)
    if "bucketVersioning" not in token:
        assert asking.read(made) is None, "a vanished resource must read as gone"
    asking.delete(made)


def test_every_type_has_an_example(world: World) -> None:
    assert set(every_example(world)) == set(KNOWN_TO_MOTO)
