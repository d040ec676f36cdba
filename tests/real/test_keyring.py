"""A real Secret Service (gnome-keyring on a D-Bus session of the test's own): the store, its probe, and `run --`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secret_service import Service, secret_service, started
from wizard import places
from wizard.stores import problems

__all__ = ["secret_service"]

CANARY = "canary-0123456789abcdef"
PUT = """
import json, sys
from wizard.secret import Secret
from wizard.stores import open_store, read_many
store = open_store("keyring", "/nonexistent")
values = json.load(sys.stdin)
for service, value in values.items():
    store.put(service, Secret(value))
"""


def python(service: Service, code: str, given: object = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**service.env, **env},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def probed(service: Service) -> dict[str, object]:
    code = (
        "import json, dataclasses, time; from wizard.stores.probe import probe; began = time.monotonic()\n"
        "found = dataclasses.asdict(probe('keyring')); print(json.dumps({**found, 'seconds': time.monotonic() - began}))"
    )
    found: dict[str, object] = json.loads(python(service, code).stdout)
    return found


def test_the_probe_says_whose_keyring_it_is_and_leaves_nothing_in_it(secret_service: Service) -> None:
    found = probed(secret_service)
    assert (found["ok"], found["title"], found["code"]) == (True, "GNOME Keyring / Secret Service", "")
    code = (
        "from secretstorage import dbus_init, get_default_collection\n"
        "print(len(list(get_default_collection(dbus_init()).get_all_items())))"
    )
    assert python(secret_service, code).stdout == "0\n"


def test_values_of_every_kind_come_back_one_by_one_and_in_a_batch(secret_service: Service) -> None:
    values = {
        "mlops-wizard/h/SHORT": "x",
        "mlops-wizard/h/LONG": "0123456789" * 500,
        "mlops-wizard/h/UNICODE": "ü€😀\n\t" * 700,
        "mlops-wizard/h/HEADER": "mlops-wizard-parts:1:2:" + "0" * 64,
        "mlops-wizard/h/NUL": "a\0b",
    }
    code = PUT + (
        "assert {name: store.get(name) for name in values} == {name: Secret(value) for name, value in values.items()}\n"
        "assert read_many(store, [*values, 'mlops-wizard/h/NONE']) == {name: Secret(value) for name, value in values.items()}\n"
        "import keyring\nprint(len(keyring.get_password('mlops-wizard/h/LONG#5', 'mlops-wizard')), store.title)"
    )
    done = python(secret_service, code, values)
    assert (done.stdout, done.stderr, done.returncode) == ("1000 GNOME Keyring / Secret Service\n", "", 0)


def test_a_shorter_value_takes_the_old_parts_away_and_deleting_all_of_it(secret_service: Service) -> None:
    code = PUT + (
        "import keyring\nname, = values\nstore.put(name, Secret('y' * 1500))\n"
        "print([keyring.get_password(f'{name}#{n}', 'mlops-wizard') is None for n in range(1, 6)])\n"
        "print(store.delete(name), store.delete(name), store.get(name))\n"
        "print([keyring.get_password(f'{name}#{n}', 'mlops-wizard') is None for n in range(1, 3)])"
    )
    done = python(secret_service, code, {"mlops-wizard/h/LONG": "x" * 5000})
    assert done.stdout == "[False, False, True, True, True]\nTrue False None\n[True, True]\n", done.stderr


def test_a_torn_write_is_noticed_and_the_value_not_shown(secret_service: Service) -> None:
    code = PUT + (
        "import keyring\nname, = values\nkeyring.set_password(f'{name}#2', 'mlops-wizard', 'other')\n"
        "for call in (lambda: store.get(name), lambda: read_many(store, [name])):\n"
        "    try: call()\n    except Exception as error: print(type(error).__name__, error)"
    )
    done = python(secret_service, code, {"mlops-wizard/h/LONG": CANARY * 100})
    told = "StoreError The entry mlops-wizard/h/LONG was only half written; set it again: `mlops-wizard secrets set`.\n"
    assert (done.stdout, done.stderr) == (told * 2, "")


def test_a_locked_keyring_is_told_apart_and_nobody_is_asked(secret_service: Service) -> None:
    python(secret_service, PUT, {"mlops-wizard/h/T": CANARY})
    secret_service.lock()
    found = probed(secret_service)
    assert (found["ok"], found["code"], found["title"]) == (False, problems.LOCKED, "GNOME Keyring / Secret Service")
    assert "gnome-keyring-daemon --unlock" in str(found["remedy"])
    code = PUT + "print(read_many(store, ['mlops-wizard/h/T']))"
    done = python(secret_service, code, {})
    assert done.returncode == 1
    assert "StoreError: The keyring is locked" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_a_keyring_that_does_not_answer_is_given_up_at_the_deadline(secret_service: Service) -> None:
    secret_service.freeze()
    try:
        found = probed(secret_service)
    finally:
        secret_service.thaw()
    assert (found["ok"], found["code"]) == (False, problems.SLOW)
    assert float(str(found["seconds"])) < 30  # the bus itself gives up after 120 s


def test_a_bus_without_a_keyring_is_told_apart() -> None:
    with started(service=False) as bus:
        found = probed(bus)
    assert (found["ok"], found["code"]) == (False, problems.ABSENT)
    assert "gnome-keyring" in str(found["remedy"])


def test_a_bus_address_that_nobody_listens_at_is_told_apart(tmp_path: Path) -> None:
    with started(service=False) as bus:
        dead = Service({**bus.env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'none'}"}, bus.folder, 0, 0)
        assert probed(dead)["code"] == problems.ABSENT


def test_run_gives_five_secrets_to_the_command_and_masks_them_in_the_pipe(
    secret_service: Service, tmp_path: Path
) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    values = {f"mlops-wizard/h/NAME_{number}": f"{CANARY}-{number}" * (number * 30 + 1) for number in range(5)}
    env = {places.STATE: str(tmp_path / "state")}
    code = PUT + (
        "from wizard import run, trust\nroot = sys.argv[-1]\ntrust.give(root)\n"
        "run.write_list(root, run.RunList(secrets=tuple((s.rpartition('/')[2], s) for s in values), store='keyring'))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "repo")],
        env={**secret_service.env, **env}, input=json.dumps(values), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    lengths = "import os; print([len(os.environ[f'NAME_{n}']) for n in range(5)]); print(os.environ['NAME_4'])"
    runs = "import sys; from wizard.run import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", runs, "--", sys.executable, "-c", lengths],
        cwd=tmp_path / "repo", env={**secret_service.env, **env}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == (f"{[len(value) for value in values.values()]}\n•••\n", "", 0)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert kept == []


def test_nothing_of_it_is_in_home(secret_service: Service) -> None:
    home = Path(os.path.expanduser("~/.local/share/keyrings"))
    before = sorted(home.glob("*")) if home.exists() else []
    python(secret_service, PUT, {"mlops-wizard/h/T": CANARY})
    assert (sorted(home.glob("*")) if home.exists() else []) == before
    assert [path.name for path in (secret_service.folder / "data").rglob("*.keyring")] == ["login.keyring"]


@pytest.mark.parametrize("backend", ["keyring.backends.SecretService.Keyring", ""])
def test_the_batch_and_the_library_see_the_same_entries(secret_service: Service, backend: str) -> None:
    env = {"PYTHON_KEYRING_BACKEND": backend} if backend else {"XDG_CURRENT_DESKTOP": "KDE"}
    code = PUT + (
        "from wizard.stores import secret_service\nprint(secret_service.may_be_asked())\n"
        "print(read_many(store, values) == {name: Secret(value) for name, value in values.items()})"
    )
    done = python(secret_service, code, {"mlops-wizard/h/A": "1", "mlops-wizard/h/B": "2" * 3000}, **env)
    assert done.stdout.split() == [str(bool(backend)), "True"], done.stderr
