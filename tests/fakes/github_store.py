"""What the stand-in for GitHub keeps of one repository, and the rules GitHub has for it."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_SHA = re.compile(r"[0-9a-f]{40}")
# git-check-ref-format(1), in short.
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[./]$")
LONGEST_BODY = 125_000
LONGEST_COMMENT = 65_536


def _too_long(body: Any, longest: int) -> Answer | None:
    if len(str(body.get("body") or "")) <= longest:
        return None
    text = f"body is too long (maximum is {longest} characters)"
    return failure(422, "Validation Failed", _error("custom", "body", text))


@dataclass
class Answer:
    """One answer of the API."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def failure(status: int, message: str, *errors: dict[str, str]) -> Answer:
    """An error as the API words it."""
    body: dict[str, Any] = {"message": message}
    if errors:
        body["errors"] = list(errors)
    url = "https://docs.github.com/rest"
    return Answer(status, {**body, "documentation_url": url, "status": str(status)})


def limited(status: int, after: str | None = None, reset: int | None = None) -> Answer:
    """A refusal by a rate limit: the primary one with `reset`, else a secondary one."""
    which = "API rate limit exceeded" if reset else "You have exceeded a secondary rate limit"
    answer = failure(status, which)
    if after is not None:
        answer.headers["Retry-After"] = after
    if reset is not None:
        answer.headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return answer


