"""Is a store usable? Tried by writing, reading and deleting a random entry, before anybody is asked for a secret.

The keyring is tried in a child process that is killed at a deadline: importing it alone has hung for minutes on WSL.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace

from wizard import places
from wizard.secret import StoreError
from wizard.stores import KEYRING, PLAIN, SANDBOX, problems

SECONDS = 3.0

_CHILD = "import sys; sys.path.extend(sys.argv[1:]); from wizard.stores.probing import main; main()"
_STEPS = {
    "": "starting Python",
    "import": "importing keyring",
    "choose": "choosing a back end",
    "look": "asking the Secret Service",
    "write": "writing an entry",
    "read": "reading an entry",
    "delete": "deleting an entry",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What trying a store said: usable or not, what a person calls it, what is wrong, what to do."""

    ok: bool
    title: str
    problem: str = ""
    remedy: str = ""
    name: str = ""
    """`keyring`, `sandbox`, `plain`."""
    code: str = ""
    """Empty where ok; else one of problems.CODES, `consent` (plain text without one) or `stopped` (no sandbox)."""


def probe(name: str, deadline: float = SECONDS, *, state: str | None = None) -> Probe:
    """Try the store of this name, for at most `deadline` seconds. Never raises for what a store does."""
    where = state if state is not None else places.state()
    if name == KEYRING:
        return _keyring(deadline)
    if name == SANDBOX:
        return _sandbox(where)
    if name == PLAIN:
        return _plain(where)
    raise ValueError(f"there is no store called {name!r}")


def _keyring(deadline: float) -> Probe:
    argv = [sys.executable, "-I", "-c", _CHILD, *_homes()]
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            said, _ = child.communicate(timeout=deadline)
        except subprocess.TimeoutExpired:
            said = _end(child)
            steps, _ = _parse(said)
            return _failed(problems.SLOW, f"{_STEPS.get(steps[-1] if steps else '', 'working')}, {deadline:g} s")
    _, answer = _parse(said)
    title = str(answer.get("title") or "OS keyring")[:200]
    code = answer.get("code")
    if code == "ok" and child.returncode == 0:
        return Probe(True, title, name=KEYRING)
    known = code if isinstance(code, str) and code in problems.CODES else problems.BROKEN
    return replace(_failed(known, str(answer.get("detail", ""))[:200]), title=title)


def _end(child: subprocess.Popen[bytes]) -> bytes:
    """Kill the child and whatever it started; what it had said until then."""
    if sys.platform == "win32":
        child.kill()
    else:
        import signal

        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    try:
        said, _ = child.communicate(timeout=1.0)
    except subprocess.TimeoutExpired:
        return b""
    return said or b""


def _parse(said: bytes) -> tuple[list[str], dict[str, object]]:
    """The steps that the child named, and its answer: one JSON object a line."""
    steps: list[str] = []
    for line in said[:10_000].splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "code" in found:
            return steps, found
        if isinstance(found, dict) and isinstance(found.get("step"), str):
            steps.append(found["step"])
    return steps, {}


def _failed(code: str, detail: str = "") -> Probe:
    return Probe(False, "OS keyring", problems.problem(code, detail), problems.remedy(code), KEYRING, code)


def _homes() -> list[str]:
    """Folders of the packages, for installations that an isolated interpreter does not see (pip install --user)."""
    from importlib.util import find_spec

    spec = find_spec("keyring")
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    keyrings = [os.path.dirname(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return [own, *keyrings]


def _sandbox(state: str) -> Probe:
    from wizard.stores.sandbox import SandboxStore

    store = SandboxStore(state)
    try:
        store.get("mlops-wizard/probe/nothing")
    except StoreError as error:
        remedy = "Type `mlops-wizard sandbox start`."
        return Probe(False, store.title, str(error), remedy, SANDBOX, "stopped")
    return Probe(True, store.title, name=SANDBOX)


def _plain(state: str) -> Probe:
    from wizard.stores.plain import Consent, PlainStore

    store = PlainStore(state)
    try:
        if not Consent.given(state):
            problem = "Secrets are kept in plain text only after your consent, and there is none."
            remedy = "Choose the keyring, or agree in `mlops-wizard setup`."
            return Probe(False, store.title, problem, remedy, PLAIN, "consent")
        store.get("mlops-wizard/probe/nothing")
    except StoreError as error:
        remedy = "Put the file right, or use the keyring."
        return Probe(False, store.title, str(error), remedy, PLAIN, problems.BROKEN)
    return Probe(True, store.title, name=PLAIN)
