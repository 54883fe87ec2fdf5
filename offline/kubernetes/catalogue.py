"""The plugin as the engine knows it. Its types are those of the cluster, so no table names them."""

from offline.plugin.definition import Plugin

from .cluster import connect
from .failures import reason
from .settings import settings

VERSION = "4.34.2"

PLUGIN = Plugin(
    name="kubernetes",
    version=VERSION,
    resource_types={},
    invoke_types={},
    configure=connect,
    check_settings=settings,
    reason=reason,
)
