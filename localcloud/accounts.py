"""Whose call it is: one cloud holds as many accounts as there are keys of 12 digits."""

import re

from moto.iam.models import get_account_id_from

DEFAULT = "123456789012"
ACCOUNT = re.compile(r"[0-9]{12}")


def account_of(access_key: str) -> str:
    """The account of an access key.

    A key of exactly 12 digits is that account, as in LocalStack; the keys of users and role
    sessions belong to theirs; every other word is the default account's.
    """
    if ACCOUNT.fullmatch(access_key):
        return access_key
    return str(get_account_id_from(access_key))
