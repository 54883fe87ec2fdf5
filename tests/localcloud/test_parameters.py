"""Parameters as AWS gives them."""

from __future__ import annotations

import pytest

from tests.localcloud.cloud import Cloud


@pytest.mark.parametrize(
    ("kind", "decrypted", "readable"),
    [
        ("SecureString", True, True),
        ("SecureString", False, False),
        ("String", False, True),
    ],
)
def test_a_secure_string_is_read_by_decryption_alone(
    cloud: Cloud, kind: str, decrypted: bool, readable: bool
) -> None:
    ssm = cloud.client("ssm")
    name = f"/sealed/{kind}/{decrypted}"
    ssm.put_parameter(Name=name, Value="hunter2", Type=kind)
    one = ssm.get_parameter(Name=name, WithDecryption=decrypted)["Parameter"]
    (other,) = ssm.get_parameters(Names=[name], WithDecryption=decrypted)["Parameters"]
    for found in (one, other):
        assert ("hunter2" in found["Value"]) is readable
        assert (found["Value"] == "hunter2") is readable
