"""What went wrong, in words for a person."""


class CloudError(Exception):
    """A message that says what, which value, what is allowed and what to do next."""
