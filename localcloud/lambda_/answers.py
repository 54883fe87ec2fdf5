"""How the API shows versions, aliases and URLs."""

from typing import Any

from localcloud.lambda_.records import LATEST, Alias, Function, UrlConfig, Version


def configuration(function: Function, version: Version, qualifier: str | None) -> dict[str, Any]:
    """A FunctionConfiguration; the ARN has the qualifier that was asked for."""
    settings = version.settings
    shown: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{qualifier}" if qualifier else function.arn,
        "Role": settings.role,
        "CodeSize": 0,
        "CodeSha256": version.code.digest.removeprefix("sha256:"),
        "Description": settings.description,
        "Timeout": settings.timeout,
        "MemorySize": settings.memory,
        "LastModified": version.modified,
        "Version": version.number,
        "RevisionId": version.revision,
        "PackageType": "Image",
        "Architectures": [settings.architecture],
        "EphemeralStorage": {"Size": settings.storage},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": settings.log_group},
        **settings.given,
        "State": version.state,
    }
    if settings.environment:
        shown["Environment"] = {"Variables": dict(settings.environment)}
    if settings.image:
        shown["ImageConfigResponse"] = {"ImageConfig": dict(settings.image)}
    if version.state_reason:
        shown["StateReasonCode"], shown["StateReason"] = version.state_reason
    if version.update:
        shown["LastUpdateStatus"] = version.update
    if version.update_reason:
        shown["LastUpdateStatusReasonCode"], shown["LastUpdateStatusReason"] = version.update_reason
    return shown


def alias_answer(function: Function, alias: Alias) -> dict[str, Any]:
    """An AliasConfiguration."""
    shown: dict[str, Any] = {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    if alias.weights:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return shown


def url_answer(function: Function, config: UrlConfig) -> dict[str, Any]:
    """A FunctionUrlConfig."""
    qualifier = f":{config.qualifier}" if config.qualifier else ""
    shown: dict[str, Any] = {
        "FunctionUrl": config.url,
        "FunctionArn": function.arn + qualifier,
        "AuthType": config.auth,
        "CreationTime": config.created,
        "LastModifiedTime": config.modified,
        "InvokeMode": config.mode,
    }
    return {**shown, "Cors": dict(config.cors)} if config.cors else shown


def qualified(version: Version) -> str | None:
    """The qualifier of a version's own ARN."""
    return None if version.number == LATEST else version.number
