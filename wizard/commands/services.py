"""What the walk needs of the machine: the doors for changes, the memory, the last look."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from checks import Check, Project, World
from wizard import facts, login, places, trust
from wizard.answers import Answers, Source
from wizard.change import Change, ChangeFailed, Doors
from wizard.commands import standing as standings
from wizard.commands.rooms import checks_for
from wizard.commands.standing import Standing
from wizard.host import place
from wizard.index import Index, Kept
from wizard.journal import Journal
from wizard.machine.programs import stream
from wizard.memory import Remembered
from wizard.plan import Plan
from wizard.profile import config_file
from wizard.run import RunList, write_list
from wizard.secret import SecretStore
from wizard.step import Scene
from wizard.steps.connect import chosen, environment, requirements
from wizard.steps.env import values
from wizard.workspace import CloudError


@dataclass
class WalkServices:
    """The services of one walk."""

    standing: Standing
    sample: bool = False
    target: str = ""
    flags: tuple[str, ...] = ()
    """Those of the command line that the repeating command needs: `--sandbox`, `--only env`."""
    remembered: Remembered | None = field(default=None, init=False)

    @property
    def journal(self) -> Journal:
        return Journal(self.standing.state)

    def doors(self, plan: Plan, say: Callable[[str], None], answers: Answers) -> Doors:
        if answers.get("secrets.plaintext") is True:
            from wizard.stores.plain import Consent

            Consent.record(self.standing.state)
        workspace = self._caller(answers)
        return doors(self.standing, plan.id, say, workspace)

    def _caller(self, answers: Answers) -> Callable[[str, str, Mapping[str, str]], None]:
        def call(host: str, method: str, arguments: Mapping[str, str]) -> None:
            found = login.credential(self.scene_now, answers)
            if method != "clusters.start" or found is None:
                raise ChangeFailed(
                    f"{method}: the wizard cannot call this here; log in first (mlops-wizard auth login)."
                )
            try:
                self.scene_now.workspace(host, found).start_cluster(arguments["cluster_id"])
            except CloudError as error:
                raise ChangeFailed(str(error)) from error

        return call

    scene_now: Scene = field(init=False)

    def draft(self, answers: Answers) -> None:
        kept = {
            id: value
            for id, value in answers.open().items()
            if answers.source(id) > Source.DEFAULT and not id.startswith(("trust.", "setup."))
        }
        self.standing.memory.save_draft(kept)

    def applied(self, change: Change) -> None:
        if change.kind in ("edit-file", "make-environment"):
            trust.give(self.standing.root)

    def finish(self, scene: Scene, answers: Answers, plan: Plan) -> None:
        trust.give(self.standing.root)
        learned = _learned(scene, answers)
        blueprint = scene.blueprint.id
        self.remembered = Remembered(
            answers.open(), learned, blueprint, scene.target.name, scene.sandbox is not None, plan.id
        )
        self.standing.memory.save(self.remembered)
        project = facts.project(scene.blueprint, answers.open(), learned)
        list_for_run(scene.root, project, scene.open_store(project.store))
        _index(self.standing, scene, answers)

    def look(self, scene: Scene, answers: Answers) -> tuple[World, Sequence[Check]]:
        now = standings.here(self.standing.root)
        project = facts.project(scene.blueprint, answers.open(), _learned(scene, answers))
        world = standings.machine(now, project, ca_bundle=scene.sandbox.ca_bundle if scene.sandbox else "")
        return world, checks_for(project).select()

    def repeat(self, scene: Scene, answers: Answers) -> str:
        ours = (
            "trust.",
            "setup.",
            *(("auth.host",) if scene.sandbox else ()),
        )  # the sandbox's port is another next time
        said = [id for id in answers.open() if answers.source(id) > Source.DEFAULT and not id.startswith(ours)]
        words = [w for id in said for w in ("--set", f"{id}={_typed(answers[id])}")]
        argv = ["mlops-wizard", "setup", "--blueprint", scene.blueprint.id, *self.flags, *words, "--yes"]
        return shlex.join(argv)


def doors(
    standing: Standing, plan: str, say: Callable[[str], None], call: Callable[[str, str, Mapping[str, str]], None]
) -> Doors:
    """What a plan is applied with: it may write in the repo, and the configuration files that are the person's own."""
    from wizard.stores import open_store

    allowed = (standing.root, os.path.abspath(config_file()), os.path.join(standing.state, "sandbox", "databrickscfg"))
    return Doors(plan, allowed, lambda name: open_store(name, standing.state), stream, call, say)


def no_calls(host: str, method: str, arguments: Mapping[str, str]) -> None:
    """For undo: calls of a cloud are not taken back."""
    raise ChangeFailed(f"{method} at {host} ({len(arguments)} arguments) cannot be taken back")


def _typed(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _learned(scene: Scene, answers: Answers) -> dict[str, str]:
    me = login.workspace(scene, answers).me()
    _, runtime = chosen(scene, answers)
    given = facts.environ(
        answers.text("auth.profile"), scene.config_file, scene.sandbox.ca_bundle if scene.sandbox else "",
        own_config=scene.sandbox is None,
    )  # fmt: skip
    more = {
        "org_id": me.org_id, "user": me.user, "runtime": runtime.name, "python": facts.interpreter(environment(scene)[0]),
        "requirement": requirements(answers.text("connect.client"), runtime)[0], "config_file": scene.config_file,
        "method": answers.text("auth.method"), "client_id": answers.text("auth.client_id"),
        "cluster_id": answers.text("connect.cluster"), "sandbox": "yes" if scene.sandbox else "",
    }  # fmt: skip
    return facts.learned(values(scene, answers), more, given)


def list_for_run(root: str, project: Project, store: SecretStore) -> None:
    """`run` reads one small file: what to set, and the names of what to fetch."""
    names = [
        (v.name, v.entry)
        for v in project.variables
        if v.secret and v.entry.endswith(f"/{v.name}") and store.get(v.entry) is not None
    ]
    folder = f"/workspaces/{os.path.basename(root)}"
    write_list(
        root,
        RunList(
            variables=project.environ,
            secrets=tuple(names),
            store=project.store,
            pythonpath=folder,
            host=place(project.host),
        ),
    )


def _index(standing: Standing, scene: Scene, answers: Answers) -> None:
    """Where each secret is, without its value; the exec hook finds the store here."""
    places.private(standing.state)
    index = Index(standing.state)
    host, store = answers.text("auth.host"), answers.text("secrets.store")
    names = [
        login.secret_name(answers),
        *(r.variable.name for r in scene.blueprint.rules if r.variable.secret and not r.source),
    ]
    for name in names:
        if login.kept(scene, answers, name) is not None:
            client_id = answers.text("auth.client_id") if name == login.CLIENT_SECRET else ""
            index.add(entry_of(login.entry(host, name), store, scene.root, client_id))


def entry_of(service: str, store: str, root: str, client_id: str = "") -> Kept:
    """What the index knows of a secret."""
    kinds = {login.TOKEN: "pat", login.CLIENT_SECRET: "client-secret"}
    kind = kinds.get(service.rpartition("/")[2], "secret")
    return Kept(service, store, kind, used_by=(root,), client_id=client_id)
