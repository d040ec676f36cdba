"""Where a command stands: the repo, what is remembered of it, whether it is trusted, and the world and scene made of that."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checks import EMPTY, Project
from wizard import blueprint as blueprints
from wizard import facts, files, login, places, trust
from wizard.blueprint import Blueprint
from wizard.machine import Machine
from wizard.memory import Memory, Remembered
from wizard.profile import config_file
from wizard.sandbox.client import Control, Running
from wizard.secret import Secret, SecretStore
from wizard.step import Rehearsal, Scene, StoreState
from wizard.workspace import Credential, Workspace


@dataclass(frozen=True, slots=True)
class Standing:
    """One repo, as a command finds it."""

    root: str
    state: str
    memory: Memory
    remembered: Remembered | None
    verdict: trust.Verdict

    @property
    def trusted(self) -> bool:
        """Whether the repo may be used: the person said yes to it, or it brings nothing that would need a yes."""
        return self.verdict.trusted or (self.verdict.empty and not self.verdict.known)


def here(start: str | None = None) -> Standing:
    """Where the person stands."""
    root = places.repo_root(start or os.getcwd())
    memory = Memory(root)
    return Standing(root, places.state(), memory, memory.load(), trust.verdict(root))


def blueprint_of(standing: Standing, named: str = "") -> tuple[Blueprint, str]:
    """The blueprint and why this one. A team's file is laid over it only where the repo is trusted.

    Raises BlueprintProblem.
    """
    team = os.path.join(standing.root, blueprints.TEAM_FILE)
    if not named and standing.trusted and (text := files.read(team)) is not None:
        return blueprints.parse(
            text.decode("utf-8", "replace"), blueprints.TEAM_FILE
        ), f"{blueprints.TEAM_FILE} of the repo"
    if named:
        return blueprints.load(named), "--blueprint"
    if standing.remembered and standing.remembered.blueprint in blueprints.shipped():
        return blueprints.load(standing.remembered.blueprint), "the last set-up"
    found, seen = blueprints.recognise(Machine(standing.root))
    if found:
        return blueprints.load(found), f"the repo has {seen}"
    return blueprints.load(blueprints.shipped()[0]), "no system was recognised; name one with --blueprint"


def sandbox_of(standing: Standing) -> Running | None:
    """The sandbox, where one runs."""
    from wizard.sandbox import client

    return client.status(Path(standing.state))


def project_of(standing: Standing, blueprint: Blueprint) -> Project:
    """What the checks work with: the finished set-up, or only the blueprint's tools and variables."""
    if standing.remembered is None:  # nobody said yet that this repo is such a system: only its tools are looked at
        return Project(blueprint=blueprint.id, title=blueprint.title, tools=blueprint.tools)
    return facts.project(blueprint, standing.remembered.answers, standing.remembered.facts)


def machine(standing: Standing, project: Project = EMPTY, *, offline: bool = False, ca_bundle: str = "") -> Machine:
    """The real world of this repo. The store is opened only where the repo is trusted."""
    from wizard.stores import open_store, probe

    store = open_store(project.store, standing.state) if project.store and standing.trusted else None

    def probed() -> tuple[str, str]:
        found = probe.probe(project.store or "keyring", state=standing.state)
        return found.title, "" if found.ok else f"{found.problem} {found.remedy}".strip()

    bundle = ca_bundle or dict(project.environ).get("REQUESTS_CA_BUNDLE", "")
    return Machine(
        standing.root,
        project,
        trusted=standing.trusted,
        offline=offline,
        store=store,
        probe=probed,
        ca_bundle=bundle,
        bearer=_bearer(standing.state, project, store) if store else None,
    )


def _bearer(state: str, project: Project, store: SecretStore) -> Callable[[str], Secret | None]:
    """What stands in the Authorization header for an entry: the token itself, or one that a client secret is good for."""

    def bearer(entry: str) -> Secret | None:
        from wizard.hook.oauth import minted
        from wizard.index import Index

        kept = Index(state).find(entry) if entry.endswith(f"/{login.CLIENT_SECRET}") else None
        return minted(project.host, kept, kept.client_id, state, force=False).value if kept else store.get(entry)

    return bearer


