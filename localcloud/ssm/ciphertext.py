"""A SecureString that is not decrypted is no text that anybody can read."""

import base64
import hashlib
from typing import Any

from moto.ssm.models import Parameter


def seal_values() -> None:
    """Makes moto give ciphertext for what is asked for without decryption.

    moto's own is "kms:<key>:" and then the very value.
    """
    told = Parameter.response_object

    def response_object(
        self: Parameter, decrypt: bool = False, region: str | None = None
    ) -> dict[str, Any]:
        answer: dict[str, Any] = told(self, decrypt, region)
        if not decrypt and self.parameter_type == "SecureString" and "Value" in answer:
            digest = hashlib.sha512(str(answer["Value"]).encode()).digest()
            answer["Value"] = base64.b64encode(b"\x01" + digest).decode()
        return answer

    Parameter.response_object = response_object  # type: ignore[method-assign]
