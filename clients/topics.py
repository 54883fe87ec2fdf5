"""Messages to SNS topics."""

from __future__ import annotations

from collections.abc import Mapping

from clients.aws import AwsAccess, new_client, translated


def publish(
    access: AwsAccess, topic: str, message: str, attributes: Mapping[str, str], seconds: float
) -> None:
    """One message to a topic (its ARN), in the topic's own region. Raises AwsError."""
    named = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }
    with translated(f"publishing to {topic}"):
        sns = new_client(access, "sns", topic.split(":")[3], read_timeout=seconds, attempts=1)
        sns.publish(TopicArn=topic, Message=message, MessageAttributes=named)
