"""`mlops-wizard-databricks`: what `databricks_cli_path` of a profile points to, so that it holds no token.

Answers in the place of the Go CLI: `version --output json`, and `auth token --profile P` (or `--host H`) with
`{"access_token", "token_type", "expiry"}` from the store. Asked by databricks-sdk and by databricks-connect of the
profile's host, it gives that host's token and no other. Unknown arguments are tolerated: newer SDKs add some.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hook.oauth import Token
    from wizard.index import Kept

VERSION = (0, 296, 0)
"""The first Go CLI that takes both `--profile` and `--force-refresh` here, as databricks-sdk 0.156 tells them apart."""

PAT_SECONDS = 3600
"""For how long a client may keep a token without a known end before it asks again."""

TOKEN = "DATABRICKS_TOKEN"  # noqa: S105 - names of entries, not secrets
CLIENT_SECRET = "DATABRICKS_CLIENT_SECRET"  # noqa: S105
LOGIN = "`mlops-wizard auth login`"

_FLAGS = frozenset({"--force-refresh", "--debug", "--help", "-h"})


class HookError(Exception):
    """There is no token to give; the text says why and what to do."""


def main() -> int:
    """The console script. Exit status 0 with JSON on stdout, else 1 with one sentence on stderr."""
    from wizard.flat import shown

    argv = sys.argv[1:]
    try:
        sys.stdout.write(_answer(argv))
    except HookError as error:
        sys.stderr.write(f"mlops-wizard: {shown(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - whoever asked shows our last line; a traceback could hold a value
        sys.stderr.write(f"mlops-wizard: No token can be given ({type(error).__name__}); type `mlops-wizard doctor`.\n")
        return 1
    return 0


def _answer(argv: list[str]) -> str:
    words = [word for word in argv if not word.startswith("-")]
    if words[:1] == ["version"] or argv[:1] in (["--version"], ["-v"]):
        return _version()
    if words[:2] == ["auth", "token"]:
        return _token(argv)
    raise HookError("This program answers `version` and `auth token` only; for all else use the Databricks CLI.")


def _version() -> str:
    """In the Go CLI's shape; only the three numbers are read by databricks-sdk."""
    import json

    major, minor, patch = VERSION
    text = f"{major}.{minor}.{patch}"
    return json.dumps(
        {
            "ProjectName": "mlops-wizard", "Version": text, "Branch": "", "Tag": f"v{text}", "ShortCommit": "00000000",
            "FullCommit": "", "CommitTime": "", "Summary": f"v{text}", "Major": major, "Minor": minor, "Patch": patch,
            "Prerelease": "", "IsSnapshot": False, "BuildTime": "",
        }
    ) + "\n"  # fmt: skip


def _token(argv: list[str]) -> str:
    import json

    if sys.stdout.isatty():
        raise HookError(
            "A token is given to programs, not to terminals; `mlops-wizard auth status` shows how it stands."
        )
    asked = _parse(argv)
    token = give(asked["profile"], asked["host"], force="--force-refresh" in argv)
    answer = {"access_token": token.value.reveal(), "token_type": "Bearer", "expiry": token.expiry_text()}
    return json.dumps(answer) + "\n"


def _parse(argv: list[str]) -> dict[str, str]:
    """The profile and the host that are asked for. A flag that is not known may have a value, which goes with it."""
    found = {"profile": "", "host": ""}
    words: list[str] = []
    at = 0
    while at < len(argv):
        word, equals, value = argv[at].partition("=")
        at += 1
        if not word.startswith("-"):
            words.append(argv[at - 1])
            continue
        if not equals and word not in _FLAGS and at < len(argv) and not argv[at].startswith("-"):
            value = argv[at]
            at += 1
        name = "profile" if word == "-p" else word.lstrip("-")
        if name in found:
            found[name] = value
    for word in words[2:3]:
        found["host" if "." in word or "://" in word else "profile"] = word
    return found


