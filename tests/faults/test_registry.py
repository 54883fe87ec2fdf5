"""A registry that fails while an image is pushed and named: `pulumi up` through a proxy."""

from __future__ import annotations

import pytest

from tests.faults.faulty import answers, dropped, refused_by_aws, unanswered
from tests.faults.shop import Shop

BLOB = r"(POST|PUT|PATCH) /v2/faults/book-shop/blobs/uploads"
MANIFEST = r"PUT /v2/faults/book-shop/manifests/sha256:"
NAME = r"PUT /v2/faults/book-shop/manifests/src-"
ALWAYS = 10_000
EXPIRED = b'{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}'


def uploads(shop: Shop) -> int:
    """How many layers were sent since the faults were mended."""
    return sum(each.startswith("POST /v2/faults/book-shop/blobs/uploads") for each in
               shop.registry.calls)  # fmt: skip


@pytest.mark.fault(1, "503 and a reset in the middle of a layer")
def test_an_upload_that_breaks_off_is_sent_again_and_the_image_arrives(shop: Shop) -> None:
    made = shop.attempt()
    begun = shop.registry.fault("POST /v2/.*/blobs/uploads", answers(503))
    sent = shop.registry.fault("PUT /v2/.*/blobs/uploads", dropped)
    named = shop.registry.fault(NAME, answers(502))
    shop.stands(made, (ran := shop.up()).code)
    ran.ok()
    assert (begun.hits, sent.hits, named.hits) == (1, 1, 1)
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(1, "a registry that takes layers and no manifest")
def test_a_registry_that_stays_broken_gets_no_name_and_no_layer_twice(shop: Shop) -> None:
    made, tags = shop.attempt(), shop.tags()
    shop.registry.fault(MANIFEST, answers(500), times=ALWAYS)
    text = shop.refused(made, shop.up())
    assert shop.registry.address in text
    assert shop.tags() == tags
    assert uploads(shop) == 4, "what changed: layer and settings, provenance and its settings"
    assert len(shop.registry.calls) < 100, "tries are bounded"
    shop.converges(made)
    assert uploads(shop) == 2, "the provenance alone, which holds the time of its build"


@pytest.mark.long
@pytest.mark.fault(2, "429 of the registry, ThrottlingException of ECR")
def test_a_throttled_update_waits_as_long_as_it_is_told_and_deploys(shop: Shop) -> None:
    made = shop.attempt()
    busy = answers(429, Retry_After="1")
    faults = [
        shop.registry.fault("POST /v2/.*/blobs/uploads", busy, times=2),
        shop.registry.fault(NAME, busy, times=2),
        shop.aws.fault(
            "GetAuthorizationToken", refused_by_aws("ThrottlingException", "Rate exceeded"), times=2
        ),
    ]
    shop.stands(made, (ran := shop.up()).code)
    ran.ok()
    assert [each.hits for each in faults] == [2, 2, 2]
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(3, "a login that ends in the middle of a push")
def test_a_login_that_ends_is_renewed_once_and_the_push_goes_on(shop: Shop) -> None:
    made = shop.attempt()
    over = answers(401, EXPIRED, Www_Authenticate='Basic realm="ECR"')
    layer = shop.registry.fault("POST /v2/.*/blobs/uploads", over)
    name = shop.registry.fault(NAME, over)
    shop.stands(made, (ran := shop.up()).code)
    ran.ok()
    assert (layer.hits, name.hits) == (1, 1)
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(3, "a login that is refused again")
def test_a_login_that_is_refused_again_stops_the_update_and_says_so(shop: Shop) -> None:
    made, tags = shop.attempt(), shop.tags()
    over = answers(401, EXPIRED, Www_Authenticate='Basic realm="ECR"')
    shop.registry.fault(NAME, over, times=ALWAYS)
    text = shop.refused(made, shop.up())
    assert "expired" in text
    assert shop.tags() == tags
    shop.converges(made)


@pytest.mark.fault(6, "a manifest is taken and the answer is lost")
def test_a_manifest_whose_answer_is_lost_is_there_once_and_is_deployed(shop: Shop) -> None:
    made, tags = shop.attempt(), shop.tags()
    pushed = shop.registry.fault(MANIFEST, unanswered)
    named = shop.registry.fault(NAME, unanswered)
    shop.stands(made, (ran := shop.up()).code)
    ran.ok()
    assert (pushed.hits, named.hits) == (1, 1)
    assert len(shop.tags() - tags) == 2, "the content's name and the commit's"
    shop.converges(made)
