"""The history of one stack, read for a page: what can't be read is counted, never left unsaid."""

from __future__ import annotations

from collections.abc import Callable

from clients.record_documents import RecordError
from clients.record_reader import RecordReader
from release.history_days import StackHistory


def read_history(
    records: RecordReader,
    stack: str,
    promotes_from: str | None,
    most: int,
    on_damage: Callable[[str], None],
) -> StackHistory:
    """The pointer, its record, and at most `most` records of a stack.

    Damaged records are told to `on_damage`. Raises RecordError or AwsError for anything else.
    """
    damage: list[str] = []
    found = records.pointer(stack)
    # One more than asked for, which tells whether there are older ones.
    read = records.newest(stack, most + 1, damage.append)
    newest = tuple(read[: most - len(damage)] if len(read) + len(damage) > most else read)
    current = None
    if found is not None:
        known = {each.id: each for each in newest}
        try:
            current = known.get(found[0].record) or records.read(stack, found[0].record)
        except RecordError as error:
            if str(error) not in damage:
                damage.append(str(error))
    for text in damage:
        on_damage(text)
    return StackHistory(
        stack=stack,
        promotes_from=promotes_from,
        pointer=found[0] if found else None,
        current=current,
        records=newest,
        whole=len(read) + len(damage) <= most,
        damaged=len(damage),
    )
