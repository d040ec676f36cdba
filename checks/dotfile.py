"""`.env` as its readers read it, and where they disagree. Reading is python-dotenv's own parser; the table is ours."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from checks.world import World

PATH = ".env"


@dataclass(frozen=True, slots=True)
class Binding:
    """One assignment: `raw` is its text in the file, `value` what python-dotenv reads (None: the name alone)."""

    name: str
    value: str | None
    raw: str
    line: int


@dataclass(frozen=True, slots=True)
class Dotfile:
    """The file's assignments in order, and the lines that no reader understands."""

    data: bytes
    bindings: tuple[Binding, ...]
    broken: tuple[int, ...] = ()

    @property
    def values(self) -> Mapping[str, str]:
        """By name, the last one winning as it does for most readers."""
        return {b.name: b.value or "" for b in self.bindings}


def read(world: World) -> Dotfile | None:
    """The repo's `.env`; None where it has none."""
    data = world.read(PATH)
    if data is None:
        return None
    from dotenv.parser import parse_stream

    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    bindings, broken = [], []
    for found in parse_stream(io.StringIO(text)):
        raw = found.original.string
        blank = raw[: len(raw) - len(raw.lstrip())].replace("\r\n", "\n")
        line = found.original.line + blank.count("\n")
        if found.error:
            broken.append(line)
        elif found.key is not None:
            bindings.append(Binding(found.key, found.value, raw.strip("\r\n"), line))
    return Dotfile(data, tuple(bindings), tuple(broken))


_BARE = re.compile(r"[\w./:@%+,=^*?!-][\w./:@%+,=^*?!~-]*", re.ASCII)

_DIALECTS = (
    (r"^\s*export\s", "docker keeps `export ` as part of the name"),
    (r"^\s*[\w.-]+\s+=|^\s*[\w.-]+=[ \t]+\S", "docker and sh do not take blanks around `=`"),
    (r"^\s*\w*-[\w-]*\s*=", "sh cannot have a `-` in a name"),
)


def disagreement(binding: Binding) -> str:
    """Why the readers of `.env` would not all read the same here; empty where they do.

    Measured with nine readers: docker `--env-file` and the Databricks extension never strip quotes, a shell splits at
    blanks and `;`, python-dotenv interpolates `${X}`.
    """
    for shape, why in _DIALECTS:
        if re.search(shape, binding.raw):
            return why
    written = binding.raw.partition("=")[2].strip()
    if not written or _BARE.fullmatch(written):
        return ""
    if "\n" in written:
        return "only some readers take a value of several lines"
    if written[0] in "'\"":
        return "docker's `--env-file` and the Databricks extension keep the quotes"
    if re.search(r"\$\{?\w", written):
        return "python-dotenv and shells put a variable in the place of `$…`, docker does not"
    if re.search(r"\s#", written):
        return "docker keeps the comment as part of the value"
    if re.search(r"\s", written):
        return "a shell takes what comes after the blank for a command"
    return f"a shell gives {_special(written)} a meaning of its own"


def _special(text: str) -> str:
    found = re.search(r"[^\w./:@%+,=^*?!~-]", text, re.ASCII)
    return f"`{found[0]}`" if found else "`~`"
