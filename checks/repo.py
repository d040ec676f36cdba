"""What git says of the repo. Git is asked, never its files: of the repos that mention `.env` in `.gitignore` one in ten
still does not ignore it."""

from __future__ import annotations

import shlex

from checks.world import Ran, World

MANY = 200
"""Files of the repo that are opened to look inside; the rest is left out, and said so."""

SECRETS_PATTERN = (
    r"(dapi|dkea|dosa|dose|doau)[0-9a-f]{12}|gh[opsur]_[0-9A-Za-z]{20}|github_pat_[0-9A-Za-z_]{20}|(AKIA|ASIA)[0-9A-Z]{16}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY|[0-9A-Za-z+/]{86}==|[78]Q~[0-9A-Za-z_~.-]{31}|glpat-[0-9A-Za-z_-]{20}|"
    r"xox[abp]-[0-9A-Za-z-]{10}|eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{20}"
)
"""What git looks for, cheaply; `redact.SHAPES` then looks closely at the files that it names."""


def ignored(world: World, path: str) -> bool | None:
    """Whether git would ignore the path; None where git does not tell."""
    code = world.run("git", "check-ignore", "--no-index", "--quiet", "--", path).code
    return {0: True, 1: False}.get(code if code is not None else -1)


def tracked(world: World, *patterns: str) -> tuple[str, ...] | None:
    """The tracked files that match git's pathspecs; None where git does not tell."""
    answer = world.run("git", "ls-files", "-z", "--", *patterns)
    return None if answer.code != 0 else tuple(n for n in answer.out.split("\0") if n)


def holding(world: World, pattern: str, *paths: str, case: bool = True) -> tuple[str, ...] | None:
    """The tracked text files in which the (extended regular) pattern occurs; None where git does not tell."""
    argv = ("git", "grep", "-I", "-l", "-z", "--full-name", *(() if case else ("-i",)), "-E", "-e", pattern)
    answer = world.run(*argv, *(("--", *paths) if paths else ()), timeout=15)
    if answer.code not in {0, 1}:
        return None
    return tuple(n for n in answer.out.split("\0") if n)


def text_of(world: World, path: str) -> str | None:
    """A file of the repo as text; bytes that are no UTF-8 become question marks."""
    data = world.read(path)
    return None if data is None else data.decode("utf-8", "replace")


def quoted(*argv: str) -> str:
    """A command line that a POSIX shell reads as these arguments, whatever the repo called its files."""
    return shlex.join(argv)


def why_not(answer: Ran) -> str:
    """Why git did not answer, in a line."""
    return (answer.problem or answer.err or answer.out or f"exit {answer.code}").strip().splitlines()[-1][:300]
