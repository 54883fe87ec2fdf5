"""Times that AWS fixes in hours and a test wants in seconds."""

from dataclasses import dataclass, fields

from localcloud.problem import CloudError


@dataclass
class Limits:
    """In seconds, but for a disk. Changed in a running cloud by POST /_localcloud/limits."""

    ecr_token_seconds: float = 12 * 3600
    """How long a registry login of GetAuthorizationToken works."""
    role_credentials_seconds: float = 6 * 3600
    """How long credentials from the instance metadata service work."""
    invocation_delay_seconds: float = 0.1
    """How long after SendCommand its invocation isn't found yet."""
    lambda_update_seconds: float = 0.2
    """How long a change of a Lambda function takes at least."""
    machine_disk_mib: float = 0
    """Size of the disk that Docker has on machines made from now on, MiB; 0: no limit."""

    def change(self, wishes: dict[str, object]) -> None:
        """Takes the given limits over; raises CloudError on an unknown one or a non-number."""
        allowed = [field.name for field in fields(self)]
        for name, value in wishes.items():
            if name not in allowed:
                raise CloudError(f"unknown limit {name!r}; known are {', '.join(allowed)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise CloudError(f"limit {name} is {value!r}; it is a number")
            setattr(self, name, float(value))
