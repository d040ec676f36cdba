"""A yes is bound to exactly what the repo brings, and nothing that a repo holds can stop or slow the asking."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wizard import places, trust


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(places.STATE, str(tmp_path / "state"))
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    return root


def filled(repo: Path) -> Path:
    (repo / ".devcontainer").mkdir()
    (repo / ".devcontainer" / "devcontainer.json").write_text("{}")
    (repo / "mlops-wizard.toml").write_text("schema = 1\n")
    (repo / ".env").write_text("A=1\nB=2\n")
    return repo


def names(repo: Path) -> list[str]:
    return [name for name, _ in trust.subject(str(repo)).parts]


def test_a_repo_that_brings_nothing_is_empty_and_not_known(repo: Path) -> None:
    (repo / "README.md").write_text("hello")
    assert trust.verdict(str(repo)) == trust.Verdict(False, False, True, ())
    assert trust.subject(str(repo)).empty


def test_every_part_is_named(repo: Path) -> None:
    filled(repo)
    (repo / ".devcontainer.json").write_text("{}")
    (repo / ".venv" / "bin").mkdir(parents=True)
    (repo / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert names(repo) == [
        "mlops-wizard.toml",
        ".devcontainer.json",
        ".devcontainer/devcontainer.json",
        ".env: A",
        ".env: B",
        ".venv interpreter",
    ]


def test_a_yes_holds_until_something_changes_and_then_the_change_is_named(repo: Path) -> None:
    root = str(filled(repo))
    assert trust.verdict(root) == trust.Verdict(False, False, False, ())
    trust.give(root)
    assert trust.verdict(root) == trust.Verdict(True, True, False, ())
    (repo / ".devcontainer" / "devcontainer.json").write_text("{ }")
    (repo / ".devcontainer" / "new.sh").write_text("echo")
    (repo / ".env").write_text("A=1\nC=2\n")
    assert trust.verdict(root) == trust.Verdict(
        False,
        True,
        False,
        (
            ".devcontainer/devcontainer.json changed",
            ".devcontainer/new.sh was added",
            ".env: B was removed",
            ".env: C was added",
        ),
    )


def test_values_in_dotenv_may_change(repo: Path) -> None:
    root = str(filled(repo))
    trust.give(root)
    (repo / ".env").write_text("# new\nB='other'\nexport A=3\n")
    assert trust.verdict(root).trusted


def test_a_file_that_becomes_executable_is_a_change(repo: Path) -> None:
    root = str(filled(repo))
    trust.give(root)
    (repo / ".devcontainer" / "devcontainer.json").chmod(0o755)
    assert trust.verdict(root).changed == (".devcontainer/devcontainer.json changed",)


def test_a_yes_can_be_taken_back_and_is_listed(repo: Path) -> None:
    root = str(filled(repo))
    trust.give(root)
    ((listed, when),) = trust.listing()
    assert (listed, when[-6:]) == (os.path.realpath(root), "+00:00")
    assert trust.revoke(root) is True
    assert trust.revoke(root) is False
    assert trust.listing() == []
    assert not trust.verdict(root).known


def test_a_yes_is_for_one_path(repo: Path) -> None:
    trust.give(str(filled(repo)))
    copy = repo.with_name("copy")
    repo.rename(copy)
    assert trust.verdict(str(copy)) == trust.Verdict(False, False, False, ())


def test_links_count_as_their_text_and_as_what_they_lead_to_in_the_repo(repo: Path) -> None:
    filled(repo)
    (repo / "scripts").mkdir()
    (repo / "scripts" / "up.sh").write_text("echo 1")
    (repo / ".devcontainer" / "up.sh").symlink_to("../scripts/up.sh")
    (repo / ".devcontainer" / "away").symlink_to("/etc/hostname")
    trust.give(str(repo))
    (repo / "scripts" / "up.sh").write_text("echo 2")
    assert trust.verdict(str(repo)).changed == (".devcontainer/up.sh changed",)
    (repo / "scripts" / "up.sh").write_text("echo 1")
    (repo / ".devcontainer" / "away").unlink()
    (repo / ".devcontainer" / "away").symlink_to("/etc/passwd")
    assert trust.verdict(str(repo)).changed == (".devcontainer/away changed",)


def test_a_linked_folder_is_looked_into_where_it_is_the_repos(repo: Path) -> None:
    (repo / "config").mkdir()
    (repo / "config" / "devcontainer.json").write_text("{}")
    (repo / ".devcontainer").symlink_to("config")
    assert names(repo) == [".devcontainer", ".devcontainer/devcontainer.json"]


def test_fifos_devices_and_loops_neither_block_nor_crash(repo: Path) -> None:
    folder = repo / ".devcontainer"
    folder.mkdir()
    os.mkfifo(folder / "fifo")
    os.mkfifo(repo / ".env")
    os.mkfifo(repo / "mlops-wizard.toml")
    (folder / "loop").symlink_to("loop")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "up").symlink_to("..")
    (folder / "linked").symlink_to("fifo")
    assert names(repo) == [
        "mlops-wizard.toml",
        ".devcontainer/fifo",
        ".devcontainer/linked",
        ".devcontainer/loop",
        ".devcontainer/up",
        ".devcontainer/zero",
        ".env",
    ]


def test_hostile_names_are_shown_without_what_a_terminal_obeys(repo: Path) -> None:
    folder = os.fsencode(repo / ".devcontainer")
    os.mkdir(folder)
    for name in (b"a\x1b[2Jb", b"new\nline", b"\xff\xfe", b"back\\slash", "\u202eevil".encode()):
        with open(os.path.join(folder, name), "wb"):
            pass
    (repo / ".env").write_bytes(b"\x1b]0;x\x07=1\nB\xff=2\n")
    shown = names(repo)
    assert all(name.isprintable() for name in shown)
    assert len(set(shown)) == 7
    trust.give(str(repo))
    assert trust.verdict(str(repo)).trusted


def test_a_repo_with_too_many_files_cannot_be_trusted_and_says_so(repo: Path) -> None:
    folder = repo / ".devcontainer"
    folder.mkdir()
    for number in range(trust.ENTRIES + 1):
        (folder / str(number)).touch()
    verdict = trust.verdict(str(repo))
    assert verdict == trust.Verdict(
        False, False, False, (".devcontainer holds more than 4,000 files, too many to say yes to",)
    )
    with pytest.raises(trust.TrustError, match="more than 4,000 files"):
        trust.give(str(repo))


def test_a_huge_file_is_not_read(repo: Path) -> None:
    folder = repo / ".devcontainer"
    folder.mkdir()
    with open(folder / "big", "wb") as file:
        file.truncate(1 << 40)
    assert trust.subject(str(repo)).problem == (
        "big and the files before it hold more than 64,000,000 bytes, too much to say yes to"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_what_cannot_be_read_counts_as_that(repo: Path) -> None:
    filled(repo)
    (repo / ".devcontainer" / "devcontainer.json").chmod(0)
    trust.give(str(repo))
    (repo / ".devcontainer" / "devcontainer.json").chmod(0o644)
    assert trust.verdict(str(repo)).changed == (".devcontainer/devcontainer.json changed",)


def test_a_record_that_others_could_have_written_is_refused(repo: Path) -> None:
    trust.give(str(filled(repo)))
    record = Path(places.repo_state(str(repo))) / "trust"
    assert oct(record.stat().st_mode & 0o777) == "0o600"
    record.chmod(0o666)
    with pytest.raises(trust.TrustError, match="somebody else"):
        trust.verdict(str(repo))


@pytest.mark.parametrize(
    "text", ["", "nonsense\n", "mlops-wizard trust 2\na\nb\nc\n", "mlops-wizard trust 1\na\n%zz\nc\n"]
)
def test_a_broken_record_is_an_error_with_what_to_do(repo: Path, text: str) -> None:
    trust.give(str(filled(repo)))
    (Path(places.repo_state(str(repo))) / "trust").write_text(text)
    with pytest.raises(trust.TrustError, match="mlops-wizard trust"):
        trust.verdict(str(repo))


def test_no_value_of_dotenv_reaches_the_state(repo: Path) -> None:
    filled(repo)
    (repo / ".env").write_text("TOKEN=canary-1234567890\n")
    trust.give(str(repo))
    files = [path for path in Path(places.state()).rglob("*") if path.is_file()]
    assert files
    assert not any(b"canary-1234567890" in path.read_bytes() for path in files)


def test_importing_it_loads_nothing_beyond_the_interpreters_own() -> None:
    code = "import sys; before = set(sys.modules); from wizard import trust; trust.verdict('.'); print(*(set(sys.modules) - before))"
    out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    allowed = {"__future__", "_sha256", "_sha2"}
    assert {name for name in out.split() if name.partition(".")[0] != "wizard"} <= allowed
