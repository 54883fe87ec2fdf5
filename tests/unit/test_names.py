"""Names are read back to what made them, or are refused when they are made."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.names import (
    check_reversible,
    parse_name,
    parse_repository,
    render_repository,
    render_tag,
    sort_names,
)

SHA = "a1b2c3d" + "0" * 33
VALUES = {
    "sha": SHA, "short_sha": "a1b2c3d", "version": "1.2.0", "image": "book-shop", "stack": "dev",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "version", "name"),
    [
        ("v{version}", "v1.2.0", "v1.2.0"),
        ("v{version}", "1.2.0", "v1.2.0"),
        ("{version}", "v1.2.0", "v1.2.0"),
        ("{version}", "2025.03", "2025.03"),
        ("app-v{version}", "v1.2.0", "app-v1.2.0"),
        ("dev{version}", "v1.2.0", "devv1.2.0"),
        ("v{version}-{short_sha}", "v1.2.0", "v1.2.0-a1b2c3d"),
        ("v{version}_{version}", "v1.2.0", "v1.2.0_1.2.0"),
        ("{version}-SNAPSHOT-{short_sha}", "1.2.0", "1.2.0-SNAPSHOT-a1b2c3d"),
    ],
)
def test_one_v_is_written_and_never_two(template: str, version: str, name: str) -> None:
    assert render_tag(template, {**VALUES, "version": version}) == name


def test_a_version_comes_back_without_the_v_that_the_template_writes() -> None:
    assert parse_name("v{version}", "v1.2.0") == {"version": "1.2.0"}
    assert parse_name("{version}", "v1.2.0") == {"version": "v1.2.0"}
    assert parse_name("v{version}", "vv1.2.0") is None
    assert parse_name("v{version}", "1.2.0") is None


def test_a_version_with_dashes_is_told_from_the_commit_after_it() -> None:
    name = "1.2.0-SNAPSHOT-7d2a1b0-a1b2c3d"
    assert parse_name("{version}-{short_sha}", name) == {
        "version": "1.2.0-SNAPSHOT-7d2a1b0",
        "short_sha": "a1b2c3d",
    }


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{version}", "latest"),
        ("{version}", "1.2.0\n"),
        ("{version}-{short_sha}", "1.2.0-A1B2C3D"),
        ("{version}-{short_sha}", "1.2.0-a1b2c3"),
        ("{version}-{short_sha}", "-a1b2c3d"),
        ("sha-{sha}", "sha-a1b2c3d"),
        ("{sha}-{sha}", f"{SHA}-{'b' * 40}"),
        ("release-{version}", "release-"),
        ("{version}-dev", "1.2.0-deva"),
        ("latest", "1.2.0"),
    ],
)
def test_a_name_of_another_make_is_not_read(template: str, name: str) -> None:
    assert parse_name(template, name) is None


versions = st.from_regex(
    r"v?(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]?)\.(0|[1-9][0-9]?)"
    r"(-([1-9][0-9]{0,2}|[0-9]{0,7}[A-Za-z-][0-9A-Za-z-]{0,9})(\.[a-z]{1,4}){0,2})?"
    r"|20[0-9]{2}\.(0[1-9]|1[0-2])",
    fullmatch=True,
)
hexadecimal = st.text("0123456789abcdef", min_size=40, max_size=40)
images = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|-{1,2})[a-z0-9]{1,4}){0,3}", fullmatch=True)
stacks = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=8)
values = st.builds(
    lambda sha, version, image, stack: {
        "sha": sha, "short_sha": sha[:7], "version": version, "image": image, "stack": stack,
    },
    hexadecimal, versions, images, stacks,
)  # fmt: skip
fields = st.sampled_from(["{sha}", "{short_sha}", "{version}", "{image}", "{stack}"])
templates = st.lists(
    st.one_of(fields, st.sampled_from(["-", ".", "_", "v", "x", "1", "v1.0.0-", "dev"])),
    min_size=1,
    max_size=5,
).map("".join)


@given(templates, values)
def test_a_name_is_read_back_to_what_made_it_or_never_made(
    template: str, made_of: dict[str, str]
) -> None:
    try:
        name = render_tag(template, made_of)
    except ValueError:
        return
    read = parse_name(template, name)
    if not name.startswith("latest"):
        assert read is not None
        expected = {field: made_of[field] for field in read}
        if read.get("version") != expected.get("version"):
            assert "v{version}" in template
            expected["version"] = expected["version"].removeprefix("v")
        assert read == expected
        assert all(f"{{{field}}}" in template for field in read)


@given(values, st.sampled_from(["{version}-{short_sha}", "v{version}", "{version}", "sha-{sha}"]))
def test_the_templates_of_the_five_systems_take_every_version(
    made_of: dict[str, str], template: str
) -> None:
    name = render_tag(template, made_of)
    read = parse_name(template, name)
    assert read is not None
    assert all(made_of[field].removeprefix("v") == read[field].removeprefix("v") for field in read)


@pytest.mark.parametrize("template", ["{version}{short_sha}", "{sha}{sha}", "a-{image}{stack}-b"])
def test_two_fields_without_anything_between_them_are_refused(template: str) -> None:
    for ask in (check_reversible, lambda text: render_tag(text, VALUES)):
        with pytest.raises(ValueError, match="cannot be read back"):
            ask(template)


def test_a_name_that_could_be_read_in_two_ways_is_refused_and_says_which() -> None:
    assert render_tag("{version}-{stack}", VALUES) == "1.2.0-dev"
    with pytest.raises(ValueError, match=r"could also be stack='rc-dev', version='1\.2\.0'"):
        render_tag("{version}-{stack}", {**VALUES, "version": "1.2.0-rc"})
    assert parse_name("{version}-{stack}", "1.2.0-rc-dev") is None
    assert render_tag("{version}_{stack}", {**VALUES, "version": "1.2.0-rc"}) == "1.2.0-rc_dev"


@pytest.mark.parametrize(
    ("field", "value"), [("version", "latest"), ("sha", "abc"), ("short_sha", "A1B2C3D")]
)
def test_a_value_that_could_not_be_read_back_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"does not tell {field}="):
        render_tag(f"x-{{{field}}}", {**VALUES, field: value})


def test_a_movable_name_need_not_be_read_back() -> None:
    assert render_tag("latest-{image}-{stack}", VALUES) == "latest-book-shop-dev"
    assert sort_names(["latest-{image}-{stack}"], VALUES)[2] == ["latest-book-shop-dev"]


@pytest.mark.parametrize(
    ("template", "repository"),
    [
        ("dev/{image}", "dev/book-shop"),
        ("prod/{image}", "prod/book-shop"),
        ("shula-{image}", "shula-book-shop"),
        ("{image}", "book-shop"),
        ("{stack}/{image}", "dev/book-shop"),
        ("{stack}-{image}", "dev-book-shop"),
    ],
)
def test_a_repository_tells_its_image(template: str, repository: str) -> None:
    assert render_repository(template, VALUES) == repository
    assert parse_repository(template, repository, {"stack": "dev"}) == "book-shop"
    assert parse_repository(template, f"other/{repository}") is None


def test_a_repository_template_uses_only_what_is_known_there() -> None:
    with pytest.raises(ValueError, match=r"uses \{sha\}.*allowed: \{image\} \{stack\}"):
        render_repository("{sha}/{image}", {"image": "a", "stack": "dev"})
