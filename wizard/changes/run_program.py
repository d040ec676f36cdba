"""Programs that make or fill the project's environment, each with what takes it back.

An environment that we made is removed whole; in one that was there, the versions recorded before are installed again.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field

from wizard.change import Change, ChangeFailed, Data, Doors
from wizard.files import problem

MARK = ".made-by-mlops-wizard"
"""A file in an environment that we made: only such a one is ever removed whole."""

GONE = ".mlops-wizard-gone"
"""What the folder of an environment is called while it is being removed."""

PACKAGES = """import importlib.metadata as m, json
found = {(d.metadata["Name"] or "").lower().replace("_", "-"): d.version for d in m.distributions()}
print(json.dumps(sorted(found.items())))
"""
"""Prints the distributions of an interpreter as [[name, version], …]."""


@dataclass(frozen=True, slots=True)
class MakeEnvironment:
    """Make a virtual environment in `folder` with the interpreter `python`."""

    python: str
    folder: str
    name: str = ".venv"
    kind: str = field(default="make-environment", init=False)

    @property
    def title(self) -> str:
        return f"make the project's environment {self.name}"

    @property
    def about(self) -> str:
        return self.folder

    @property
    def reversible(self) -> bool:
        return True

    def preview(self) -> str:
        return f"{self.python} -m venv {self.name}\n"

    def bind(self, plan: str, number: int) -> MakeEnvironment:  # noqa: ARG002
        return self

    def apply(self, doors: Doors) -> Change:
        if os.path.lexists(self.folder):
            if not _ours(self.folder):
                raise ChangeFailed(f"{self.folder} is there already; move it out of the way.")
            _remove_tree(self.folder)
        _mark(self.folder)
        try:
            _must(doors, (self.python, "-I", "-m", "venv", self.folder), os.path.dirname(self.folder))
        except ChangeFailed:
            _remove_tree(self.folder)
            raise
        return self.inverse()

    def inverse(self) -> Change:
        return RemoveEnvironment(self.python, self.folder, self.name)

    def data(self) -> Data:
        return {"kind": self.kind, "python": self.python, "folder": self.folder, "name": self.name}

    @classmethod
    def from_data(cls, data: Data) -> MakeEnvironment:
        """Back from a journal."""
        return cls(data["python"], data["folder"], data["name"])


@dataclass(frozen=True, slots=True)
class RemoveEnvironment:
    """Remove an environment that we made. Begun, it is only ever finished: what pip had put in does not come back by itself."""

    python: str
    folder: str
    name: str = ".venv"
    kind: str = field(default="remove-environment", init=False)

    @property
    def title(self) -> str:
        return f"remove the environment {self.name} that the wizard made"

    @property
    def about(self) -> str:
        return self.folder

    @property
    def reversible(self) -> bool:
        return False

    def preview(self) -> str:
        return f"remove {self.folder}\n"

    def bind(self, plan: str, number: int) -> RemoveEnvironment:  # noqa: ARG002
        return self

    def apply(self, doors: Doors) -> Change:  # noqa: ARG002
        _sweep(self.folder)
        if os.path.isdir(self.folder):
            if not _ours(self.folder):
                raise ChangeFailed(f"{self.folder} was not made by the wizard (it has no {MARK}); remove it yourself.")
            _remove_tree(self.folder)
        return self.inverse()

    def inverse(self) -> Change:
        return MakeEnvironment(self.python, self.folder, self.name)

    def data(self) -> Data:
        return {"kind": self.kind, "python": self.python, "folder": self.folder, "name": self.name}

    @classmethod
    def from_data(cls, data: Data) -> RemoveEnvironment:
        """Back from a journal."""
        return cls(data["python"], data["folder"], data["name"])


@dataclass(frozen=True, slots=True)
class InstallPackages:
    """Install `requirements` into the environment of the interpreter `python`; those in `remove` must go first."""

    python: str
    requirements: tuple[str, ...]
    remove: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    """What was installed before, as (name, version)."""
    fresh: bool = False
    """Whether the environment is made by this same plan: it is then removed whole, and nothing needs restoring."""
    note: str = ""
    kind: str = field(default="install-packages", init=False)

    @property
    def title(self) -> str:
        return f"install {', '.join(self.requirements)}"

    @property
    def about(self) -> str:
        return self.python

    @property
    def reversible(self) -> bool:
        return True

    def preview(self) -> str:
        removed = f"{self.python} -m pip uninstall {' '.join(self.remove)}\n" if self.remove else ""
        return f"{removed}{self.python} -m pip install {' '.join(self.requirements)}\n{self.note}"

    def bind(self, plan: str, number: int) -> InstallPackages:  # noqa: ARG002
        return self

    def apply(self, doors: Doors) -> Change:
        if self.remove:
            _must(doors, (*_pip(self.python), "uninstall", "--yes", *self.remove), "")
        _must(doors, (*_pip(self.python), "install", "--no-input", "--progress-bar", "off", *self.requirements), "")
        return self.inverse()

    def inverse(self) -> Change:
        return RestorePackages(self.python, self.versions, self.fresh)

    def data(self) -> Data:
        return {
            "kind": self.kind,
            "python": self.python,
            "requirements": list(self.requirements),
            "remove": list(self.remove),
            "versions": [list(v) for v in self.versions],
            "fresh": self.fresh,
            "note": self.note,
        }

    @classmethod
    def from_data(cls, data: Data) -> InstallPackages:
        """Back from a journal."""
        versions = tuple((n, v) for n, v in data["versions"])
        return cls(
            data["python"], tuple(data["requirements"]), tuple(data["remove"]), versions, data["fresh"], data["note"]
        )


@dataclass(frozen=True, slots=True)
class RestorePackages:
    """Bring an environment back to the recorded versions: what is not among them goes, what changed comes back."""

    python: str
    versions: tuple[tuple[str, str], ...]
    fresh: bool = False
    kind: str = field(default="restore-packages", init=False)

    @property
    def title(self) -> str:
        return "bring the environment back to the versions it had"

    @property
    def about(self) -> str:
        return self.python

    @property
    def reversible(self) -> bool:
        return False

    def preview(self) -> str:
        return (
            "(goes with the environment)\n"
            if self.fresh
            else f"{len(self.versions)} recorded versions in {self.python}\n"
        )

    def bind(self, plan: str, number: int) -> RestorePackages:  # noqa: ARG002
        return self

    def apply(self, doors: Doors) -> Change:
        if self.fresh or not os.path.exists(self.python):
            return self
        now = installed(doors.run((self.python, "-I", "-c", PACKAGES), cwd="", env={}).out)
        then = dict(self.versions)
        extra = sorted(set(now) - set(then))
        changed = [f"{n}=={v}" for n, v in then.items() if now.get(n) != v]
        if extra:
            _must(doors, (*_pip(self.python), "uninstall", "--yes", *extra), "")
        if changed:
            _must(
                doors, (*_pip(self.python), "install", "--no-input", "--progress-bar", "off", "--no-deps", *changed), ""
            )
        return self

    def inverse(self) -> Change:
        return self

    def data(self) -> Data:
        return {
            "kind": self.kind,
            "python": self.python,
            "versions": [list(v) for v in self.versions],
            "fresh": self.fresh,
        }

    @classmethod
    def from_data(cls, data: Data) -> RestorePackages:
        """Back from a journal."""
        return cls(data["python"], tuple((n, v) for n, v in data["versions"]), data["fresh"])


def installed(out: str) -> dict[str, str]:
    """What `PACKAGES` printed, as name -> version; empty where it printed something else."""
    try:
        return {str(n): str(v) for n, v in json.loads(out)}
    except (ValueError, TypeError):
        return {}


def _pip(python: str) -> tuple[str, ...]:
    return (python, "-I", "-m", "pip", "--disable-pip-version-check")


def _ours(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, MARK))


def _mark(folder: str) -> None:
    """First of all, so that an environment that `kill -9` left half made is known as ours."""
    try:
        os.mkdir(folder)
        with open(os.path.join(folder, MARK), "x", encoding="utf-8") as mark:
            mark.write("Made by mlops-wizard; `mlops-wizard undo` removes this environment.\n")
    except OSError as error:
        raise ChangeFailed(str(problem(folder, "made", error))) from error


def _remove_tree(folder: str) -> None:
    """Renamed first: an environment is there or gone, even where the removing is cut off."""
    _sweep(folder)
    try:
        os.replace(folder, folder + GONE)
        shutil.rmtree(folder + GONE)
    except OSError as error:
        raise ChangeFailed(str(problem(folder, "removed", error))) from error


def _sweep(folder: str) -> None:
    """What a removing that was cut off had left."""
    shutil.rmtree(folder + GONE, ignore_errors=True)


def _must(doors: Doors, argv: tuple[str, ...], cwd: str) -> None:
    ran = doors.run(argv, cwd=cwd, env={}, say=doors.say)
    if ran.code == 0:
        return
    tail = "\n".join((ran.err or ran.out).strip().splitlines()[-6:])
    raise ChangeFailed(f"{' '.join(argv[:6])} … failed ({ran.problem or f'exit code {ran.code}'}):\n{tail}")
