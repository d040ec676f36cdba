"""What looks like a secret: by its name (`DATABRICKS_TOKEN`) or by its shape (`ghp_…`).

Patterns tell kinds apart by public prefixes; a hit is named by its kind, never quoted. Git SHAs, UUIDs, cluster ids and
org ids have no such shape and stay clean.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

# (kind, pattern). Bounded repetitions only: the text is untrusted and may be long.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("a Databricks token", r"(?<![0-9A-Za-z])(?:dapi|dose|doau|dkea|dosa)(?=[A-Za-z]{0,40}[0-9])[0-9A-Za-z]{12,}"),
        ("an AWS access key", r"(?<![0-9A-Za-z])A[KS]IA[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("a GitHub token", r"(?<![0-9A-Za-z])(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,})"),
        ("a GitLab token", r"(?<![0-9A-Za-z])glpat-[0-9A-Za-z_-]{16,}"),
        ("a Slack token", r"(?<![0-9A-Za-z])xox[abprs]-[0-9A-Za-z-]{10,}"),
        ("a Python index token", r"(?<![0-9A-Za-z])pypi-Ag[0-9A-Za-z_-]{16,}"),
        ("an npm token", r"(?<![0-9A-Za-z])npm_[0-9A-Za-z]{30,}"),
        ("an API key", r"(?<![0-9A-Za-z])(?:sk-[0-9A-Za-z_-]{20,}|AIza[0-9A-Za-z_-]{30,})"),
        ("an Entra client secret", r"(?<![0-9A-Za-z])[0-9A-Za-z_.~-]{3}[0-9]Q~[0-9A-Za-z_.~-]{31,34}"),
        ("an Azure storage key", r"(?i)AccountKey=[0-9A-Za-z+/=]{16,}"),
        ("a shared access key", r"(?i)SharedAccess(?:Key|Signature)=[^\s;\"'$<{][^\s;\"']{7,}"),
        ("a shared access signature", r"(?i)[?&]sig=[0-9A-Za-z%+/=_-]{16,}"),
        ("an Application Insights connection string", r"(?i)InstrumentationKey=[0-9a-f]{8}[0-9a-z-]{8,}"),
        ("a JSON web token", r"(?<![0-9A-Za-z])eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}"),
        ("a private key", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"),
        ("an HTTP credential", r"(?i)(?<![a-z])(?:bearer|basic)\s{1,4}(?=[a-z+/._=-]{0,80}[0-9])[0-9a-z+/._=-]{16,}"),
        ("a password inside a URL", r"://(?:\$\{[^}\s]{0,80}\}|[^/\s:@\"'$]){0,100}:(?![$<{])[^/\s@\"']{3,200}@"),
    )
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = {
    "TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE", "PASS", "PWD", "KEY",
    "KEYS", "PAT", "PATS", "CREDENTIAL", "CREDENTIALS", "SAS", "IK",
}  # fmt: skip
_SECRET_ENDINGS = (
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "APIKEY", "ACCESSKEY", "ACCOUNTKEY", "SECRETKEY", "STORAGEKEY",
    "SHAREDKEY", "PRIVATEKEY", "CREDENTIALS",
)  # fmt: skip
_SECRET_PAIRS = {("CONNECTION", "STRING"), ("CONN", "STRING"), ("CONNECTION", "STR"), ("CONN", "STR")}
_HARMLESS_LAST = {
    "NAME", "NAMES", "URL", "URI", "ENDPOINT", "HOST", "PORT", "PATH", "DIR", "FILE", "FOLDER", "VAULT", "SCOPE",
    "SCOPES", "TYPE", "VERSION", "COUNT", "LENGTH", "LIMIT", "SIZE", "TTL", "EXPIRY", "EXPIRES", "ISSUER",
    "AUDIENCE", "PARALLELISM", "SOCK", "SOCKET", "ENABLED", "FINGERPRINT", "PROVIDER", "STORE", "BACKEND", "ENV",
    "HELPER", "INTERVAL", "SECONDS", "TIMEOUT",
}  # fmt: skip
_HARMLESS_WORDS = {"MAX", "MIN", "NUM", "TOTAL", "PUBLIC"}
_HARMLESS_NAMES = {"PWD", "OLDPWD", "KEY", "KEYS", "PASS"}


def secret_kind(text: str) -> str | None:
    """What kind of secret `text` holds by its shape (`"a GitHub token"`), or None."""
    return next((kind for kind, pattern in _SHAPES if pattern.search(text)), None)


def secret_spots(text: str) -> list[tuple[int, str]]:
    """Every (offset, kind) in `text`, in order."""
    return sorted((match.start(), kind) for kind, pattern in _SHAPES for match in pattern.finditer(text))


def secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret.

    `API_KEY`, `githubToken` and `GH_PAT` do; `PATH`, `PYTHONPATH`, `KEY_VAULT_NAME`, `MAX_TOKENS`, `TOKEN_FILE` don't.
    """
    words = [word.upper() for word in _WORDS.findall(name)]
    if not words or name.upper() in _HARMLESS_NAMES or words[-1] in _HARMLESS_LAST or _HARMLESS_WORDS & set(words):
        return False
    if _SECRET_WORDS & set(words) or any(word.endswith(_SECRET_ENDINGS) for word in words):
        return True
    return any(pair in _SECRET_PAIRS for pair in pairwise(words))


def shown(name: str) -> str:
    """`name` as a message may show it: quoted, short, no terminal escapes, and never a secret that sits in a key."""
    if secret_kind(name):
        return '"(hidden)"'
    return json.dumps(name if len(name) <= 60 else name[:59] + "…")


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `customizations.vscode.extensions[2]`; "the top level" for the empty one."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(
                ("." if parts else "")
                + (step if re.fullmatch(r"[\w$-]{1,60}", step, re.ASCII) and not secret_kind(step) else shown(step))
            )
    return "".join(parts) or "the top level"
