"""Documents that every account has."""

import json

from moto.ssm.models import Document

RUN_SHELL_SCRIPT = {
    "schemaVersion": "2.2",
    "description": "Run a shell script or specify the commands to run.",
    "parameters": {
        "commands": {"type": "StringList", "displayType": "textarea"},
        "workingDirectory": {"type": "String", "default": "", "maxChars": 4096},
        "executionTimeout": {"type": "String", "default": "3600", "allowedPattern": "^[0-9]{1,6}$"},
    },
    "mainSteps": [
        {
            "action": "aws:runShellScript",
            "name": "aws:runShellScript",
            "inputs": {
                "runCommand": "{{ commands }}",
                "workingDirectory": "{{ workingDirectory }}",
                "timeoutSeconds": "{{ executionTimeout }}",
            },
        }
    ],
}


def built_in(name: str, content: object) -> Document:
    """A document that Amazon owns."""
    text = json.dumps(content)
    target = "/AWS::EC2::Instance"
    return Document("Amazon", name, "", text, "Command", "JSON", [], [], target)  # type: ignore[abstract]


def for_linux() -> None:
    """Makes moto say which platforms a document is for."""
    original = Document.__init__

    def made(self: Document, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)  # type: ignore[arg-type]
        self.platform_types = ["Linux"]

    Document.__init__ = made  # type: ignore[method-assign]


BUILT_IN = {"AWS-RunShellScript": built_in("AWS-RunShellScript", RUN_SHELL_SCRIPT)}
