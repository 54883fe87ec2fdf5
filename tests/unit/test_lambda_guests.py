"""Whose conversation a call of the runtime API belongs to, when addresses are given again."""

from __future__ import annotations

import os
import subprocess
import threading

from localcloud.lambda_.conversation import Conversation
from localcloud.lambda_.runtime import Guests

ADDRESS = "172.30.0.2"


def ended_process() -> int:
    """The number of a process that was."""
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    return process.pid


def test_an_address_given_again_is_not_taken_for_its_owner_of_before() -> None:
    guests, old, new = Guests(), Conversation(), Conversation()
    guests.expect()
    guests.welcome(ADDRESS, old, ended_process())
    assert guests.at(ADDRESS) is None
    guests.expect()
    found: list[Conversation | None] = []
    asking = threading.Thread(target=lambda: found.append(guests.at(ADDRESS)))
    asking.start()
    guests.welcome(ADDRESS, new, os.getpid())
    asking.join(10)
    assert found == [new]


def test_who_leaves_late_does_not_take_the_next_one_along() -> None:
    guests, old, new = Guests(), Conversation(), Conversation()
    for each in (old, new):
        guests.expect()
        guests.welcome(ADDRESS, each, os.getpid())
    guests.leave(ADDRESS, old)
    assert guests.at(ADDRESS) is new
    guests.leave(ADDRESS, new)
    assert guests.at(ADDRESS) is None
