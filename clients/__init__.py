"""Thin clients of the services around slipway: git, registries, BuildKit, AWS. No pulumi here."""


class ClientError(Exception):
    """An error a person can act on: its text is the whole message, and no traceback is wanted."""


class CancelledError(ClientError):
    """The work was given up because the run was cancelled."""
