"""A machine and a repo on which everything is well: what a check says here must be neither a warning nor an error."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from checks import Check, Finding, Project, Ran, Registry, Reply, Variable
from checks import devcontainer as room
from checks.builtin import for_project
from checks.connect.first_row import IMPORT, SCRIPT
from checks.interpreter import ASK
from checks.repo import SECRETS_PATTERN
from checks.run import look
from devcontainer import jsonc, lint, merge
from tests.fakes import FakeWorld

HOST = "https://adb-984752964297111.11.azuredatabricks.net"
ENTRY = "mlops-wizard/adb-984752964297111.11.azuredatabricks.net/DATABRICKS_TOKEN"
PYTHON = "/repo/.venv/bin/python"
CLUSTER = "1120-221530-abcd1234"
DATE = "Sat, 21 Nov 2026 12:00:03 GMT"
CODE = ("*.py", "*.ipynb", "*.scala", "*.sql", "*.r", "*.R", "*.sh", "*.yml", "*.yaml", "*.json")
SCRIPTS = ("*.sh", "*.bash", "Dockerfile", "**/Dockerfile", "*.Dockerfile", ".devcontainer/*")
ME, TOKENS = f"{HOST}/api/2.0/preview/scim/v2/Me", f"{HOST}/api/2.0/token/list"
KNOCK = f"{HOST}/.well-known/databricks-config"
GET = f"{HOST}/api/2.1/clusters/get?cluster_id={CLUSTER}"

PROJECT = Project(
    blueprint="azure-databricks-devcontainer",
    host=HOST,
    org_id="984752964297111",
    profile="DEV",
    cluster_id=CLUSTER,
    python=PYTHON,
    client="connect",
    requirement="databricks-connect==15.4.*",
    store="keyring",
    token=ENTRY,
    variables=(
        Variable("DATABRICKS_HOST", value=HOST),
        Variable("DATABRICKS_ORDGID", match=r"\d+", alias="DATABRICKS_ORG_ID"),
        Variable("DATABRICKS_TOKEN", secret=True, entry=ENTRY),
    ),
    set_up=True,
)


def interpreter(version: str = "3.11.7", prefix: str = "/repo/.venv", base: str = "/usr", **found: str) -> Ran:
    """What the project's Python says of itself; `found` are distributions, `_` standing for `-`."""
    names = {k.replace("_", "-"): v for k, v in (found or {"databricks_connect": "15.4.26"}).items()}
    return Ran(
        0, json.dumps({"version": version, "prefix": prefix, "base": base, "stdlib": "/usr/lib/py", "found": names})
    )


def answer(data: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(data), {k.replace("_", "-"): v for k, v in headers.items()})


def grep(pattern: str, *paths: str) -> tuple[str, ...]:
    """The call of `git grep` that a check makes."""
    return ("git", "grep", "-I", "-l", "-z", "--full-name", "-E", "-e", pattern, *(("--", *paths) if paths else ()))


def cluster(state: str = "RUNNING", version: str = "15.4.x-scala2.12") -> Reply:
    """clusters/get."""
    return answer({"cluster_id": CLUSTER, "cluster_name": "dev", "state": state, "spark_version": version})


FILES: dict[str, bytes | str] = {
    ".env": f"DATABRICKS_HOST={HOST}\nDATABRICKS_ORDGID=984752964297111\n# DATABRICKS_TOKEN is in the store\n",
    "~/.databrickscfg": f"[DEV]\nhost = {HOST}\nauth_type = databricks-cli\ncluster_id = {CLUSTER}\n"
    "databricks_cli_path = /opt/mlops-wizard-databricks\n",
    ".devcontainer/devcontainer.json": '{\n  // ours\n  "image": "mcr.microsoft.com/devcontainers/python:3.11",\n}\n',
    ".github/workflows/ci.yml": "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
    '      - uses: actions/checkout@v5\n      - with:\n          python-version: "3.10"\n',
    PYTHON: "",
}

PROGRAMS: dict[tuple[str, ...], Ran] = {
    ("git", "--version"): Ran(0, "git version 2.39.2\n"),
    ("git", "rev-parse", "--is-inside-work-tree"): Ran(0, "true\n"),
    ("git", "check-ignore", "--no-index", "--quiet", "--", ".env"): Ran(0),
    ("git", "ls-files", "-z", "--", ".env", "**/.env"): Ran(0),
    ("git", "ls-files", "-z", "--", "pyvenv.cfg", "**/pyvenv.cfg"): Ran(0),
    ("git", "ls-files", "-z", "--", ".devcontainer/devcontainer.json"): Ran(0, ".devcontainer/devcontainer.json\0"),
    ("git", "ls-files", "--eol", "-z", "--", *SCRIPTS): Ran(0, "i/lf    w/lf    attr/\ta.sh\0"),
    grep(SECRETS_PATTERN): Ran(1),
    grep("/dbfs/", *CODE): Ran(1),
    grep(r"dbutils\.fs\.mount", *CODE): Ran(1),
    grep(r"fs\.azure\.(account\.key|sas)|AccountKey=", *CODE): Ran(1),
    ("code", "--version"): Ran(0, "1.99.1\nabc\nx64\n"),
    ("devcontainer", "--version"): Ran(0, "0.89.0\n"),
    ("databricks", "--version"): Ran(0, "Databricks CLI v0.270.0\n"),
    ("docker", "version", "--format", "{{.Server.Version}}"): Ran(0, "27.3.1\n"),
    ("df", "-P", "-k", "/repo"): Ran(
        0,
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a 99999999 1 83886080 1% /\n",
    ),
    (PYTHON, "-I", "-c", ASK): interpreter(),
    (PYTHON, "-I", "-c", IMPORT, "connect"): Ran(0, '{"error": []}\n'),
    (PYTHON, "-I", "-c", SCRIPT): Ran(
        0, '{"rows": [0, 1, 2], "spark": "3.5.0", "hops": {"session": 1.5, "first row": 2.0}}\n'
    ),
}

REPLIES: dict[str, Reply] = {
    KNOCK: answer({}, 404, date=DATE),
    ME: answer({"userName": "ada@example.com"}, x_databricks_org_id="984752964297111", date=DATE),
    TOKENS: answer({"token_infos": [{"token_id": "a", "comment": "laptop", "expiry_time": -1}]}),
    GET: cluster(),
}


def healthy(**changed: Any) -> FakeWorld:
    """The world where all is well, with some of its fields changed."""
    world = FakeWorld(
        project=PROJECT,
        files=dict(FILES),
        programs=dict(PROGRAMS),
        replies=dict(REPLIES),
        entries={ENTRY: True},
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/ada"},
    )
    return replace(world, **changed)


def registry(project: Project = PROJECT) -> Registry:
    """All checks, those that look into devcontainer.json among them."""
    room.declare(parse=jsonc.parse, leaks=lint.leaks, problems=lint.problems, old_shapes=merge.old_shapes)
    return for_project(project)


def found(id: str, world: FakeWorld) -> tuple[Finding, ...]:
    """One check's findings, without the time that it took."""
    check = registry(world.project).get(id)
    assert isinstance(check, Check), id
    return tuple(replace(f, seconds=0.0, title="") for f in look(check, world))
