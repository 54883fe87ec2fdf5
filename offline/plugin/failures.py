"""Any failure as one message for the person at the terminal."""

import traceback

from .check import RefusedError
from .definition import ConfigurationError, Plugin
from .waiting import WaitError
from .wire import UnsupportedValueError


def message(error: Exception, subject: str, plugin: Plugin) -> str:
    """What failed, on which resource, and why; never a traceback."""
    if isinstance(error, RefusedError | ConfigurationError):
        return str(error)
    return f"{subject}: {_reason(error, plugin)}"


def _reason(error: Exception, plugin: Plugin) -> str:
    if told := plugin.reason(error):
        return told
    if isinstance(error, WaitError | UnsupportedValueError | LookupError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    name = where.filename.rsplit("/", 1)[-1]
    return f"defect in the offline {plugin.name} plugin at {name}:{where.lineno}: {error!r}"
