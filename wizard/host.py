"""A workspace's address as people paste it, made into the one form that all clients read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_PLACEHOLDER = re.compile(
    r"x{3,}|your-|<|>|example|placeholder|\badb-?\.|staging-workspace|prod-workspace", re.IGNORECASE
)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EXAMPLE = "https://adb-1234567890123456.7.azuredatabricks.net"


@dataclass(frozen=True, slots=True)
class Host:
    """`url` is `https://name[:port]`; `org_id` what the pasted address told of it; `dropped` what was cut off."""

    url: str
    org_id: str = ""
    dropped: str = ""


def clean(text: str) -> str:
    """The pasted text in the form that clients want; what is no address stays as it was, for `problem` to name."""
    try:
        return read(text).url
    except ValueError:
        return text.strip()


def problem(text: str) -> str | None:
    """What is wrong with an address, as a sentence, or None."""
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return None


def read(text: str) -> Host:
    """A pasted address. Raises ValueError with a sentence that says what to type."""
    typed = text.strip().strip("\"'")
    if not typed:
        raise ValueError(
            "The address is empty; paste it from your browser, as in https://adb-1234567890123456.7.azuredatabricks.net."
        )
    if _PLACEHOLDER.search(typed):
        raise ValueError(f"{typed!r} is a placeholder of a guide, not a workspace; paste your own from the browser.")
    if "://" not in typed:
        typed = f"https://{typed}"
    parts = _split(typed)
    name = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme != "https":
        raise ValueError(
            f"{typed!r} begins with {parts.scheme}://; a token must travel encrypted, so type https://{name or '…'}."
        )
    if parts.username or parts.password:
        raise ValueError("The address holds a user name or a password; type it without them.")
    if not _NAME.fullmatch(name) and name not in LOOPBACK:
        raise ValueError(f"{text.strip()!r} is not a host name; paste the address from your browser.")
    if "." not in name and name not in LOOPBACK:
        raise ValueError(
            f"{name!r} is not a whole host name; it ends in .azuredatabricks.net, .cloud.databricks.com or the like."
        )
    shown = f"[{name}]" if ":" in name else name
    port = f":{parts.port}" if parts.port not in (None, 443) else ""
    return Host(f"https://{shown}{port}", _org_id(parts.query, name), _dropped(parts.path, parts.query, parts.fragment))


def place(url: str) -> str:
    """The part that secrets are kept under: `name[:port]`."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _split(typed: str):  # type: ignore[no-untyped-def]
    try:
        parts = urlsplit(typed)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"{typed!r} is not an address ({error}); paste it from your browser.") from error
    return parts


def _org_id(query: str, name: str) -> str:
    given = parse_qs(query)
    for key in ("o", "w"):
        if given.get(key, [""])[0].isdigit():
            return given[key][0]
    azure = re.match(r"adb-(\d+)\.\d+\.", name)
    return azure[1] if azure else ""


def _dropped(path: str, query: str, fragment: str) -> str:
    rest = path if path != "/" else ""
    return rest + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
