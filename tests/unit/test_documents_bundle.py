"""The bundle: the same bytes for the same files, and refused on the machine when it is not ours."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.bundle import bundle, bundle_key
from components.documents.service import bundle_files, fingerprint
from tests.fakes.host import ATTA, SHOP, FakeHost, digest, reference


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def archive(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A good bundle with entries added."""
    good = bundle(bundle_files([SHOP], region="eu-west-1"), "v2")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as new:
        with tarfile.open(fileobj=io.BytesIO(good)) as old:
            for member in old:
                new.addfile(member, old.extractfile(member))
        for entry, data in entries:
            entry.size = len(data)
            new.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue())


def entry(name: str, **attributes: object) -> tarfile.TarInfo:
    """One entry of an archive, as an attacker would write it."""
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    for key, value in attributes.items():
        setattr(info, key, value)
    return info


HOSTILE = {
    "parent": entry("deploy/../../etc/cron.d/evil"),
    "parent-alone": entry("deploy/..", type=tarfile.DIRTYPE),
    "absolute": entry("/etc/cron.d/evil"),
    "elsewhere": entry("bin/sh"),
    "symlink": entry("deploy/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hardlink": entry("deploy/link", type=tarfile.LNKTYPE, linkname="VERSION"),
    "device": entry("deploy/disk", type=tarfile.BLKTYPE, devmajor=8),
    "fifo": entry("deploy/pipe", type=tarfile.FIFOTYPE),
    "setuid": entry("deploy/sh", mode=0o4755),
    "line-break": entry("deploy/a\nVERSION"),
    "too-deep": entry("deploy/a/b/c"),
}


@pytest.mark.fault(24, "../, /etc, links, devices, setuid in the bundle")
@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_a_hostile_entry_is_refused_and_the_old_version_serves(host: FakeHost, case: str) -> None:
    host.deploy(SHOP, "v1", "good")
    sha = host.upload("v2", data=archive((HOSTILE[case], b"")))
    answer = host.send("deploy", SHOP, "v2", sha256=sha, image=reference("b", "v2"))

    assert answer.code == 1
    assert "the bundle holds" in answer.report["detail"]
    assert (answer.report["outcome"], answer.report["digest"]) == ("put-back", digest("good"))
    assert not list((host.folder / "opt/book-shop/releases").glob("v2-*"))
    pulls = [call for call in host.calls("docker --config") if " pull " in call]
    assert len(pulls) == 1, "nothing was pulled for v2"


def test_the_archive_of_the_hostile_cases_is_otherwise_good(host: FakeHost) -> None:
    sha = host.upload("v2", data=archive())
    answer = host.send("deploy", SHOP, "v2", sha256=sha, image=reference("b", "v2"))

    assert answer.code == 0, answer.text


@pytest.mark.fault(23, "the bundle has other bytes")
def test_an_altered_bundle_is_refused_before_it_is_unpacked(host: FakeHost) -> None:
    announced = host.upload("v1")
    host.upload("v1", data=b"not even an archive")
    answer = host.send("deploy", SHOP, "v1", sha256=announced, image=reference("b", "v1"))

    assert answer.code == 1
    assert "its SHA-256 differs" in answer.report["detail"]
    assert list((host.folder / "opt/book-shop/releases").iterdir()) == []


@pytest.mark.fault(24, "a bundle that unpacks to 17 MiB")
def test_a_bundle_that_unpacks_to_too_much_is_refused(host: FakeHost) -> None:
    sha = host.upload("v2", data=archive((entry("deploy/zeros"), bytes(17 << 20))))
    answer = host.send("deploy", SHOP, "v2", sha256=sha, image=reference("b", "v2"))

    assert "more than 16 MiB" in answer.report["detail"]


def test_a_bundle_that_is_not_there_is_refused_by_its_name(host: FakeHost) -> None:
    answer = host.send(
        "deploy", SHOP, "v7", sha256=hashlib.sha256().hexdigest(), image=reference("b", "v7")
    )

    assert answer.code == 1
    assert "s3://deploys/bundles/dev/deploy-bundle-v7.tar.gz" in answer.report["detail"]


def test_a_bundle_without_the_service_is_refused(host: FakeHost) -> None:
    sha = host.upload("v1", ATTA)
    answer = host.send("deploy", SHOP, "v1", sha256=sha, image=reference("b", "v1"))

    assert answer.report["detail"] == "the bundle holds no unit for book-shop"


def test_a_bundle_that_was_unpacked_once_is_not_fetched_again(host: FakeHost) -> None:
    host.deploy(SHOP, "v1", "good")
    host.deploy(SHOP, "v2", "better")
    host.deploy(SHOP, "v1", "good")

    assert len(host.calls("aws s3 cp")) == 2


def test_a_bundle_has_the_layout_that_operators_know() -> None:
    data = bundle(bundle_files([SHOP, ATTA], region="eu-west-1"), "v1")
    with tarfile.open(fileobj=io.BytesIO(data)) as unpacked:
        members = {member.name: member for member in unpacked}

    assert {
        "VERSION",
        "deploy/ec2_deploy.sh",
        "deploy/.env.example",
        "deploy/systemd/atta.service",
        "deploy/systemd/book-shop.service",
    } <= set(members)
    assert members["deploy/ec2_deploy.sh"].mode == 0o755
    assert members["VERSION"].mode == 0o644
    assert {member.mtime for member in members.values()} == {0}
    assert bundle_key("dev", "v1") == "bundles/dev/deploy-bundle-v1.tar.gz"


PATHS = st.from_regex(r"deploy/[a-z]{1,9}", fullmatch=True)


@given(files=st.dictionaries(PATHS, st.text(max_size=50), max_size=5), order=st.randoms())
def test_a_bundle_is_the_same_bytes_in_any_order(files: dict[str, str], order: object) -> None:
    shuffled = list(files.items())
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert bundle(files, "v1") == bundle(dict(shuffled), "v1")
    assert fingerprint(files) == fingerprint(dict(shuffled))


@given(
    one=st.dictionaries(PATHS, st.text(max_size=9), max_size=3),
    other=st.dictionaries(PATHS, st.text(max_size=9), max_size=3),
)
def test_different_files_have_different_fingerprints(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@pytest.mark.parametrize("version", ["", "-v1", "../v1", "v1;reboot", "v1\n", "v" * 129, "é"])
def test_a_version_that_is_no_tag_gets_no_bundle(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        bundle_key("dev", version)
