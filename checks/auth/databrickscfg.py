"""`~/.databrickscfg`, read as strictly as the strictest of its readers: the Python SDK's `configparser`."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.world import World

SETTINGS = "__settings__"
"""Reserved by the vendors' clients: their own settings, not a profile."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The file at `path`: its sections, or why it cannot be read. `there` tells a missing file from an empty one."""

    path: str
    there: bool
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problem: str = ""
    line: int = 0


def path_of(world: World) -> str:
    """The file that clients of this project read."""
    return world.project.config_file or world.env.get("DATABRICKS_CONFIG_FILE", "") or "~/.databrickscfg"


def read(world: World) -> Profiles:
    """Its profiles by name, `DEFAULT` among them where it has keys."""
    path = path_of(world)
    data = world.read(path)
    if data is None:
        return Profiles(path, world.stat(path) is not None, problem="" if world.stat(path) is None else "not readable")
    if data.startswith(b"\xef\xbb\xbf"):
        return Profiles(path, True, problem="it begins with a byte order mark (BOM)", line=1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        return Profiles(path, True, problem="it is not UTF-8", line=data.count(b"\n", 0, fault.start) + 1)
    return _parse(path, text)


def _parse(path: str, text: str) -> Profiles:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text, source=path)
    except configparser.DuplicateSectionError as fault:
        return Profiles(path, True, problem=f"the profile [{fault.section}] is there twice", line=fault.lineno or 0)
    except configparser.DuplicateOptionError as fault:
        what = f"the key {fault.option} is twice in [{fault.section}]"
        return Profiles(path, True, problem=what, line=fault.lineno or 0)
    except configparser.MissingSectionHeaderError as fault:
        return Profiles(path, True, problem="a key stands before the first [profile]", line=fault.lineno)
    except configparser.ParsingError as fault:
        line = fault.errors[0][0] if fault.errors else 0
        return Profiles(path, True, problem="a line is neither a [profile] nor key = value", line=line)
    default = dict(parser.defaults())
    own = {
        name: {k: v for k, v in parser[name].items() if default.get(k) != v}  # what it only inherits is DEFAULT's
        for name in parser.sections()
        if name != SETTINGS
    }
    return Profiles(path, True, {**({"DEFAULT": default} if default else {}), **own})
