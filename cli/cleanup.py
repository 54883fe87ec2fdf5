"""`slipway cleanup`: what releases left on this machine goes, by hand."""

from __future__ import annotations

from dataclasses import asdict

import typer

from cli.answers import AsJson, DryRun, Stack, say, show_json
from cli.images import origin_of
from cli.stack import OpenStack, open_stack
from clients.local_cleanup import CleanupWish, clean, survey


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("cleanup")
    def cleanup(stack: Stack = "prod", dry_run: DryRun = False, as_json: AsJson = False) -> None:
        """Remove local images of the stack's last release and of dev; bound the builder's cache.

        Images that a container uses stay, and so do all others. The registry is never touched.
        """
        wish = wish_of(open_stack(stack))
        cleaned = survey(wish) if dry_run else clean(wish)
        if as_json:
            show_json({"stack": stack, "dry_run": dry_run, **asdict(cleaned)})
        else:
            for line in cleaned.lines(done=not dry_run) or ["nothing to remove"]:
                say(line)
        if cleaned.failures:
            raise ValueError("not everything could be removed:\n" + "\n".join(cleaned.failures))


def wish_of(stack: OpenStack) -> CleanupWish:
    """What is to go for a stack: the names in its record, and all that dev named.

    Where dev and this stack share repositories, all images of these go.
    """
    images = list(stack.look.images)
    return CleanupWish(
        repositories=tuple(stack.repository(name) for name in images),
        dev_repositories=tuple(origin_of(stack, name) for name in images),
        names=_names(stack),
        cache_gb=stack.settings.release.cache_gb,
        builder=stack.settings.build.builder,
    )


def _names(stack: OpenStack) -> tuple[str, ...]:
    found = stack.records.pointer(stack.settings.stack)
    if found is None:
        return ()
    return stack.records.read(stack.settings.stack, found[0].record).names
