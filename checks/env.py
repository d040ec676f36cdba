"""`.env`: there, ignored, complete, and read the same by all of its readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from checks import dotfile, hosts
from checks.finding import Evidence, Finding, Remedy
from checks.redact import MASK
from checks.registry import check
from checks.repo import ignored, quoted, text_of, tracked
from checks.say import error, many, ok, skipped, unknown, warning
from checks.world import World

WRITE = Remedy("Write it.", ("mlops-wizard env write",), "env")
NONE = "there is no .env"


@check("env.exists", ".env is there", "env")
def exists(world: World) -> Iterable[Finding]:
    """Whether `.env` is there where something needs it.

    The blueprint's variables need it, and so does a dev container that is started with `--env-file .env`: without the file
    the engine refuses to start it at all, before anything in the container can help.

    What to do: write it; the wizard fills in what it knows and leaves the secrets in the store.
    """
    id, names = "env.exists", [v.name for v in world.project.variables if not v.secret and not v.optional]
    stat = world.stat(dotfile.PATH)
    if stat and not stat.folder:
        yield ok(id, ".env is there", Evidence(".env", f"{stat.size} bytes"), about=".env")
    elif stat:
        yield error(id, ".env is a folder", Evidence(".env", "a folder"), about=".env", remedy=Remedy("Move it away."))
    elif names:
        text = f".env is not there, and {many(len(names), 'variable')} belong in it"
        yield error(id, text, Evidence(".env", "not there"), about=".env", remedy=WRITE)
    else:
        yield skipped(id, "there is no .env, and nothing is known that needs one", about=".env")


@check("env.ignored", "git ignores .env", "env", "git", needs=("tools.repo",))
def is_ignored(world: World) -> Iterable[Finding]:
    """Whether git would commit `.env`.

    Asks git itself (`git check-ignore`), whether or not the file is there yet: of public repos that mention `.env` in
    `.gitignore` one in ten still does not ignore it, and nearly half do not mention it.

    What to do: add the line; the wizard does it without gluing it to the last one.
    """
    id, answer = "env.ignored", ignored(world, dotfile.PATH)
    asked = "git check-ignore .env"
    if answer:
        yield ok(id, "git ignores .env", Evidence(asked, "ignored"), about=".env")
    elif answer is None:
        yield unknown(id, "git does not say whether it ignores .env", Evidence(asked, "no answer"), about=".env")
    elif world.stat(dotfile.PATH) or world.project.variables:
        todo = Remedy("Ignore it.", ("echo '/.env' >> .gitignore",), "env")
        yield error(id, "git would commit .env", Evidence(asked, "not ignored"), about=".env", remedy=todo)
    else:
        yield skipped(id, "there is no .env to ignore", Evidence(asked, "not ignored"), about=".env")


@check("env.tracked", ".env is not in git", "env", "git", "secrets", needs=("tools.repo",))
def is_tracked(world: World) -> Iterable[Finding]:
    """Whether `.env` was committed.

    Asks `git ls-files`. A tracked file stays tracked whatever `.gitignore` says, and its old versions stay in every clone.

    What to do: take it out of git (your copy stays), and revoke the secrets that were ever in it.
    """
    id, names = "env.tracked", tracked(world, dotfile.PATH, "**/.env")
    if names is None:
        yield unknown(id, "git does not say which files it tracks")
        return
    for name in names[:10]:
        commands = (quoted("git", "rm", "--cached", "--", name),)
        todo = Remedy("Take it out of git, and revoke the secrets that were ever in it.", commands, "env")
        yield error(id, f"{name} is in git", Evidence("git ls-files", name), about=name, remedy=todo)
    if not names:
        yield ok(id, "no .env is in git")


@check("env.complete", ".env has every variable", "env", needs=("env.exists",))
def complete(world: World) -> Iterable[Finding]:
    """Whether `.env` has the variables of this project, with the values that the set-up knows.

    Compares names (an alias will do: the guides misspell DATABRICKS_ORDGID) and, where the right value or its form is known,
    the value. Secrets are not looked for: they belong in the store.

    What to do: write it again; everything else in it stays as it is.
    """
    id, file = "env.complete", dotfile.read(world)
    wanted = [v for v in world.project.variables if not v.secret]
    if file is None or not wanted:
        yield skipped(id, "no variable is known that belongs in .env" if file else NONE)
        return
    bad = 0
    for variable in wanted:
        name = next((n for n in (variable.name, variable.alias) if n and n in file.values), "")
        problem = ""
        if not name:
            problem = "" if variable.optional else f"{variable.name} is not in .env"
        else:
            problem = _unlike(name, file.values[name], variable.value, variable.match)
        if problem:
            bad += 1
            shown = f"{name}={file.values[name]}" if name else f"no {variable.name}"
            yield error(id, problem, Evidence(".env", shown), about=variable.name, remedy=WRITE)
    if not bad:
        yield ok(id, f".env has every variable ({len(wanted)})", Evidence(".env", ", ".join(v.name for v in wanted)))


def _unlike(name: str, value: str, wanted: str | None, match: str) -> str:
    if not value:
        return f"{name} is empty in .env"
    if (
        wanted is not None
        and value != wanted
        and not (hosts.parse(wanted) and "://" in wanted and hosts.same(value, wanted))
    ):
        return f"{name} in .env is not what was set up ({wanted})"
    try:
        return f"{name} in .env has not the form that is asked for" if match and not re.fullmatch(match, value) else ""
    except re.error:
        return ""


@check("env.dialects", "every reader reads the same in .env", "env")
def dialects(world: World) -> Iterable[Finding]:
    """Whether the readers of `.env` agree on its values.

    Docker's `--env-file` and the Databricks extension never strip quotes or comments, a shell splits at blanks and `;`,
    python-dotenv interpolates `$…`. Measured with nine readers, only 18 of 70 public templates are read alike by all. A line
    that no reader takes for an assignment is named too.

    What to do: write values bare, without blanks, quotes and `$`; what needs them belongs in the store.
    """
    id, file = "env.dialects", dotfile.read(world)
    if file is None:
        yield skipped(id, NONE)
        return
    found = [(b, why) for b in file.bindings if (why := dotfile.disagreement(b))]
    for binding, why in found[:20]:
        seen = Evidence(f".env:{binding.line}", f"{binding.raw.partition('=')[0]}={MASK}")
        todo = Remedy("Write the value bare, or keep it in the store.", ("mlops-wizard env check",), "env")
        yield warning(id, f"in {binding.name}, {why}", seen, about=binding.name, remedy=todo)
    for line in file.broken[:5]:
        seen = Evidence(f".env:{line}", "not an assignment")
        yield warning(
            id, f"line {line} of .env is no assignment", seen, about=f".env:{line}", remedy=Remedy("Mend the line.")
        )
    if not found and not file.broken:
        yield ok(id, "every reader reads the same in .env")


@check("env.duplicates", "no variable is in .env twice", "env")
def duplicates(world: World) -> Iterable[Finding]:
    """Whether a variable is assigned twice in `.env`.

    For most readers the last one wins, for the Databricks extension of VS Code the first: the two then work with different
    values.

    What to do: keep one.
    """
    id, file = "env.duplicates", dotfile.read(world)
    if file is None:
        yield skipped(id, NONE)
        return
    twice = [n for n, count in Counter(b.name for b in file.bindings).items() if count > 1]
    for name in twice:
        lines = ", ".join(str(b.line) for b in file.bindings if b.name == name)
        text = f"{name} is in .env more than once"
        yield warning(
            id, text, Evidence(".env", f"lines {lines}"), about=name, remedy=Remedy("Keep one of them.", step="env")
        )
    if not twice:
        yield ok(id, "no variable is in .env twice")


@check("env.line-ends", ".env has the line ends that all readers take", "env")
def line_ends(world: World) -> Iterable[Finding]:
    """Whether `.env` has Windows line ends, a byte order mark, or bytes that are no UTF-8.

    A shell that sources a CRLF file gets values with an invisible carriage return at their end; a byte order mark becomes
    part of the first name for docker and VS Code.

    What to do: save it as UTF-8 without BOM, with LF.
    """
    id, file = "env.line-ends", dotfile.read(world)
    if file is None:
        yield skipped(id, NONE)
        return
    found = []
    if file.data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in file.data:
        found.append(".env is UTF-16, which none of its readers takes")
    elif file.data.startswith(b"\xef\xbb\xbf"):
        found.append(".env begins with a byte order mark, which becomes part of the first name")
    if b"\r" in file.data:
        found.append(".env has Windows line ends: a shell reads every value with a carriage return")
    for text in found:
        todo = Remedy("Save it as UTF-8 without BOM, with LF.", ("mlops-wizard env write",), "env")
        yield warning(id, text, Evidence(".env", repr(file.data[:3])), about=".env", remedy=todo)
    if not found:
        yield ok(id, ".env has plain line ends")


TEMPLATES = (".env", "databricks.yml", ".databrickscfg")


@check("env.host", "the host is a real one, well written", "env", "auth")
def host(world: World) -> Iterable[Finding]:
    """Whether the workspace's address in `.env` and `databricks.yml` is a real one, written as all clients want it.

    Looks for the guides' placeholders (`adb-xxxx.xx.azuredatabricks.net`, `https://your-staging-workspace`), for `http://`,
    and for a path, query or slash after the host, with which some clients build addresses that are not there.

    What to do: paste the workspace's address; the wizard keeps the part that counts.
    """
    id, file = "env.host", dotfile.read(world)
    values = file.values if file else {}
    found = [(f".env: {n}", v) for n, v in values.items() if n.upper().endswith("DATABRICKS_HOST") and v]
    bundle = text_of(world, "databricks.yml") or ""
    found += [
        ("databricks.yml: host", m[1]) for m in re.finditer(r"^\s*host:\s*[\"']?([^\s\"'#]+)", bundle, re.MULTILINE)
    ]
    if world.project.host:
        found.append(("the set-up's host", world.project.host))
    wrong = [(where, value, why) for where, value in found if (why := _host_problem(value))]
    for where, value, why in wrong:
        todo = Remedy("Set the workspace's address.", ("mlops-wizard setup --only auth",), "auth")
        say = error if hosts.made_up(value) else warning
        yield say(id, f"{where} is {why}", Evidence(where, value), about=value, remedy=todo)
    if not wrong:
        yield (ok(id, "the host is well written") if found else skipped(id, "no host is written anywhere yet"))


def _host_problem(value: str) -> str:
    host = hosts.parse(value)
    if value.startswith("${"):
        return ""
    if hosts.made_up(value):
        return "a placeholder of the guide, not a workspace"
    if host is None:
        return "no address"
    if host.scheme != "https" and not host.loopback:
        return f"without TLS ({host.scheme}://): clients want https"
    if host.rest:
        return f"longer than the host: {host.rest} does not belong to it"
    return ""
