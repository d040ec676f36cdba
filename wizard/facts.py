"""What is known of a repo's set-up, as the plain facts that checks and `run` work with."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from checks import Project, Tool, Variable
from wizard import login
from wizard.blueprint import Blueprint

GRPC_ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
"""gRPC's roots; databricks-connect needs both this and REQUESTS_CA_BUNDLE for a CA of one's own."""


def environ(profile: str, config_file: str, ca_bundle: str = "", own_config: bool = True) -> dict[str, str]:
    """What a client of this project is given besides `.env`: nothing of it is secret."""
    found = {"DATABRICKS_CONFIG_PROFILE": profile} if profile else {}
    if not own_config:
        found["DATABRICKS_CONFIG_FILE"] = config_file
    if ca_bundle:
        found |= {"REQUESTS_CA_BUNDLE": ca_bundle, GRPC_ROOTS: ca_bundle}
    return found


def project(blueprint: Blueprint, answers: Mapping[str, object], facts: Mapping[str, str]) -> Project:
    """Blueprint, answers and what was learned, as one value. `facts` are those that `memory.Remembered` keeps."""
    host = str(answers.get("auth.host", ""))
    name = login.CLIENT_SECRET if answers.get("auth.method") == "m2m" else login.TOKEN
    given = tuple((k.removeprefix("environ."), v) for k, v in facts.items() if k.startswith("environ."))
    return Project(
        blueprint=blueprint.id, title=blueprint.title, host=host, org_id=facts.get("org_id", ""),
        profile=str(answers.get("auth.profile", "")), config_file=facts.get("config_file", ""),
        cluster_id=str(answers.get("connect.cluster", "")), python=facts.get("python", ""),
        client=str(answers.get("connect.client", "")), requirement=facts.get("requirement", ""),
        store=str(answers.get("secrets.store", "")), token=login.entry(host, name) if host else "",
        tools=tools(blueprint), variables=variables(blueprint, host, facts), environ=given,
        sandbox=facts.get("sandbox") == "yes", set_up=bool(facts),
    )  # fmt: skip


def tools(blueprint: Blueprint) -> tuple[Tool, ...]:
    """The programs that the blueprint names."""
    return blueprint.tools


def variables(blueprint: Blueprint, host: str, facts: Mapping[str, str]) -> tuple[Variable, ...]:
    """The variables of `.env`, with the values they should have where those are known."""
    found = []
    for rule in blueprint.rules:
        v = rule.variable
        if v.secret:
            m2m = facts.get("method") == "m2m" and v.name == login.TOKEN
            found.append(replace(v, entry=login.entry(host, login.CLIENT_SECRET if m2m else v.name) if host else ""))
        else:
            found.append(replace(v, value=facts.get(f"env.{v.name}")))
    return tuple(found)


def learned(values: Mapping[str, str], more: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The facts that are remembered: `.env` values under `env.`, a client's variables under `environ.`."""
    return {**more, **{f"env.{k}": v for k, v in values.items()}, **{f"environ.{k}": v for k, v in given.items()}}


def interpreter(folder: str) -> str:
    """The interpreter of a virtual environment, wherever the platform puts it."""
    return os.path.join(folder, *(("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")))
