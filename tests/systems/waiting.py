"""What of the five systems waits for parts that are not built yet. Empty when all is."""

from __future__ import annotations

WAITING: tuple[tuple[str, str, str], ...] = (
    (
        "CI/build/deploy",
        "ECS service in its stack file; Kubernetes",
        "the recipe, target: microk8s",
    ),
    ("snapshot and promotion", "MicroK8s manifests, rollout watched", "target: microk8s"),
)