def give(profile: str, host: str, *, force: bool = False) -> Token:
    """The token for a profile's host, or for a host where no profile is named.

    `force`: whoever asks has thrown its own copy away, so one that is minted rather than kept is to be a new one.
    Raises HookError.
    """
    from wizard import places
    from wizard.hook.error import OAuthError
    from wizard.hook.oauth import NAME, minted
    from wizard.index import Index, IndexProblem
    from wizard.secret import Entry, StoreError

    keys = _profile(profile, host)
    where, url = _place(keys["host"])
    _refuse_other_host(where)
    state = places.state()
    try:
        index = Index(state)
        kept = {name: index.find(Entry(where, name).service) for name in (TOKEN, CLIENT_SECRET, NAME)}
        token, secret, login = kept.values()
        client_id = keys.get("client_id") or (secret.client_id if secret else "")
        if token and not (secret and keys.get("client_id")):
            return _kept_token(token, state)
        if secret and client_id:
            return minted(url, secret, client_id, state, force=force)
        if login:
            return minted(url, login, "", state, force=force)
    except (IndexProblem, StoreError, OAuthError) as error:
        raise HookError(str(error)) from None
    raise HookError(f"No token is kept for {where}; log in: {LOGIN}.")


def _profile(profile: str, host: str) -> dict[str, str]:
    """The keys of the profile with its host. Raises HookError where the one that is asked for is another."""
    from wizard.profile import ProfileProblem, config_file, read_profile
    from wizard.run.environment import bare_host

    if host and not profile:
        return {"host": host}
    profile = profile or os.environ.get("DATABRICKS_CONFIG_PROFILE") or "DEFAULT"
    try:
        keys = read_profile(profile, config_file())
    except ProfileProblem as error:
        raise HookError(str(error)) from None
    if not keys.get("host"):
        raise HookError(f"The profile {profile} names no host; run `mlops-wizard setup`.")
    if host and bare_host(host) != bare_host(keys["host"]):
        raise HookError(f"The profile {profile} is for {bare_host(keys['host'])}, not for {bare_host(host)}.")
    return keys


def _place(host: str) -> tuple[str, str]:
    """The host as entries name it, and its address. Raises HookError for one that a token must not go to."""
    from wizard.run.environment import bare_host

    where = bare_host(host)
    name = where.rpartition(":")[0] if where.rpartition(":")[2].isdigit() else where
    plain = host.strip().lower().startswith("http://")
    if not where or not where.isascii() or any(not (char.isalnum() or char in "-._:[]") for char in where):
        raise HookError(f"{where!r} is not a host name; run `mlops-wizard setup`.")
    if plain and name not in {"localhost", "127.0.0.1", "[::1]"}:
        raise HookError(f"http://{where} is not encrypted, and no token goes there; write https:// in the profile.")
    return where, f"{'http' if plain else 'https'}://{where}"


def _refuse_other_host(where: str) -> None:
    """The SDK takes DATABRICKS_HOST before the profile's host, and would send this host's token there."""
    from wizard.run.environment import bare_host

    named = os.environ.get("DATABRICKS_HOST", "")
    if named and bare_host(named) != where:
        raise HookError(
            f"DATABRICKS_HOST is {bare_host(named)}, which wins over the profile's {where}, and a token must not go to "
            "another host; unset DATABRICKS_HOST."
        )


def _kept_token(kept: Kept, state: str) -> Token:
    """A personal access token as it is, with the end that is known of it."""
    from datetime import UTC, datetime, timedelta

    from wizard.hook.oauth import Token, parse_time
    from wizard.stores import open_store

    expiry = parse_time(kept.expires) if kept.expires else datetime.now(UTC) + timedelta(seconds=PAT_SECONDS)
    if expiry is None:
        expiry = datetime.now(UTC) + timedelta(seconds=PAT_SECONDS)
    if expiry <= datetime.now(UTC):
        raise HookError(f"The token for {kept.host} expired on {expiry:%Y-%m-%d}; log in again: {LOGIN}.")
    value = open_store(kept.store, state).get(kept.service)
    if value is None:
        raise HookError(f"The token for {kept.host} is no longer in the store {kept.store}; log in again: {LOGIN}.")
    return Token(value, expiry)
