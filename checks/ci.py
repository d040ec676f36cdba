"""What the pipelines' files say. Read as text and not as YAML: a file that does not parse is looked at too, and the line
numbers of the findings are those of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.finding import Evidence, Finding, Remedy
from checks.redact import MASK, secrets_in
from checks.registry import check
from checks.repo import text_of
from checks.say import error, many, ok, skipped, warning
from checks.world import World

FOLDERS = (".github/workflows", ".azuredevops", ".azure/pipelines", ".azure-pipelines", "azure-pipelines")
NONE = "there are no pipelines in this repo"


def _files(world: World) -> dict[str, str]:
    """Path and text of the pipelines' files."""
    paths = [f"{folder}/{n}" for folder in FOLDERS for n in world.list(folder)[:100]]
    paths += [n for n in world.list(".") if n.startswith("azure-pipelines") or n == ".gitlab-ci.yml"]
    texts = {p: text_of(world, p) for p in paths if p.endswith((".yml", ".yaml"))}
    return {p: t for p, t in texts.items() if t is not None}


def _lines(world: World, shape: re.Pattern[str]) -> list[tuple[str, int, re.Match[str]]]:
    return [
        (path, n, found)
        for path, text in _files(world).items()
        for n, line in enumerate(text.splitlines(), 1)
        if not line.lstrip().startswith("#") and (found := shape.search(line))
    ]


@check("ci.secret-literals", "no secret stands in a pipeline", "ci", "secrets")
def secret_literals(world: World) -> Iterable[Finding]:
    """Whether a pipeline's file holds a secret itself.

    Looks for values with the look of a secret. Pipelines are read by everybody who may read the repo, and forks keep them.

    What to do: revoke it, then keep it in the CI system and name it: `${{ secrets.NAME }}`, `$(NAME)`.
    """
    id, files = "ci.secret-literals", _files(world)
    found = [(path, line, what) for path, text in files.items() for line, what in secrets_in(text)]
    for path, line, what in found[:20]:
        todo = Remedy("Revoke it, then keep it in the CI system.", ())
        yield error(
            id, f"{path} holds a secret ({what})", Evidence(f"{path}:{line}", MASK), about=f"{path}:{line}", remedy=todo
        )
    if not found:
        yield ok(id, f"no secret stands in {many(len(files), 'pipeline')}") if files else skipped(id, NONE)


_ECHO = re.compile(
    r"(?:\becho\b|\bprintf\b|Write-(?:Host|Output)|\bcat\b).*\$\{\{\s*secrets\.(?P<one>\w+)"
    r"|(?:^|\s|:|\|\s*|- )(?P<all>env\s*\|\s*sort|printenv|set -x|env)\s*$"
)


@check("ci.prints-secrets", "no pipeline prints its secrets", "ci", "secrets")
def prints_secrets(world: World) -> Iterable[Finding]:
    """Whether a pipeline prints its environment or a secret.

    Looks for `echo ${{ secrets.X }}`, and for `env | sort`, `printenv` and `set -x` in files that use secrets. GitHub masks
    the exact text only: a part, another encoding or a line of many lines is printed; Azure DevOps prints every variable that
    was not marked secret.

    What to do: take the line out.
    """
    id, files = "ci.prints-secrets", _files(world)
    with_secrets = {
        p for p, t in files.items() if re.search(r"\$\{\{\s*secrets\.|group:|\$\(\w*(?:TOKEN|SECRET|KEY)\w*\)", t)
    }
    found = [
        (p, n, m)
        for p, n, m in _lines(world, _ECHO)
        if (m["one"] and not _piped(m.string)) or (p in with_secrets and m["all"])
    ]
    for path, line, match in found[:20]:
        what = f"the secret {match['one']}" if match["one"] else "its environment"
        seen = Evidence(f"{path}:{line}", match.string.strip())
        todo = Remedy("Take the line out; look at earlier logs.", step="ci")
        yield warning(id, f"{path} prints {what}", seen, about=f"{path}:{line}", remedy=todo)
    if not found:
        yield (
            ok(id, f"{many(len(files), 'pipeline')} looked at, none prints its secrets") if files else skipped(id, NONE)
        )


