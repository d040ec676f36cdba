"""Each store keeps what it is given, refuses what it must not keep, and never repeats a value."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.secret import Secret, StoreError
from wizard.stores import NAMES, open_store, parts, problems, read_many
from wizard.stores.deadline import TooLongError, bounded
from wizard.stores.keyring import KeyringStore
from wizard.stores.plain import Consent, PlainStore
from wizard.stores.sandbox import SandboxStore

CANARY = "canary-0123456789-secret"
SERVICE = "mlops-wizard/host.example/DATABRICKS_TOKEN"


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "XDG_RUNTIME_DIR": "/nonexistent", **env},
        capture_output=True,
        text=True,
        check=True,
    )


@given(st.text(min_size=1, max_size=5000))
def test_parts_join_to_the_value_and_each_fits_every_keyring(value: str) -> None:
    head, pieces = parts.split(value)
    assert parts.join(head, dict(enumerate(pieces, start=1))) == value
    assert all(len(piece.encode("utf-16-le", "surrogatepass")) <= 2000 for piece in (head, *pieces))


def test_a_value_of_a_thousand_characters_is_one_entry_and_one_more_makes_two_parts() -> None:
    assert parts.split("x" * 1000) == ("x" * 1000, ())
    head, pieces = parts.split("x" * 1001)
    assert [len(piece) for piece in pieces] == [1000, 1]
    assert parts.count(head) == 2
    assert "x" not in head.removeprefix("mlops-wizard-parts:1:")


def test_a_value_that_looks_like_a_header_is_kept_in_a_part() -> None:
    value = "mlops-wizard-parts:1:2:" + "0" * 64
    assert parts.split(value)[1] == (value,)


@pytest.mark.parametrize("change", [{}, {1: "x" * 1000}, {1: "y" * 1000, 2: "x"}, {1: "x" * 1000, 2: ""}])
def test_parts_of_two_writes_are_noticed(change: dict[int, str]) -> None:
    head, _ = parts.split("x" * 1001)
    with pytest.raises(parts.TornError):
        parts.join(head, change)


@pytest.mark.parametrize(
    "head", ["", ":", "0:" + "0" * 64, "401:" + "0" * 64, "1:short", "²:" + "0" * 64, "-1:" + "0" * 64]
)
def test_a_header_that_is_none_is_noticed(head: str) -> None:
    with pytest.raises(parts.TornError):
        parts.count("mlops-wizard-parts:1:" + head)


def test_a_call_that_does_not_come_back_is_given_up() -> None:
    with pytest.raises(TooLongError):
        bounded(lambda: time.sleep(30), 0.05)


def test_a_call_returns_or_raises_what_it_does() -> None:
    def failing() -> None:
        raise OSError("x")

    assert bounded(lambda: None, 5) is None
    with pytest.raises(OSError, match="x"):
        bounded(failing, 5)


def test_stores_open_by_name_and_no_other(tmp_path: Path) -> None:
    assert [open_store(name, str(tmp_path)).name for name in NAMES] == ["keyring", "sandbox", "plain"]
    with pytest.raises(StoreError, match="keyring, sandbox, plain"):
        open_store("vault", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_plain_text_needs_a_consent_for_everything(tmp_path: Path) -> None:
    store = PlainStore(str(tmp_path))
    for call in (lambda: store.get(SERVICE), lambda: store.put(SERVICE, Secret(CANARY)), lambda: store.delete(SERVICE)):
        with pytest.raises(StoreError, match="only after your consent"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_plain_text_with_a_consent_keeps_and_forgets(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    consent = Consent.record(state)
    assert Consent.read(state) == consent
    assert consent.who
    store = PlainStore(state)
    store.put(SERVICE, Secret("ü\n" * 3000))
    store.put("b", Secret("2"))
    assert read_many(store, [SERVICE, "b", "c"]) == {SERVICE: Secret("ü\n" * 3000), "b": Secret("2")}
    assert (tmp_path / "state" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert store.delete("b") is True
    assert store.delete("b") is False
    assert store.delete(SERVICE) is True
    assert not (tmp_path / "state" / "secrets.json").exists()
    assert Consent.withdraw(state) is True
    assert Consent.given(state) is False


def test_a_plain_file_that_others_can_read_is_refused_without_its_content(tmp_path: Path) -> None:
    Consent.record(str(tmp_path))
    PlainStore(str(tmp_path)).put(SERVICE, Secret(CANARY))
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600") as caught:
        PlainStore(str(tmp_path)).get(SERVICE)
    assert CANARY not in str(caught.value)


def test_a_plain_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    Consent.record(str(tmp_path))
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / "secrets.json").symlink_to("elsewhere")
    with pytest.raises(StoreError, match="not a file of yours"):
        PlainStore(str(tmp_path)).put(SERVICE, Secret(CANARY))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 1, "entries": []}', '{"schema": 1, "entries": {"a": 1}}', "[" * 99999]
)
def test_a_broken_plain_file_is_an_error_and_is_not_overwritten(tmp_path: Path, text: str) -> None:
    Consent.record(str(tmp_path))
    (tmp_path / "secrets.json").write_text(text)
    (tmp_path / "secrets.json").chmod(0o600)
    with pytest.raises(StoreError, match="move it away"):
        PlainStore(str(tmp_path)).put(SERVICE, Secret(CANARY))
    assert (tmp_path / "secrets.json").read_text() == text


@pytest.mark.parametrize(
    "text", ["", "{}", '{"schema": 1}', '{"schema": 1, "plain": {}}', '{"schema": 2, "plain": {"who": "a"}}']
)
def test_a_broken_consent_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "consent.json").write_text(text)
    (tmp_path / "consent.json").chmod(0o600)
    assert Consent.given(str(tmp_path)) is False


def test_an_empty_value_is_refused_by_every_store(tmp_path: Path) -> None:
    Consent.record(str(tmp_path))
    for name in NAMES:
        with pytest.raises(StoreError, match="is empty"):
            open_store(name, str(tmp_path)).put(SERVICE, Secret(""))


def test_the_sandbox_store_without_a_sandbox_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No sandbox runs here"):
        SandboxStore(str(tmp_path)).get(SERVICE)


def test_the_sandbox_store_keeps_secrets_until_the_sandbox_stops(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="the sandbox needs the extra sandbox")
    from wizard.sandbox import client

    store = SandboxStore(str(tmp_path))
    client.start(tmp_path, spark=False)
    try:
        store.put(SERVICE, Secret(CANARY * 300))
        assert read_many(store, [SERVICE, "other"]) == {SERVICE: Secret(CANARY * 300)}
        assert (store.delete(SERVICE), store.delete(SERVICE), store.get(SERVICE)) == (True, False, None)
        store.put(SERVICE, Secret(CANARY))
        on_disk = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    finally:
        client.stop(tmp_path)
    assert on_disk == []
    with pytest.raises(StoreError, match="went with it"):
        store.get(SERVICE)


def test_without_a_session_bus_every_call_of_the_keyring_fails_with_what_to_do() -> None:
    code = (
        "from wizard.stores.keyring import KeyringStore\nfrom wizard.secret import Secret, StoreError\n"
        "s = KeyringStore()\n"
        "for call in (lambda: s.get('a'), lambda: s.put('a', Secret('canary-9')), lambda: s.delete('a'), "
        "lambda: s.read_many(['a']), lambda: s.title):\n"
        "    try: call()\n    except StoreError as error: print(error)"
    )
    done = run(code)
    assert [line.partition(".")[0] for line in done.stdout.splitlines()] == [
        "There is no keyring service here to keep secrets in"
    ] * 5
    assert "canary-9" not in done.stdout + done.stderr


def test_a_back_end_that_is_not_a_system_keyring_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "plaintext_backend.py").write_text(
        "import keyring.backend\n"
        "class Keyring(keyring.backend.KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, s, u): return None\n"
        "    def set_password(self, s, u, p): print('WRITTEN', p)\n"
    )
    code = (
        "from wizard.stores.keyring import KeyringStore\nfrom wizard.secret import Secret\n"
        "try: KeyringStore().put('a', Secret('canary-9'))\nexcept Exception as error: print(type(error).__name__, error)"
    )
    done = run(code, PYTHONPATH=str(tmp_path), PYTHON_KEYRING_BACKEND="plaintext_backend.Keyring")
    assert done.stdout.startswith(
        "StoreError keyring would use plaintext_backend, which is not one that mlops-wizard trusts"
    )
    assert "canary-9" not in done.stdout + done.stderr


def test_a_keyring_value_that_is_no_text_is_refused() -> None:
    with pytest.raises(StoreError, match="broken Unicode"):
        KeyringStore().put(SERVICE, Secret("a\ud800"))


def test_every_problem_has_a_sentence_and_a_remedy() -> None:
    for code in problems.CODES:
        assert problems.problem(code, "detail").endswith(".")
        assert problems.remedy(code).endswith(".")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "slow"),
        (FileNotFoundError(), "absent"),
        (PermissionError(), "denied"),
        (RuntimeError("No recommended backend was available"), "absent"),
        (ModuleNotFoundError("keyring"), "missing"),
        (Exception("Can't store password on keychain: (-25308, 'x')"), "denied"),
        (KeyError("x"), "broken"),
    ],
)
def test_errors_are_told_apart(error: Exception, code: str) -> None:
    assert problems.code_of(error) == code


def test_importing_the_stores_loads_no_library() -> None:
    code = "import sys; from wizard import stores; stores.open_store('keyring', '/x'); print(*sorted(sys.modules))"
    loaded = set(run(code).stdout.split())
    assert not loaded & {"keyring", "jeepney", "filelock", "json", "subprocess", "cryptography", "wizard.stores.plain"}


def test_what_a_killed_writer_of_the_plain_file_had_begun_goes_with_the_next_write(tmp_path: Path) -> None:
    Consent.record(str(tmp_path))
    begun = tmp_path / "secrets.json.123.0a1b2c3d.new"
    begun.write_text(CANARY)
    PlainStore(str(tmp_path)).delete(SERVICE)
    assert not begun.exists()
