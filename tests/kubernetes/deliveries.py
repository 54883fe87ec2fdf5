"""What a service is promised alike, whether the API is spoken to from here or by its host."""

from __future__ import annotations

from tests.edits import Edit
from tests.kubernetes.shop import Shop


def puts_a_sick_version_back(shop: Shop, edited: Edit) -> str:
    """And deploys the fix after it; what the refused update said."""
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = False")
    with shop.configured({"timeout": 8}):
        text = shop.up().refused()
    assert f"put back to {before}" in text
    assert "timed out after 8 s" in text
    assert "healthz: the shelves are empty" in text, "the pod's own log"
    assert shop.images() == {before}
    edited("HEALTHY = False", "HEALTHY = True  # mended")
    shop.up().ok()
    assert shop.images() == {shop.service()["digest"]} != {before}
    objects = shop.objects()
    assert "unchanged" in shop.up().ok()
    assert shop.objects() == objects
    return text


def goes_back_without_a_build(shop: Shop, edited: Edit) -> None:
    """The older digest runs again."""
    shop.up().ok()
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = True  # newer")
    shop.up().ok()
    assert shop.service()["digest"] != before
    built = shop.estate.counters()["builds"]
    shop.slipway("rollback", shop.stack, "--yes").ok()
    try:
        assert shop.images() == {shop.service()["digest"]} == {before}
        assert shop.estate.counters()["builds"] == built
    finally:
        shop.slipway("resume", shop.stack).ok()


def tells_what_the_api_refuses(shop: Shop, edited: Edit, *, taken: int) -> None:
    """A pod for which there is no room, and a port of the node that another service has."""
    shop.up().ok()
    before = shop.service()["digest"]
    shop.kubectl("create", "quota", "small", "--hard=pods=2")
    edited("HEALTHY = True", "HEALTHY = True  # wants room")
    text = shop.up().refused()
    shop.kubectl("delete", "quota", "small")
    assert "exceeded quota: small" in text
    assert f"put back to {before}" in text
    node_port = f'{{"spec":{{"ports":[{{"port":80,"nodePort":{taken}}}]}}}}'
    shop.kubectl("create", "service", "nodeport", "other", "--tcp=80:80")
    shop.kubectl("patch", "service", "other", f"--patch={node_port}")
    with shop.configured({"publish": taken}):
        text = shop.up().refused()
    shop.kubectl("delete", "service", "other")
    assert "provided port is already allocated" in text
    assert shop.images() == {before}, "nothing was switched"
    shop.up().ok()
