"""The commands of the README in their order, with what must be true after each."""

from __future__ import annotations

from tests.systems.system import System


def change(system: System, words: str) -> None:
    """Commits a change of book-shop."""
    source = (system.top / "services/book-shop/app.py").read_text()
    system.commit(words, {"services/book-shop/app.py": f"{source}# {words}\n"})


def walk(system: System) -> None:
    """The commands of the README, in its order, with what must be true after each."""
    system.up("dev").ok()
    preview = system.preview("prod").ok()
    assert "Resources:" in preview
    before = system.estate.counters()
    system.up("prod", "-c", "version=v1.2.0").ok()
    first = system.digests("prod")
    assert first == system.digests("dev")
    assert system.get("prod", "book-shop", "/version")["version"] == "v1.2.0"
    assert system.estate.counters()["builds"] == before["builds"]

    change(system, "second")
    system.up("dev").ok()
    before = system.estate.counters()
    system.up("prod", "-c", "version=v1.3.0").ok()
    assert system.digests("prod") == system.digests("dev") != first

    commit = system.git("rev-parse", "HEAD~1")[:7]
    preview = system.preview("prod", "-c", "version=v1.2.0").ok()
    assert f"v1.2.0 exists: redeploying {first['book-shop']} made from {commit} on 20" in preview
    system.up("prod", "-c", "version=v1.2.0").ok()
    assert system.digests("prod") == first
    assert system.get("prod", "book-shop", "/version")["digest"] == first["book-shop"]
    assert system.estate.counters()["builds"] == before["builds"], "prod builds nothing, ever"
