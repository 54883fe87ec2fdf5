"""One operation on one AWS resource."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from offline.plugin import table
from offline.plugin.table import Property

from .cloud import Cloud
from .gone import GONE
from .waiting import error_code


@dataclass(frozen=True, kw_only=True)
class Call(table.Call):
    """cloud: the clients of the provider's configuration."""

    cloud: Cloud

    @property
    def default_tags(self) -> dict[str, str]:
        """The tags of aws:defaultTags."""
        return self.cloud.settings.default_tags

    @property
    def region(self) -> str:
        """The resource's own region, else the provider's."""
        return str(self.props.get("region") or self.cloud.region)

    def client(self, service: str) -> Any:
        """The boto3 client of a service in the resource's region."""
        return self.cloud.client(service, self.region)

    def is_gone(self, error: Exception) -> bool:
        """Whether AWS says that the resource is not there."""
        return isinstance(error, ClientError) and error_code(error) in GONE


REGION = Property(computed=True, replaces=True)
