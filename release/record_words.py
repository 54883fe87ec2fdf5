"""What people call a record, and what it changed."""

from __future__ import annotations

from release.record import Record

_NAMED = 3  # images or services that are named before they are counted


def name_of(record: Record) -> str:
    """What a person calls a record: its version, else its first name, else its commit."""
    name = record.version or next(iter(record.names), record.commit)
    return name[:12] if name == record.commit else name


def changed_in(record: Record) -> str:
    """The images and services that this update itself built, named or deployed."""
    groups = (("image", record.images), ("service", record.services))
    parts = []
    for kind, entries in groups:
        names = [name for name, each in entries.items() if each.deployment == record.id]
        if len(names) > _NAMED:
            parts.append(f"{len(names)} {kind}s")
        elif names:
            parts.append(f"{kind}{'s' if len(names) > 1 else ''} {', '.join(sorted(names))}")
    return "; ".join(parts) or "-"
