"""The control socket: what the owner may ask, and how it answers nonsense."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from tests.sandbox_api import Fetch
from wizard.sandbox import line
from wizard.sandbox.client import Control, Running, SandboxError
from wizard.secret import Secret

LIST = "/api/2.0/clusters/list"


def test_a_minted_token_is_a_secret_that_the_workspace_knows(running: Running, fetch: Fetch) -> None:
    token = Control(running).token(lifetime_seconds=600)
    assert isinstance(token, Secret)
    assert token.reveal() not in f"{token} {token!r}"
    assert fetch(running, LIST, token.reveal())[0] == 200
    assert fetch(running, LIST, "dapi0")[0] == 403
    assert fetch(running, LIST)[0] == 401


def test_a_lifetime_of_zero_gives_an_expired_token(running: Running, fetch: Fetch) -> None:
    assert fetch(running, LIST, Control(running).token(lifetime_seconds=0).reveal())[0] == 403


def test_a_client_is_an_id_and_a_secret(running: Running) -> None:
    client_id, secret = Control(running).client()
    assert len(client_id) == 36
    assert secret.reveal().startswith("dose")
    assert Control(running).client()[0] != client_id


def test_secrets_are_kept_listed_and_deleted(running: Running) -> None:
    control = Control(running)
    assert control.get_secret("mlops-wizard/host/NAME", "mlops-wizard") is None
    assert control.list_secrets() == ()
    control.put_secret("mlops-wizard/host/NAME", "mlops-wizard", Secret("välue\n\x1b"))
    control.put_secret("a", "", Secret(""))
    control.put_secret("a", "", Secret("new"))
    assert control.get_secret("mlops-wizard/host/NAME", "mlops-wizard") == Secret("välue\n\x1b")
    assert control.get_secret("a", "") == Secret("new")
    assert control.list_secrets() == (("a", ""), ("mlops-wizard/host/NAME", "mlops-wizard"))
    assert control.delete_secret("a", "") is True
    assert control.delete_secret("a", "") is False
    assert control.list_secrets() == (("mlops-wizard/host/NAME", "mlops-wizard"),)


def test_a_secret_of_half_a_mebibyte_is_kept(running: Running) -> None:
    control = Control(running)
    control.put_secret("large", "u", Secret("x" * 512 * 1024))
    assert control.get_secret("large", "u") == Secret("x" * 512 * 1024)


def test_a_secret_that_is_too_large_is_refused(running: Running) -> None:
    with pytest.raises(SandboxError, match="at most 1 MiB"):
        Control(running).put_secret("large", "u", Secret("x" * 1024 * 1024))
    assert Control(running).list_secrets() == ()


def test_a_stopped_sandbox_says_what_to_type(tmp_path: Path) -> None:
    gone = Running("https://localhost:1", "1", "", str(tmp_path / "control.sock"), 1, "")
    with pytest.raises(SandboxError, match=r"\(No such file or directory\)\. Type `mlops-wizard sandbox start`"):
        Control(gone).token()


def test_nothing_is_sent_to_a_socket_of_another_protocol(tmp_path: Path) -> None:
    path = tmp_path / "other.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        other.settimeout(0)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
            assert line.peer_uid(probe) == path.stat().st_uid


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"nonsense\n", "The request is not one line of JSON."),
        (b"[" * 100_000 + b"\n", "The request is not one line of JSON."),
        (b"[]\n", "The sandbox knows no such request. It knows: token,"),
        (b'{"op": ["token"]}\n', "The sandbox knows no such request."),
        (b'{"op": "token", "lifetime_seconds": "1"}\n', "A token's lifetime is a number of seconds"),
        (b'{"op": "token", "lifetime_seconds": true}\n', "A token's lifetime is a number of seconds"),
        (b'{"op": "token", "comment": 1}\n', "A token's comment is a text"),
        (b'{"op": "put-secret", "service": "s", "user": "u"}\n', "The value to keep must be a text."),
        (b'{"op": "get-secret", "service": "", "user": "u"}\n', "An entry is named by a service and a user"),
        (b'{"op": "misbehave", "names": "slow"}\n', "The names of faults must be a list of texts."),
        (b'{"op": "misbehave", "names": ["bad-mood"]}\n', "The sandbox knows no misbehaviour 'bad-mood'."),
        (b"x" * (2 * 1024 * 1024) + b"\n", "The request is not one line of JSON of at most 1 MiB."),
    ],
)
def test_nonsense_is_answered_with_a_sentence(running: Running, sent: bytes, error: str) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(20)
        raw.connect(running.control)
        with suppress(OSError):  # it stops listening to a line that is too long
            raw.sendall(sent)
        answer = json.loads(raw.makefile("rb").readline())
    assert answer["ok"] is False
    assert answer["error"].startswith(error)


def test_the_server_goes_on_after_a_client_that_hangs_up(running: Running) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(running.control)
    assert Control(running).list_secrets() == ()
