"""A Lambda function as AWS tells it."""

from offline.plugin.naming import from_api, picked
from offline.plugin.wire import State

from .call import Call

_PATHS = {
    "arn": "Configuration.FunctionArn",
    "architectures": "Configuration.Architectures",
    "codeSha256": "Configuration.CodeSha256",
    "description": "Configuration.Description",
    "imageUri": "Code.ImageUri",
    "kmsKeyArn": "Configuration.KMSKeyArn",
    "lastModified": "Configuration.LastModified",
    "memorySize": "Configuration.MemorySize",
    "name": "Configuration.FunctionName",
    "packageType": "Configuration.PackageType",
    "role": "Configuration.Role",
    "sourceCodeSize": "Configuration.CodeSize",
    "timeout": "Configuration.Timeout",
}


def read(call: Call) -> State:
    """The function with its settings, tags and addresses."""
    told = call.client("lambda").get_function(FunctionName=call.id)
    settings_told = told["Configuration"]
    arn = settings_told["FunctionArn"]
    version = _newest(call) if call.props.get("publish") else "$LATEST"
    concurrency = told.get("Concurrency") or {}
    state = {
        **picked(_PATHS, told),
        "environment": {"variables": (settings_told.get("Environment") or {}).get("Variables")},
        "reservedConcurrentExecutions": concurrency.get("ReservedConcurrentExecutions", -1),
        "signingJobArn": settings_told.get("SigningJobArn", ""),
        "signingProfileVersionArn": settings_told.get("SigningProfileVersionArn", ""),
        "tags": told.get("Tags") or {},
        "version": version,
        "qualifiedArn": f"{arn}:{version}",
        "invokeArn": _invoke(call, arn),
        "qualifiedInvokeArn": _invoke(call, f"{arn}:{version}"),
        "responseStreamingInvokeArn": _invoke(call, arn, "2021-11-15", "response-streaming-"),
    }
    return {**state, **_blocks(settings_told)}


def _blocks(told: State) -> State:
    """The blocks that AWS tells; one that it doesn't is kept as the program wrote it."""
    image = (told.get("ImageConfigResponse") or {}).get("ImageConfig")
    found = {
        "ephemeralStorage": told.get("EphemeralStorage"),
        "loggingConfig": told.get("LoggingConfig"),
        "tracingConfig": told.get("TracingConfig"),
    }
    blocks: State = {name: from_api(block) for name, block in found.items() if block}
    if image:
        names = {"entryPoints": "EntryPoint", "commands": "Command"}
        blocks["imageConfig"] = from_api(image, names)
    return blocks


def _invoke(call: Call, arn: str, api: str = "2015-03-31", style: str = "") -> str:
    path = f"path/{api}/functions/{arn}/{style}invocations"
    return f"arn:aws:apigateway:{call.region}:lambda:{path}"


def _newest(call: Call) -> str:
    pages = call.client("lambda").get_paginator("list_versions_by_function")
    versions = [
        each["Version"]
        for page in pages.paginate(FunctionName=call.id)
        for each in page["Versions"]
    ]
    return str(max((int(each) for each in versions if each.isdigit()), default="$LATEST"))
