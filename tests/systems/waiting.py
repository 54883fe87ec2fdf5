"""What of the five systems waits for parts that are not built yet. Empty when all is."""

from __future__ import annotations

WAITING: tuple[tuple[str, str, str], ...] = (
    ("CI/build/deploy", "ci.yml, build.yml, deploy.yml", "workflows"),
    ("ECR as version source", "push to main starts it", "workflows"),
    ("make deploy-dev", "the tag's workflow deploys", "workflows"),
    ("make deploy-dev", "atta is a job that a timer or a person runs", "host jobs"),
    ("make deploy-dev", "SSM by tag to an instance that was there before", "fleets"),
    ("snapshot and promotion", "push to dev, push to main", "workflows"),
)
