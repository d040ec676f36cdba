"""Compute first, then Python, then the client: the cluster decides what goes into the project's environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from wizard import login
from wizard.answers import Answers
from wizard.change import Change
from wizard.changes import CallApi, EditFile, InstallPackages, MakeEnvironment
from wizard.changes.run_program import PACKAGES, installed
from wizard.question import Choice, Question
from wizard.reading import read_text
from wizard.runtimes import Runtime, runtime_of
from wizard.step import Scene, StepProblem
from wizard.workspace import Cluster

LICENCE = (
    "databricks-connect is Databricks' own wheel (License: Databricks Proprietary License), for use with their services; "
    "--client pyspark does without it."
)
NO_CONNECT = "There is no databricks-connect for the Python of this machine (3.10 to 3.12 have one); pyspark-client is used instead."
PYSPARK = ("pyspark-client==4.1.3", "databricks-sdk>=0.100,<1")
"""The free twin: Spark's own client, and the vendor's SDK for profile and token."""

RIVALS = ("pyspark", "pyspark-client", "pyspark-connect")
"""Distributions that overwrite parts of databricks-connect; `pip check` sees nothing of it."""


@dataclass(frozen=True, slots=True)
class ConnectStep:
    """databricks-connect, or its free twin, for the chosen cluster (S4, 'Section 5: Configure the Databricks connect')."""

    id: str = "connect"
    title: str = "Connect"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:
        client = scene.client or _default_client(scene)
        asked = (
            Question(
                "connect.client", "What shall talk to Spark?", "choice", client, _clients(), help=LICENCE, quiet=True
            ),
        )
        if login.credential(scene, answers) is None:
            return asked
        clusters = login.workspace(scene, answers).clusters()
        choices = tuple(_choice(scene, c, answers.text("connect.client") or client) for c in clusters)
        default = _default(tuple(c for c, choice in zip(clusters, choices, strict=True) if not choice.blocked))
        choices = tuple(sorted(choices, key=lambda c: bool(c.blocked)))
        known = next(
            (c.value for c in choices if c.value == scene.remembered.get("cluster_id") and not c.blocked), None
        )
        return (*asked, Question(
            "connect.cluster", "Which cluster?", "choice", known or default, choices, needs=("auth.host", "auth.method", "connect.client"),
            help="Its runtime decides which Python and which client the project gets." if clusters else
                 "This workspace shows you no cluster; ask for CAN ATTACH TO on one, or create one under Compute.",
        ))  # fmt: skip

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:
        cluster, runtime = chosen(scene, answers)
        yield from _requirements_file(scene, answers, runtime)
        yield from _environment(scene, answers, runtime)
        if cluster.state in {"TERMINATED", "ERROR"}:
            yield CallApi(answers.text("auth.host"), "clusters.start", (("cluster_id", cluster.id),),
                          f"start the cluster {cluster.name} (it ends by itself when idle)")  # fmt: skip

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        _, runtime = chosen(scene, answers)
        ended = (
            (f"Databricks Runtime {runtime.name} is out of support since {runtime.ended}.",) if runtime.ended else ()
        )
        if answers.text("connect.client") == "connect":
            return (LICENCE, *ended)
        alone = not scene.client and _default_client(scene) == "pyspark"
        return (NO_CONNECT, *ended) if alone else ended


def chosen(scene: Scene, answers: Answers) -> tuple[Cluster, Runtime]:
    """The cluster that was chosen and its runtime. Raises StepProblem where it is gone or its runtime has no client."""
    wanted = answers.text("connect.cluster")
    found = next((c for c in login.workspace(scene, answers).clusters() if c.id == wanted), None)
    if found is None:
        raise StepProblem(
            f"The workspace shows no cluster {wanted!r} any more; choose another with --set connect.cluster=ID."
        )
    runtime = runtime_of(found.runtime)
    if runtime is None:
        raise StepProblem(
            f"The runtime {found.runtime!r} of cluster {found.name} is not one that the wizard knows; choose another cluster."
        )
    return found, runtime


def requirements(client: str, runtime: Runtime) -> tuple[str, ...]:
    """What pip is to install for this client and runtime."""
    return PYSPARK if client == "pyspark" else (runtime.requirement,)


def environment(scene: Scene) -> tuple[str, str]:
    """(folder, interpreter) of the project's environment: `.venv`, or `venv` where that is there instead."""
    name = next((n for n in (".venv", "venv") if scene.world.stat(f"{n}/pyvenv.cfg") is not None), ".venv")
    folder = os.path.join(scene.root, name)
    windows = sys.platform == "win32"
    return folder, os.path.join(folder, "Scripts" if windows else "bin", "python.exe" if windows else "python")


def _clients() -> tuple[Choice, ...]:
    return (Choice("connect", "databricks-connect (Databricks' proprietary wheel)"),
            Choice("pyspark", "pyspark-client with databricks-sdk (Apache 2.0)"))  # fmt: skip


def _default_client(scene: Scene) -> str:
    """On Python 3.13 alone there is no databricks-connect as a wheel that a runtime matches."""
    return "connect" if any(scene.python(minor) for minor in ("3.10", "3.11", "3.12")) else "pyspark"


