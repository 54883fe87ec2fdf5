"""What a task of ECS is made of: its definition, its roles and its secrets."""

from __future__ import annotations

import json

from tests.engine import failure_of
from tests.unit.test_components_ecs import (
    DIGEST,
    GROUP,
    REF,
    ROLE,
    TASK,
    backend,
    container,
    program,
)


def test_a_task_definition_is_for_fargate_and_takes_its_image_by_digest() -> None:
    made = backend(cpu=512, memory=2048, architecture="arm64").one(TASK)

    assert made.inputs["family"] == "dev-backend"
    assert (made.inputs["cpu"], made.inputs["memory"]) == ("512", "2048")
    assert made.inputs["networkMode"] == "awsvpc"
    assert made.inputs["requiresCompatibilities"] == ["FARGATE"]
    assert made.inputs["runtimePlatform"] == {
        "cpuArchitecture": "ARM64",
        "operatingSystemFamily": "LINUX",
    }
    assert json.loads(made.inputs["containerDefinitions"])[0]["image"] == (
        f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/backend@{DIGEST}"
    )


def test_another_name_of_the_same_digest_is_no_new_task_definition() -> None:
    renamed = backend(ref=REF.replace(":v1@", ":v2@"))

    assert renamed.one(TASK).inputs == backend().one(TASK).inputs


def test_earlier_task_definitions_are_kept() -> None:
    made = backend().one(TASK)

    assert made.inputs["skipDestroy"] is True
    assert made.retain_on_delete


def test_the_image_is_known_in_a_preview_when_its_digest_is() -> None:
    previewed = backend(preview=True)

    assert container(previewed) == container(backend())


def test_a_container_logs_ends_in_time_and_cannot_write_its_own_files() -> None:
    made = container(backend(drain=45))

    assert made["readonlyRootFilesystem"] is True
    assert made["linuxParameters"] == {"initProcessEnabled": True}
    assert made["stopTimeout"] == 45
    assert made["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/slipway/dev/backend",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "backend",
        },
    }
    assert made["portMappings"] == [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp"}]
    assert container(backend(read_only=False))["readonlyRootFilesystem"] is False


def test_logs_are_kept_as_long_as_the_stack_file_says() -> None:
    logs = "aws:cloudwatch/logGroup:LogGroup"

    assert backend(retention_days=90).one(logs).inputs == {
        "name": "/slipway/dev/backend",
        "retentionInDays": 90,
    }


def test_secrets_are_told_by_reference_and_never_read() -> None:
    recording = backend(
        environment={"B": "2", "A": "1"},
        secrets={"KEY": "secret:backend/key:json", "DB": "parameter:/backend/db"},
    )
    made = container(recording)

    assert made["environment"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert made["secrets"] == [
        {
            "name": "DB",
            "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/backend/db",
        },
        {
            "name": "KEY",
            "valueFrom": (
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:backend/key-AbCdEf:json::"
            ),
        },
    ]
    assert (
        "aws:ssm/getParameter:getParameter",
        {"name": "/backend/db", "withDecryption": False},
    ) in recording.calls


def test_a_secret_that_is_not_there_is_named() -> None:
    said = failure_of(lambda: program(secrets={"DB": "parameter:/backend/missing"}))

    assert said.startswith("ValueError: backend: secrets.DB (parameter:/backend/missing)")
    assert "ParameterNotFound" in said
    assert "make it, or correct the reference" in said


def test_its_roles_are_taken_by_ecs_alone_and_the_programs_own_may_do_nothing() -> None:
    recording = backend(args={"account": "123456789012", "permissions_boundary": "arn:b"})
    roles = {each.name: each.inputs for each in recording.of(ROLE)}
    (policy,) = recording.of("aws:iam/rolePolicy:RolePolicy")

    assert set(roles) == {"backend-execution-role", "backend-task-role"}
    assert policy.name == "backend-execution-policy"
    assert roles["backend-task-role"]["name"] == "dev-backend-task"
    assert {each["permissionsBoundary"] for each in roles.values()} == {"arn:b"}
    for role in roles.values():
        (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
        }


def test_a_worker_without_a_port_is_reached_by_nobody() -> None:
    recording = backend(port=None, open_to=("10.0.0.0/8",))

    assert "portMappings" not in container(recording)
    assert recording.one(GROUP).inputs.get("ingress", []) == []


def test_an_image_from_elsewhere_needs_no_right_to_pull() -> None:
    recording = backend(args={"repository_arn": None})

    assert "ecr:" not in recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
