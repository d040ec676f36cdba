"""Room on the disk, and how the code reaches its data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.finding import Evidence, Finding, Remedy
from checks.redact import MASK
from checks.registry import check
from checks.repo import MANY, holding, text_of
from checks.say import error, expected, ok, saw, unknown, warning
from checks.world import World

CODE = ("*.py", "*.ipynb", "*.scala", "*.sql", "*.r", "*.R", "*.sh", "*.yml", "*.yaml", "*.json")
GIB = 1 << 30


@check("storage.disk-space", "there is room on the disk", "storage")
def disk_space(world: World) -> Iterable[Finding]:
    """Whether the disk that holds the repo has room for an environment and a container.

    Asks the system (`df`, `fsutil`). databricks-connect with its libraries takes about 0.4 GB, the sandbox's Spark 1 GB, a
    dev container's image 2 GB and more; a disk that fills up half way leaves broken environments.

    What to do: make room; `docker system df` shows what the engine keeps.
    """
    id = "storage.disk-space"
    if world.platform.system == "windows":
        argv: tuple[str, ...] = ("fsutil", "volume", "diskfree", world.root[:2])
    else:
        argv = ("df", "-P", "-k", world.root)
    answer = world.run(*argv, env={"LC_ALL": "C"})
    free, evidence = _free(answer.out) if answer.code == 0 else None, saw(answer, *argv)
    if free is None:
        yield unknown(id, "the system does not say how much room there is", evidence)
        return
    todo = Remedy("Make room; this shows what the container engine keeps.", ("docker system df",))
    if free < GIB:
        yield error(id, f"the disk is full but for {free / GIB:.1f} GB", evidence, about=world.root, remedy=todo)
    elif free < 4 * GIB:
        yield warning(id, f"only {free / GIB:.1f} GB are free", evidence, about=world.root, remedy=todo)
    else:
        yield ok(id, f"{free / GIB:.0f} GB are free", evidence, about=world.root)


def _free(text: str) -> int | None:
    """Bytes, of `df -Pk` (fourth column of the last line) or `fsutil` (the first line's number)."""
    lines = [line for line in text.splitlines() if line.strip()]
    if found := re.search(r":\s*([\d.,\u00a0 ]+)", lines[0] if lines else ""):
        return int(re.sub(r"\D", "", found[1].split("(")[0]) or 0)
    found = re.search(r"\s(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%", lines[-1] if lines else "")
    return max(0, int(found[3])) * 1024 if found else None


def _lines(world: World, pattern: str, shape: re.Pattern[str]) -> list[tuple[str, int, str]] | None:
    """(file, line, text) in tracked code where the shape stands; None where git does not tell."""
    names = holding(world, pattern, *CODE)
    if names is None:
        return None
    found = []
    for name in names[:MANY]:
        text = text_of(world, name) or ""
        found += [(name, n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if shape.search(line)]
    return found[:50]


_LOCAL = re.compile(r"""["'(=\s]/dbfs/[\w./{$-]""")


@check("storage.dbfs-paths", "code does not read /dbfs as a folder", "storage", "git", needs=("tools.repo",))
def dbfs_paths(world: World) -> Iterable[Finding]:
    """Whether tracked code opens files below `/dbfs/`.

    That folder is there only on a cluster's own machine. Code that runs in the dev container, with databricks-connect, or on
    serverless compute finds nothing there: `FileNotFoundError: /dbfs/…`. Clusters in shared access mode lack it too.

    What to do: a Unity Catalog volume (`/Volumes/catalog/schema/volume/…`), or read through Spark (`dbfs:/…`).
    """
    id, found = "storage.dbfs-paths", _lines(world, "/dbfs/", _LOCAL)
    if found is None:
        yield unknown(id, "git does not say what its files hold")
        return
    for name, line, text in found[:10]:
        todo = Remedy("Use a Unity Catalog volume, or read it through Spark.", step="storage")
        message = f"{name} reads /dbfs as a folder, which is only there on the cluster itself"
        say = warning if world.project.client else expected
        yield say(id, message, Evidence(f"{name}:{line}", text), about=f"{name}:{line}", remedy=todo)
    if not found:
        yield ok(id, "no tracked code reads /dbfs as a folder")


_MOUNT = re.compile(r"dbutils\.fs\.mount\s*\(")


@check("storage.mounts", "data is not reached through mounts", "storage", "git", needs=("tools.repo",))
def mounts(world: World) -> Iterable[Finding]:
    """Whether tracked code mounts storage with `dbutils.fs.mount`.

    Mounts are deprecated, new accounts have none, and everybody in the workspace sees them with the rights of whoever made
    them. On the legacy track they are the way; then this is expected.

    What to do: an external location and a volume in Unity Catalog; `storage` makes them.
    """
    id, found = "storage.mounts", _lines(world, r"dbutils\.fs\.mount", _MOUNT)
    if found is None:
        yield unknown(id, "git does not say what its files hold")
        return
    for name, line, _ in found[:10]:
        todo = Remedy("Use an external location and a volume.", ("mlops-wizard setup --only storage",), "storage")
        say = warning if world.project.client else expected
        seen = Evidence(f"{name}:{line}", "dbutils.fs.mount(…")
        yield say(id, f"{name} mounts storage, which is deprecated", seen, about=f"{name}:{line}", remedy=todo)
    if not found:
        yield ok(id, "no tracked code mounts storage")


_KEY = re.compile(
    r"""fs\.azure\.(?:account\.key|sas)\.[^"']*["']\s*[,:]\s*["'](?P<value>[^"'{}$<>]{20,})["']|AccountKey=(?P<other>[^;"'{}$<>]{20,})"""
)


@check("storage.account-key", "no storage key stands in the code", "storage", "secrets", "git", needs=("tools.repo",))
def account_key(world: World) -> Iterable[Finding]:
    """Whether tracked code sets a storage account's key as a text.

    Looks for `fs.azure.account.key.…` (and SAS) with a literal value, and connection strings with `AccountKey=`. The key
    opens the whole account, for ever, to everybody who has the repo.

    What to do: make a new key first, then keep it in a secret scope and read it with `dbutils.secrets.get`.
    """
    id, found = "storage.account-key", _lines(world, r"fs\.azure\.(account\.key|sas)|AccountKey=", _KEY)
    if found is None:
        yield unknown(id, "git does not say what its files hold")
        return
    for name, line, _ in found[:10]:
        todo = Remedy("Make a new key, keep it in a secret scope, read it with dbutils.secrets.get.", step="storage")
        text = f"{name} holds the key of a storage account"
        yield error(id, text, Evidence(f"{name}:{line}", MASK), about=f"{name}:{line}", remedy=todo)
    if not found:
        yield ok(id, "no storage key stands in tracked code")
