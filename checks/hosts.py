"""Hosts of workspaces, in the many spellings that people paste. Own code: the standard parser's package opens connections."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URL = re.compile(
    r"\s*(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:[^/@\s?#]*@)?"
    r"(?P<name>\[[0-9a-f:.]+\]|[^/:?#\s\[\]\\@]+)(?::(?P<port>\d{1,5}))?(?P<rest>[/?#].*)?\s*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Host:
    """One host: `name` in lower case, `port` 0 where none was written, `rest` the path and query that followed."""

    scheme: str
    name: str
    port: int
    rest: str

    @property
    def url(self) -> str:
        """As clients want it: `https://name[:port]`, no slash at the end."""
        standard = {"https": 443, "http": 80}.get(self.scheme)
        return f"{self.scheme}://{self.name}" + (f":{self.port}" if self.port not in {0, standard} else "")

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(self.name)


def is_loopback(name: str) -> bool:
    """Whether a host name means this machine whatever the resolver says."""
    bare = name.strip("[]").lower().rstrip(".")
    return (
        bare in {"localhost", "::1"} or bare.endswith(".localhost") or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", bare))
    )


def parse(text: str) -> Host | None:
    """The host of a URL or a bare name; None where there is none in it."""
    found = _URL.fullmatch(text)
    if not found or int(found["port"] or 0) > 65535:
        return None
    name = found["name"].lower().rstrip(".")
    return (
        Host((found["scheme"] or "https").lower(), name, int(found["port"] or 0), found["rest"] or "") if name else None
    )


def normal(text: str) -> str:
    """`https://name[:port]` of whatever spelling; the text itself where it is no host."""
    host = parse(text)
    return host.url if host else text.strip()


def same(one: str, other: str) -> bool:
    """Whether two spellings mean the same workspace (`http` and `https` apart)."""
    return normal(one) == normal(other)


def org_id(text: str) -> str:
    """The workspace's id where the host tells it: Azure's `adb-<id>.<n>.azuredatabricks.net`, or `?o=<id>`."""
    host = parse(text)
    if host is None:
        return ""
    if found := re.search(r"[?&][ow]=(\d+)", host.rest):
        return found[1]
    named = re.fullmatch(r"adb-(\d{5,20})\.\d+\.azuredatabricks\.(?:net|us|cn)", host.name)
    return named[1] if named else ""


_MADE_UP = re.compile(
    r"x{3,}|[.-]xx?(?:[.-]|$)|\byour[-_.]|[<>{}]|\bexample\.|\bmy-workspace\b|\bworkspace-url\b|_host_|\btodo\b|\bchangeme\b|"
    r"\badb-(?:1234567890123456|0+|1+)\.|\bdbc-(?:0+|12345678?)",
    re.IGNORECASE,
)


def made_up(text: str) -> bool:
    """Whether it is a guide's placeholder: `adb-xxxx.xx.azuredatabricks.net`, `https://your-staging-workspace`."""
    return bool(_MADE_UP.search(text))
