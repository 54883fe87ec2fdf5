"""What a stack consists of, as far as the rights of its workflows are concerned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from clients.secret_values import is_reference
from components.documents.ci_estate import CiEcs, CiEstate, CiEvents, CiFunction, CiHost, CiState
from components.documents.secret_reference import SecretReference, parse_reference
from components.documents.stack_names import STACK_TAG
from infra.ci_section import Ci
from infra.kubernetes_section import MicroK8sServiceSection
from infra.look import Look
from infra.service_sections import (
    EcsServiceSection,
    HostServiceSection,
    LambdaServiceSection,
    Service,
)
from infra.service_specs import image_of
from infra.settings import Settings
from release.names import render_repository


def estate_of(settings: Settings, wanted: Ci, account: str, seen: Look) -> CiEstate:
    """The names of everything that the stack file asks for, and of every image in the tree."""
    references = list(_references(settings))
    promotes = settings.release.images == "promote"
    origin = settings.release.origin
    return CiEstate(
        stack=settings.stack,
        region=settings.region,
        account=account,
        images=_rights(settings),
        registry=_kind(settings.registry.kind),
        repositories=[_repository(settings, image) for image in sorted(seen.images)],
        makes_repositories=settings.registry.create,
        registry_key=settings.registry.kms_key,
        sources=_sources(settings, account, sorted(seen.images)),
        bucket=settings.bundles.bucket,
        makes_bucket=settings.bundles.create,
        bucket_key=settings.bundles.kms_key,
        source=(origin.bucket or settings.bundles.bucket, origin.stack) if promotes else None,
        host=_host(settings),
        ecs=[
            CiEcs(
                name=name,
                cluster=each.cluster,
                balancer=each.balancer is not None,
                schedule=each.schedule is not None,
            )
            for name, each in settings.services.items()
            if isinstance(each, EcsServiceSection)
        ],
        functions=_functions(settings),
        log_key=settings.logs.key,
        parameters=sorted({each.name for each in references if each.store == "parameter"}),
        secrets=sorted({each.name for each in references if each.store == "secret"}),
        events=_events(settings),
        state=_state(settings, wanted),
        boundary_arn=wanted.boundary,
    )


def _rights(settings: Settings) -> Literal["build", "within", "across"]:
    if settings.release.images != "promote":
        return "build"
    origin = settings.release.origin
    elsewhere = (origin.repository, origin.registry, origin.account) != (None, None, None)
    return "across" if elsewhere else "within"


def _sources(settings: Settings, account: str, images: Iterable[str]) -> list[str]:
    origin = settings.release.origin
    kind = origin.registry or settings.registry.kind
    if _rights(settings) != "across" or kind != "ecr":
        return []
    template = origin.repository or settings.registry.repository
    start = f"arn:aws:ecr:{settings.region}:{origin.account or account}:repository/"
    return [
        start + render_repository(template, {"image": image, "stack": origin.stack})
        for image in images
    ]


def _kind(kind: str) -> Literal["ecr", "ecr-public", "other"]:
    return kind if kind in ("ecr", "ecr-public") else "other"  # type: ignore[return-value]


def _repository(settings: Settings, image: str) -> str:
    values = {"image": image, "stack": settings.stack}
    return render_repository(settings.registry.repository, values)


def _host(settings: Settings) -> CiHost | None:
    wanted = settings.host
    if wanted is None or not any(_on_machine(settings, e) for e in settings.services.values()):
        return None
    sessions = wanted.sessions
    paths = sorted(
        {
            each.parameters
            for each in settings.services.values()
            if isinstance(each, HostServiceSection) and each.parameters
        }
    )
    if wanted.create:
        return CiHost(
            create=True,
            tag=(STACK_TAG, settings.stack),
            subnet=wanted.subnet,
            sessions=sessions is not None and sessions.create,
            session_key=sessions.key if sessions else None,
            parameter_paths=paths,
        )
    name, _, value = (wanted.instances or {}).get("tag", "").partition("=")
    return CiHost(create=False, tag=(name, value), parameter_paths=paths)


def _functions(settings: Settings) -> list[CiFunction]:
    return [
        CiFunction(
            name=name,
            repository=_repository(settings, image_of(name, each)),
            url=bool(each.url),
        )
        for name, each in settings.services.items()
        if isinstance(each, LambdaServiceSection)
    ]


def _on_machine(settings: Settings, service: Service) -> bool:
    made = settings.host is not None and settings.host.create
    by_host = settings.kubernetes.delivery == "ssm" or made
    return service.target == "host" or (service.target == "microk8s" and by_host)


def _references(settings: Settings) -> Iterable[SecretReference]:
    by_host = settings.kubernetes.delivery == "ssm"
    for service in settings.services.values():
        if isinstance(service, EcsServiceSection | LambdaServiceSection) or (
            isinstance(service, MicroK8sServiceSection) and by_host
        ):
            yield from (parse_reference(text) for text in service.secrets.values())


def _events(settings: Settings) -> CiEvents | None:
    told = settings.events
    if told is None:
        return None
    named = [each for each in (told.webhook, told.secret) if each and is_reference(each)]
    references = [parse_reference(each) for each in named]
    return CiEvents(
        topic=told.sns,
        parameters=sorted({each.name for each in references if each.store == "parameter"}),
        secrets=sorted({each.name for each in references if each.store == "secret"}),
    )


def _state(settings: Settings, wanted: Ci) -> CiState | None:
    if wanted.state_bucket is None:
        return None
    return CiState(bucket=wanted.state_bucket, project=settings.project, key_arn=wanted.state_key)
