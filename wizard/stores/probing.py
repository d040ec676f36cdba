"""The child process of the probe: tries the keyring and says how it went, one JSON object a line on stdout.

Before each step it names the step, so that whoever kills it knows where it hung.
"""

from __future__ import annotations

import json
import secrets
import sys

from wizard.secret import USER
from wizard.stores import problems


def main() -> None:
    """Try it. Says `{"step": …}` before each step and `{"code": …, "title": …, "detail": …}` at the end."""
    title = ""
    try:
        _step("import")
        import keyring  # noqa: F401 - that it can be imported, and how long that takes, is what is tried

        from wizard.stores.keyring import RefusedError, backend, title_of

        _step("choose")
        try:
            chosen = backend()
        except RefusedError as error:
            none = error.module in {"keyring.backends.fail", "keyring.backends.null"}
            return _say(problems.ABSENT if none else problems.REFUSED, "", error.module)
        _step("look")
        title = title_of(chosen)
        if _shut(type(chosen).__module__):
            return _say(problems.LOCKED, title)
        service = f"mlops-wizard/probe/{secrets.token_hex(8)}"
        value = secrets.token_urlsafe(24)
        _step("write")
        chosen.set_password(service, USER, value)
        _step("read")
        same = chosen.get_password(service, USER) == value
        _step("delete")
        chosen.delete_password(service, USER)
        gone = chosen.get_password(service, USER) is None
        return _say("ok" if same and gone else problems.BROKEN, title, "" if same and gone else "another value")
    except Exception as error:  # noqa: BLE001 - back ends raise whatever they like
        return _say(problems.code_of(error), title, type(error).__name__)


def _shut(module: str) -> bool:
    """Whether the Secret Service would have to ask for a password now: a probe asks nobody anything."""
    if module != "keyring.backends.SecretService":
        return False
    from wizard.stores import secret_service

    return secret_service.state(10.0) != "open"


def _step(name: str) -> None:
    print(json.dumps({"step": name}), flush=True)


def _say(code: str, title: str, detail: str = "") -> None:
    print(json.dumps({"code": code, "title": title, "detail": detail}), flush=True)
    sys.stdout.flush()
