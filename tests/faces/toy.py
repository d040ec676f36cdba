"""A small session that asks one of everything, applies a plan and looks; any face can conduct it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from checks import Check, Evidence, Finding, Ran, Registry, Remedy, Report, Status, World
from checks import run as look
from tests.fakes import FakeWorld
from wizard.answers import Answers, Source
from wizard.change import Change, Doors
from wizard.changes import CallApi, EditFile, InstallPackages, KeepSecret
from wizard.face import Decision, Edit, Face, Move, Review, Stop
from wizard.journal import Journal
from wizard.plan import Plan, Stage
from wizard.question import Choice, Question, Value
from wizard.secret import Secret
from wizard.words import label

HOST = "https://adb-984752964297111.11.azuredatabricks.net"
TOKEN = "dapi" + "0123456789abcdef" * 2

STEPS = ("Tools", "Log-in", "Secrets", "Environment", "Spark", "Dev container")


def _https(value: Value) -> str | None:
    return (
        None if str(value).startswith("https://") else f"{value} has no https:// before it; copy it from the browser."
    )


HOST_QUESTION = Question(
    "auth.host",
    "Which workspace do you work in?",
    help="The address of the Databricks workspace, as it stands in the browser when you are logged in there.",
    problem=_https,
)
CLUSTER = Question(
    "connect.cluster",
    "Which cluster shall run your queries?",
    "choice",
    default="1121-shared",
    choices=(
        Choice("1121-shared", "shared-ml · 15.4 LTS · running"),
        Choice("0907-gpu", "gpu-train · 15.4 LTS ML · stopped, starts in about 5 min"),
        Choice("0101-old", "etl-legacy · 10.4 LTS", blocked="databricks-connect for 10.4 is off the index"),
        Choice("serverless", "Serverless"),
    ),
    help="The client and the Python of this project follow the runtime of the cluster.",
)
STORAGE = Question("storage.path", "Which path holds your data?", optional=True, default="/Volumes/ml/raw")
CONTAINER = Question(
    "devcontainer.write",
    "Write a dev container for VS Code?",
    "confirm",
    default=True,
    help="`.devcontainer/devcontainer.json` is rendered from what was answered; one that is there is merged into.",
)
TOKEN_QUESTION = Question(
    "auth.token",
    "Your personal access token",
    "secret",
    help="Made under Settings → Developer → Access tokens. It is kept in GNOME Keyring and nowhere else.",
    needs=("auth.host",),
    problem=lambda v: (
        None
        if isinstance(v, Secret) and v.reveal().startswith("dapi")
        else "This is not a token of Databricks: those begin with dapi. Copy it again."
    ),
)
QUESTIONS = (HOST_QUESTION, TOKEN_QUESTION, CLUSTER, STORAGE, CONTAINER)
STEP_OF = {"auth.host": 1, "auth.token": 1, "connect.cluster": 4, "storage.path": 3, "devcontainer.write": 5}


def stops(here: int) -> tuple[Stop, ...]:
    """The rail with the given step at hand."""
    return tuple(Stop(title.lower(), title, _state(n - here)) for n, title in enumerate(STEPS))


def _state(ahead: int) -> str:
    return "done" if ahead < 0 else "ahead" if ahead else "here"


@dataclass
class MemoryStore:
    """A store that is a dictionary."""

    held: dict[str, Secret] = field(default_factory=dict)
    name: str = "memory"
    title: str = "GNOME Keyring (Secret Service)"

    def get(self, service: str) -> Secret | None:
        return self.held.get(service)

    def put(self, service: str, value: Secret) -> None:
        self.held[service] = value

    def delete(self, service: str) -> bool:
        return self.held.pop(service, None) is not None


def plan_of(folder: str, answers: Mapping[str, Value]) -> Plan:
    """What the answers lead to, as three stages."""
    token = answers["auth.token"]
    assert isinstance(token, Secret)
    before = _read(folder, ".env")
    named = {"DATABRICKS_HOST": "auth.host", "DATABRICKS_CLUSTER_ID": "connect.cluster", "DATA_PATH": "storage.path"}
    kept = [k for k in (before or b"").decode().splitlines() if k.partition("=")[0] not in named]
    env = "\n".join((*kept, *(f"{name}={answers[id]}" for name, id in named.items()), ""))
    files: list[Change] = [
        KeepSecret(
            "memory", "mlops-wizard/adb-984752964297111.11/DATABRICKS_TOKEN", token, store_title="GNOME Keyring"
        ),
        EditFile.between(os.path.join(folder, ".env"), before, env.encode(), name=".env"),
    ]
    if answers["devcontainer.write"]:
        name = ".devcontainer/devcontainer.json"
        files.append(EditFile.between(os.path.join(folder, name), None, DEVCONTAINER.encode(), name=name))
    return Plan(
        "20261121-114500-3f9a",
        folder,
        (
            Stage("secrets and files", tuple(files)),
            Stage(
                "the project's environment",
                (InstallPackages(".venv/bin/python", ("databricks-connect==15.4.*",), remove=("pyspark",)),),
            ),
            Stage("start the cluster", (CallApi(HOST, "clusters.start", (("id", "0907-gpu"),), "start the cluster"),)),
        ),
    )


DEVCONTAINER = """{
  "name": "churn-model",
  "image": "mcr.microsoft.com/devcontainers/python:3.11-bookworm",
  "features": {
    "ghcr.io/devcontainers/features/azure-cli:1": {},
    "ghcr.io/databricks/cli:1": { "version": "0.240.0" }
  },
  "mounts": ["source=${localEnv:HOME}/.databrickscfg,target=/home/vscode/.databrickscfg,type=bind,readonly"],
  "remoteUser": "vscode",
  "postCreateCommand": "mlops-wizard doctor --where container"
}
"""


def _read(folder: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


FINDINGS = (
    Finding("tools.git", Status.OK, "git 2.45.1", title="git is there and new enough"),
    Finding("auth.token", Status.OK, "valid", title="the token is valid until 2027-02-01"),
    Finding(
        "auth.expiry",
        Status.WARNING,
        "the token runs out in 9 days",
        title="the token lasts",
        remedy=Remedy("Make a new one in good time.", ("mlops-wizard secrets rotate auth.token",)),
    ),
    Finding(
        "connect.pyspark",
        Status.ERROR,
        "pyspark 3.5.1 hides databricks-connect",
        title="databricks-connect is alone",
        about=".venv/bin/python",
        evidence=(Evidence("pip list", "databricks-connect 15.4.4\npyspark 3.5.1"),),
        remedy=Remedy(
            "Remove pyspark from this environment.", (".venv/bin/python -m pip uninstall pyspark",), "connect"
        ),
    ),
    Finding("connect.row", Status.SKIPPED, "not looked at, because connect.pyspark failed", title="the first row"),
    Finding("network.proxy", Status.UNKNOWN, "no answer within 5 s", title="the proxy lets the workspace through"),
    Finding("ci.bundle", Status.EXPECTED, "red until the ML code is merged", title="the bundle validates"),
    Finding(
        "storage.list",
        Status.CRASHED,
        "the check itself failed (your data can be listed)",
        title="your data can be listed",
        remedy=Remedy("This is a fault of mlops-wizard, not yours: please report it with this text."),
    ),
)

CLOSING = (
    "Open the folder in VS Code and choose “Reopen in Container”.",
    "To do all this again:",
    "  mlops-wizard setup --answers mlops-wizard-answers.toml --yes",
)


def _seen(finding: Finding, world: World) -> tuple[Finding, ...]:
    return (finding,)


def registry(findings: tuple[Finding, ...] = FINDINGS) -> Registry:
    """A check for each of the findings."""
    made = Registry()
    for finding in findings:
        made.add(Check(finding.id, finding.title, partial(_seen, finding)))
    return made


@dataclass
class Toy:
    """The session and its world. `log` holds what was asked, for tests."""

    folder: str
    findings: tuple[Finding, ...] = FINDINGS
    store: MemoryStore = field(default_factory=MemoryStore)
    given: Answers = field(default_factory=Answers)
    log: list[str] = field(default_factory=list)
    typed: dict[str, Value] = field(default_factory=dict)
    refuse: Callable[[str, Value], str | None] = lambda question, value: None
    """What a server says to an answer."""

    async def __call__(self, face: Face) -> Answers:
        await face.rail(stops(0))
        await face.busy(
            "Looking around", lambda: face.say("found databricks.yml: this is azure-databricks-devcontainer")
        )
        answers = await self._ask_all(face, self.given)
        while True:
            plan = plan_of(self.folder, answers)
            answered = tuple((q, label(q, answers[q.id])) for q in QUESTIONS)
            decision = await face.review(Review(plan, answered, ("databricks-connect is Databricks' own licence.",)))
            if decision is Decision.APPLY:
                break
            if decision is Decision.LEAVE:
                return answers
            last = (
                QUESTIONS[-1].id
                if decision is Decision.BACK
                else decision.question
                if isinstance(decision, Edit)
                else ""
            )
            answers = await self._ask_all(face, answers.without(last, QUESTIONS))
        await face.rail(stops(5))
        await face.busy("Applying the changes", lambda: plan.apply(self._doors(plan, face), Journal(self._state())))
        report: Report = await face.busy(
            "Looking again", lambda: look(registry(self.findings), FakeWorld(), done=face.found)
        )
        await face.rail(stops(6))
        await face.show(report, CLOSING)
        return answers

    async def _ask_all(self, face: Face, answers: Answers) -> Answers:
        trail: list[Answers] = []
        while True:
            question = next((q for q in QUESTIONS if q.id not in answers), None)
            if question is None:
                return answers
            await face.rail(stops(STEP_OF[question.id]))
            problem = ""
            while True:
                self.log.append(question.id + (f": {problem}" if problem else ""))
                put = replace(question, default=self.typed.get(question.id, question.default))
                value = await face.ask(put, answers, problem=problem, back=bool(trail))
                if value is Move.QUIT:
                    raise KeyboardInterrupt
                if value is Move.BACK:
                    answers = trail.pop()
                    break
                assert not isinstance(value, Move)
                id = question.id
                if not isinstance(value, Secret):
                    self.typed[id] = value
                problem = await face.busy("Asking the workspace", partial(self._looked_at, id, value))
                if not problem:
                    trail.append(answers)
                    answers = answers.give(question.id, value, Source.PERSON)
                    break

    def _looked_at(self, id: str, value: Value) -> str:
        return self.refuse(id, value) or ""

    def _state(self) -> str:
        return os.environ["MLOPS_WIZARD_STATE"]

    def _doors(self, plan: Plan, face: Face) -> Doors:
        def run(argv: tuple[str, ...], **how: object) -> Ran:
            face.say(f"$ {' '.join(argv)}")
            return Ran(0)

        return Doors(
            plan.id, (self.folder,), lambda name: self.store, run, lambda host, method, arguments: None, face.say
        )
