"""The list of what is kept: whole under concurrent writers, private, and without a value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wizard.index import Index, IndexProblem, Kept

PAT = Kept("mlops-wizard/adb-1.2.azuredatabricks.net/DATABRICKS_TOKEN", "keyring", "pat", "2026-01-01T00:00:00+00:00")


def test_an_entry_is_found_by_its_service_and_knows_its_host_and_name(tmp_path: Path) -> None:
    Index(str(tmp_path)).add(PAT)
    found = Index(str(tmp_path)).find(PAT.service)
    assert found == PAT
    assert found is not None
    assert (found.host, found.name) == ("adb-1.2.azuredatabricks.net", "DATABRICKS_TOKEN")
    assert Index(str(tmp_path)).find("mlops-wizard/other/DATABRICKS_TOKEN") is None


def test_what_was_never_written_is_empty(tmp_path: Path) -> None:
    assert Index(str(tmp_path / "none")).list() == ()
    assert Index(str(tmp_path / "none")).remove("x") is False


def test_users_are_gathered_and_released(tmp_path: Path) -> None:
    index = Index(str(tmp_path))
    index.add(Kept(PAT.service, "keyring", "pat", PAT.created, used_by=("/a",)))
    index.add(Kept(PAT.service, "plain", "pat", PAT.created, "2027-01-01", used_by=("/b", "/a")))
    assert index.list() == (Kept(PAT.service, "plain", "pat", PAT.created, "2027-01-01", ("/a", "/b")),)
    assert index.release(PAT.service, "/a") is True
    assert index.release(PAT.service, "/a") is False
    assert index.find(PAT.service) == Kept(PAT.service, "plain", "pat", PAT.created, "2027-01-01", ("/b",))
    assert index.remove(PAT.service) is True
    assert index.list() == ()


def test_created_is_now_where_it_was_not_given(tmp_path: Path) -> None:
    assert Index(str(tmp_path)).add(Kept("mlops-wizard/h/N", "keyring")).created.endswith("+00:00")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Index(str(tmp_path / "state")).add(PAT)
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state" / "index.json").stat().st_mode & 0o777 == 0o600


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from wizard.index import Index, Kept\n"
        "for n in range(20): Index(sys.argv[1]).add(Kept(f'mlops-wizard/{sys.argv[2]}/{n}', 'keyring'))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(one)]) for one in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert len(Index(str(tmp_path)).list()) == 80


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": 2, "kept": []}',
        '{"schema": 1}',
        '{"schema": 1, "kept": [1]}',
        '{"schema": 1, "kept": [{"service": "a"}]}',
        '{"schema": 1, "kept": [{"service": 1, "store": "x"}]}',
        '{"schema": 1, "kept": [{"service": "a", "store": "x", "used_by": "repo"}]}',
        "[" * 100_000,
    ],
)
def test_a_broken_file_is_an_error_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    (tmp_path / "index.json").chmod(0o600)
    with pytest.raises(IndexProblem, match="move it away"):
        Index(str(tmp_path)).list()


def test_keys_of_a_later_version_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"schema": 1, "kept": [{"service": "a/b/c", "store": "x", "colour": "red"}]}')
    (tmp_path / "index.json").chmod(0o600)
    assert Index(str(tmp_path)).list() == (Kept("a/b/c", "x"),)
