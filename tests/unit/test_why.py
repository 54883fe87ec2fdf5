"""Why an image is built, redeployed, skipped or refused: each cause in words of its own."""

from __future__ import annotations

from typing import Any

import pytest

from release.catalogue import ImageSource
from release.content_key import ingredients
from release.plan import Naming, PlannedImage, Tree, plan_images
from release.why import Before, Facts, Why, why
from release.why_inputs import FileChange

SOURCE = ImageSource(
    name="api",
    folder="services/api",
    dockerfile="services/api/Dockerfile",
    context="services/api",
    inputs=("libs/common",),
)
IDS = {
    ".": "0" * 40,
    "services/api": "1" * 40,
    "services/api/Dockerfile": "2" * 40,
    "libs/common": "3" * 40,
}
HERE = "registry.example.com/dev/api"
D1, D2 = ("sha256:" + letter * 64 for letter in "12")
COMMIT = "a1b2c3d" + "0" * 33
CONTEXT = "context services/api"
Changed = dict[str, str]


def planned(version: str | None = None, **tree: Any) -> PlannedImage:
    naming = Naming(
        templates=("{version}",) if version else ("{sha}",), stack="dev", version=version
    )
    at = Tree(commit=COMMIT, tree="0" * 40, ids=IDS, **tree)
    return plan_images({"api": SOURCE}, at, naming, args={"BASE": "debian"})["api"]


def now(**changed: str) -> dict[str, str]:
    return ingredients(SOURCE, IDS, args={"BASE": "debian"}, platforms=(), attest=False) | changed


def before(inputs: Changed | None = None, **more: Any) -> Before:
    """What was recorded: all as now, except these ingredients (empty: it was not there)."""
    was = now() | (inputs or {})
    was = {label: value for label, value in was.items() if value != "gone"}
    values = {"repository": HERE, "digest": D1, "key": "0" * 40, "inputs": was}
    return Before(**{**values, **more})


def facts(**more: Any) -> Facts:
    values: dict[str, Any] = {
        "repository": HERE, "made": None, "recorded": True, "inputs": now(), "files": {},
        "before": before(),
    }  # fmt: skip
    return Facts(**{**values, **more})


def told(answer: Why) -> str:
    return "; ".join(each.text for each in answer.causes)


def file_facts(*changes: FileChange, label: str = CONTEXT) -> Facts:
    return facts(before=before({label: "9" * 40}), files={label: changes})


def change(path: str, how: Any, **more: str) -> FileChange:
    return FileChange(path=path, how=how, **more)


APP = "services/api/app.py"

