"""Every resource type that the plugin knows, by token."""

from collections.abc import Mapping

from offline.plugin.definition import Plugin
from offline.plugin.table import ResourceType

from .call import Call
from .container import CONTAINER
from .engine import connect
from .failures import reason
from .image import REMOTE_IMAGE
from .settings import settings

VERSION = "5.2.0"

RESOURCE_TYPES: Mapping[str, ResourceType[Call]] = {
    kind.token: kind for kind in (REMOTE_IMAGE, CONTAINER)
}

PLUGIN = Plugin(
    name="docker",
    version=VERSION,
    resource_types=RESOURCE_TYPES,
    invoke_types={},
    configure=connect,
    check_settings=settings,
    reason=reason,
)
