"""Text without secrets and without terminal escapes: every finding passes through here when it is born.

Shapes are those of the vendors' public prefixes (Databricks', GitHub's, AWS' and Azure's pages on secret scanning). Hashes,
UUIDs, cluster and org ids must stay: they are what a report is read for. Own tables and not a secret scanner's: those find
secrets in files, with rules by the hundred and false alarms; here a short text is masked, many times a second.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

MASK = "•••"

_WRAP = r"(?:[ \t│┃|║]{0,80}\n[ \t│┃|║]{0,80})?"
"""A terminal or a box may have broken the line in the middle of a token."""
_START = r"(?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
"""The start of a word, also after `%20` and after a `\\n` that was written out."""

_NO_HASH = r"(?<![0-9A-Za-z+/])(?<!sha512-)(?<!sha384-)(?<!sha256-)(?<!sha256:)(?<!h1:)"
"""Lock files write hashes in the very shape of Azure's keys."""


def _spread(letters: str, count: int) -> str:
    return rf"(?:{letters}{_WRAP}){{{count - 1}}}{letters}"


SHAPES: tuple[tuple[str, str], ...] = (
    ("Databricks token", _START + "(?:dapi|dkea|dosa)" + _WRAP + _spread("[0-9a-f]", 32) + r"(?:-\d+)?"),
    ("Databricks token", _START + r"(?:dapi|dose|doau|dkea|dosa)(?=[a-zA-Z_-]*\d)[0-9a-zA-Z_-]{12,}(?:-\d+)?"),
    ("GitHub token", _START + r"gh[opsur]_" + _WRAP + _spread("[0-9A-Za-z]", 36)),
    ("GitHub token", _START + r"gh[opsur]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}"),
    ("AWS key", _START + r"(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    ("JWT", _START + r"eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*){0,3}"),
    (
        "private key",
        (
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
            r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    ("Azure account key", _NO_HASH + r"[0-9A-Za-z+/]{86}==(?![0-9A-Za-z+/=])"),
    ("Azure key", _NO_HASH + r"[0-9A-Za-z+/]{43}=(?![0-9A-Za-z+/=])"),
    ("Entra client secret", r"(?<![0-9A-Za-z_~.-])[0-9A-Za-z_~.-]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}(?![0-9A-Za-z_~.-])"),
    ("Azure DevOps token", _START + r"[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}(?![0-9A-Za-z])"),
    ("Azure DevOps token", r"(?<![0-9A-Za-z])[a-z2-7]{52}(?![0-9A-Za-z])"),
    ("GitLab token", _START + r"gl(?:pat|dt|rt|cbt|ptt|ft|agent)-[0-9A-Za-z_-]{20,}"),
    ("Slack token", _START + r"xox[abeoprs]-[0-9A-Za-z-]{10,}"),
    ("package index token", _START + r"(?:npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{32,})"),
    ("API key", _START + r"(?:sk-(?:ant-|proj-)?[0-9A-Za-z_-]{20,}|hf_[0-9A-Za-z]{30,})"),
    ("Google key", _START + r"(?:AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,})"),
)
"""(what it is, pattern) of secrets that are known by their look alone."""

_NAME = (
    r"(?:token|secret|passwor[dt]|passwd|passphrase|pwd|api_?key|access_?key|account_?key|private_?key)"
    r"(?![\w-]{0,40}(?:type|ur[il]|endpoint|name|file|path|scope|count|length|limit)s?\b|_id\b(?<=token_id)|_?expir)"
    r"[\w-]{0,60}[\"']?\s{0,20}[=:]\s{0,20}"
)
_WORDS = (
    "none|null|true|false|unset|set|missing|expired|refused|invalid|accepted|denied|required|unknown|present|absent|empty|"
    "hidden|masked|redacted|revoked|keyring|reading|changed|string|optional|<"
)
_AFTER = (  # what stands before stays, the value after it goes
    r"(?P<keep>\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|InstrumentationKey|sig)=)[^\s;&\"',]+",
    r"(?P<keep>[?&](?:code|sig|token|access_token|refresh_token|client_secret)=)[^\s;&\"',]+",
    r"(?P<keep>\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+)[^\s\"']+",
    r"(?P<keep>\b(?:bearer|basic)(?:\s|%20)+)(?=[0-9A-Za-z._~+/=-]*(?-i:[0-9A-Z=]))[0-9A-Za-z._~+/=-]{16,}",
    r"(?P<keep>://[^/\s:@]{0,200}:)[^/\s]{1,500}(?=@)",
    r"(?P<keep>\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,100}:)[^\s\"']+",
    rf"(?P<keep>(?<![\w-])--?[\w-]{{0,40}}(?:token|secret|password|passwd|api-?key)[ =])(?![-$<{{•]|(?:{_WORDS})\b)[^\s\"']{{6,}}",
    rf"(?P<keep>{_NAME}[bru]{{0,2}}\")(?!•|\$\{{|<)(?:[^\"\\\n]|\\.){{4,}}",
    rf"(?P<keep>{_NAME}[bru]{{0,2}}')(?!•|\$\{{|<)(?:[^'\\\n]|\\.){{4,}}",
    rf"(?P<keep>{_NAME})(?![\[{{(<$%\"']|(?:{_WORDS})(?![\w-])|•)[^\s\"',;]{{6,}}",
)
_ONE = re.compile("|".join(f"(?:{s})" for _, s in SHAPES), re.DOTALL)
_KEEP = tuple(re.compile(s, re.IGNORECASE) for s in _AFTER)
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC
    r"|(?:\x1b[P^_X]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)"  # DCS, PM, APC, SOS
    r"|\x1b[ -/]*[0-~]"
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")

LIMIT = 4_000
"""Characters that a piece of evidence may have; the middle of longer ones is left out."""

_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:token|secret|password|passwd|passphrase|pwd|pat|key|credentials?|connection_?string|sas|ik)(?:$|[_.-])|"
    r"(?:token|secret|password|passwd|apikey|accesskey|accountkey|privatekey)$",
    re.IGNORECASE,
)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text with secret-shaped parts and the `known` values masked, also where those stand encoded or wrapped."""
    for value in sorted({k for k in known if len(k) >= 4}, key=len, reverse=True):
        for form in _forms(value):
            text = text.replace(form, MASK)
        if len(value) <= 200:
            text = re.sub(_WRAP.join(re.escape(c) for c in value), MASK, text)
    text = _ONE.sub(MASK, text)
    for shape in _KEEP:
        text = shape.sub(lambda m: m["keep"] + MASK, text)
    return text


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def _forms(value: str) -> tuple[str, ...]:
    """The value as it is, in base64, and as URLs and JSON write it; the lines of one that has many."""
    data = value.encode("utf-8", "surrogateescape")
    percent = "".join(chr(b) if chr(b) in _UNRESERVED else f"%{b:02X}" for b in data)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    coded = base64.b64encode(data).decode().rstrip("=")
    lines = tuple(line.strip() for line in value.splitlines() if len(line.strip()) >= 8)
    return (value, coded, percent, escaped, *(lines if len(lines) > 1 else ()))


def plain(text: str) -> str:
    """The text without terminal escapes, control and direction characters; tabs and newlines stay."""
    return _BROKEN.sub("\ufffd", _CONTROLS.sub("", _ESCAPES.sub("", text)))


def shown(text: str, limit: int = LIMIT) -> str:
    """What may be put before a person's eyes: plain, redacted, of a bearable length."""
    text = redact(plain(text))
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\n… {len(text) - limit} characters left out …\n{text[-limit // 2 :]}"


def secret_shaped(text: str) -> bool:
    """Whether something in the text looks like a secret."""
    return redact(text) != text


def secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a secret: `DATABRICKS_TOKEN`, `APPI_IK`, `storage-key`."""
    return _SECRET_NAME.search(name) is not None


_FOUND = tuple((what, re.compile(shape, re.DOTALL)) for what, shape in SHAPES)


def secrets_in(text: str) -> tuple[tuple[int, str], ...]:
    """(line, what it is) of the secrets that are known by their look; examples such as `AKIAIOSFODNN7EXAMPLE` are not."""
    found = {
        (text.count("\n", 0, m.start()) + 1, what)
        for what, shape in _FOUND
        for m in shape.finditer(text)
        if not _example(m.group())
    }
    return tuple(sorted(found))


def _example(value: str) -> bool:
    """Whether it is made up: `EXAMPLE` in it, or hardly any different characters."""
    return "example" in value.lower() or "xxxx" in value.lower() or len(set(value)) < 10
