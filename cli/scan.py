"""`slipway scan`: the gate before a deploy, by what ECR's scanner found in its images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from cli.answers import AsJson, Stack, show_json, show_table
from cli.images import digests_of_content, in_parallel, origin_of
from cli.stack import OpenStack, open_stack
from cli.why import remember
from clients import ClientError
from clients.image_scans import ImageScans, manifests_of
from clients.registry import Registry
from clients.registry_names import split_repository
from release.scan import Judgement, judge, named

Version = Annotated[
    str | None,
    typer.Argument(help="A version; else what the last update left, or is to be promoted."),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("scan")
    def scan(version: Version = None, stack: Stack = "prod", as_json: AsJson = False) -> None:
        """Refuse images in which ECR's scanner found something bad: exit code 1.

        How bad is `slipway:scan.refuse`. A scan that still runs is waited for. Where the stack has
        no record of it, the images of this commit are meant, as in `pulumi up`.
        """
        opened = open_stack(stack)
        refuse_elsewhere(opened)
        wanted = images_of(opened, version)
        wish = opened.settings.scan
        scans = ImageScans(opened.access, wish.wait)
        judged = in_parallel(wanted, lambda name: judgement(opened, scans, *wanted[name]))
        if as_json:
            show_json({"stack": stack, "refuse": wish.refuse, "images": _document(wanted, judged)})
        else:
            rows = [(name, wanted[name][1][:19], judged[name].text) for name in sorted(judged)]
            show_table(("IMAGE", "DIGEST", "FOUND"), rows)
        bad = {name: each.refused for name, each in judged.items() if each.refused}
        if bad:
            lines = "\n".join(f"  {name}: {named(bad[name])}" for name in sorted(bad))
            raise ClientError(
                f"{len(bad)} of {len(judged)} images may not be deployed to {stack}:\n{lines}\n"
                "Mend them (a newer base image, a newer package) and build again; what does not "
                "concern you can be accepted by name: slipway:scan: {accept: [CVE-…]}"
            )


def refuse_elsewhere(stack: OpenStack) -> None:
    """Raises `ValueError` where nobody scans."""
    kind = stack.settings.registry.kind
    if kind != "ecr":
        raise ValueError(
            f"`slipway scan` reads the findings of private ECR, and the images of "
            f"{stack.settings.stack} are in {kind}, which has no scanner; scan them otherwise"
        )


def images_of(stack: OpenStack, version: str | None) -> dict[str, tuple[str, str]]:
    """Repository (host/path) and digest of each image. Raises `ClientError` for one not made."""
    promotes = stack.settings.release.images == "promote"
    if version:
        record = stack.records.find(stack.settings.stack, version)
    else:
        record = None if promotes else remember(stack).current
    if record is not None:
        return {name: (each.repository, each.digest) for name, each in record.images.items()}
    made = digests_of_content(stack)
    missing = sorted(name for name, digest in made.items() if digest is None)
    if missing:
        raise ClientError(
            f"not made yet, so nobody has scanned them: {', '.join(missing)}; run `pulumi up` of "
            "the stack that builds, at this commit"
        )
    return {
        name: (origin_of(stack, name) if promotes else stack.repository(name), digest)
        for name, digest in made.items()
        if digest
    }


def judgement(stack: OpenStack, scans: ImageScans, repository: str, digest: str) -> Judgement:
    """What is to be said of an image, of whichever platforms it consists."""
    registry = Registry(repository, stack.keychain)
    path = split_repository(repository)[1]
    account = stack.settings.release.origin.account
    own = repository.startswith(f"{stack.repositories.place}/")
    flaws = [
        flaw
        for each in manifests_of(registry, digest)
        for flaw in scans.flaws(path, each, None if own else account)
    ]
    wish = stack.settings.scan
    return judge(flaws, wish.refuse, wish.accept)


def _document(
    wanted: Mapping[str, tuple[str, str]], judged: Mapping[str, Judgement]
) -> list[dict[str, object]]:
    return [
        {
            "image": name,
            "digest": wanted[name][1],
            "found": judged[name].text,
            "refused": [
                {"name": each.name, "severity": each.severity} for each in judged[name].refused
            ],
        }
        for name in sorted(judged)
    ]
