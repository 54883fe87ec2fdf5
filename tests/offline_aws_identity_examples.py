"""Examples of policies and identity providers, as in offline_aws_examples."""

from tests.offline_aws_engine import State
from tests.offline_aws_examples import World, policy


def identity_examples(world: World) -> dict[str, tuple[State, State]]:
    """For each type its first inputs, and what an update in place changes or adds."""
    return {
        "aws:iam/policy:Policy": (
            {
                "name": "limits",
                "description": "no more than this",
                "policy": policy("s3:GetObject", "s3:GetObjectVersion"),
                "tags": {"a": "b"},
            },
            {"policy": policy("s3:GetObject"), "tags": {"a": "c"}},
        ),
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
            {
                "url": "https://tokens.example.com",
                "clientIdLists": ["sts.amazonaws.com"],
                "thumbprintLists": ["a" * 40],
                "tags": {"a": "b"},
            },
            # moto has no call that changes the clients.
            {"thumbprintLists": ["b" * 40], "tags": {"a": "c"}},
        ),
    }
