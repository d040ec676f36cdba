"""The project's own Python: there, its own, of the right version, and not in git."""

from __future__ import annotations

from collections.abc import Iterable

from checks.finding import Evidence, Finding, Remedy
from checks.gates import PYTHON
from checks.interpreter import ask
from checks.registry import check
from checks.repo import quoted, tracked
from checks.say import error, ok, skipped, unknown, warning
from checks.versions import minor, python_of
from checks.world import World

AGAIN = Remedy("Make the project's environment again.", ("mlops-wizard setup --only connect",), step="connect")


@check("python.environment", "the project's Python environment runs", "python", gates=PYTHON)
def environment(world: World) -> Iterable[Finding]:
    """Whether the interpreter that the set-up chose for this project still runs, and is an environment of its own.

    Runs it, isolated, and asks for its version and prefix. An environment dies with the Python it was made from (an upgrade
    by pyenv, brew or the distribution), and moves badly from host to container: its links then point at nothing.

    What to do: make it again; what was installed is written in the project's own files.
    """
    id, path = "python.environment", world.project.python
    found, evidence = ask(world)
    if found:
        kind = "an environment of its own" if found.isolated else "the system's own Python"
        yield ok(id, f"Python {found.version}, {kind}", evidence, about=path)
    elif world.stat(path) is None:
        text = "the project's interpreter is gone (or its link points at nothing)"
        yield error(id, text, Evidence(path, "not there"), about=path, remedy=AGAIN)
    else:
        yield error(id, "the project's interpreter does not run", evidence, about=path, remedy=AGAIN)


@check("python.version", "Python fits the cluster's runtime", "python", needs=("python.environment",), gates=PYTHON)
def version(world: World) -> Iterable[Finding]:
    """Whether the project's Python has the minor version of the Databricks Runtime that its client was chosen for.

    Compares the interpreter with the runtime named in the requirement (`databricks-connect==15.4.*` needs 3.11, `17.3`
    needs 3.12). Another minor version installs a client that cannot work (16.1.7 on 3.11), or works until the first user
    defined function: `[PYTHON_VERSION_MISMATCH]`.

    What to do: make the project's environment with the Python of the runtime.
    """
    id, wanted = "python.version", world.project.requirement
    runtime = minor(wanted) if wanted.startswith("databricks-connect") else None
    if runtime is None:
        yield skipped(id, "no Databricks Runtime is chosen that would name a Python version")
        return
    need, (found, evidence) = python_of(runtime), ask(world)
    if found is None:
        yield unknown(id, "the project's interpreter does not tell its version", evidence)
    elif found.minor == need:
        yield ok(id, f"Python {found.version} fits runtime {runtime[0]}.{runtime[1]}", evidence)
    else:
        text = f"the project has Python {found.minor}; runtime {runtime[0]}.{runtime[1]} needs {need}"
        commands = ("mlops-wizard setup --only connect",)
        todo = Remedy(f"Make the project's environment with Python {need}.", commands, "connect")
        yield error(id, text, evidence, about=world.project.python, remedy=todo)


@check(
    "python.externally-managed",
    "pip may install for this project",
    "python",
    needs=("python.environment",),
    gates=PYTHON,
)
def externally_managed(world: World) -> Iterable[Finding]:
    """Whether the project's interpreter is one into which pip refuses to install.

    The Pythons of Debian, Ubuntu, Fedora and Homebrew carry a file EXTERNALLY-MANAGED beside their standard library; pip then
    ends with `error: externally-managed-environment` (PEP 668). A virtual environment is free of it.

    What to do: make an environment for the project; do not use --break-system-packages.
    """
    id, (found, evidence) = "python.externally-managed", ask(world)
    if found is None:
        yield unknown(id, "the project's interpreter does not answer", evidence)
    elif found.isolated:
        yield ok(id, "the project has an environment of its own", evidence)
    elif world.stat(mark := f"{found.stdlib}/EXTERNALLY-MANAGED"):
        text = "the project uses the system's Python, into which pip refuses to install"
        todo = Remedy("Make an environment for the project.", ("python3 -m venv .venv",), "connect")
        yield error(id, text, evidence, Evidence(mark, "is there"), about=world.project.python, remedy=todo)
    else:
        text = "the project uses a Python that other projects share"
        todo = Remedy("Make an environment for the project.", ("python3 -m venv .venv",), "connect")
        yield warning(id, text, evidence, about=world.project.python, remedy=todo)


@check("python.venv-tracked", "no virtual environment is in git", "python", "git", needs=("tools.repo",))
def venv_tracked(world: World) -> Iterable[Finding]:
    """Whether a virtual environment was committed.

    Asks git for tracked `pyvenv.cfg` files. An environment holds absolute paths and programs of one machine: for everybody
    else it is broken, and its hundreds of megabytes stay in every clone.

    What to do: take it out of git (the files stay on disk) and ignore the folder.
    """
    id, names = "python.venv-tracked", tracked(world, "pyvenv.cfg", "**/pyvenv.cfg")
    if names is None:
        yield unknown(id, "git does not say which files it tracks")
        return
    for name in names[:5]:
        folder = name.rpartition("/")[0] or "."
        commands = (
            quoted("git", "rm", "-r", "--cached", "--quiet", "--", folder),
            f"echo {quoted(folder + '/')} >> .gitignore",
        )
        text = f"the virtual environment {folder} is in git"
        yield error(
            id, text, Evidence("git ls-files", name), about=folder, remedy=Remedy("Take it out of git.", commands)
        )
    if not names:
        yield ok(id, "no virtual environment is in git")


SHADOWED = ("databricks", "pyspark", "delta", "mlflow", "azure", "dotenv", "grpc", "google", "boto3", "pandas", "numpy")


@check("python.shadowing", "no file hides an installed package", "python")
def shadowing(world: World) -> Iterable[Finding]:
    """Whether a file or folder at the root of the repo has the name of a package that the work needs.

    Python looks in the script's folder first (and in PYTHONPATH, which the guides set to the repo): a `databricks.py` or a
    `pyspark/` with an `__init__.py` there is imported in the place of the installed one, and the error names something else.

    What to do: rename it.
    """
    id, names = "python.shadowing", set(world.list("."))
    hiding = [f"{n}.py" for n in SHADOWED if f"{n}.py" in names]
    hiding += [f"{n}/" for n in SHADOWED if n in names and world.stat(f"{n}/__init__.py")]
    for name in hiding:
        text = f"{name} at the repo's root hides the installed package of that name"
        todo = Remedy("Rename it.", (quoted("git", "mv", name.rstrip("/"), f"our_{name.rstrip('/')}"),))
        yield warning(id, text, Evidence("the repo's root", name), about=name, remedy=todo)
    if not hiding:
        yield ok(id, "no file at the repo's root hides an installed package")
