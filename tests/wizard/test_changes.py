"""Changes: said, applied, taken back byte for byte; a journal never holds a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeStore
from wizard.change import ChangeFailed, Doors, Stale
from wizard.changes import CallApi, EditFile, KeepSecret, MakeEnvironment, change_from
from wizard.changes.edit_file import _spliced_text
from wizard.files import FileProblem
from wizard.secret import Secret

CANARY = "dapiCANARY0123456789abcdef"


def doors(root: Path, store: FakeStore | None = None) -> Doors:
    from checks import Ran

    kept = store or FakeStore()
    return Doors("plan-1", (str(root),), lambda _: kept, lambda *a, **k: Ran(0), lambda *a: None, lambda _: None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b"A=1\n"),
        (b"", b"A=1"),
        (b"A=1\nB=2\n", b"A=1\r\nB=3\n"),
        (b"\xff\x00\n", b"\xff\x01\n"),
        (b"gone\n", None),
    ],
)
def test_applying_and_undoing_leaves_the_bytes_and_the_mode_as_they_were(
    tmp_path: Path, before: bytes | None, after: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
        path.chmod(0o640)
    undo = EditFile.between(str(path), before, after).apply(doors(tmp_path))
    assert (path.read_bytes() if path.exists() else None) == after
    change_from(json.loads(json.dumps(undo.data()))).apply(doors(tmp_path))
    assert (path.read_bytes() if path.exists() else None) == before
    if before is not None and after is not None:
        assert path.stat().st_mode & 0o777 == 0o640


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_splices_make_the_one_text_of_the_other(before: bytes, after: bytes) -> None:
    change = EditFile.between("x", before, after)
    assert _spliced_text(before, change.splices) == after
    assert _spliced_text(after, change.inverse().splices) == before
    assert change_from(json.loads(json.dumps(change.data()))) == change


def test_a_file_that_changed_since_it_was_shown_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"mine\n")
    with pytest.raises(Stale, match="has changed"):
        EditFile.between(str(path), None, b"yours\n").apply(doors(tmp_path))
    assert path.read_bytes() == b"mine\n"


def test_removed_bytes_that_hold_a_secret_are_kept_in_the_store_and_come_back(tmp_path: Path) -> None:
    path, store = tmp_path / ".env", FakeStore()
    before = f"A=1\nDATABRICKS_TOKEN={CANARY}\n".encode()
    path.write_bytes(before)
    change = EditFile.between(str(path), before, b"A=1\n# kept\n", store="keyring").bind("plan-1", 0)
    undo = change.apply(doors(tmp_path, store))
    for text in (change.preview(), repr(change), json.dumps(change.data()), json.dumps(undo.data()), repr(undo)):
        assert CANARY not in text
    assert change.reversible
    change_from(json.loads(json.dumps(undo.data()))).apply(doors(tmp_path, store))
    assert path.read_bytes() == before


def test_without_an_open_store_such_an_edit_says_that_it_cannot_be_undone(tmp_path: Path) -> None:
    before = f"DATABRICKS_TOKEN={CANARY}\n".encode()
    assert not EditFile.between(str(tmp_path / ".env"), before, b"").reversible


def test_a_link_out_of_the_repo_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"not ours\n")
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / ".env").symlink_to(outside)
    with pytest.raises(FileProblem, match="symbolic link"):
        EditFile.between(str(repo / ".env"), b"not ours\n", b"x").apply(doors(repo))
    assert outside.read_bytes() == b"not ours\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FileProblem, match="permission denied"):
        EditFile.between(str(tmp_path / ".env"), None, b"x").apply(doors(tmp_path))


def test_a_full_disk_is_told_with_what_to_do() -> None:
    """The sentence alone; a disk that is really full is in tests/real/test_faults.py."""
    from wizard import files

    error = files.problem("/x/.env", "written", OSError(28, "No space left on device"))
    assert str(error) == "/x/.env cannot be written: the disk is full; free some space and run the same command again."


def test_a_kept_secret_is_in_no_text_and_undo_brings_the_old_one_back(tmp_path: Path) -> None:
    store = FakeStore()
    store.put("mlops-wizard/h/T", Secret("old-value"))
    change = KeepSecret("keyring", "mlops-wizard/h/T", Secret(CANARY), replaces=True).bind("plan-1", 3)
    undo = change.apply(doors(tmp_path, store))
    assert store.get("mlops-wizard/h/T") == Secret(CANARY)
    for text in (repr(change), change.preview(), json.dumps(change.data()), repr(undo), str(change.value)):
        assert CANARY not in text
    change_from(undo.data()).apply(doors(tmp_path, store))
    assert store.get("mlops-wizard/h/T") == Secret("old-value")


def test_a_new_secret_is_forgotten_by_its_undo(tmp_path: Path) -> None:
    store = FakeStore()
    KeepSecret("keyring", "mlops-wizard/h/T", Secret(CANARY)).apply(doors(tmp_path, store)).apply(
        doors(tmp_path, store)
    )
    assert store.get("mlops-wizard/h/T") is None


def test_an_environment_that_is_not_ours_is_neither_made_over_nor_removed(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "precious").write_text("x")
    change = MakeEnvironment("python3", str(folder))
    with pytest.raises(ChangeFailed, match="there already"):
        change.apply(doors(tmp_path))
    with pytest.raises(ChangeFailed, match="was not made by the wizard"):
        change.inverse().apply(doors(tmp_path))
    assert (folder / "precious").exists()


def test_a_call_says_that_it_cannot_be_undone() -> None:
    change = CallApi("https://h", "clusters.start", (("cluster_id", "1"),), "start it")
    assert not change.reversible
    assert "cannot take this back" in change.preview()
    assert change_from(change.data()) == change
