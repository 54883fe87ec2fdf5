"""The rules of a release, on plain values."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.catalogue import ImageSource, catalogue
from release.content_key import content_key
from release.names import fields_of, mark_dirty, render_repository, render_tag, sort_names
from release.plan import Naming, Tree, owned, plan_images
from release.versions import check_version

COMMIT = "a1b2c3d" + "0" * 33
PATHS = {".": "t0", "services": "t1", "libs": "t9", "libs/common": "t8"}


def tree_of(*folders: str, **more: object) -> Tree:
    ids = dict(PATHS)
    for folder in folders:
        ids |= {folder: f"tree-{folder}", f"{folder}/Dockerfile": f"blob-{folder}"}
    return Tree(commit=COMMIT, tree="t0", ids=ids, **more)  # type: ignore[arg-type]


def source_of(name: str, **more: object) -> ImageSource:
    folder = f"services/{name}"
    dockerfile = f"{folder}/Dockerfile"
    source = ImageSource(name=name, folder=folder, context=folder, dockerfile=dockerfile)
    return replace(source, **more)  # type: ignore[arg-type]


def test_every_folder_with_a_dockerfile_below_a_root_is_an_image() -> None:
    paths = ["services/api/Dockerfile", "services/deep/er/web/Dockerfile", "other/x/Dockerfile"]
    found = catalogue([*paths, "services/api", "services/deep/er/web"], ["services"], {})
    assert sorted(found) == ["api", "web"]
    assert found["web"].context == "services/deep/er/web"


def test_a_root_does_not_reach_into_a_folder_that_begins_alike() -> None:
    assert catalogue(["services-old/api/Dockerfile", "services-old/api"], ["services"], {}) == {}


def test_two_images_with_one_name_are_refused_with_both_places() -> None:
    paths = ["s/a/api/Dockerfile", "s/b/api/Dockerfile", "s/a/api", "s/b/api"]
    with pytest.raises(
        ValueError, match=r"s/b/api/Dockerfile: a second image named 'api'.*s/a/api"
    ):
        catalogue(paths, ["s"], {})


@pytest.mark.parametrize("folder", ["Api", "a b", "api_", "-x", "ä"])
def test_an_image_name_that_no_registry_takes_is_refused(folder: str) -> None:
    with pytest.raises(ValueError, match="is not a name that a registry takes"):
        catalogue([f"s/{folder}/Dockerfile", f"s/{folder}"], ["s"], {})


def test_image_yaml_problems_are_told_all_at_once() -> None:
    text = "inputs: libs\nplatform: [linux/arm64]\ncontext: nowhere\n"
    with pytest.raises(ValueError, match="inputs") as told:
        catalogue(["s/a/Dockerfile", "s/a"], ["s"], {"s/a/image.yaml": text})
    assert "'platform' is not a key of image.yaml" in str(told.value)
    assert "'nowhere' is not in the work tree" in str(told.value)


def key_of(source: ImageSource, tree: Tree, **more: object) -> str:
    values = {"args": {}, "platforms": (), "attest": False, **more}
    return content_key(source, tree.ids, **values)  # type: ignore[arg-type]


def test_the_key_of_one_image_does_not_see_another_image() -> None:
    api = source_of("api")
    with_web = tree_of("services/api", "services/web")
    assert key_of(api, tree_of("services/api")) == key_of(api, with_web)


@pytest.mark.parametrize(
    "more",
    [{"args": {"BASE": "x"}}, {"platforms": ("linux/arm64",)}, {"attest": True}],
)
def test_the_key_changes_with_all_that_decides_the_image(more: dict[str, object]) -> None:
    api, tree = source_of("api"), tree_of("services/api")
    assert key_of(api, tree) != key_of(api, tree, **more)


@pytest.mark.fault(33, "a shared library changes")
def test_the_key_changes_with_a_shared_input() -> None:
    api = source_of("api", inputs=("libs/common",))
    tree = tree_of("services/api")
    other = Tree(commit=COMMIT, tree="t0", ids={**tree.ids, "libs/common": "changed"})
    assert key_of(api, tree) != key_of(api, other)


words = st.text(string.ascii_lowercase, min_size=1, max_size=5)


@given(st.dictionaries(words, words), st.sets(words))
def test_the_key_does_not_depend_on_order(args: dict[str, str], platforms: set[str]) -> None:
    api, tree = source_of("api"), tree_of("services/api")
    turned = dict(reversed(args.items()))
    one = key_of(api, tree, args=args, platforms=sorted(platforms))
    assert one == key_of(api, tree, args=turned, platforms=sorted(platforms, reverse=True))


@given(st.dictionaries(words, words), st.dictionaries(words, words))
def test_different_build_arguments_never_share_a_key(a: dict[str, str], b: dict[str, str]) -> None:
    api, tree = source_of("api"), tree_of("services/api")
    assert (key_of(api, tree, args=a) == key_of(api, tree, args=b)) == (a == b)


def test_a_file_belongs_to_every_image_that_declares_it() -> None:
    images = {"api": source_of("api", inputs=("libs",)), "web": source_of("web")}
    found = owned(images, ["libs/common/x.py", "services/web/app.py", "README.md"])
    assert found == {"api": ("libs/common/x.py",), "web": ("services/web/app.py",)}


def test_an_image_made_from_the_whole_repository_owns_every_file() -> None:
    assert owned({"all": source_of("all", context=".")}, ["x", "a/b"]) == {"all": ("a/b", "x")}


def test_a_folder_that_begins_alike_belongs_to_nobody() -> None:
    assert owned({"api": source_of("api")}, ["services/api-old/x"]) == {"api": ()}


def naming(*templates: str, version: str | None = None) -> Naming:
    return Naming(templates=templates, stack="dev", version=version)


@pytest.mark.fault(31, "a dirty tree in a stack of snapshots")
def test_uncommitted_content_is_named_as_such_and_only_where_it_is() -> None:
    images = {"api": source_of("api"), "web": source_of("web")}
    tree = tree_of(
        "services/api", "services/web", uncommitted=frozenset({"services/api/x", "Pulumi.dev.yaml"})
    )
    planned = plan_images(images, tree, naming("{sha}"), args={})
    assert planned["web"].build_names == (COMMIT,)
    assert planned["api"].build_names == (f"{COMMIT}-dirty-{planned['api'].key[:8]}",)
    assert planned["api"].dirty == ("services/api/x",)
    assert planned["web"].dirty == ()


def test_build_names_release_names_and_movable_names_are_told_apart() -> None:
    values = {"sha": COMMIT, "short_sha": COMMIT[:7], "version": "v1.2.0"}
    templates = ["{sha}", "{version}-{short_sha}", "{version}", "latest-dev", "latest"]
    build, release, movable = sort_names(templates, values)
    assert build == [COMMIT, "v1.2.0-a1b2c3d"]
    assert release == ["v1.2.0"]
    assert movable == ["latest-dev", "latest"]


def test_without_a_version_no_name_is_made_of_one() -> None:
    planned = plan_images(
        {"api": source_of("api")}, tree_of("services/api"), naming("{version}", "{sha}"), args={}
    )
    assert planned["api"].release_names == ()
    assert planned["api"].build_names == (COMMIT,)


def test_the_mark_of_a_dirty_tree_fits_into_a_tag() -> None:
    assert render_tag(mark_dirty("x" * 128, "k" * 40), {}).endswith("-dirty-kkkkkkkk")


@pytest.mark.parametrize("template", ["{shaa}", "{sha", "{0}", "{sha!r}", "{sha:>9}", "{}"])
def test_an_unknown_field_in_a_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"is not a template|unknown field"):
        fields_of(template)


@pytest.mark.parametrize("value", ["", "a b", "$(id)", "x" * 129, ".x", "-x", "é", "a\n"])
def test_a_tag_that_no_registry_takes_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a tag that a registry takes"):
        render_tag("{version}", {"version": value})


@pytest.mark.parametrize("value", ["API", "a//b", "/a", "a_", "a___b"])
def test_a_repository_that_no_registry_takes_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a repository that a registry takes"):
        render_repository("{image}", {"image": value})


@pytest.mark.parametrize(
    "version", ["v1.2.0", "1.2.0", "2025.03", "0.1.30-dev", "1.2.0-SNAPSHOT-7d2a1b0", "1.0.0-rc.1"]
)
def test_the_versions_of_the_five_systems_are_versions(version: str) -> None:
    assert check_version(version) == version


@pytest.mark.parametrize(
    "version",
    ["", "v1.2", "v01.2.3", "1.02.3", "latest", "v1.2.3\n", "v1.2.3;reboot", "v1.2.3$(id)",
     "\u0661.\u0662.\u0663", "2025.3", "2025.13", "1.2.3-", "-rf", "v" + "1" * 200,
     "1.2.3-01", "1.2.3+build"],
)  # fmt: skip
def test_a_word_that_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version; allowed"):
        check_version(version)
