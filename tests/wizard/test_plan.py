"""Stages, all or none, whatever fails: the change, the journal, or the taking back."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from checks import Ran
from tests.fakes import FakeStore
from wizard.change import Change, Doors, Stale
from wizard.changes import EditFile, KeepSecret, RemoveEnvironment
from wizard.commands.taking_back import plan_of
from wizard.files import FileProblem
from wizard.journal import Journal, Record, Status
from wizard.plan import Plan, PlanFailed, Stage
from wizard.secret import Secret, StoreError, StoreGone

ENTRY = "mlops-wizard/h/DATABRICKS_TOKEN"


class FullAfter(Journal):
    """A journal whose disk is full after so many writes."""

    def __init__(self, state: str, writes: int) -> None:
        super().__init__(state)
        self.left = writes

    def _write(self, record: Record) -> None:
        self.left -= 1
        if self.left < 0:
            raise FileProblem("the journal cannot be written: the disk is full.")
        super()._write(record)


def doors(root: Path, store: object = None) -> Doors:
    kept = store or FakeStore()
    return Doors("p-1", (str(root),), lambda _: kept, lambda *a, **k: Ran(0), lambda *a: None, lambda _: None)  # type: ignore[arg-type, return-value]


def plan(root: Path) -> Plan:
    stages = tuple(Stage(n, (EditFile.between(str(root / n), None, n.encode()),)) for n in ("one", "two"))
    return Plan("p-1", str(root), stages)


@pytest.mark.parametrize(
    ("writes", "there", "status", "done"),
    [(1, [], "applying", 0), (2, ["one"], "applying", 1), (3, ["one", "two"], "done", 2)],
)
def test_a_stage_stands_only_where_that_could_be_written_down(
    tmp_path: Path, writes: int, there: list[str], status: Status, done: int
) -> None:
    root, journal = tmp_path / "repo", FullAfter(str(tmp_path / "state"), writes)
    root.mkdir()
    with pytest.raises(PlanFailed, match="the disk is full") if status != "done" else nullcontext() as failed:
        plan(root).apply(doors(root), journal)
    assert failed is None or (failed.value.done, failed.value.half) == (done, False)
    assert sorted(p.name for p in root.iterdir()) == there
    record = journal.load("p-1")
    assert (record.status, record.reached) == (status, done)


def test_a_journal_that_cannot_be_begun_lets_nothing_happen(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="the disk is full"):
        plan(tmp_path).apply(doors(tmp_path), FullAfter(str(tmp_path / "state"), 0))
    assert not (tmp_path / "one").exists()


def test_what_cannot_be_taken_back_is_named_and_the_journal_keeps_it_for_the_next_start(tmp_path: Path) -> None:
    class Locked(FakeStore):
        def delete(self, service: str) -> bool:
            raise StoreError("The keyring is locked; unlock it.")

    journal = Journal(str(tmp_path / "state"))
    changes: tuple[Change, ...] = (
        KeepSecret("keyring", ENTRY, Secret("value")),
        EditFile.between(str(tmp_path), None, b"a folder stands there"),
    )
    with pytest.raises(PlanFailed, match=r"next start tries again: forget DATABRICKS_TOKEN.*unlock it") as failed:
        Plan("p-1", str(tmp_path), (Stage("all", changes),)).apply(doors(tmp_path, Locked()), journal)
    assert failed.value.half
    assert journal.cut_off(str(tmp_path)) == (journal.load("p-1"),)


def test_a_store_that_takes_no_secret_has_nothing_to_take_back(tmp_path: Path) -> None:
    store = FakeStore("The keyring is locked; unlock it.")
    change = KeepSecret("keyring", ENTRY, Secret("value"))
    with pytest.raises(PlanFailed) as failed:
        Plan("p-1", str(tmp_path), (Stage("all", (change,)),)).apply(
            doors(tmp_path, store), Journal(str(tmp_path / "s"))
        )
    assert (str(failed.value), failed.value.half) == ("The keyring is locked; unlock it.", False)


def test_secrets_of_a_store_that_is_gone_need_no_forgetting(tmp_path: Path) -> None:
    gone = FakeStore()

    def fail(service: str) -> Secret | None:
        raise StoreGone("No sandbox runs here, and its secrets went with it.")

    gone.get = fail  # type: ignore[method-assign]
    undo = KeepSecret("sandbox", ENTRY, Secret("value")).inverse()
    undo.bind("p-2", 0).apply(doors(tmp_path, gone))
    with pytest.raises(StoreGone):
        KeepSecret("sandbox", ENTRY, source="mlops-wizard/undo/p-1/0.0").apply(doors(tmp_path, gone))


def test_an_undo_that_fails_brings_the_secret_back_that_it_had_forgotten(tmp_path: Path) -> None:
    store = FakeStore()
    store.put(ENTRY, Secret("value"))
    forget = KeepSecret("keyring", ENTRY).inverse().bind("p-2", 0)
    failing = EditFile.between(str(tmp_path / "x"), b"not what is there", b"x")
    journal = Journal(str(tmp_path / "state"))
    with pytest.raises(PlanFailed) as failed:
        Plan("p-2", str(tmp_path), (Stage("undo", (forget, failing)),)).apply(doors(tmp_path, store), journal)
    assert isinstance(failed.value.__cause__, Stale)
    assert store.get(ENTRY) == Secret("value")


def test_an_undo_takes_files_first_then_secrets_and_the_environment_last(tmp_path: Path) -> None:
    made = RemoveEnvironment("python3", str(tmp_path / ".venv")).inverse()
    first: list[Change] = [KeepSecret("keyring", ENTRY), EditFile.between(str(tmp_path / "x"), None, b"x")]
    record = Record.of("p-1", str(tmp_path), [("files", first), ("environment", [made])])
    stages = plan_of(Record(record.id, record.root, record.created, "done", record.stages, 2)).stages
    assert [[c.kind for c in s.changes] for s in stages] == [["edit-file", "keep-secret"], ["remove-environment"]]
    assert not stages[1].changes[0].reversible


def _unknown(data: dict[str, object]) -> object:
    return data | {"stages": [["x", [{"kind": "of another day"}]]]}


@pytest.mark.parametrize("damage", [_unknown, lambda data: [], lambda data: {"id": 1}])
def test_a_damaged_journal_is_passed_over(tmp_path: Path, damage: Callable[[dict[str, object]], object]) -> None:
    journal = Journal(str(tmp_path / "state"))
    plan(tmp_path).apply(doors(tmp_path), journal)
    file = tmp_path / "state" / "plans" / "p-1.json"
    file.write_text(json.dumps(damage(json.loads(file.read_text()))))
    (file.parent / "a b.json").write_text("{}")
    assert journal.all() == ()
