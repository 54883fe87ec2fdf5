"""The preferences of Session Manager, as AWS takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.documents.session_document import PREFERENCES, session_document
from localcloud.aws_error import AwsError
from localcloud.ssm.session import check_session
from tests.localcloud.cloud import Cloud

VALID: dict[str, Any] = json.loads(session_document())


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"schemaVersion": "2.2"}, "1.0"),
        ({"sessionType": "Stream"}, "Standard_Stream"),
        ({"mainSteps": []}, "mainSteps"),
        ({"inputs": {"cloudwatchLogGroupName": "/slipway/sessions"}}, "cloudwatchLogGroupName"),
        ({"inputs": {"cloudWatchEncryptionEnabled": "true"}}, "true or false"),
        ({"inputs": {"idleSessionTimeout": "61"}}, "1 to 60"),
        ({"inputs": {"idleSessionTimeout": 20}}, "no text"),
    ],
)
def test_preferences_that_aws_refuses_are_refused(changed: dict[str, Any], word: str) -> None:
    check_session(json.dumps(VALID))

    with pytest.raises(AwsError) as refused:
        check_session(json.dumps(VALID | changed))
    assert word in str(refused.value)


def test_preferences_are_made_once_in_a_region_and_can_be_changed(cloud: Cloud) -> None:
    ssm = cloud.client("ssm")
    first, second = session_document(), session_document(idle_minutes=5)
    wanted = {"Name": PREFERENCES, "DocumentType": "Session", "DocumentFormat": "JSON"}
    ssm.create_document(**wanted, Content=first)

    with pytest.raises(ClientError, match="DocumentAlreadyExists"):
        ssm.create_document(**wanted, Content=first)
    with pytest.raises(ClientError, match="1 to 60"):
        ssm.update_document(
            Name=PREFERENCES,
            DocumentVersion="$LATEST",
            Content=first.replace('"20"', '"600"'),
        )
    ssm.update_document(Name=PREFERENCES, DocumentVersion="$LATEST", Content=second)
    kept = ssm.get_document(Name=PREFERENCES, DocumentVersion="$LATEST")["Content"]
    ssm.delete_document(Name=PREFERENCES)
    assert json.loads(kept) == json.loads(second)
