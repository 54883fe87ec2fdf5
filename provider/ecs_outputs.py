"""What a rollout on ECS gives back of a service as it is now."""

from __future__ import annotations

from collections.abc import Mapping

from provider.ecs_inputs import EcsInputs
from provider.ecs_judge import Look, digests
from provider.index_children import AskedImage
from provider.verdict import Verdict


def outputs_of(look: Look, wanted: EcsInputs, image: AskedImage) -> dict[str, object]:
    """What runs, in words and by task. Raises RegistryError."""
    running: Mapping[str, str] = {
        task: image.named(digest) for task, digest in digests(look, image.repository).items()
    }
    other = [digest for digest in running.values() if digest != wanted.digest]
    deployed = other[0] if other else (wanted.digest if running else "")
    verdict = Verdict(outcome="running" if deployed else "absent", digest=deployed or None)
    return {
        "verdict": verdict.words,
        "running": running,
        "deployed_digest": deployed,
        "deployed_definition": look.service.task_definition if look.service else "",
    }
