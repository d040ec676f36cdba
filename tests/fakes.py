"""Fakes, not mocks: small worlds that behave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from checks import EMPTY, Check, Finding, Platform, Project, Ran, Reply, Report, Stat
from wizard.answers import Answers
from wizard.face import Decision, Edit, Move, Review, Stop
from wizard.question import Question, Value
from wizard.secret import Secret, StoreError
from wizard.workspace import CloudError, Cluster, Credential, Me

T = TypeVar("T")

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@dataclass
class FakeWorld:
    """A machine and a repo out of tables. What no table names is not there: no file, no program, no answer.

    `files` are named as checks name them: relative to the repo, `~/…` or absolute. `programs` maps an argv to its answer;
    a program in it is on PATH at `/usr/bin/<name>` (or at `paths[name]`), and may be run by its name or by that path.
    `replies` maps a URL to its answer. `asked` and `ran` record what was looked at.
    """

    files: dict[str, bytes | str] = field(default_factory=dict)
    programs: dict[tuple[str, ...], Ran] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    project: Project = EMPTY
    trusted: bool = True
    offline: bool = False
    entries: dict[str, bool | None] = field(default_factory=dict)
    """What the store holds: True or False, None where it does not answer; not named: not held."""
    store_answer: tuple[str, str] = ("GNOME Keyring (Secret Service)", "")
    platform: Platform = field(default_factory=lambda: Platform(distribution="debian", package_manager="apt"))
    root: str = "/repo"
    home: str = "/home/ada"
    clock: datetime = NOW
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stats: dict[str, Stat] = field(default_factory=dict)
    """Overrides of what `stat` says, by the name that `files` uses."""
    ran: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(url, entry of the bearer) of every `get`."""

    def now(self) -> datetime:
        return self.clock

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        found = {self._key(name): data for name, data in self.files.items()}.get(self._key(path))
        if found is None:
            return None
        return (found.encode() if isinstance(found, str) else found)[:limit]

    def stat(self, path: str) -> Stat | None:
        key = self._key(path)
        for name, stat in self.stats.items():
            if self._key(name) == key:
                return stat
        if (data := self.read(path)) is not None:
            return Stat(len(data), 0o644, NOW.timestamp())
        return Stat(4096, 0o755, NOW.timestamp(), folder=True) if self.list(path) else None

    def list(self, path: str) -> tuple[str, ...]:
        key = self._key(path).rstrip("/")
        inside = f"{key}/" if key not in {"", "."} else ""
        names = {f[len(inside) :].split("/")[0] for f in map(self._key, self.files) if f.startswith(inside)}
        return tuple(sorted(n for n in names if n and (inside or n != "~")))

    def which(self, program: str) -> tuple[str, ...]:
        if program in self.paths:
            return self.paths[program]
        return (f"/usr/bin/{program}",) if any(a[0] == program for a in self.programs) else ()

    def run(self, *argv: str, timeout: float = 10, env: Mapping[str, str] | None = None, input: str = "") -> Ran:
        self.ran.append(argv)
        name = argv[0].replace("\\", "/").rpartition("/")[2]
        for known in (argv, (name, *argv[1:])):
            if known in self.programs:
                return self.programs[known]
        return Ran(None, problem=f"{argv[0]}: not found")

    def get(self, url: str, *, bearer: str = "", timeout: float = 5) -> Reply:
        self.asked.append((url, bearer))
        return self.replies.get(url, Reply(0, problem="no such host", hop="dns"))

    def kept(self, entry: str) -> bool | None:
        return self.entries.get(entry, False)

    def store(self) -> tuple[str, str]:
        return self.store_answer

    def _key(self, path: str) -> str:
        if path.startswith(f"{self.home}/"):
            path = f"~/{path[len(self.home) + 1 :]}"
        if path == self.root:
            return "."
        path = path.removeprefix(f"{self.root}/")
        return path.removeprefix("./")


class FakeStore:
    """A store in memory; `broken` makes every call fail with that sentence."""

    name = "keyring"
    title = "a fake keyring"

    def __init__(self, broken: str = "") -> None:
        self.kept: dict[str, Secret] = {}
        self.broken = broken

    def get(self, service: str) -> Secret | None:
        self._answer()
        return self.kept.get(service)

    def put(self, service: str, value: Secret) -> None:
        self._answer()
        self.kept[service] = value

    def delete(self, service: str) -> bool:
        self._answer()
        return self.kept.pop(service, None) is not None

    def _answer(self) -> None:
        if self.broken:
            raise StoreError(self.broken)


@dataclass
class FakeWorkspace:
    """A workspace that knows one token and a few clusters."""

    host: str
    credential: Credential
    good: str = "dapi-good-token"
    org_id: str = "42"
    found: tuple[Cluster, ...] = (
        Cluster("c-run", "shared", "RUNNING", "15.4.x-scala2.12"),
        Cluster("c-off", "mine", "TERMINATED", "15.4.x-scala2.12"),
        Cluster("c-old", "legacy", "RUNNING", "10.4.x-scala2.12"),
    )
    started: list[str] = field(default_factory=list)

    def me(self) -> Me:
        if self.credential.secret.reveal() != self.good:
            raise CloudError(f"{self.host}: the token is not accepted; make a new one.", "refused")
        return Me("ada@example.com", self.org_id)

    def clusters(self) -> tuple[Cluster, ...]:
        self.me()
        return self.found

    def start_cluster(self, id: str) -> None:
        self.started.append(id)


@dataclass
class ScriptedFace:
    """A face that answers from a list: values, Moves, Decisions and Edits in the order in which they are asked for.

    A question that the script does not reach gets its default; a review gets APPLY.
    """

    script: dict[str, list[Value | Move]] = field(default_factory=dict)
    decisions: list[Decision | Edit] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(question, problem) of every ask."""
    reviews: list[Review] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    closing: tuple[str, ...] = ()

    async def rail(self, stops: Sequence[Stop]) -> None:
        return None

    async def ask(self, question: Question, answers: Answers, *, problem: str = "", back: bool = False) -> Value | Move:
        self.asked.append((question.id, problem))
        left = self.script.get(question.id, [])
        if left:
            return left.pop(0)
        if question.default is None:
            raise AssertionError(f"nobody answers {question.id} ({problem})")
        return question.default

    async def busy(self, text: str, work: Callable[[], T]) -> T:
        return work()

    async def review(self, review: Review) -> Decision | Edit:
        self.reviews.append(review)
        return self.decisions.pop(0) if self.decisions else Decision.APPLY

    def say(self, text: str) -> None:
        self.said.append(text)

    def found(self, check: Check, findings: tuple[Finding, ...]) -> None:
        return None

    async def show(self, report: Report, closing: Sequence[str]) -> None:
        self.closing = tuple(closing)
