"""What a rollout on Lambda gives back of a function as it is now."""

from __future__ import annotations

from clients import lambda_
from provider.index_children import AskedImage
from provider.lambda_put_back import Place
from provider.verdict import Verdict


def outputs_of(place: Place, image: AskedImage) -> dict[str, object]:
    """What the alias runs, in words. Raises AwsError or RegistryError."""
    alias = lambda_.alias(place.access, place.function, place.alias)
    found = lambda_.function(place.access, place.function, alias.version) if alias else None
    deployed = image.named(found.digest) if found else ""
    verdict = Verdict(outcome="running" if deployed else "absent", digest=deployed or None)
    return {
        "verdict": verdict.words,
        "running": {place.alias: deployed} if deployed else {},
        "deployed_digest": deployed,
        "function_version": alias.version if alias else "",
    }
