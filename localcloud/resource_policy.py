"""What a policy of a repository or a bucket lets another account do."""

from localcloud.iam.request import Request
from localcloud.iam.verdict import judge, read

# It counts as a call over TLS: nothing leaves this machine.
TLS = {"aws:SecureTransport": ["true"], "s3:TlsVersion": ["1.3"]}


def allows(policy: str | None, account: str, action: str, resource: str = "*") -> bool:
    """Whether `policy` lets the account's root do `action`; a denial wins."""
    request = Request(
        action=action, resource=resource, context={**TLS, "aws:PrincipalAccount": [account]}
    )
    names = {account, f"arn:aws:iam::{account}:root"}
    document = read(policy) if policy else None
    return judge(request, identity=[], resource=document, callers=names).allowed
