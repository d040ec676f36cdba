"""Trying a store tells what is wrong with it, in a child process that cannot hang us."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from wizard.stores import available
from wizard.stores.plain import Consent
from wizard.stores.probe import probe


@pytest.fixture(autouse=True)
def no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_without_a_keyring_service_it_says_what_to_install() -> None:
    found = probe("keyring", 20)
    assert (found.ok, found.name, found.code) == (False, "keyring", "absent")
    assert found.problem == "There is no keyring service here to keep secrets in."
    assert "gnome-keyring" in found.remedy


@pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_a_back_end_that_keeps_nothing_is_none(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    assert probe("keyring", 20).code == "absent"


def test_another_back_end_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config" / "python_keyring").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own_backend.py").write_text(
        "import keyring.backend\nclass Keyring(keyring.backend.KeyringBackend):\n    priority = 9\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): raise SystemExit\n"
    )
    (tmp_path / "config" / "python_keyring" / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=own_backend.Keyring\nkeyring-path={tmp_path / 'own'}\n"
    )
    found = probe("keyring", 20)
    assert (found.ok, found.code) == (False, "refused")
    assert found.problem == ("keyring would use own_backend, which is not one that mlops-wizard trusts with secrets.")
    assert "keyringrc.cfg" in found.remedy


def test_one_that_hangs_is_ended_at_the_deadline_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "python_keyring").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "slow_backend.py").write_text(
        "import os, subprocess, time\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(f\"{{os.getpid()}} {{subprocess.Popen(['sleep', '600']).pid}}\")\n"
        "time.sleep(600)\n"
    )
    (tmp_path / "config" / "python_keyring" / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=slow_backend.Keyring\nkeyring-path={tmp_path / 'own'}\n"
    )
    found = probe("keyring", 6)
    assert (found.ok, found.code) == (False, "slow")
    assert found.problem == "The keyring did not answer in time (choosing a back end, 6 s)."
    for pid in (tmp_path / "pids").read_text().split():
        assert _gone(int(pid))


def _gone(pid: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_plain_text_is_usable_only_with_a_consent(tmp_path: Path) -> None:
    state = str(tmp_path)
    assert probe("plain", state=state).code == "consent"
    Consent.record(state)
    assert probe("plain", state=state).ok
    (tmp_path / "secrets.json").write_text("broken")
    (tmp_path / "secrets.json").chmod(0o600)
    assert probe("plain", state=state).code == "broken"


def test_a_sandbox_that_does_not_run_says_so(tmp_path: Path) -> None:
    found = probe("sandbox", state=str(tmp_path))
    assert (found.ok, found.code) == (False, "stopped")
    assert "mlops-wizard sandbox start" in found.remedy


def test_what_is_available_is_told_best_first(tmp_path: Path) -> None:
    assert [(one.name, one.ok) for one in available(str(tmp_path), sandbox=False)] == [
        ("keyring", False),
        ("plain", False),
    ]
    assert [one.name for one in available(str(tmp_path), sandbox=True)] == ["keyring", "sandbox", "plain"]


def test_a_store_that_there_is_not_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="vault"):
        probe("vault")


def test_the_child_gets_nothing_secret_in_its_arguments_and_leaves_no_zombie() -> None:
    probe("keyring", 20)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
