"""Settings are no place for secrets: what a stack file says lands in state, bundle and record."""

from __future__ import annotations

from collections.abc import Iterable


def refuse_secrets(project: str, stack: str, keys: Iterable[str]) -> None:
    """Raises `ValueError` if one of our own settings is kept encrypted by Pulumi.

    `keys` are all secret keys of the configuration; those of other namespaces, such as
    `aws:secretKey`, stay secret in the state and are no concern here.
    """
    own = sorted(key for key in set(keys) if key.startswith(f"{project}:"))
    if own:
        raise ValueError(
            f"Pulumi.{stack}.yaml keeps {', '.join(own)} encrypted, and settings are no secrets: "
            "they land in the state, in bundles and in records. Put the value into Parameter Store "
            "or Secrets Manager and name it in `secrets` of the service; a build takes it by "
            f"`build.secrets`. Then: pulumi config rm {own[0]} --stack {stack}"
        )
