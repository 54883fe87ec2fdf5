"""What a workflow may do with services of ECS and functions of Lambda."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from components.documents import stack_names
from components.documents.ci_actions import of
from components.documents.ci_estate import CiEcs, CiEstate
from components.documents.ci_workload_actions import (
    ADDRESSES,
    BALANCERS,
    CLUSTERS,
    ECS_SERVICES,
    FUNCTIONS,
    LOGS,
    ROLLOUTS,
    SCHEDULES,
    TASK_DEFINITIONS,
)
from components.documents.grants import Grants


def give_workloads(grants: Grants, estate: CiEstate) -> None:
    """Adds logs, services, tasks, balancers, schedules and functions, by their names."""
    if estate.ecs:
        _give_services(grants, estate)
    if balanced := [each for each in estate.ecs if each.balancer]:
        _give_balancers(grants, estate, balanced)
    if scheduled := [each for each in estate.ecs if each.schedule]:
        rules = [stack_names.workload(estate.stack, each.name, 64) for each in scheduled]
        arns = [estate.arn("events", f"rule/{rule}") for rule in rules]
        grants.give("KeepSchedules", _every(SCHEDULES), arns)
    if estate.functions:
        _give_functions(grants, estate)
    _give_logs(grants, estate)
    _give_key(grants, estate)


def _give_services(grants: Grants, estate: CiEstate) -> None:
    own = stack_names.cluster(estate.stack)
    clusters = sorted({each.cluster or own for each in estate.ecs})
    if own in clusters:
        grants.give("KeepCluster", _every(CLUSTERS), estate.arn("ecs", f"cluster/{own}"))
    if foreign := [estate.arn("ecs", f"cluster/{name}") for name in clusters if name != own]:
        grants.give("LookAtClusters", of("ecs", "DescribeClusters"), foreign)
    families = [
        estate.arn("ecs", f"task-definition/{stack_names.workload(estate.stack, each.name)}:*")
        for each in estate.ecs
    ]
    grants.give("KeepTaskDefinitions", _every(TASK_DEFINITIONS), families)
    running = [each for each in estate.ecs if not each.schedule]
    if running:
        services = [
            estate.arn("ecs", f"service/{each.cluster or own}/{_name(estate, each)}")
            for each in running
        ]
        grants.give("KeepServices", _every(ECS_SERVICES), services)
        _give_rollouts(grants, estate, running, own)


def _give_rollouts(grants: Grants, estate: CiEstate, running: list[CiEcs], own: str) -> None:
    clusters = sorted({each.cluster or own for each in running})
    arns = [estate.arn("ecs", f"cluster/{name}") for name in clusters]
    inside = {"ArnEquals": {"ecs:cluster": arns}}
    families = [estate.arn("ecs", f"task-definition/{_name(estate, e)}:*") for e in running]
    grants.give("RunTasksBefore", of("ecs", "RunTask"), families, inside)
    tasks = [estate.arn("ecs", f"task/{name}/*") for name in clusters]
    grants.give("LookAtTasks", of("ecs", "DescribeTasks"), tasks)
    # AWS knows container instances alone here, which Fargate has none of: the cluster narrows it.
    grants.give("ListTasks", of("ecs", "ListTasks"), "*", inside)


def _give_balancers(grants: Grants, estate: CiEstate, balanced: Iterable[CiEcs]) -> None:
    arns = []
    for each in balanced:
        name = stack_names.workload(estate.stack, each.name, 32)
        paths = (
            f"loadbalancer/app/{name}/*",
            f"listener/app/{name}/*/*",
            # Its name ends in a hash of its port and network.
            f"targetgroup/{each.name[:20]}-*/*",
        )
        arns += [estate.arn("elasticloadbalancing", path) for path in paths]
    grants.give("KeepBalancers", _every(BALANCERS), arns)


def _give_functions(grants: Grants, estate: CiEstate) -> None:
    named = {
        each.name: stack_names.workload(estate.stack, each.name, 64) for each in estate.functions
    }
    arns = {name: estate.arn("lambda", f"function:{named[name]}") for name in named}
    whole = [arn for each in arns.values() for arn in (each, f"{each}:*")]
    rollout = ROLLOUTS["rollout:index:LambdaRollout"]
    grants.give("KeepFunctions", {*_every(FUNCTIONS), *rollout}, whole)
    if open_ := [arns[each.name] for each in estate.functions if each.url]:
        both = [arn for each in open_ for arn in (each, f"{each}:*")]
        grants.give("KeepAddresses", _every(ADDRESSES), both)
    # Lambda notes in the repository that it may pull, with the rights of whoever deploys:
    # https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
    pulled = sorted(
        {estate.arn("ecr", f"repository/{each.repository}") for each in estate.functions}
    )
    let = of("ecr", "BatchGetImage GetDownloadUrlForLayer GetRepositoryPolicy SetRepositoryPolicy")
    grants.give("LetLambdaPull", let, pulled)


def _give_logs(grants: Grants, estate: CiEstate) -> None:
    groups = [stack_names.task_log_group(estate.stack, each.name) for each in estate.ecs]
    groups += [stack_names.function_log_group(estate.stack, f.name) for f in estate.functions]
    if not groups:
        return
    arns = [estate.arn("logs", f"log-group:{group}") for group in groups]
    # With and without the streams behind it: AWS's calls use both forms.
    both = [arn for each in arns for arn in (each, f"{each}:*")]
    # What a task said that failed is told in the verdict.
    read = of("logs", "GetLogEvents") if estate.ecs else ()
    grants.give("KeepLogs", (*_every(LOGS), *read), both)


def _give_key(grants: Grants, estate: CiEstate) -> None:
    if estate.log_key is None or not estate.functions:
        return
    # Logs are encrypted by CloudWatch, whom the key's own policy lets in; variables by Lambda, for
    # whoever deploys: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    through = {"StringEquals": {"kms:ViaService": f"lambda.{estate.region}.amazonaws.com"}}
    key = of("kms", "CreateGrant Decrypt Encrypt")
    grants.give("EncryptVariables", key, estate.log_key, through)


def _name(estate: CiEstate, service: CiEcs) -> str:
    return stack_names.workload(estate.stack, service.name)


def _every(table: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [action for actions in table.values() for action in actions]
