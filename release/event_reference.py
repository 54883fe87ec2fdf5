"""The page about events, with their schema made from the model: `python -m
release.event_reference`."""

from __future__ import annotations

from pydantic import BaseModel

from release.event import EVENT_VERSION, Event, EventService
from release.record_reference import tables

SECTIONS: dict[str, type[BaseModel]] = {
    "The event": Event,
    "The event: `services.<name>`": EventService,
}
INTRODUCTION = f"""# Events

One JSON event for each deployment, to a webhook, to an SNS topic, or to both:

```yaml
slipway:events:
  webhook: https://hooks.acme.example/deployments
  sns: arn:aws:sns:eu-west-1:123456789012:deployments
  secret: parameter:/slipway/event-key
```

Each key may be left out, but one of `webhook` and `sns` is needed. An address that is a secret
itself, as those of chat rooms are, belongs into Parameter Store or Secrets Manager: write
`webhook: parameter:/slipway/hook` or `webhook: secret:hooks:deployments`.

- **When**: after the record is closed and the pointer has moved; after a failure when the last
  rollout has ended. A failed deployment has an event too. A preview, a no-op, an update that a hold
  refuses, and one that was killed have none: nothing of theirs is in a closed record.
- **Once**: there is no second try. The record is the truth, and `slipway history` reads it.
- **It can't hurt**: a deployment waits at most 5 seconds for all who are told. What fails or hangs
  is a warning of `pulumi up` that names the host and what it answered; the outcome stays as it is.
- **Where to**: `https://` alone (`http://` on this machine); redirects are not followed.

## What a webhook gets

A `POST` with the event as its body, `Content-Type: application/json`, and these headers:

| header | value |
| --- | --- |
| `X-Slipway-Event` | `deployment` |
| `X-Slipway-Delivery` | the record's id |
| `X-Slipway-Signature-256` | with `secret`: `sha256=` and the HMAC-SHA256 of the body, in hex |

The program answers 2xx within 5 seconds and does its work later. To check the signature:

```python
import hashlib, hmac


def is_genuine(secret: str, body: bytes, header: str) -> bool:
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, header)
```

Without its secret nothing is sent. A topic's message is the same text; its attributes `event`,
`stack`, `outcome` (and `signature`) are there to filter by.

## Rights

The role of a stack's workflows ([ci-role.md](ci-role.md)) gets `sns:Publish` on that topic, and may
read the values that `webhook` and `secret` name, those alone. They have to be encrypted with AWS's
own key (`aws/ssm`, `aws/secretsmanager`); with one of yours, its key policy has to let the role
decrypt.

Schema version {EVENT_VERSION}; it is raised when a key goes or changes its meaning, and keys may be
added. This page is made from the models by `make docs`; a test keeps it fresh.
"""


def reference() -> str:
    """The page as Markdown."""
    return "\n".join([INTRODUCTION, *tables(SECTIONS)])


if __name__ == "__main__":
    print(reference(), end="")
