"""The programs that the work needs, and which copy of them is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checks.finding import Evidence, Finding, Remedy
from checks.installs import DATABRICKS, install, remedy
from checks.kinds import tool_at_least
from checks.project import Tool
from checks.registry import REGISTRY, check
from checks.repo import quoted, why_not
from checks.say import error, expected, ok, saw, skipped, unknown, warning
from checks.versions import fits, version_in
from checks.world import Ran, World

GIT = Tool(
    "git",
    ("git", "--version"),
    ">=2.25",
    why="everything here lives in git; older ones cannot be told which files to look at",
    packages=(*((m, "git") for m in ("apt", "dnf", "apk", "pacman", "zypper", "brew")), ("winget", "Git.Git")),
    link="https://git-scm.com/downloads",
)
CODE = Tool(
    "code",
    ("code", "--version"),
    optional=True,
    why="VS Code opens the dev container; any other editor with dev containers will do",
    packages=(("brew", "visual-studio-code"), ("winget", "Microsoft.VisualStudioCode")),
    link="https://code.visualstudio.com/docs/setup/setup-overview",
)
DEVCONTAINER = Tool(
    "devcontainer",
    ("devcontainer", "--version"),
    optional=True,
    why="the dev container CLI starts the container without VS Code",
    packages=(("npm", "@devcontainers/cli"), ("brew", "devcontainer")),
    link="https://github.com/devcontainers/cli",
)

BUILT_IN = (GIT, CODE, DEVCONTAINER)
for _tool in BUILT_IN:
    REGISTRY.add(tool_at_least(_tool))

_OLD_CLI = 1 << 20
"""Bytes: the legacy CLI is a script, the Go one a large binary; databricks-sdk tells them apart by this size too."""


@check("tools.databricks", "the Databricks CLI is the new one", "tools", "databricks")
def databricks(world: World) -> Iterable[Finding]:
    """Which `databricks` runs: the Go CLI, or the retired Python one that has the same name.

    Looks at every copy on PATH and asks each for its version. `Databricks CLI v0.2xx` (or v1) is the supported one,
    `Version 0.18.0` the legacy one from the package `databricks-cli`: it has no `auth` and no `bundle`, and shadows the
    other wherever its environment comes first on PATH. databricks-sdk skips copies below 1 MiB for the same reason.

    What to do: install the Go CLI, or put it first on PATH. A repo on the legacy track may need the old one: say so in its
    `[[tool]]`, as `require = "<0.19"`.
    """
    id, copies = "tools.databricks", world.which("databricks")
    wanted = next((t for t in world.project.tools if t.id == "databricks"), replace(DATABRICKS, optional=True))
    wanted = replace(wanted, packages=wanted.packages or DATABRICKS.packages, link=wanted.link or DATABRICKS.link)
    if not copies:
        say = expected if wanted.optional else error
        text = "the Databricks CLI is not installed" + ("; optional: the wizard logs in without it" * wanted.optional)
        yield say(id, text, Evidence("databricks on PATH", "no copy"), remedy=remedy(wanted, world.platform))
        return
    seen = [(path, world.run(path, "--version", timeout=15)) for path in copies[:8]]
    evidence = tuple(saw(answer, path, "--version") for path, answer in seen)
    kinds = [_kind(world, path, answer) for path, answer in seen]
    yield _which_cli(world, wanted, list(zip(copies, kinds, strict=False)), evidence)


def _kind(world: World, path: str, answer: Ran) -> tuple[str, str]:
    """(`go`, `legacy` or empty, version)."""
    text = f"{answer.out}\n{answer.err}"
    version = version_in(answer.out, "databricks") or version_in(answer.err, "databricks")
    if answer.code == 0 and version:
        legacy = "Databricks CLI" not in text and fits(version, "<0.100")
        return ("legacy" if legacy else "go"), version
    size = world.stat(path)
    return ("legacy" if size and size.size < _OLD_CLI and answer.code is not None else ""), ""


def _which_cli(
    world: World, wanted: Tool, copies: list[tuple[str, tuple[str, str]]], evidence: tuple[Evidence, ...]
) -> Finding:
    id = "tools.databricks"
    first, (kind, version) = copies[0]
    if version and wanted.require and fits(version, wanted.require):
        return ok(id, f"databricks {version}", *evidence, about=first)
    if kind == "go":
        if not wanted.require or fits(version, wanted.require) is None:
            return ok(id, f"databricks {version}", *evidence, about=first)
        text = f"databricks {version} is not what this repo needs ({wanted.require})"
        return error(id, text, *evidence, about=first, remedy=remedy(wanted, world.platform, "Install"))
    if kind == "legacy":
        other = next((p for p, (k, _) in copies[1:] if k == "go"), "")
        text = f"the first databricks on PATH is the retired Python CLI {version}".rstrip() + (
            f"; the Go CLI is hidden behind it ({other})" if other else ": it has no `auth` and no `bundle`"
        )
        folder = other.replace("\\", "/").rpartition("/")[0]
        todo = Remedy(f"Put {folder} first on PATH.", step="tools") if other else remedy(wanted, world.platform)
        return (warning if wanted.optional else error)(id, text, *evidence, about=first, remedy=todo)
    return unknown(id, "databricks does not tell its version", *evidence, about=first)


@check("tools.path-order", "PATH is in good order", "tools")
def path_order(world: World) -> Iterable[Finding]:
    """Whether PATH has entries that run other programs than the person thinks.

    Looks at the environment variable PATH: an empty or relative entry (`.`) runs whatever lies in the folder one stands in,
    and a clone may bring a `git` of its own; an entry that is no folder is only untidy and is not spoken of.

    What to do: remove the entry where your shell's start-up file sets PATH.
    """
    separator, value = (";" if world.platform.system == "windows" else ":"), world.env.get("PATH", "")
    entries = value.split(separator) if value else []
    loose = [e or "(empty)" for e in entries if not _absolute(e, world.platform.system)]
    evidence = Evidence("PATH", separator.join(entries) or "not set")
    if loose and not (world.platform.system == "windows" and set(loose) == {"(empty)"}):
        text = f"PATH has entries that depend on the folder you stand in: {', '.join(dict.fromkeys(loose))}"
        todo = Remedy("Take them out where your shell's start-up file sets PATH.")
        yield warning("tools.path-order", text, evidence, about="PATH", remedy=todo)
    else:
        yield ok("tools.path-order", "every entry of PATH is an absolute folder", evidence, about="PATH")


def _absolute(entry: str, system: str) -> bool:
    if system == "windows":
        bare = entry.strip('"')
        return bare[1:3] in {":\\", ":/"} or bare.startswith(("\\\\", "%"))
    return entry.startswith("/")


@check("tools.repo", "git works in this folder", "tools", "git")
def repo(world: World) -> Iterable[Finding]:
    """Whether this folder is a git repo in which git agrees to work.

    Asks `git rev-parse --is-inside-work-tree`. In a dev container the folder often belongs to another user than the one who
    works there; git then refuses every command (`detected dubious ownership`), and with it all that looks at the repo.

    What to do: for the refusal, name the folder as safe; without a repo, `git init`, or go to the folder of your clone.
    """
    id = "tools.repo"
    if not world.which("git"):
        yield skipped(id, "git is not installed", remedy=Remedy("Install git.", install(GIT, world.platform), "tools"))
        return
    answer = world.run("git", "rev-parse", "--is-inside-work-tree")
    evidence = saw(answer, "git", "rev-parse", "--is-inside-work-tree")
    if answer.code == 0 and answer.out.strip() == "true":
        yield ok(id, "git works in this folder", evidence, about=world.root)
    elif "dubious ownership" in answer.err or "safe.directory" in answer.err:
        safe = quoted("git", "config", "--global", "--add", "safe.directory", world.root)
        text = "git refuses to work here: the folder belongs to another user"
        yield error(id, text, evidence, about=world.root, remedy=Remedy("Say that this folder is safe.", (safe,)))
    elif "not a git repository" in answer.err:
        todo = Remedy("Go to the folder of your clone, or make this one a repo.", ("git init",))
        yield warning(id, "this folder is not a git repo", evidence, about=world.root, remedy=todo)
    else:
        yield unknown(id, f"git does not say: {why_not(answer)}", evidence, about=world.root)
