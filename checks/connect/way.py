"""The way to Spark, hop by hop: the host answers, the cluster is there, the first row comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from checks.connect.first_row import SCRIPT, hint
from checks.finding import Evidence, Finding, Remedy
from checks.gates import CHOOSE, PYTHON, SIGNED, WORKSPACE, cluster
from checks.registry import check
from checks.say import error, ok, saw, skipped, unknown, warning
from checks.workspace import HTML, KNOCK, PROXY, ask, data_of, trouble
from checks.world import Ran, World

_HOPS = {
    "dns": (
        "the name is not resolved",
        "Look at the spelling of the host; some workspaces have names only inside the VPN.",
    ),
    "tcp": ("no connection comes about", "Look at the VPN and the firewall; from here the host does not answer."),
    "tls": (
        "TLS fails",
        "A proxy may sign with its own certificate: give its bundle in REQUESTS_CA_BUNDLE (see network.ca).",
    ),
    "proxy": ("the proxy does not let us through", "Look at HTTPS_PROXY, and at what the proxy wants."),
    "http": (
        "the host closes the connection or answers no HTTP",
        "Try again; then look at what is between here and there.",
    ),
}


@check("connect.reachable", "the workspace can be reached", "connect", "network", gates=WORKSPACE, deadline=15)
def reachable(world: World) -> Iterable[Finding]:
    """How far one gets towards the workspace: its name, a connection, TLS, an answer.

    Asks for one small page that needs no log-in, and tells which hop fails. No client is asked before this: theirs wait five
    to ten minutes in silence for a host that is down. Trouble of the network is UNKNOWN, for it may be gone tomorrow; a
    certificate that is not trusted is an error, for it will not.

    What to do: the finding names the hop.
    """
    id, host = "connect.reachable", world.project.host
    reply, evidence = ask(world, KNOCK, signed=False)
    if reply.status:
        if reply.status >= 500 and HTML.match(reply.body):
            text = f"a proxy or gateway answers in the workspace's place (HTTP {reply.status}, a web page)"
            yield unknown(id, text, evidence, about=host, remedy=PROXY)
        elif reply.status >= 500:
            yield unknown(id, f"the workspace is in trouble (HTTP {reply.status}); try again", evidence, about=host)
        elif reply.status == 407:
            yield unknown(id, "the proxy wants a log-in", evidence, about=host, remedy=Remedy(_HOPS["proxy"][1]))
        else:
            yield ok(id, "the workspace answers", Evidence(evidence.what, f"HTTP {reply.status}"), about=host)
        return
    what, todo = _HOPS.get(reply.hop, ("it was not asked", ""))
    if reply.hop == "http" and "no answer within" in reply.problem:
        what = "it takes the question and does not answer in time"
    say = error if reply.hop == "tls" and "certificate" in reply.problem.lower() else unknown
    text = f"the workspace cannot be reached: {what}"
    yield say(id, text, evidence, about=host, remedy=Remedy(todo) if todo else None)


_STATES = {
    "RUNNING": "",
    "RESIZING": "",
    "TERMINATED": "is off; it takes minutes to start",
    "TERMINATING": "is going off",
    "PENDING": "is starting",
    "RESTARTING": "is starting again",
}


@check(
    "connect.cluster",
    "the cluster is there and runs",
    "connect",
    "network",
    needs=("auth.token-accepted",),
    gates=(*SIGNED, cluster),
)
def cluster_runs(world: World) -> Iterable[Finding]:
    """Whether the chosen cluster exists, may be seen, and runs.

    Calls `GET /api/2.1/clusters/get`. A cluster that is off is a warning: databricks-connect starts it, and waits without a
    word. One that does not exist is told by the client only after a minute of retries.

    What to do: start it, or choose another one.
    """
    id, name = "connect.cluster", world.project.cluster_id
    reply, evidence = ask(world, f"/api/2.1/clusters/get?cluster_id={name}")
    if found := trouble(id, reply, evidence, name):
        yield found
        return
    data = data_of(reply)
    if data is None:
        if reply.status == 403:
            text = "you may not see this cluster; ask for Can Attach To"
            yield unknown(id, text, evidence, about=name)
        else:
            todo = Remedy("Choose another one.", CHOOSE, "connect")
            yield error(id, "there is no such cluster in this workspace", evidence, about=name, remedy=todo)
        return
    yield _state(data, name)


def _state(data: Any, name: str) -> Finding:
    id, state = "connect.cluster", str(data.get("state", "UNKNOWN"))
    called, runtime = str(data.get("cluster_name", name)), str(data.get("spark_version", ""))
    seen = Evidence(f"clusters/get {name}", f"state {state}, {runtime} {data.get('state_message', '')}".strip())
    trouble = _STATES.get(state)
    if trouble == "":
        return ok(id, f"{called} runs ({runtime})", seen, about=name)
    if trouble:
        todo = Remedy("Start it, and wait.", ("mlops-wizard connect start",), "connect")
        return warning(id, f"cluster {called} {trouble}", seen, about=name, remedy=todo)
    todo = Remedy("Look at its event log in the workspace, or choose another one.", CHOOSE, "connect")
    return error(id, f"cluster {called} is in state {state}", seen, about=name, remedy=todo)


@check(
    "connect.first-row",
    "the first row comes from Spark",
    "connect",
    "network",
    needs=("connect.reachable", "auth.token-accepted"),
    along=("connect.client", "connect.pyspark-conflict"),  # waiting for them would cost as much again
    gates=(*WORKSPACE, *PYTHON),
    deadline=90,
)
def first_row(world: World) -> Iterable[Finding]:
    """Whether a query gets all the way to Spark and back.

    Runs `spark.range(3)` in the project's own interpreter, with the project's client and log-in, in a process that is ended
    after 75 s. It is run only where the cluster is on, so that a look never starts (and bills) one.

    What to do: the error of the client is in the evidence, with what it means where that is known.
    """
    id, project = "connect.first-row", world.project
    if project.client not in {"connect", "pyspark"}:
        yield skipped(id, "nothing is known that talks to Spark here")
        return
    if project.cluster_id and project.token:
        reply, evidence = ask(world, f"/api/2.1/clusters/get?cluster_id={project.cluster_id}")
        state = (data_of(reply) or {}).get("state")
        if state not in {"RUNNING", "RESIZING", None}:
            todo = Remedy("Start it.", ("mlops-wizard connect start",), "connect")
            yield skipped(id, f"the cluster is {state}; a look does not start it", evidence, remedy=todo)
            return
    argv = (project.python, "-I", "-c", SCRIPT)
    answer = world.run(*argv, timeout=75, env=dict(project.environ), input=json.dumps(_asked(world)))
    yield _came(answer, project.python)


def _asked(world: World) -> dict[str, object]:
    project = world.project
    config: dict[str, object] = {"http_timeout_seconds": 10, "retry_timeout_seconds": 15}
    named = {"profile": project.profile, "config_file": project.config_file, "cluster_id": project.cluster_id}
    if not project.profile:
        named["host"] = project.host
    return {"client": project.client, "config": config | {k: v for k, v in named.items() if v}}


def _came(answer: Ran, python: str) -> Finding:
    id = "connect.first-row"
    try:
        data = json.loads(answer.out.strip().splitlines()[-1])
        hops = ", ".join(f"{k} {v} s" for k, v in data["hops"].items())
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        seen = saw(answer, python, "-I", "-c", "…spark.range(3).collect()")
        if answer.code is None:
            return unknown(id, f"no row came: {answer.problem}", seen)
        return error(id, "the client ended without an answer", seen)
    if rows := data.get("rows"):
        shown = f"{rows}, Spark {data.get('spark', '')} ({hops})"
        said = ", ".join(str(r) for r in rows[:10]) if isinstance(rows, list) else str(rows)
        return ok(id, f"the first rows came from Spark: {said}", Evidence("spark.range(3).collect()", shown))
    causes = [str(c) for c in data.get("error", ["no rows"])]
    text = "\ncaused by ".join(causes)
    if "import" not in data["hops"] and re.match(
        r"(?:\w*ImportError|ModuleNotFoundError)\b", causes[0] if causes else ""
    ):
        seen = Evidence("import of the client", text)
        return skipped(id, "not looked at, because the client does not import (connect.client)", seen)
    todo = Remedy(hint(text) or "`mlops-wizard explain` may know this error: paste it there.", step="connect")
    return error(id, "no row comes from Spark", Evidence(f"spark.range(3).collect(), after {hops}", text), remedy=todo)
