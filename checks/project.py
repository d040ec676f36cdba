"""What is known of the set-up of one repo, as plain facts: blueprint and answers together, no values of secrets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that the system needs: `require` is a constraint as in `>=2.28`, `probe` the command that tells the version."""

    id: str
    probe: tuple[str, ...]
    require: str = ""
    optional: bool = False
    why: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    """(package manager, package) pairs: ("apt", "git"), ("brew", "git"), ("winget", "Git.Git")."""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of `.env`. `value` is what it should be where that is known; `entry` is where a secret is kept."""

    name: str
    secret: bool = False
    match: str = ""
    value: str | None = None
    alias: str = ""
    entry: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """The set-up of a repo as far as it is known; empty strings are "not known yet"."""

    blueprint: str = ""
    title: str = ""
    host: str = ""
    """The workspace, as in `https://adb-1.2.azuredatabricks.net`."""
    org_id: str = ""
    profile: str = ""
    config_file: str = ""
    cluster_id: str = ""
    python: str = ""
    """The project's interpreter (a path); empty where it has none yet."""
    client: str = ""
    """What talks to Spark: `connect` or `pyspark`."""
    requirement: str = ""
    """What is to be installed there, as in `databricks-connect==15.4.*`."""
    store: str = ""
    token: str = ""
    """The entry that holds the workspace's token, as in `mlops-wizard/HOST/DATABRICKS_TOKEN`; never the token."""
    tools: tuple[Tool, ...] = ()
    variables: tuple[Variable, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    """Not secret: what a client of this project is given (profile, configuration file, certificates of the sandbox)."""
    sandbox: bool = False
    set_up: bool = False
    """Whether a set-up was finished here."""


EMPTY = Project()


@dataclass(frozen=True, slots=True)
class Platform:
    """The machine, in the words that remedies are chosen by."""

    system: str = "linux"
    """`linux`, `macos` or `windows`."""
    distribution: str = ""
    package_manager: str = ""
    """`apt`, `dnf`, `apk`, `pacman`, `zypper`, `brew`, `winget` or empty."""
    machine: str = "x86_64"
    wsl: bool = False
    container: bool = False
    root: bool = False
    python: str = ""
    """The version of the interpreter that runs the wizard."""
    extra: tuple[tuple[str, str], ...] = field(default=())
