"""Any failure as one message for the person at the terminal."""

import traceback

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from .check import RefusedError
from .cloud import ConfigurationError
from .waiting import WaitError
from .wire import UnsupportedValueError


def message(error: Exception, subject: str) -> str:
    """What failed, on which resource, and why; never a traceback."""
    if isinstance(error, RefusedError | ConfigurationError):
        return str(error)
    return f"{subject}: {_reason(error)}"


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        return f"{error.operation_name} refused: {told.get('Code')}: {told.get('Message')}"
    if isinstance(error, EndpointConnectionError):
        return f"{error}; is the endpoint of aws:endpoints up?"
    if isinstance(error, NoCredentialsError):
        return "no AWS credentials; set aws:profile or log in, then try again"
    if isinstance(error, BotoCoreError | WaitError | UnsupportedValueError | LookupError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    name = where.filename.rsplit("/", 1)[-1]
    return f"defect in the offline aws plugin at {name}:{where.lineno}: {error!r}"
