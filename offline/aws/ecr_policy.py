"""ECR: which other accounts may use a repository."""

from offline.plugin.naming import picked
from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .documents import same_policy

_PATHS = {"repository": "repositoryName", "registryId": "registryId", "policy": "policyText"}


def _put(call: Call) -> str:
    name: str = call.props["repository"]
    call.client("ecr").set_repository_policy(repositoryName=name, policyText=call.props["policy"])
    return name


def _read(call: Call) -> State:
    return picked(_PATHS, call.client("ecr").get_repository_policy(repositoryName=call.id))


def _update(call: Call, changed: frozenset[str]) -> None:
    if "policy" in changed:
        _put(call)


def _delete(call: Call) -> None:
    call.client("ecr").delete_repository_policy(repositoryName=call.id)


REPOSITORY_POLICY = ResourceType(
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    properties={
        "repository": Property(required=True, replaces=True),
        "policy": Property(same_policy, required=True),
        "region": REGION,
    },
    outputs=frozenset({"registryId"}),
    create=_put,
    read=_read,
    update=_update,
    delete=_delete,
)
