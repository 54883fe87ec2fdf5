"""ECR's calls about lifecycle policies: what moto lets pass is refused, and previews are real."""

from datetime import UTC, datetime
from typing import Any

from moto.ecr.models import Repository

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.gateway import Handler
from localcloud.registry.answers import asked_repository, stored
from localcloud.registry.lifecycle import Seen, expired, problem

PREFIX = (
    "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy "
    "validation failure: "
)


class LifecycleApi:
    """The handlers for the gateway. Nothing is ever expired here: a preview says what would be."""

    def __init__(self) -> None:
        self._previews: dict[str, tuple[str, dict[str, int]]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Action to function."""
        return {
            "PutLifecyclePolicy": self.put_policy,
            "StartLifecyclePolicyPreview": self.start_preview,
            "GetLifecyclePolicyPreview": self.get_preview,
        }

    def put_policy(self, request: AwsRequest) -> None:
        """Refuses what ECR would; what it takes is moto's to keep."""
        _check(request.text("lifecyclePolicyText") or "")

    def start_preview(self, request: AwsRequest) -> dict[str, Any]:
        """Judges all images by the given policy, or by the repository's own."""
        repository = asked_repository(request)
        policy = request.text("lifecyclePolicyText") or repository.lifecycle_policy
        if not policy:
            raise AwsError(
                "LifecyclePolicyNotFoundException",
                f"Lifecycle policy does not exist for the repository with name "
                f"'{repository.name}' in the registry with id '{repository.registry_id}'",
            )
        _check(policy)
        self._previews[repository.arn] = (
            policy,
            expired(policy, seen(repository), datetime.now(UTC)),
        )
        return {**_names(repository), "lifecyclePolicyText": policy, "status": "IN_PROGRESS"}

    def get_preview(self, request: AwsRequest) -> dict[str, Any]:
        """What the last preview of a repository found."""
        repository = asked_repository(request)
        if repository.arn not in self._previews:
            raise AwsError(
                "LifecyclePolicyPreviewNotFoundException",
                f"There is no lifecycle policy preview for '{repository.name}'",
            )
        policy, gone = self._previews[repository.arn]
        results = [
            {
                "imageTags": list(image.image_tags),
                "imageDigest": image.image_digest,
                "imagePushedAt": image.image_pushed_at,
                "action": {"type": "EXPIRE"},
                "appliedRulePriority": gone[image.image_digest],
            }
            for image in stored(repository)
            if image.image_digest in gone
        ]
        return {
            **_names(repository),
            "lifecyclePolicyText": policy,
            "status": "COMPLETE",
            "previewResults": results,
            "summary": {"expiringImageTotalCount": len(results)},
        }


def seen(repository: Repository) -> list[Seen]:
    """The images of a repository as the evaluator sees them."""
    return [
        Seen(
            digest=image.image_digest,
            tags=tuple(image.image_tags),
            pushed=datetime.fromtimestamp(image.image_pushed_at, UTC),
            children=tuple(image.children),
        )
        for image in stored(repository)
    ]


def _names(repository: Repository) -> dict[str, Any]:
    return {"registryId": repository.registry_id, "repositoryName": repository.name}


def _check(policy: str) -> None:
    try:
        wrong = problem(policy)
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # moto says what is no policy at all
    if wrong:
        raise AwsError("InvalidParameterException", f"{PREFIX}{wrong}'")