CAUSES: dict[str, tuple[Facts, PlannedImage, str, str]] = {
    "a changed file": (
        file_facts(change(APP, "changed")), planned(), "built", f"{APP} changed"),
    "a deleted file": (
        file_facts(change(APP, "deleted")), planned(), "built", f"{APP} deleted"),
    "a renamed file": (
        file_facts(change("services/api/b.py", "renamed", was=APP)), planned(), "built",
        f"{APP} is now services/api/b.py"),
    "another mode": (
        file_facts(change(APP, "mode", was="644", mode="755")), planned(), "built",
        f"only the mode of {APP} changed: 644 to 755"),
    "the Dockerfile": (
        facts(before=before({"dockerfile services/api/Dockerfile": "9" * 40, CONTEXT: "8" * 40}),
              files={CONTEXT: (change("services/api/Dockerfile", "changed"),)}),
        planned(), "built", "the Dockerfile services/api/Dockerfile changed"),
    "a shared input": (
        file_facts(change("libs/common/x.py", "changed"), label="input libs/common"),
        planned(), "built", "the shared input libs/common/x.py changed"),
    "a new input": (
        facts(before=before({"input libs/common": "gone"})), planned(), "built",
        "libs/common is an input now"),
    "a build argument": (
        facts(before=before({"argument BASE": "alpine"})), planned(), "built",
        "the build argument BASE is debian, and was alpine"),
    "platforms": (
        facts(before=before({"platforms": "linux/arm64"})), planned(), "built",
        "the platforms are the builder's own, and were linux/arm64"),
    "attest": (
        facts(before=before({"attest": "true"})), planned(), "built",
        "attest is false, and was true"),
    "the recipe": (
        facts(before=before({"recipe": "0"})), planned(), "built",
        "slipway makes build contexts in another way now"),
    "a new image": (
        facts(before=None), planned(), "built", "the last record has no image api"),
    "no record": (
        facts(before=None, recorded=False), planned(changed=frozenset({APP})), "built",
        f"{APP} changed against main; no record to compare with"),
    "vanished": (
        facts(before=before(key=planned().key)), planned(), "built",
        f"src-{planned().key[:12]}… has vanished from {HERE}; it is made again"),
    "another repository": (
        facts(before=before(repository="old.example.com/api")), planned(), "built",
        f"its repository is {HERE} now, and was old.example.com/api"),
    "former files are gone": (
        facts(before=before({CONTEXT: "9" * 40}), files={CONTEXT: None}), planned(), "built",
        "services/api changed; its former files are not in this clone"),
    "a record without inputs": (
        facts(before=before(inputs=dict.fromkeys(now(), "gone"))),
        planned(changed=frozenset({APP})), "built",
        "its content changed since the last record, which does not say of what it was made; "
        f"against main: {APP}"),
    "nothing changed": (
        facts(made=D1, before=before(key=planned().key)), planned(), "skipped",
        f"nothing changed since the last record, and the registry has it: {D1[:19]}…"),
    "content is back": (
        facts(made=D2), planned(), "redeployed",
        f"the registry has this content already: {D2[:19]}…; nothing is built"),
    "not recorded": (
        facts(made=D1, before=None), planned(), "redeployed",
        f"the last record does not have it; the registry has its content: {D1[:19]}…"),
    "the release exists": (
        facts(images="promote", released=D2), planned("v1.2.0"), "redeployed",
        f"v1.2.0 exists in {HERE}: {D2[:19]}… as it was released"),
    "the release runs": (
        facts(images="promote", released=D1), planned("v1.2.0"), "skipped",
        f"v1.2.0 runs already: {D1[:19]}…"),
    "promoted": (
        facts(images="promote", made=D2), planned("v1.2.0"), "redeployed",
        f"{D2[:19]}… has this content and becomes v1.2.0; nothing is built"),
    "not made by dev": (
        facts(images="promote"), planned("v1.2.0"), "refused",
        f"no image of this content (src-{planned().key[:12]}…) is there to promote, and this "
        "stack builds nothing; run `pulumi up` of the stack that builds, at this commit"),
    "rebuild without a version": (
        facts(images="rebuild"), planned(), "built",
        "every release is built once; no version is given, so none is named here"),
    "rebuild of a new release": (
        facts(images="rebuild", made=D1), planned("v1.2.0"), "built",
        f"{HERE} has no v1.2.0: every release is built once"),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_each_cause_has_a_verdict_and_words_of_its_own(name: str) -> None:
    known, image, verdict, words = CAUSES[name]
    answer = why(image, known)
    print(f"\n{name}: {answer.verdict}: {told(answer)}")
    assert (answer.verdict, told(answer)) == (verdict, words)


def test_no_two_causes_share_their_words() -> None:
    assert len({words for *_, words in CAUSES.values()}) == len(CAUSES) >= 10


def test_several_causes_are_all_told_and_each_file_once() -> None:
    changes = (change("services/api/Dockerfile", "changed"), change(APP, "changed"))
    was = {CONTEXT: "9" * 40, "dockerfile services/api/Dockerfile": "8" * 40, "argument BASE": "x"}
    answer = why(planned(), facts(before=before(was), files={CONTEXT: changes}))
    assert [each.kind for each in answer.causes] == ["build argument", "dockerfile", "file"]
    assert told(answer).count("Dockerfile") == 2  # one cause: the word, and the path
    assert f"{APP} changed" in told(answer)


def test_an_uncommitted_file_is_named() -> None:
    dirty = planned(uncommitted=frozenset({APP, "Pulumi.dev.yaml"}))
    answer = why(dirty, file_facts(change(APP, "changed")))
    assert answer.causes[-1].kind == "uncommitted"
    assert answer.causes[-1].text.startswith(f"not committed: {APP};")


def test_a_base_that_a_tag_names_is_told_with_its_age() -> None:
    known = facts(made=D1, bases=("debian:bookworm",), since="2026-11-01T00:00:00Z")
    (note,) = why(planned(), known).notes
    assert note.kind == "tag base"
    assert "FROM debian:bookworm is a tag" in note.text
    assert "of 2026-11-01 or before" in note.text