def _piped(line: str) -> bool:
    """Whether what is echoed goes into a program or a file, and not into the log."""
    return bool(re.search(r"\|\s*\w|>\s*\S", re.sub(r"\$\{\{.*?\}\}", "", line)))


_RUNNER = re.compile(
    r"(?:runs-on|vmImage)\s*:\s*\[?\s*[\"']?(?P<name>ubuntu-(?:16|18|20)\.04|windows-(?:2016|2019)|macos-(?:10\.\d+|11|12|13)|vs2017-win2016)\b"
)


@check("ci.retired-runners", "the pipelines' machines still exist", "ci")
def retired_runners(world: World) -> Iterable[Finding]:
    """Whether a pipeline asks for a machine that GitHub or Azure DevOps no longer has.

    Looks at `runs-on` and `vmImage`: `ubuntu-18.04` and `ubuntu-20.04` are gone, and so are the Windows and macOS images of
    their time. GitHub then does not fail: the job waits for a day and is cancelled.

    What to do: `ubuntu-24.04`.
    """
    id, found = "ci.retired-runners", _lines(world, _RUNNER)
    for path, line, match in found[:20]:
        todo = Remedy("Ask for ubuntu-24.04 (or the image's successor).", step="ci")
        seen = Evidence(f"{path}:{line}", match.string.strip())
        yield error(id, f"{path} asks for {match['name']}, which is gone", seen, about=f"{path}:{line}", remedy=todo)
    if not found:
        yield ok(id, "every pipeline asks for a machine that exists") if _files(world) else skipped(id, NONE)


_PYTHON = re.compile(
    r"python-?[vV]ersion(?:Spec)?\s*:\s*(?P<value>3\.\d*0)\s*(?:#.*)?$|python-version\s*:\s*\[(?P<many>[^\]\"']*\b3\.\d*0\b[^\]\"']*)\]"
)


@check("ci.python-version", "pipelines name the Python that they mean", "ci", "python")
def python_version(world: World) -> Iterable[Finding]:
    """Whether a pipeline's Python version loses its last digit.

    Looks for `python-version: 3.10` without quotes: YAML reads a number there, and 3.10 is 3.1.

    What to do: put it in quotes.
    """
    id, found = "ci.python-version", _lines(world, _PYTHON)
    for path, line, match in found[:20]:
        value = match["value"] or match["many"]
        seen = Evidence(f"{path}:{line}", match.string.strip())
        todo = Remedy(f'Write "{value}".', step="ci")
        yield error(
            id, f"{path}: YAML reads the Python version {value} as a number", seen, about=f"{path}:{line}", remedy=todo
        )
    if not found:
        yield ok(id, "every Python version is written so that YAML keeps it") if _files(world) else skipped(id, NONE)


_USES = re.compile(r"uses\s*:\s*[\"']?(?P<name>[\w.-]+/[\w./-]+)@(?P<at>[\w./-]+)")
_BRANCHES = frozenset({"main", "master", "develop", "dev", "latest", "HEAD", "trunk"})


@check("ci.pinned", "pipelines use fixed versions of actions", "ci")
def pinned(world: World) -> Iterable[Finding]:
    """Whether a workflow uses an action by a branch.

    Looks at `uses: owner/name@…`. What runs with your secrets tomorrow is whatever its owner, or whoever takes over the
    account, pushes to that branch tonight. A version tag is much better, a commit is best.

    What to do: name a version, or a commit.
    """
    id, found = "ci.pinned", [f for f in _lines(world, _USES) if f[2]["at"] in _BRANCHES]
    for path, line, match in found[:20]:
        seen = Evidence(f"{path}:{line}", match.string.strip())
        text = f"{path} uses {match['name']} from its branch {match['at']}"
        yield warning(id, text, seen, about=f"{path}:{line}", remedy=Remedy("Name a version, or a commit.", step="ci"))
    if not found:
        yield ok(id, "no workflow uses an action by a branch") if _files(world) else skipped(id, NONE)
