"""Speed as ratios in one run, against what people would use instead; `make bench` prints the table of the README.

Whole processes, pairs in turn (A B A B …), the median of the ratios: the machine's own speed cancels out.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

BIN = Path(sys.executable).parent
TOOL = str(BIN / "mlops-wizard")
ROUNDS = int(os.environ.get("ROUNDS", "21"))

EMPTY_APP = """
import time
begun = time.perf_counter()
from textual.app import App
class Timed(App[None]):
    def on_ready(self) -> None:  # the first frame was displayed
        print(time.perf_counter() - begun)
        self.exit()
Timed().run(headless=True)
"""

OUR_APP = """
import asyncio, sys, time
begun = time.perf_counter()
from wizard.tui import app
async def session(face):
    await asyncio.sleep(60)
class Timed(app.WizardApp):
    CSS_PATH = app.__file__.replace("app.py", "app.tcss")
    def on_ready(self) -> None:
        print(time.perf_counter() - begun, file=sys.__stdout__)
        self.exit()
Timed(session, title="mlops-wizard").run(headless=True)
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "MLOPS_WIZARD_STATE": f"{folder}/state", "LANG": "C.UTF-8"}
        (repo := Path(folder) / "repo").mkdir()
        (repo / ".env").write_text("A=1\n")
        bare = [sys.executable, "-c", "pass"]
        subprocess.run([TOOL, "trust", "--yes"], cwd=repo, env=env, check=True, capture_output=True)
        row("`--version` / bare interpreter", ratio([TOOL, "--version"], bare, env, repo), "1.3")
        row("`run -- true` / bare interpreter", ratio([TOOL, "run", "--", "true"], bare, env, repo), "1.3")
        dotenv = [str(BIN / "dotenv"), "run", "--", "true"]
        if Path(dotenv[0]).exists():
            row("`run -- true` / `dotenv run -- true`", ratio([TOOL, "run", "--", "true"], dotenv, env, repo), "1")
        five_secrets(env, Path(folder), dotenv)
        row("doctor / its slowest check", doctor(env, repo), "1.2")
        row("first paint / an empty Textual app", paint(env, repo), "1.3")
    return 0


def five_secrets(env: Mapping[str, str], folder: Path, dotenv: Sequence[str]) -> None:
    """`run` with five secrets of a live keyring, against `dotenv run`, which reads its values from a file."""
    if not all(map(shutil.which, ("dbus-run-session", "gnome-keyring-daemon"))) or not Path(dotenv[0]).exists():
        print("| `run -- true`, five secrets | not measured: no dbus, gnome-keyring or dotenv here | <= 1.5 |")
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.secret_service import started

    (repo := folder / "keyring").mkdir()
    (repo / ".env").write_text("A=1\n")
    code = (
        "import sys\nfrom wizard import run, trust\nfrom wizard.secret import Secret\nfrom wizard.stores import open_store\n"
        "root, store = sys.argv[1], open_store('keyring', '/nonexistent')\n"
        "names = tuple((f'NAME_{n}', f'mlops-wizard/bench/NAME_{n}') for n in range(5))\n"
        "[store.put(service, Secret('a-value-of-the-benchmark')) for _, service in names]\n"
        "trust.give(root)\nrun.write_list(root, run.RunList(secrets=names, store='keyring'))\n"
    )
    with started() as service:
        alive = {**env, **{k: v for k, v in service.env.items() if k.startswith(("DBUS_", "XDG_RUNTIME"))}}
        subprocess.run([sys.executable, "-I", "-c", code, str(repo)], env=alive, check=True)
        found = ratio([TOOL, "run", "--", "true"], dotenv, alive, repo)
    row("`run -- true`, five secrets from a live keyring / `dotenv run -- true`", found, "1.5")


def row(what: str, found: float, goal: str) -> None:
    print(f"| {what} | {found:.2f} | <= {goal} |", flush=True)


def seconds(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(argv, env=env, cwd=cwd, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def ratio(ours: Sequence[str], theirs: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    seconds(ours, env, cwd), seconds(theirs, env, cwd)
    return statistics.median(seconds(ours, env, cwd) / seconds(theirs, env, cwd) for _ in range(ROUNDS))


def doctor(env: Mapping[str, str], cwd: Path) -> float:
    """The time from the first check's start to the last one's end, against the slowest check alone."""
    code = (
        "import time, json\n"
        "from wizard.commands import doctor, standing\n"
        "from wizard.commands.rooms import checks_for\n"
        "from checks import run\n"
        "here = standing.here(); blueprint, _ = standing.blueprint_of(here)\n"
        "project = standing.project_of(here, blueprint); chosen = checks_for(project).select()\n"
        "begun = time.perf_counter(); report = run(chosen, standing.machine(here, project))\n"
        "print(json.dumps([time.perf_counter() - begun, max(f.seconds for f in report.findings)]))\n"
    )
    found = []
    for _ in range(max(3, ROUNDS // 5)):
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], env=env, cwd=cwd, check=True, capture_output=True, text=True
        )
        whole, slowest = map(float, json.loads(done.stdout))
        found.append(whole / slowest)
    return statistics.median(found)


def paint(env: Mapping[str, str], cwd: Path) -> float:
    def inside(code: str) -> float:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], env=env, cwd=cwd, check=False, capture_output=True, text=True
        )
        return float(done.stdout.strip().splitlines()[-1])

    return statistics.median(inside(OUR_APP) / inside(EMPTY_APP) for _ in range(max(3, ROUNDS // 3)))


if __name__ == "__main__":
    sys.exit(main())
