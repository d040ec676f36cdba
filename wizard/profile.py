"""Which host a Databricks profile names: read as databricks-sdk reads it, by configparser."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wizard import flat

BYTES = 4_000_000


class ProfileProblem(Exception):
    """The configuration file, or a profile in it, cannot be used; the text says why and what to do."""


def config_file(named: str = "", env: Mapping[str, str] = os.environ) -> str:
    """The configuration file: the one that is named, DATABRICKS_CONFIG_FILE, or `~/.databrickscfg`."""
    return os.path.expanduser(named or env.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg")


def read_profile(profile: str, path: str) -> dict[str, str]:
    """The keys of one profile, those of DEFAULT below them. Raises ProfileProblem."""
    from configparser import ConfigParser, Error

    try:
        data = flat.read_bytes(path, BYTES)
        if data is None:
            raise ProfileProblem(f"There is no {path}; run `mlops-wizard setup`.")
        parser = ConfigParser(interpolation=None, strict=False)
        parser.read_string(data.decode("utf-8-sig"))
    except flat.FlatError as error:
        raise ProfileProblem(str(error)) from None
    except (Error, UnicodeDecodeError) as error:
        raise ProfileProblem(
            f"{path} cannot be read ({type(error).__name__}); `mlops-wizard doctor` names the line."
        ) from None
    if profile == "__settings__" or (profile != "DEFAULT" and not parser.has_section(profile)):
        raise ProfileProblem(f"{path} has no profile {flat.shown(profile[:80])}; run `mlops-wizard setup`.")
    return dict(parser.defaults() if profile == "DEFAULT" else parser[profile])


def host_of(profile: str, named: str = "") -> str:
    """The host that a profile names; empty where that cannot be told."""
    try:
        return read_profile(profile, config_file(named)).get("host", "")
    except ProfileProblem:
        return ""