def scene(
    standing: Standing,
    blueprint: Blueprint,
    *,
    running: Running | None = None,
    target: str = "",
    client: str = "",
    sample: bool = False,
) -> Scene:
    """What the steps see."""
    rehearsal = _rehearsal(standing, running) if running else None
    config = rehearsal.config_file if rehearsal else config_file()
    known: Mapping[str, str] = standing.remembered.facts if standing.remembered else {}
    return Scene(
        root=standing.root,
        state=standing.state,
        world=machine(standing, ca_bundle=running.ca_bundle if running else ""),
        blueprint=blueprint,
        target=blueprint.target(target),
        config_file=os.path.abspath(config),
        hook=hook(),
        workspace=_workspaces(running.ca_bundle if running else ""),
        stores=_stores(standing.state, running is not None),
        open_store=_opener(standing.state),
        python=interpreter,
        reach=_reach(running.ca_bundle if running else ""),
        client=client,
        sandbox=rehearsal,
        sample=sample,
        remembered=known,
    )


def hook() -> str:
    """The program that stands in profiles as `databricks_cli_path`: beside this interpreter, or on PATH."""
    name = "mlops-wizard-databricks" + (".exe" if sys.platform == "win32" else "")
    beside = os.path.join(os.path.dirname(sys.executable), name)
    return beside if os.path.exists(beside) else shutil.which(name) or beside


@cache
def interpreter(minor: str) -> str:
    """An interpreter of this minor version that can make environments: our own, else one that is on PATH; or empty."""
    if minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return _base()
    found = shutil.which(f"python{minor}") or ""
    ran = Machine(os.getcwd()).run(found, "-I", "-c", "import ensurepip, venv", timeout=5) if found else None
    return found if ran is not None and ran.code == 0 else ""


def _base() -> str:
    """The interpreter behind our own environment: a project's environment must not hang on the tool's."""
    bases = [os.path.join(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}"),
             os.path.join(sys.base_prefix, "bin", "python3"), os.path.join(sys.base_prefix, "python.exe")]  # fmt: skip
    return next((b for b in bases if os.path.exists(b)), sys.executable)


def _rehearsal(standing: Standing, running: Running) -> Rehearsal:
    control = Control(running)
    config = os.path.join(standing.state, "sandbox", "databrickscfg")
    return Rehearsal(
        running.host,
        running.org_id,
        running.ca_bundle,
        config,
        cache(lambda: control.token(comment="mlops-wizard setup")),
    )


def _workspaces(ca_bundle: str) -> Callable[[str, Credential], Workspace]:
    known: dict[tuple[str, Credential], Workspace] = {}

    def workspace(host: str, credential: Credential) -> Workspace:
        from wizard.clouds.databricks import Databricks

        return known.setdefault((host, credential), Databricks(host, credential, ca_bundle))

    return workspace


def _stores(state: str, sandbox: bool) -> Callable[[], tuple[StoreState, ...]]:
    @cache
    def stores() -> tuple[StoreState, ...]:
        from wizard.stores import PLAIN, available

        return tuple(
            StoreState(p.name, p.title)
            if p.ok or (p.name == PLAIN and p.code == "consent")
            else StoreState(p.name, p.title, p.problem, p.remedy)
            for p in available(state, sandbox)
        )

    return stores


def _opener(state: str) -> Callable[[str], SecretStore]:
    @cache
    def opened(name: str) -> SecretStore:
        from wizard.stores import open_store

        return open_store(name, state)

    return opened


def _reach(ca_bundle: str) -> Callable[[str], None]:
    def reach(host: str) -> None:
        from wizard.clouds.databricks import probe

        probe(host, ca_bundle)

    return reach
