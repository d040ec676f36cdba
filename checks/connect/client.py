"""What talks to Spark, on this machine: installed, alone, and importable."""

from __future__ import annotations

import json
from collections.abc import Iterable

from checks.connect.first_row import IMPORT, hint
from checks.finding import Evidence, Finding, Remedy
from checks.gates import PYTHON, trusted
from checks.interpreter import Interpreter, ask
from checks.redact import MASK
from checks.registry import check
from checks.repo import quoted, text_of
from checks.say import error, ok, saw, skipped, unknown, warning
from checks.versions import fits, minor, python_of
from checks.workspace import ask as ask_workspace
from checks.workspace import data_of
from checks.world import World

PACKAGES = {"connect": "databricks-connect", "pyspark": "pyspark-client"}
SETUP = ("mlops-wizard setup --only connect",)


def _pip(world: World, *argv: str) -> str:
    return quoted(world.project.python, "-m", "pip", *argv)


@check(
    "connect.client",
    "the client imports",
    "connect",
    "python",
    needs=("python.environment",),
    gates=PYTHON,
    deadline=45,
)
def client(world: World) -> Iterable[Finding]:
    """Whether the client that talks to Spark is installed in the project's environment and can be imported there.

    Imports it in a process of its own: `pip check` finds nothing wrong with sets that cannot be imported. The whole chain of
    causes is shown, for the last is the real one (`PyArrow must be installed` hides `pyarrow requires NumPy 2.0 or newer`).

    What to do: install the line that fits the runtime, as the wizard pins it.
    """
    id, kind, wanted = "connect.client", world.project.client, world.project.requirement
    if not kind:
        yield skipped(id, "nothing is known that talks to Spark here")
        return
    package = PACKAGES.get(kind, kind)
    found, evidence = ask(world)
    version = found.found.get(package) or (found.found.get("pyspark") if kind == "pyspark" else None) if found else None
    if found is None:
        yield unknown(id, "the project's interpreter does not answer", evidence)
        return
    if not version:
        todo = Remedy("Install it.", (_pip(world, "install", wanted or package), *SETUP), "connect")
        yield error(
            id, f"{package} is not installed in the project's environment", evidence, about=package, remedy=todo
        )
        return
    yield _imported(world, package, version)
    pinned = wanted.partition("==")[2]
    if wanted.startswith(package) and pinned and fits(version, f"=={pinned}") is False:
        text = f"{package} is {version}; the project asks for {wanted}"
        todo = Remedy("Install what is asked for.", (_pip(world, "install", wanted),), "connect")
        yield error(id, text, evidence, about=package, remedy=todo)


def _imported(world: World, package: str, version: str) -> Finding:
    id = "connect.client"
    answer = world.run(world.project.python, "-I", "-c", IMPORT, world.project.client, timeout=40)
    try:
        causes = [str(c) for c in json.loads(answer.out.strip().splitlines()[-1])["error"]]
    except (ValueError, IndexError, KeyError, TypeError):
        seen = saw(answer, world.project.python, "-I", "-c", f"import {package}")
        if answer.code is None:
            return unknown(id, f"{package} did not import in time: {answer.problem}", seen, about=package)
        return error(id, f"{package} {version} ends the interpreter that imports it", seen, about=package)
    chain = Evidence(f"import of {package} {version}", "\ncaused by ".join(causes) or "works")
    if not causes:
        return ok(id, f"{package} {version} imports", chain, about=package)
    todo = Remedy(f"Make the environment again. {hint(' '.join(causes))}".strip(), SETUP, "connect")
    return error(id, f"{package} {version} is installed and does not import", chain, about=package, remedy=todo)


@check(
    "connect.pyspark-conflict",
    "databricks-connect is alone",
    "connect",
    "python",
    needs=("python.environment",),
    gates=PYTHON,
)
def pyspark_conflict(world: World) -> Iterable[Finding]:
    """Whether pyspark is installed beside databricks-connect.

    databricks-connect brings a `pyspark` package of its own; `pyspark` or `pyspark-client` in the same environment overwrite
    its files, or are overwritten. The errors name something else (`cannot import name 'storage_level_to_proto'`), `pip check`
    sees nothing, and uninstalling one leaves holes in the other. Looks at the distributions that are installed.

    What to do: uninstall all of them, then install databricks-connect alone.
    """
    id, (found, evidence) = "connect.pyspark-conflict", ask(world)
    if found is None:
        yield unknown(id, "the project's interpreter does not answer", evidence)
        return
    both = [n for n in ("pyspark", "pyspark-client") if n in found.found]
    connect = found.found.get("databricks-connect")
    if not connect or not both:
        yield ok(
            id, f"databricks-connect {connect} is alone" if connect else "databricks-connect is not installed", evidence
        )
        return
    again = f"databricks-connect=={connect}"
    commands = (_pip(world, "uninstall", "-y", *both, "databricks-connect"), _pip(world, "install", again))
    text = f"{' and '.join(both)} beside databricks-connect: they overwrite each other's files"
    todo = Remedy("Uninstall all of them, then install databricks-connect alone.", commands, "connect")
    yield error(id, text, evidence, about=", ".join(both), remedy=todo)