def _default(clusters: tuple[Cluster, ...]) -> str | None:
    """One that runs: for the Python that is at hand before others, the newest runtime before older ones."""
    ours = f"{sys.version_info[0]}.{sys.version_info[1]}"

    def rank(cluster: Cluster) -> tuple[bool, tuple[int, ...]]:
        runtime = runtime_of(cluster.runtime)
        number = tuple(int(n) for n in runtime.name.split(".")) if runtime else ()
        return (runtime is not None and runtime.python == ours, number)

    running = [c for c in clusters if c.state == "RUNNING"]
    return max(running, key=rank).id if running else None


def _choice(scene: Scene, cluster: Cluster, client: str) -> Choice:
    runtime = runtime_of(cluster.runtime)
    label = f"{cluster.name} · {cluster.state.lower()} · "
    if runtime is None:
        return Choice(cluster.id, label + cluster.runtime, f"{cluster.runtime!r} is no runtime that the wizard knows.")
    return Choice(cluster.id, f"{label}{runtime.name} · Python {runtime.python}", _blocked(scene, runtime, client))


def _blocked(scene: Scene, runtime: Runtime, client: str) -> str:
    if not runtime.connect:
        return f"no client of today speaks to Databricks Runtime {runtime.name}; choose one of 13.3 or newer."
    if client == "connect" and not scene.python(runtime.python):
        return f"it needs Python {runtime.python}, which is not on this machine; install it, or choose another."
    return ""


def _python_for(scene: Scene, answers: Answers, runtime: Runtime) -> str:
    if answers.text("connect.client") == "pyspark":
        return scene.python(runtime.python) or scene.python(f"{sys.version_info[0]}.{sys.version_info[1]}")
    return scene.python(runtime.python)


def _environment(scene: Scene, answers: Answers, runtime: Runtime) -> Iterable[Change]:
    folder, python = environment(scene)
    wanted = requirements(answers.text("connect.client"), runtime)
    note = f"{LICENCE}\n" if answers.text("connect.client") == "connect" else ""
    if scene.world.stat(os.path.join(folder, "pyvenv.cfg")) is None:
        base = _python_for(scene, answers, runtime)
        if not base:
            raise StepProblem(
                f"The project needs Python {runtime.python}, which is not on this machine; install it and start again."
            )
        yield MakeEnvironment(base, folder, os.path.basename(folder))
        yield InstallPackages(python, wanted, fresh=True, note=note)
        return
    there = _installed(scene, answers, runtime, python)
    rivals = tuple(r for r in RIVALS if r in there) if answers.text("connect.client") == "connect" else ()
    if rivals or not all(_satisfied(w, there) for w in wanted):
        gone = (*rivals, "databricks-connect") if rivals and "databricks-connect" in there else rivals
        yield InstallPackages(python, wanted, gone, tuple(sorted(there.items())), note=note)


def _installed(scene: Scene, answers: Answers, runtime: Runtime, python: str) -> dict[str, str]:
    """What the environment that is there holds. Raises StepProblem where its Python does not fit the runtime."""
    ran = scene.world.run(python, "-I", "-c", "import sys;print('%d.%d' % sys.version_info[:2])")
    minor = ran.out.strip()
    if ran.code != 0:
        raise StepProblem(
            f"{python} does not run ({ran.problem or ran.err.strip()[-200:]}); move the environment away, a new one is made."
        )
    if answers.text("connect.client") == "connect" and minor != runtime.python:
        raise StepProblem(f"The project's environment has Python {minor}, but Databricks Runtime {runtime.name} needs {runtime.python}; "
                          f"move {os.path.dirname(os.path.dirname(python))} away (a new one is made), or choose another cluster.")  # fmt: skip
    return installed(scene.world.run(python, "-I", "-c", PACKAGES, timeout=30).out)


def _satisfied(requirement: str, there: dict[str, str]) -> bool:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    wanted = Requirement(requirement)
    version = there.get(canonicalize_name(wanted.name), "")
    return bool(version) and wanted.specifier.contains(version, prereleases=True)


_LINE = re.compile(r"^(?P<head>\s*databricks[-_.]connect)(?P<spec>[^;#\r\n]*?)(?P<tail>\s*(?:[;#].*)?)$", re.IGNORECASE)


def _requirements_file(scene: Scene, answers: Answers, runtime: Runtime) -> Iterable[Change]:
    """The line that a requirements.txt has for databricks-connect is pinned to the runtime; none is added to one without."""
    text = read_text(scene, "requirements.txt")
    if answers.text("connect.client") != "connect" or not text:
        return
    rows = []
    for row in text.splitlines(keepends=True):
        bare = row.rstrip("\r\n")
        found = _LINE.match(bare)
        rows.append(f"{found['head']}=={runtime.connect}.*{found['tail']}{row[len(bare) :]}" if found else row)
    after = "".join(rows)
    if after != text:
        yield EditFile.between(
            os.path.join(scene.root, "requirements.txt"), text.encode(), after.encode(), name="requirements.txt"
        )
