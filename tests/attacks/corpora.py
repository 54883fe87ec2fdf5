"""What an attacker writes: texts, documents and bytes, and good ones that are spoiled a little."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

TEXTS = (
    *("", " ", "-", "-rf", "--all", "--upload-pack=touch canary", ".", "..", "../../etc/passwd"),
    *("/etc/passwd", "$(touch /tmp/canary)", "`id`", "; reboot", "a|b", "x&&y", "${IFS}", "'", '"'),
    *("{{ssm:x}}", "{{7*7}}", "{version}", "%n%s", "<script>alert(1)</script>", "*", "\\", "a@b"),
    *("\n", "\r", "\r\n", "\0", "\t", "\x1b[2J", "\x1b]0;owned\x07", "\x1b]52;c;YQ\x07", "\x9b1m"),
    *("\x85", "\u2028", "\u202egnp", "\u2066", "\u200b", "\ud800", "\udc80", "é", "١٢٣", "²"),
    *("v1.2.0\n", "v01.2.0", "1.2", "latest", "NaN", "-Infinity", "1e999", "0x10", "null", "true"),
    *("9" * 5000, "A" * 3000, "a-" * 1000, "[major]", "sha256:" + "f" * 64),
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 10**400, 0.5, float("nan"), float("inf"))
_DEEP = 50_000

Text = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(), max_size=30),
    st.text(st.sampled_from("aZ0-_./:@ \n\t\x1b\0\"'$`{}[]<>#=\\\u202e\ud800é"), max_size=30),
)
Scalar = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.integers(), st.floats(), Text
)
Value = st.recursive(
    Scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(Text, inner, max_size=3),
    max_leaves=8,
)


def near(*good: str) -> st.SearchStrategy[str]:
    """These texts as they are, with something hostile in them, or something else altogether."""

    @st.composite
    def spoiled(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(good))
        at = draw(st.integers(0, len(text)))
        kept = draw(st.integers(at, len(text)))
        return text[:at] + draw(Text) + text[kept:]

    return st.one_of(st.sampled_from(good), spoiled(), Text)


def lines_of(*good: str) -> st.SearchStrategy[str]:
    """Some lines, good and hostile ones."""
    return st.lists(near(*good), max_size=6).map("\n".join)


def like(document: Any) -> st.SearchStrategy[Any]:
    """A document of JSON's kinds with up to three places changed, taken out or added to."""

    @st.composite
    def spoiled(draw: st.DrawFn) -> Any:
        holder = {"": copy.deepcopy(document)}
        for _ in range(draw(st.integers(0, 3))):
            parent, key = draw(st.sampled_from(_places(holder)))
            how = draw(st.sampled_from(("replace", "replace", "drop", "add", "twice")))
            if how == "replace" or parent is holder:
                parent[key] = draw(st.one_of(Value, _alike(parent[key])))
            elif how == "drop":
                del parent[key]
            elif isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]) if how == "twice" else draw(Value))
            else:
                parent[draw(Text)] = draw(Value)
        return holder[""]

    return spoiled()


def _alike(value: Any) -> st.SearchStrategy[Any]:
    """Values that nearly are what stood there: of its form, and impossible."""
    if not isinstance(value, str):
        return st.sampled_from(NUMBERS)
    tricks = (value + "\n", value.upper(), re.sub("[0-9]", "9", value), re.sub("[0-9]", "0", value))
    return st.one_of(st.sampled_from(tricks), near(value))


def _places(tree: Any) -> list[tuple[Any, Any]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = [(tree, key) for key, _ in pairs]
    for _, key in list(found):
        if isinstance(tree[key], dict | list):
            found += _places(tree[key])
    return found


def json_text(document: Any) -> st.SearchStrategy[str]:
    """The JSON of a document that was spoiled, or a text that is hardly JSON any more."""
    whole = like(document).map(lambda each: json.dumps(each, default=str))
    unescaped = like(document).map(lambda each: json.dumps(each, default=str, ensure_ascii=False))
    bombs = st.sampled_from((
        "[" * _DEEP, '{"a":' * _DEEP, "[" * _DEEP + "]" * _DEEP, "9" * 10_000, "{", '{"a":1,"a":2}',
        json.dumps(document)[:-1] + ', "x": ' + "[" * _DEEP + "]" * _DEEP + "}",
        json.dumps(document)[:-1] + ', "x": ' + "9" * 10_000 + "}", "\ufeff" + json.dumps(document),
    ))  # fmt: skip
    return st.one_of(whole, whole, unescaped, near(json.dumps(document)), bombs)


def json_bytes(document: Any) -> st.SearchStrategy[bytes]:
    """The same as bytes: also cut off, with a bit turned, and in other encodings."""
    return damaged(json_text(document).map(lambda text: text.encode("utf-8", "surrogatepass")))


def damaged(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes as they are, cut off, or with a bit turned; or any bytes."""

    @st.composite
    def hurt(draw: st.DrawFn) -> bytes:
        found = draw(data)
        how = draw(st.sampled_from(("whole", "whole", "cut", "bit", "utf-16")))
        if how == "utf-16":
            return found.decode("utf-8", "replace").encode("utf-16")
        if how == "whole" or not found:
            return found
        at = draw(st.integers(0, len(found) - 1))
        if how == "cut":
            return found[:at]
        return found[:at] + bytes([found[at] ^ 1 << draw(st.integers(0, 7))]) + found[at + 1 :]

    return st.one_of(hurt(), st.binary(max_size=60))


def yaml_text(document: Any) -> st.SearchStrategy[str]:
    """YAML (which JSON is) of a document that was spoiled, and what only YAML can do."""
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + at)}: &{chr(98 + at)} [{','.join([f'*{chr(97 + at)}'] * 9)}]\n"
        for at in range(9)
    )
    tricks = (
        bomb, bomb + "all: *j", "[" * 5000, "{" * 5000, "&a [*a]", "a: &a {b: *a}", "? [1]\n: 2",
        "!!python/object/apply:os.system ['touch /tmp/canary']", "x: 2026-99-99", "0b", "x: 0b",
        "x: 0o9", "x: !!int nine", "x: !!timestamp soon", "<<: 1", "<<: [1]", "!!binary |\n  é",
        "x: 1:99:99", "%YAML 9.9\n---\n", "- - - - -", "\ufeffa: 1", "a: b: c", "\x1b: 1", "x: =",
        "x: ." + "_" * 9, "x: !!float ._", "x: !!bool maybe", "x: " + "9" * 5000,
    )  # fmt: skip
    text = like(document).map(lambda each: json.dumps(each, default=str))
    return st.one_of(text, text, near(json.dumps(document)), st.sampled_from(tricks))


def every(*parts: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of each, together."""
    return st.tuples(*parts)


Parse = Callable[[Any], object]
