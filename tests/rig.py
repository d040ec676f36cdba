"""All that a walk through the real steps needs, but for the world outside: a repo in a folder, a fake workspace and store."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checks import Check, Ran, World
from tests.fakes import FakeStore, FakeWorkspace
from wizard import blueprint as blueprints
from wizard.answers import Answers
from wizard.change import Change, Doors
from wizard.journal import Journal
from wizard.machine import Machine
from wizard.plan import Plan
from wizard.step import Scene, StoreState
from wizard.workspace import Credential, Workspace

HOST = "https://adb-42.7.azuredatabricks.net"
CANARY = "dapiCANARY0123456789abcdef"


@dataclass
class Bench:
    """A repo in a folder, a fake workspace and store: all that a walk needs."""

    root: Path
    state: Path
    store: FakeStore = field(default_factory=FakeStore)
    problem: str = ""
    ran: list[Sequence[str]] = field(default_factory=list)
    called: list[tuple[str, str]] = field(default_factory=list)
    finished: Answers | None = None

    @property
    def journal(self) -> Journal:
        return Journal(str(self.state))

    def scene(self) -> Scene:
        def workspace(host: str, credential: Credential) -> Workspace:
            return FakeWorkspace(host, credential, good=CANARY)

        return Scene(
            str(self.root), str(self.state), Machine(str(self.root), trusted=True), blueprints.load(blueprints.shipped()[0]),
            blueprints.Target("dev"), str(self.root / "databrickscfg"), "/opt/bin/mlops-wizard-databricks", workspace,
            lambda: (StoreState("keyring", "a fake keyring", self.problem), StoreState("plain", "a plain file")),
            lambda _: self.store, lambda minor: f"/usr/bin/python{minor}" if minor == "3.11" else "", lambda _: None,
        )  # fmt: skip

    def doors(self, plan: Plan, say: Callable[[str], None], answers: Answers) -> Doors:
        def call(host: str, method: str, arguments: Mapping[str, str]) -> None:
            self.called.append((method, arguments["cluster_id"]))

        return Doors(plan.id, (str(self.root),), lambda _: self.store, self.run, call, say)

    def run(self, argv: Sequence[str], **_: object) -> Ran:
        self.ran.append(argv)
        if "venv" in argv:
            (self.root / ".venv" / "pyvenv.cfg").write_text("")
        return Ran(0)

    def draft(self, answers: Answers) -> None:
        return None

    def applied(self, change: Change) -> None:
        return None

    def finish(self, scene: Scene, answers: Answers, plan: Plan) -> None:
        self.finished = answers

    def look(self, scene: Scene, answers: Answers) -> tuple[World, Sequence[Check]]:
        return scene.world, ()

    def repeat(self, scene: Scene, answers: Answers) -> str:
        return "mlops-wizard setup --yes"


def bench_in(folder: Path) -> Bench:
    """A fresh repo called `repo` in the folder."""
    root = folder / "repo"
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return Bench(root, folder / "state")
