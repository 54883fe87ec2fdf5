"""What a team does to its files: each step is a commit, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.histories.history import History
from tests.histories.world import SERVICES

Draw = Callable[[st.SearchStrategy[str]], str]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One kind of step."""

    name: str
    weight: int
    do: Callable[[History, Draw], None]
    possible: Callable[[History], bool] = lambda history: True


def one_of(draw: Draw, names: Iterable[object]) -> str:
    """Draws one of some names, which come in the same order at every run."""
    return draw(st.sampled_from([str(each) for each in names]))


def commit(history: History, words: str) -> None:
    """What the model says goes into the files, and is committed."""
    model, world = history.model, history.world
    model.past.append(model.tree)
    for service in SERVICES:
        world.write(f"{service}/edition.txt", str(model.tree.editions[service]))
        world.write(f"{service}/mood.txt", model.tree.moods[service])
    world.write("shared/words.txt", model.tree.words)
    model.commit = world.commit(words)


def edit(history: History, draw: Draw) -> None:
    service = one_of(draw, SERVICES)
    change = history.model.next_change()
    history.tell(f"edit {service}: edition {change}")
    history.model.tree = history.model.tree.edited(service, change)
    commit(history, f"{service} {change}")


def edit_shared(history: History, draw: Draw) -> None:
    change = history.model.next_change()
    history.tell(f"edit the shared file: words {change}")
    history.model.tree = replace(history.model.tree, words=f"words{change}")
    commit(history, f"words {change}")


def add_a_file(history: History, draw: Draw) -> None:
    change = history.model.next_change()
    history.tell(f"add services/note{change}.md, which no image reads")
    history.world.write(f"note{change}.md", "a note")
    commit(history, f"note {change}")


def revert(history: History, draw: Draw) -> None:
    past = history.model.past
    number = int(one_of(draw, range(len(past))))
    history.tell(f"revert to the files of commit {number + 1} of {len(past)}")
    history.model.tree = past[number]
    commit(history, "revert")


COMMITS = (
    Step(name="edit", weight=3, do=edit),
    Step(name="edit shared", weight=1, do=edit_shared),
    Step(name="add a file", weight=1, do=add_a_file),
    Step(name="revert", weight=2, do=revert, possible=lambda history: bool(history.model.past)),
)
