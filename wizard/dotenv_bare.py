r"""Reading `.env` before every command: bare lines by own code in a millisecond, all others by python-dotenv.

Bare is what all readers of `.env` agree on (letters, digits and a few signs, nothing around `=`): such a file needs no
library, and python-dotenv alone takes as long to import as four interpreters to start. Imports nothing.
"""

from __future__ import annotations

_SIGNS = frozenset("_./:@%+,=^*?!~-")
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


def is_name(text: str) -> bool:
    """Whether every shell and every library takes this as the name of a variable."""
    return bool(text) and not text[0].isdigit() and _NAME.issuperset(text)


def bare(text: str) -> list[tuple[str, str]] | None:
    """The variables of a file of bare lines, in order, duplicates kept; None where one line is not bare."""
    found: list[tuple[str, str]] = []
    for line in _lines(text):
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not is_name(name) or not _is_bare(value):
            return None
        found.append((name, value))
    return found


def _is_bare(value: str) -> bool:
    if value.isascii() and value.isalnum():
        return True
    return not value.startswith("~") and all(char.isalnum() or char in _SIGNS for char in value)


def read(text: str) -> list[tuple[str, str]]:
    """The variables of a `.env`, `${…}` left as it is; a name without a value is left out."""
    text = text.removeprefix("\ufeff")
    found = bare(text)
    if found is not None:
        return found
    from io import StringIO

    from dotenv import dotenv_values

    found_there = dotenv_values(stream=StringIO(text), interpolate=False)
    return [(name, value) for name, value in found_there.items() if value is not None]


def names(text: str) -> list[str]:
    """All names that any reader may see in the file, sorted: also those of lines that nobody agrees on.

    For telling whether names were added, not for setting anything: a line within a quoted value counts too.
    """
    found = set()
    for line in _lines(text):
        name, equals, _ = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found.add(name.strip().removeprefix("export ").strip())
    return sorted(found)


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
