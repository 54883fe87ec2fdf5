"""ECR's settings of an account's region, which moto does not know."""

from localcloud.aws_error import AwsError

KNOWN: dict[str, tuple[str, ...]] = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "REGISTRY_POLICY_SCOPE": ("V2", "V1"),
    "BLOB_MOUNTING": ("DISABLED", "ENABLED"),
}


class AccountSettings:
    """Values by account, region and name; what nobody has put has its default, the first."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str, str], str] = {}

    def get(self, account: str, region: str, name: str) -> str:
        """The value of a setting; raises AwsError for an unknown name."""
        if name not in KNOWN:
            raise AwsError("InvalidParameterException", f"Invalid parameter at 'name': {name!r}")
        return self._values.get((account, region, name), KNOWN[name][0])

    def put(self, account: str, region: str, name: str, value: str) -> None:
        """Sets a value; raises AwsError for an unknown name or value."""
        self.get(account, region, name)
        if value not in KNOWN[name]:
            raise AwsError("InvalidParameterException", f"Invalid parameter at 'value': {value!r}")
        self._values[account, region, name] = value

    def blob_mounting(self, account: str, region: str) -> bool:
        """Whether layers may be mounted from another repository."""
        return self.get(account, region, "BLOB_MOUNTING") == "ENABLED"
