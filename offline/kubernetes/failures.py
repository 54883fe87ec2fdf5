"""The cluster's refusals in its own words, and what to do about them."""

from .errors import ApiError, NoKindError, NotReadyError, UnreachableError

_WAYS_OUT = {
    "AlreadyExists": "another program or person made it: `pulumi import` takes it into this stack, "
    "or set upsertExistingObjects to overwrite it, or choose another name",
    "Conflict": "another field manager has set these fields: leave them out, or set the annotation "
    'pulumi.com/patchForce: "true" to take them',
    "Unauthorized": "the credentials of the kubeconfig have expired or are another cluster's; take "
    "its kubeconfig anew",
}


def reason(error: Exception) -> str | None:
    """What the API said, or None if the error is not the cluster's."""
    if isinstance(error, ApiError):
        way = _WAYS_OUT.get(error.reason)
        if "strict decoding error" in str(error) or "not declared in schema" in str(error):
            way = "that property is not one of this kind: look at its name and its place"
        return f"{error}; {way}" if way else str(error)
    if isinstance(error, UnreachableError | NotReadyError | NoKindError):
        return str(error)
    return None


def hidden(error: ApiError, values: list[str]) -> ApiError:
    """The error without values of a secret that it may repeat."""
    text = str(error)
    for value in sorted(values, key=len, reverse=True):
        if len(value) > 3:
            text = text.replace(value, "[secret]")
    error.args = (text,)
    return error
