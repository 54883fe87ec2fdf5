"""ECR Public's API, which moto does not know."""

from typing import Any

from localcloud.aws_error import AwsError
from localcloud.aws_request import AwsRequest
from localcloud.gateway import Handler
from localcloud.registry.answers import asked_image, detail, missing_image, stored, unique
from localcloud.registry.catalog import storage_name
from localcloud.registry.parts import Parts
from localcloud.registry.public import PublicRepositories, PublicRepository, alias_of
from localcloud.registry.tokens import Tokens

SERVICE, REGION = "ecr-public", "us-east-1"


class EcrPublicApi:
    """The handlers for the gateway."""

    def __init__(self, parts: Parts, repositories: PublicRepositories, tokens: Tokens) -> None:
        self._parts, self._repositories, self._tokens = parts, repositories, tokens

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """(service, action) to function."""
        table: dict[str, Handler] = {
            "GetAuthorizationToken": self.get_authorization_token,
            "DescribeRegistries": self.describe_registries,
            "CreateRepository": self.create_repository,
            "DescribeRepositories": self.describe_repositories,
            "DeleteRepository": self.delete_repository,
            "GetRepositoryCatalogData": self.get_catalog_data,
            "PutRepositoryCatalogData": self.put_catalog_data,
            "ListTagsForResource": self.list_tags,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "DescribeImages": self.describe_images,
            "DescribeImageTags": self.describe_image_tags,
        }
        return {(SERVICE, action): in_its_region(handler) for action, handler in table.items()}

    def get_authorization_token(self, request: AwsRequest) -> dict[str, Any]:
        """A login that may push; it says no endpoint, since there is but one."""
        seconds = self._parts.limits.ecr_token_seconds
        token, login = self._tokens.issue(request.account, REGION, seconds, request.access_key)
        return {"authorizationData": {"authorizationToken": token, "expiresAt": login.expires}}

    def describe_registries(self, request: AwsRequest) -> dict[str, Any]:
        """The account's registry and its alias."""
        account, alias = request.account, alias_of(request.account)
        name = {"name": alias, "status": "ACTIVE"}
        entry = {
            "registryId": account,
            "registryArn": f"arn:aws:ecr-public::{account}:registry/{account}",
            "registryUri": f"{self._repositories.host}/{alias}",
            "verified": False,
            "aliases": [{**name, "primaryRegistryAlias": True, "defaultRegistryAlias": True}],
        }
        return {"registries": [entry]}

    def create_repository(self, request: AwsRequest) -> dict[str, Any]:
        """A new repository with its words for the gallery."""
        made = self._repositories.create(request.account, request.text("repositoryName") or "")
        made.catalog_data = catalog_data(request)
        made.tags = {tag["Key"]: tag["Value"] for tag in request.items("tags")}
        return {"repository": described(made), "catalogData": made.catalog_data}

    def describe_repositories(self, request: AwsRequest) -> dict[str, Any]:
        """The asked repositories, or all of the account."""
        account = request.text("registryId") or request.account
        names = request.items("repositoryNames")
        if names:
            found = [self._repositories.find(account, name) for name in names]
        else:
            found = self._repositories.of(account)
        return {"repositories": [described(each) for each in found]}

    def delete_repository(self, request: AwsRequest) -> dict[str, Any]:
        """Deletes a repository; one with images only by force."""
        found = self._asked(request)
        if found.images and not request.parameters.get("force"):
            message = (
                f"The repository with name '{found.name}' in registry with id "
                f"'{found.account_id}' cannot be deleted because it still contains images"
            )
            raise AwsError("RepositoryNotEmptyException", message)
        self._repositories.remove(found)
        self._parts.daemon.forget(storage_name(found))
        return {"repository": described(found)}

    def get_catalog_data(self, request: AwsRequest) -> dict[str, Any]:
        """The words for the gallery; an error where there are none, as AWS does."""
        found = self._asked(request)
        if not found.catalog_data:
            message = f"The catalog data of repository '{found.name}' does not exist"
            raise AwsError("RepositoryCatalogDataNotFoundException", message)
        return {"catalogData": found.catalog_data}

    def put_catalog_data(self, request: AwsRequest) -> dict[str, Any]:
        """Sets the words for the gallery."""
        found = self._asked(request)
        found.catalog_data = catalog_data(request)
        return {"catalogData": found.catalog_data}

    def list_tags(self, request: AwsRequest) -> dict[str, Any]:
        """The tags of a repository itself."""
        tags = self._of_arn(request).tags
        return {"tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag(self, request: AwsRequest) -> dict[str, Any]:
        """Sets tags of a repository itself."""
        self._of_arn(request).tags |= {tag["Key"]: tag["Value"] for tag in request.items("tags")}
        return {}

    def untag(self, request: AwsRequest) -> dict[str, Any]:
        """Takes tags off a repository itself."""
        tags = self._of_arn(request).tags
        for key in request.items("tagKeys"):
            tags.pop(key, None)
        return {}

    def describe_images(self, request: AwsRequest) -> dict[str, Any]:
        """Digests, tags, sizes and times of the asked images, or of all."""
        found, asked = self._asked(request), request.items("imageIds")
        images = [asked_image(self._parts.catalog, found, entry) for entry in asked]
        if None in images:
            entry = asked[images.index(None)]
            raise AwsError("ImageNotFoundException", missing_image(found, entry))
        chosen = [i for i in images if i is not None] if asked else stored(found)
        return {"imageDetails": [detail(found, image) for image in unique(chosen)]}

    def describe_image_tags(self, request: AwsRequest) -> dict[str, Any]:
        """Each tag with the image that it names."""
        found = self._asked(request)
        kept = ("imageDigest", "imageSizeInBytes", "imagePushedAt", "imageManifestMediaType")
        entries = [
            {
                "imageTag": tag,
                "createdAt": image.image_pushed_at,
                "imageDetail": {key: detail(found, image)[key] for key in kept},
            }
            for image in stored(found)
            for tag in image.image_tags
        ]
        return {"imageTagDetails": sorted(entries, key=lambda entry: str(entry["imageTag"]))}

    def _asked(self, request: AwsRequest) -> PublicRepository:
        account = request.text("registryId") or request.account
        return self._repositories.find(account, request.text("repositoryName") or "")

    def _of_arn(self, request: AwsRequest) -> PublicRepository:
        name = (request.text("resourceArn") or "").partition(":repository/")[2]
        return self._repositories.find(request.account, name)


def in_its_region(handler: Handler) -> Handler:
    """The handler for us-east-1; AWS has the service nowhere else."""

    def only_there(request: AwsRequest) -> dict[str, Any] | None:
        if request.region != REGION:
            message = f"ECR Public is not in {request.region}; ask in {REGION}"
            raise AwsError("UnsupportedCommandException", message)
        return handler(request)

    return only_there


def described(repository: PublicRepository) -> dict[str, Any]:
    """A Repository of an API answer."""
    return {
        "repositoryArn": repository.arn,
        "registryId": repository.account_id,
        "repositoryName": repository.name,
        "repositoryUri": repository.uri,
        "createdAt": repository.created_at.timestamp(),
    }


def catalog_data(request: AwsRequest) -> dict[str, Any]:
    """The call's words for the gallery; of a logo only that there is one."""
    given = dict(request.parameters.get("catalogData") or {})
    if given.pop("logoImageBlob", None):
        given["logoUrl"] = "https://logo.invalid/logo.png"
    return given
