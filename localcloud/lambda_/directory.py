"""All functions, and which one a call names."""

from localcloud.lambda_.call import NAME, Call
from localcloud.lambda_.records import LATEST, Function, Version
from localcloud.lambda_.refusals import constraint, invalid, no_function, not_found


class Directory:
    """Functions by account, region and name; in memory, like all of the cloud."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str, str], Function] = {}

    def add(self, function: Function) -> None:
        """Keeps a new function."""
        self._functions[function.account, function.region, function.name] = function

    def remove(self, function: Function) -> None:
        """Forgets a function."""
        self._functions.pop((function.account, function.region, function.name), None)

    def all(self, account: str, region: str) -> list[Function]:
        """The functions of an account's region by name."""
        found = list(self._functions.items())
        return [each for key, each in sorted(found) if key[:2] == (account, region)]

    def named(self, account: str, region: str, name: str) -> Function | None:
        """A function by its bare name."""
        return self._functions.get((account, region, name))

    def find(self, call: Call) -> tuple[Function, str | None]:
        """The function that the path names, and the qualifier in the name or the query.

        Raises AwsError: the function is not there, or name and query disagree.
        """
        account, region, name, inner = parts(call)
        outer = call.query.get("Qualifier")
        if inner and outer and inner != outer:
            raise invalid("The derived qualifier from the function name does not match the "
                          "specified qualifier.")  # fmt: skip
        function = self.named(account, region, name)
        qualifier = inner or outer
        if function is None:
            suffix = f":{qualifier}" if qualifier else ""
            raise no_function(f"arn:aws:lambda:{region}:{account}:function:{name}{suffix}")
        return function, qualifier

    def unqualified(self, call: Call) -> Function:
        """The function of a call that is about $LATEST alone."""
        function, qualifier = self.find(call)
        if qualifier not in (None, LATEST):
            raise invalid(f"A version or alias ({qualifier}) is not allowed in this operation.")
        return function

    def version(self, call: Call) -> tuple[Function, Version, str | None]:
        """The function, the version that the qualifier leads to, and the qualifier."""
        function, qualifier = self.find(call)
        alias = function.aliases.get(qualifier or "")
        number = alias.version if alias else qualifier or LATEST
        version = function.find(number)
        if version is None:
            raise no_function(f"{function.arn}:{qualifier}")
        return function, version, qualifier


def parts(call: Call) -> tuple[str, str, str, str | None]:
    """Account, region, name and qualifier of the function name in the path."""
    text = call.words["function"]
    found = NAME.fullmatch(text)
    if not found:
        raise constraint(
            text, "functionName", f"satisfy regular expression pattern: {NAME.pattern}"
        )
    account = found["account"] or found["partial"] or call.account
    region = found["region"] or call.region
    if account != call.account or region != call.region:
        raise not_found(f"Functions from '{region}' of '{account}' are not reachable in this call")
    return account, region, found["name"], found["qualifier"]
