"""What version a program tells, out of texts that were not meant for it. Comparing is `packaging`'s."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?<![\w.:,])(?:[A-Za-z]+[-_/ ]?)?v?(\d+(?:\.\d+)+(?:(?:rc|a|b|alpha|beta)\d*)?(?:[-+][0-9A-Za-z.]+)?)"
)
_BARE = re.compile(r"(?<![\w.:-])v?(\d{1,5})(?![\w.:-])")
_NOTICE = re.compile(
    r"out of date|latest|newer|update|upgrade|available|released|deprecat|end of (?:life|support)|warning|download",
    re.IGNORECASE,
)
_SHIM = re.compile(
    r"xcode-select|no developer tools|command not found|no version is set|is not installed|app execution alias|"
    r"microsoft store|could not find .{0,60}shim|volta error|not managed by|run without arguments to install",
    re.IGNORECASE,
)


def version_in(text: str, name: str = "") -> str:
    """The version in a program's answer, empty where there is none.

    Update notices come before it (terraform 0.13), dates and other programs' versions after it (aws), builds hang on it
    (`3.0.13+azure`, `2.39.2.windows.1`).
    """
    best, found = -99, ""
    for line in text.splitlines()[:200]:
        match = _NUMBER.search(line)
        if not match:
            continue
        score = 2 * bool(name and name.lower() in line.lower()) + bool(re.search(r"version", line, re.IGNORECASE))
        score -= 5 * bool(_NOTICE.search(line))
        if score > best:
            best, found = score, match[1]
    return _clean(found) or next((m[1] for line in text.splitlines()[:5] if (m := _BARE.search(line))), "")


def _clean(text: str) -> str:
    """A form that `packaging` reads: a build that is none of Python's kinds is cut off."""
    found = re.match(r"\d+(?:\.\d+)*(?:(?:rc|a|b|alpha|beta)\d*)?(?:\+[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?", text)
    return found[0] if found else ""


def is_shim(text: str) -> bool:
    """Whether a stand-in answered: Apple's xcode-select, a version manager's shim, a Windows store alias."""
    return bool(_SHIM.search(text))


def fits(version: str, require: str) -> bool | None:
    """Whether the version is in the constraint; None where one of the two cannot be read."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(require).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def minor(text: str) -> tuple[int, int] | None:
    """The first two numbers of `15.4.26`, `15.4.x-scala2.12` or `databricks-connect==15.4.*`."""
    found = re.search(r"(?<![\w.])(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def python_of(runtime: tuple[int, int]) -> str:
    """The Python minor of a Databricks Runtime (Databricks' release notes of the runtimes): 15.4 has 3.11, 17.3 has 3.12."""
    for first, python in ((16, "3.12"), (15, "3.11"), (13, "3.10"), (11, "3.9"), (9, "3.8")):
        if runtime[0] >= first:
            return python
    return "3.7"
