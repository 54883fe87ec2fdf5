"""One example of each type of a load balancer, and how it changes."""

from tests.offline_aws_engine import State
from tests.offline_aws_examples import World, group, once
from tests.offline_aws_workloads import subnets, target_group, vpc


def balancer(world: World) -> str:
    inputs = {"name": "front", "subnets": subnets(world)[:2]}
    return once(world, "aws:lb/loadBalancer:LoadBalancer", "front", inputs).id


def balancer_examples(world: World) -> dict[str, tuple[State, State]]:
    """For each type its first inputs, and what an update in place changes or adds."""
    return {
        "aws:lb/loadBalancer:LoadBalancer": (
            {"subnets": subnets(world)[:2], "securityGroups": [group(world)], "tags": {"a": "b"}},
            {"idleTimeout": 30, "tags": {"a": "c"}},
        ),
        "aws:lb/targetGroup:TargetGroup": (
            {
                "port": 3000,
                "protocol": "HTTP",
                "vpcId": vpc(world),
                "targetType": "ip",
                "deregistrationDelay": 30,
                "healthCheck": {"path": "/healthz", "interval": 10, "healthyThreshold": 2},
            },
            {"deregistrationDelay": 5, "healthCheck": {"path": "/health", "interval": 5}},
        ),
        "aws:lb/listener:Listener": (
            {
                "loadBalancerArn": balancer(world),
                "port": 80,
                "protocol": "HTTP",
                "defaultActions": [{"type": "forward", "targetGroupArn": target_group(world)}],
            },
            {"port": 81},
        ),
    }
