"""Lambda's errors, in its own words (AWS Lambda API Reference, "Common Errors" of each call)."""

from localcloud.aws_error import AwsError


def invalid(message: str) -> AwsError:
    """A parameter that Lambda does not take."""
    return AwsError("InvalidParameterValueException", message, 400)


def constraint(value: object, member: str, rule: str) -> AwsError:
    """A value outside of the range or pattern that the API's model has for it."""
    message = (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
        f"constraint: Member must {rule}"
    )
    return AwsError("ValidationException", message, 400)


def not_found(message: str) -> AwsError:
    """Something that is not there."""
    return AwsError("ResourceNotFoundException", message, 404)


def no_function(arn: str) -> AwsError:
    """A function, version or alias that is not there."""
    return not_found(f"Function not found: {arn}")


def conflict(message: str) -> AwsError:
    """What exists already, or is being changed by somebody else."""
    return AwsError("ResourceConflictException", message, 409)


def in_state(state: str) -> AwsError:
    """What needs an active function."""
    return conflict(
        "The operation cannot be performed at this time. "
        f"The function is currently in the following state: {state}"
    )


def in_progress(arn: str) -> AwsError:
    """A change while another one runs."""
    return conflict(
        "The operation cannot be performed at this time. "
        f"An update is in progress for resource: {arn}"
    )


def precondition(what: str = "Function") -> AwsError:
    """A RevisionId that is not the current one."""
    return AwsError(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the Get{what} API to retrieve the latest Revision Id",
        412,
    )


def unassumable() -> AwsError:
    """A role that is not there, or whose trust policy leaves Lambda out."""
    return invalid("The role defined for the function cannot be assumed by Lambda.")


def denied(message: str) -> AwsError:
    """What a role or a policy does not allow."""
    return AwsError("AccessDeniedException", message, 403)
