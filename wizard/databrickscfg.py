"""One section of a `.databrickscfg`, edited with every other byte kept: comments, unknown keys, order, line ends.

Own code: configparser, which the vendor's Python clients read the file with, loses comments and order when it writes, and
so do the vendor's command lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SECTION = re.compile(r"^\[(?P<name>[^\]]*)\]\s*([#;].*)?$")
_KEY = re.compile(r"^(?P<key>[^\s=:#;\[][^=:]*?)\s*[=:]\s?(?P<value>.*)$")
RESERVED = "__settings__"
CREDENTIALS = (
    "token", "username", "password", "client_id", "client_secret", "auth_type", "databricks_cli_path", "azure_client_id",
    "azure_client_secret", "azure_tenant_id", "metadata_service_url", "google_credentials", "google_service_account", "scopes",
)  # fmt: skip
"""Keys of a section that would make a second way to log in."""


class ProfileProblem(Exception):
    """The file cannot be edited safely: names the line and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end; `section` and `key` where it has them."""

    text: str
    section: str
    key: str = ""
    value: str = ""
    head: bool = False


def read(text: str) -> tuple[Line, ...]:
    """The file's lines, each knowing its section. Raises ProfileProblem where clients would read it differently."""
    if text.startswith("\ufeff"):
        raise ProfileProblem(
            "begins with a byte order mark, which databricks-sdk refuses; save it as UTF-8 without BOM."
        )
    lines, section, seen = [], "", set()
    for number, raw in enumerate(text.splitlines(keepends=True), 1):
        row = raw.rstrip("\r\n")
        if head := _SECTION.match(row):
            section = head["name"].strip()
            if section in seen:
                raise ProfileProblem(
                    f"line {number}: section [{section}] is there twice, which databricks-sdk refuses; merge the two."
                )
            seen.add(section)
            lines.append(Line(raw, section, head=True))
            continue
        entry = _KEY.match(row)
        if entry and not section:
            raise ProfileProblem(f"line {number}: {entry['key']!r} stands before any section; put [DEFAULT] above it.")
        if entry and any(line.section == section and line.key == entry["key"].lower() for line in lines):
            raise ProfileProblem(f"line {number}: {entry['key']!r} is there twice in [{section}]; keep one.")
        lines.append(Line(raw, section, entry["key"].lower(), entry["value"].strip()) if entry else Line(raw, section))
    return tuple(lines)


def profiles(text: str) -> dict[str, dict[str, str]]:
    """Section -> key -> value, without the reserved section. Raises ProfileProblem."""
    found: dict[str, dict[str, str]] = {}
    for line in read(text):
        if line.section and line.section != RESERVED:
            found.setdefault(line.section, {})
            if line.key:
                found[line.section][line.key] = line.value
    return found


def edit(text: str, section: str, values: Mapping[str, str], drop: tuple[str, ...] = ()) -> str:
    """The text with these keys of the section set and those dropped; a section that is not there goes to the end.

    Raises ProfileProblem, also for a name or value that some client would read differently.
    """
    _readable(section, values)
    lines = list(read(text))
    _flush_left(lines, section)
    end = "\r\n" if "\r\n" in text else "\n"
    if not any(line.head and line.section == section for line in lines):
        gap = "" if not text else end if text.endswith(("\n", "\r")) else end * 2
        return text + gap + f"[{section}]{end}" + "".join(f"{k} = {v}{end}" for k, v in values.items())
    left, out = dict(values), []
    for line in lines:
        if line.section == section and line.key in drop and line.key not in values:
            continue
        if line.section == section and line.key in left:
            value = left.pop(line.key)
            out.append(
                line if line.value == value else Line(_with_value(line.text, value, end), section, line.key, value)
            )
        else:
            out.append(line)
    return _with_rest(out, section, left, end)


def _flush_left(lines: list[Line], section: str) -> None:
    """Raises ProfileProblem where a line of the section goes on with the value before: it would then be another's."""
    for number, line in enumerate(lines, 1):
        bare = line.text.strip()
        if line.section == section and line.text[:1] in (" ", "\t") and bare and bare[0] not in "#;":
            raise ProfileProblem(f"line {number} begins with a blank, which some clients read as part of the line before; "
                                 "put it at the line's start, or into one line with that.")  # fmt: skip


def _with_rest(lines: list[Line], section: str, left: Mapping[str, str], end: str) -> str:
    """The keys that were not there go after the section's last key or head."""
    if not left:
        return "".join(line.text for line in lines)
    last = max(n for n, line in enumerate(lines) if line.section == section and (line.head or line.key))
    head = lines[last].text if lines[last].text.endswith(("\n", "\r")) else lines[last].text + end
    new = "".join(f"{k} = {v}{end}" for k, v in left.items())
    return "".join(x.text for x in lines[:last]) + head + new + "".join(x.text for x in lines[last + 1 :])


def _with_value(text: str, value: str, end: str) -> str:
    row = text.rstrip("\r\n")
    head = re.match(r"[^=:]*[=:]\s?", row)
    return (head[0] if head else row) + value + (text[len(row) :] or end)


def _readable(section: str, values: Mapping[str, str]) -> None:
    if not section or section == RESERVED or re.search(r"[\]\[\r\n\x00-\x1f]", section):
        raise ProfileProblem(f"{section!r} cannot be a profile's name; choose letters, digits, - and _.")
    for key, value in values.items():
        if value != value.strip() or re.search(r"[\r\n\x00]|\s[#;]|\\$|^[\"'`].*[\"'`]$|%", value):
            raise ProfileProblem(f"the value of {key} holds characters that the Databricks clients read differently.")
