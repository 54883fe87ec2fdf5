"""What a function needs to begin traces of AWS X-Ray."""

from __future__ import annotations

from components.documents.statements import allow, document


def tracing_policy() -> str:
    """Lets it send its segments; AWS knows no narrower resource for them.

    https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    """
    actions = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
    return document([allow("SendTraces", actions, "*")])