@check(
    "connect.runtime",
    "the client fits the cluster's runtime",
    "connect",
    needs=("connect.cluster", "connect.client"),
    gates=PYTHON,
)
def runtime(world: World) -> Iterable[Finding]:
    """Whether client and Python fit the Databricks Runtime of the chosen cluster.

    Compares the cluster's `spark_version` with the installed client (which must not be newer) and with the interpreter
    (whose minor version must be the runtime's, or user defined functions fail). Before 13.3 there is no Spark Connect.

    What to do: install the line of the client that is the runtime's, with the runtime's Python.
    """
    id, (found, evidence) = "connect.runtime", ask(world)
    path = f"/api/2.1/clusters/get?cluster_id={world.project.cluster_id}"
    reply, _ = ask_workspace(world, path)
    key = str((data_of(reply) or {}).get("spark_version", ""))
    there, seen = minor(key), Evidence("the cluster's spark_version", key or "not told")
    if found is None or there is None or key.startswith("custom:"):
        yield unknown(id, "runtime and client cannot be compared", seen, evidence)
        return
    wrong = list(_misfits(world, there, found))
    say = warning if world.project.client == "pyspark" else error  # the free client works without user functions
    for text, todo in wrong:
        yield say(id, text, seen, evidence, about=key, remedy=todo)
    if not wrong:
        yield ok(id, f"client and Python fit runtime {there[0]}.{there[1]}", seen, evidence, about=key)


def _misfits(world: World, there: tuple[int, int], found: Interpreter) -> Iterable[tuple[str, Remedy]]:
    name, python = f"{there[0]}.{there[1]}", python_of(there)
    installed = found.found.get("databricks-connect", "")
    here = minor(installed)
    if there < (13, 3):
        todo = Remedy("Choose a cluster with runtime 14.3 or newer.", ("mlops-wizard connect list",), "connect")
        yield f"runtime {name} has no Spark Connect: only the legacy client, now off the index, talks to it", todo
        return
    if here and here > there:
        commands = (_pip(world, "install", f"databricks-connect=={name}.*"),)
        yield (
            f"databricks-connect {installed} is newer than runtime {name}: it refuses, or fails in odd places",
            Remedy("Install the runtime's line.", commands, "connect"),
        )
    if found.minor != python:
        todo = Remedy(f"Make the project's environment with Python {python}.", SETUP, "connect")
        yield f"Python {found.minor} here, {python} on the cluster: user defined functions fail", todo


LEGACY = "~/.databricks-connect"


@check("connect.legacy", "nothing is left of the legacy client", "connect", gates=(trusted,))
def legacy(world: World) -> Iterable[Finding]:
    """Whether the set-up of databricks-connect before 13 is still here.

    Looks for `~/.databricks-connect` (host, token, cluster id, port 15001, in clear text), a `.databricks-connect` in the
    repo, and requirements that ask for a version before 13. Those clients need Java 8 and Python 3.7 or 3.8, speak another
    protocol than today's, and are off the package index.

    What to do: move to a runtime and client from 14.3; the old file can then go.
    """
    id, found = "connect.legacy", False
    if text := text_of(world, LEGACY):
        found = True
        held = " and holds a token in clear text" if '"token"' in text else ""
        seen = Evidence(LEGACY, "host, cluster_id, org_id, port" + (f", token = {MASK}" if held else ""))
        todo = Remedy("Remove it once nothing uses the old client any more.", (f"rm {LEGACY}",), "connect")
        yield warning(id, f"{LEGACY} is of databricks-connect before 13{held}", seen, about=LEGACY, remedy=todo)
    for path in (
        "requirements.txt",
        "requirements-dev.txt",
        "dev-requirements.txt",
        "pyproject.toml",
        "environment.yml",
    ):
        for line in (text_of(world, path) or "").splitlines():
            version = (
                minor(line.partition("databricks-connect")[2].strip("\"' ,[]()~=<>"))
                if "databricks-connect" in line
                else None
            )
            if version and version[0] < 13 and ">" not in line:
                found = True
                todo = Remedy("Ask for the line of your cluster's runtime.", SETUP, "connect")
                text = f"{path} asks for databricks-connect {version[0]}.{version[1]}, which is off the package index"
                yield warning(id, text, Evidence(path, line.strip()), about=path, remedy=todo)
    if not found:
        yield ok(id, "nothing is left of databricks-connect before 13")
