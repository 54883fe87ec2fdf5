"""Settings are no place for secrets: what a stack file says lands in state, bundle and record."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from infra.kubernetes_section import HOW


def refuse_secrets(project: str, stack: str, keys: Iterable[str]) -> None:
    """Raises `ValueError` if one of our own settings is kept encrypted by Pulumi.

    `keys` are all secret keys of the configuration; those of other namespaces, such as
    `aws:secretKey`, and the kubeconfig stay secret in the state and are no concern here.
    """
    kept = f"{project}:kubeconfig"
    own = sorted(key for key in set(keys) if key.startswith(f"{project}:") and key != kept)
    if own:
        raise ValueError(
            f"Pulumi.{stack}.yaml keeps {', '.join(own)} encrypted, and settings are no secrets: "
            "they land in the state, in bundles and in records. Put the value into Parameter Store "
            "or Secrets Manager and name it in `secrets` of the service; a build takes it by "
            f"`build.secrets`. Then: pulumi config rm {own[0]} --stack {stack}"
        )


def refuse_open_kubeconfig(
    project: str, stack: str, keys: Collection[str], secret: Collection[str]
) -> None:
    """Raises `ValueError` if the kubeconfig is kept as plain text; `keys` are all keys, `secret`
    those that Pulumi keeps encrypted."""
    key = f"{project}:kubeconfig"
    if key in keys and key not in secret:
        raise ValueError(
            f"Pulumi.{stack}.yaml keeps {key} as plain text, and whoever reads it is the cluster's "
            f"administrator. Encrypt it: {HOW.replace('slipway:', f'{project}:')} --stack {stack}; "
            "if the file was shared or committed, give the cluster new credentials too "
            "(`microk8s refresh-certs --cert ca.crt`)"
        )