@dataclass
class Store:
    """One repository, and how the server is to misbehave. `commits` None knows every commit."""

    repository: str = "acme/shop"
    commits: set[str] | None = None
    token: str = "fake-token"
    web: str = ""
    is_private: bool = True
    may_write: bool = True
    permissions: dict[str, bool] | None = None
    is_archived: bool = False
    renamed: bool = False
    throttles: list[Answer] = field(default_factory=list)
    """Answers that come before anything is looked at, one a request."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """(method, end of path): the next such request acts and gets no answer."""
    broken: list[tuple[str, str, Answer]] = field(default_factory=list)
    """(method, end of path, answer): the next such request gets that answer and does not act."""
    gateway: int | None = None
    """What a gateway says in the place of a lost answer; None closes the connection."""
    tags: dict[str, dict[str, Any]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    """Of pull request 7, the only one."""
    login: str = "slipway[bot]"
    """Who the token belongs to."""
    seen: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def drops(self, method: str, path: str) -> bool:
        """Whether the answer to this request is to be lost."""
        for each in self.lost:
            if each[0] == method and path.endswith(each[1]):
                self.lost.remove(each)
                return True
        return False

    def breaks(self, method: str, path: str) -> Answer | None:
        """The answer that is to come instead of acting."""
        for each in self.broken:
            if each[0] == method and path.endswith(each[1]):
                self.broken.remove(each)
                return each[2]
        return None

    def state(self) -> dict[str, Any]:
        keys = ("tags", "refs", "releases", "comments", "seen")
        return {"repository": self.repository, **{key: getattr(self, key) for key in keys}}

    def look(self) -> Answer:
        told = {"permissions": self.permissions} if self.permissions is not None else {}
        return Answer(200, {"full_name": self.repository, "archived": self.is_archived, **told})

    def knows(self, sha: str) -> bool:
        if _SHA.fullmatch(sha) is None:
            return False
        return sha in self.tags or self.commits is None or sha in self.commits

    def find(self, kind: str, name: str) -> Answer:
        kinds: dict[str, Callable[[], Any]] = {
            "git/commits": lambda: {"sha": name} if self._is_commit(name) else None,
            "git/ref/tags": lambda: self._ref(name),
            "git/tags": lambda: self.tags.get(name),
            "releases/tags": lambda: next(self._published(name), None),
        }
        found = kinds[kind]()
        return Answer(200, found) if found is not None else failure(404, "Not Found")

    def make_tag_object(self, body: Any) -> Answer:
        missing = [name for name in ("tag", "message", "object", "type") if not body.get(name)]
        if missing:
            return failure(422, f'Invalid request.\n\n"{missing[0]}" wasn\'t supplied.')
        if body["type"] not in ("commit", "tree", "blob") or not self.knows(body["object"]):
            return failure(422, "Could not verify object")
        # GitHub puts the time in: two equal requests make two objects.
        text = json.dumps([body, len(self.tags)])
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        target = {"type": body["type"], "sha": body["object"]}
        made = {"sha": sha, "tag": body["tag"], "message": body["message"], "object": target}
        self.tags[sha] = made
        return Answer(201, made)

    def make_reference(self, body: Any) -> Answer:
        ref, sha = str(body.get("ref", "")), str(body.get("sha", ""))
        if not ref.startswith("refs/") or ref.count("/") < 2:
            text = "Reference name must start with 'refs/' and contain three components"
            return failure(422, text)
        if _BAD_REF.search(ref) or "/-" in ref:
            return failure(422, f"{ref} is not a valid ref name.")
        if ref in self.refs:
            return failure(422, "Reference already exists")
        if not self.knows(sha):
            return failure(422, "Object does not exist")
        self.refs[ref] = sha
        return Answer(201, self._ref(ref.removeprefix("refs/tags/")))

    def user(self) -> dict[str, Any]:
        return {"login": self.login, "type": "Bot" if self.login.endswith("[bot]") else "User"}

    def list_comments(self, query: dict[str, list[str]]) -> Answer:
        size, page = (int(query[key][0]) for key in ("per_page", "page"))
        return Answer(200, self.comments[size * (page - 1) : size * page])

    def make_comment(self, body: Any) -> Answer:
        if refused := _too_long(body, LONGEST_COMMENT):
            return refused
        number = 1000 + len(self.comments)
        url = f"{self.web}/{self.repository}/pull/7#issuecomment-{number}"
        made = {"id": number, "body": body["body"], "user": self.user(), "html_url": url}
        self.comments.append(made)
        return Answer(201, made)

    def edit_comment(self, number: int, body: Any) -> Answer:
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return failure(404, "Not Found")
        if refused := _too_long(body, LONGEST_COMMENT):
            return refused
        found["body"] = body["body"]
        return Answer(200, found)

    def make_release(self, body: Any) -> Answer:
        tag = str(body.get("tag_name") or "")
        if not tag:
            return failure(422, "Validation Failed", _error("missing_field", "tag_name"))
        if len(body.get("body") or "") > LONGEST_BODY:
            text = f"body is too long (maximum is {LONGEST_BODY} characters)"
            return failure(422, "Validation Failed", _error("custom", "body", text))
        draft = bool(body.get("draft", False))
        if not draft and any(self._published(tag)):
            return failure(422, "Validation Failed", _error("already_exists", "tag_name"))
        if not draft and f"refs/tags/{tag}" not in self.refs:
            # GitHub makes a plain tag on the default branch then: never what is wanted here.
            self.refs[f"refs/tags/{tag}"] = "0" * 40
        shown = tag if not draft else f"untagged-{len(self.releases)}"
        url = f"{self.web}/{self.repository}/releases/tag/{shown}"
        made = {"id": len(self.releases) + 1, "html_url": url, "draft": draft, "tag_name": tag}
        made |= {key: body.get(key) for key in ("name", "body", "prerelease")}
        self.releases.insert(0, made)
        return Answer(201, made)

    def list_releases(self, query: dict[str, list[str]]) -> Answer:
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        start = size * (int(query.get("page", ["1"])[0]) - 1)
        return Answer(200, self.releases[start : start + size])

    def _ref(self, tag: str) -> dict[str, Any] | None:
        sha = self.refs.get(f"refs/tags/{tag}")
        if sha is None:
            return None
        kind = "tag" if sha in self.tags else "commit"
        return {"ref": f"refs/tags/{tag}", "object": {"type": kind, "sha": sha}}

    def _published(self, tag: str) -> Iterator[dict[str, Any]]:
        return (r for r in self.releases if r["tag_name"] == tag and not r["draft"])

    def _is_commit(self, sha: str) -> bool:
        return sha not in self.tags and self.knows(sha)


def _error(code: str, where: str, message: str = "") -> dict[str, str]:
    error = {"resource": "Release", "code": code, "field": where}
    return {**error, "message": message} if message else error
