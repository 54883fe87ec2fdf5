"""Thin clients of the services around slipway: git, registries, BuildKit, AWS. No pulumi here."""

from release.record_text import harmless


class ClientError(Exception):
    """An error a person can act on: its text is the whole message, and no traceback is wanted.

    What others said is often part of it: nothing of that moves a terminal.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(harmless(str(message)))


class CancelledError(ClientError):
    """The work was given up because the run was cancelled."""
