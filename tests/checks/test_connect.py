"""The way to Spark, hop by hop, and the client on this machine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from checks import Evidence, Finding, Ran, Remedy, Reply, Status
from checks.connect.first_row import IMPORT, SCRIPT
from checks.interpreter import ASK
from tests.fakes import FakeWorld
from tests.healthy import (
    CLUSTER,
    GET,
    HOST,
    KNOCK,
    PROJECT,
    PYTHON,
    answer,
    cluster,
    found,
    healthy,
    interpreter,
    registry,
)


def with_reply(url: str, reply: Reply) -> FakeWorld:
    world = healthy()
    world.replies[url] = reply
    return world


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        (Reply(404), Status.OK, "the workspace answers"),
        (Reply(503), Status.UNKNOWN, "the workspace is in trouble (HTTP 503); try again"),
        (
            Reply(502, "<!DOCTYPE html>"),
            Status.UNKNOWN,
            "a proxy or gateway answers in the workspace's place (HTTP 502, a web page)",
        ),
        (
            Reply(0, problem="no answer within 5 s", hop="http"),
            Status.UNKNOWN,
            "the workspace cannot be reached: it takes the question and does not answer in time",
        ),
        (Reply(407), Status.UNKNOWN, "the proxy wants a log-in"),
        (
            Reply(0, problem="?", hop="dns"),
            Status.UNKNOWN,
            "the workspace cannot be reached: the name is not resolved",
        ),
        (
            Reply(0, problem="?", hop="tcp"),
            Status.UNKNOWN,
            "the workspace cannot be reached: no connection comes about",
        ),
        (
            Reply(0, problem="the certificate is not trusted: self-signed", hop="tls"),
            Status.ERROR,
            "the workspace cannot be reached: TLS fails",
        ),
        (
            Reply(0, problem="no TLS answer in time", hop="tls"),
            Status.UNKNOWN,
            "the workspace cannot be reached: TLS fails",
        ),
        (
            Reply(0, problem="?", hop="proxy"),
            Status.UNKNOWN,
            "the workspace cannot be reached: the proxy does not let us through",
        ),
    ],
)
def test_the_hop_that_fails_is_named(reply: Reply, status: Status, text: str) -> None:
    world = with_reply(KNOCK, reply)
    (finding,) = found("connect.reachable", world)
    assert (finding.status, finding.text, finding.about) == (status, text, HOST)
    assert world.asked == [(KNOCK, "")]


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        (cluster("RUNNING"), Status.OK, "dev runs (15.4.x-scala2.12)"),
        (cluster("TERMINATED"), Status.WARNING, "cluster dev is off; it takes minutes to start"),
        (cluster("PENDING"), Status.WARNING, "cluster dev is starting"),
        (cluster("ERROR"), Status.ERROR, "cluster dev is in state ERROR"),
        (
            answer({"error_code": "INVALID_PARAMETER_VALUE"}, 400),
            Status.ERROR,
            "there is no such cluster in this workspace",
        ),
        (answer({}, 403), Status.UNKNOWN, "you may not see this cluster; ask for Can Attach To"),
        (Reply(500, "{}"), Status.UNKNOWN, "the workspace is in trouble (HTTP 500); try again"),
    ],
)
def test_the_cluster_runs_is_off_or_is_not_there(reply: Reply, status: Status, text: str) -> None:
    (finding,) = found("connect.cluster", with_reply(GET, reply))
    assert (finding.status, finding.text, finding.about) == (status, text, CLUSTER)


def test_a_cluster_that_is_off_is_started_by_a_command() -> None:
    (finding,) = found("connect.cluster", with_reply(GET, cluster("TERMINATED")))
    assert finding.remedy == Remedy("Start it, and wait.", ("mlops-wizard connect start",), "connect")


def with_python(answer: Ran, imported: Ran | None = None, **changed: Any) -> FakeWorld:
    world = healthy(**changed)
    world.programs[PYTHON, "-I", "-c", ASK] = answer
    if imported:
        world.programs[PYTHON, "-I", "-c", IMPORT, "connect"] = imported
    return world


def test_a_client_that_is_missing_is_installed_as_it_is_pinned() -> None:
    (finding,) = found("connect.client", with_python(interpreter(numpy="1")))
    assert (finding.status, finding.text) == (
        Status.ERROR,
        "databricks-connect is not installed in the project's environment",
    )
    assert finding.remedy is not None
    assert finding.remedy.commands == (
        f"{PYTHON} -m pip install 'databricks-connect==15.4.*'",
        "mlops-wizard setup --only connect",
    )


def test_the_whole_chain_of_causes_of_a_failed_import_is_shown() -> None:
    causes = ["PySparkImportError: [PACKAGE_NOT_INSTALLED] PyArrow", "ImportError: pyarrow requires NumPy 2.0"]
    (finding,) = found("connect.client", with_python(interpreter(), Ran(0, json.dumps({"error": causes}))))
    assert finding == Finding(
        "connect.client",
        Status.ERROR,
        "databricks-connect 15.4.26 is installed and does not import",
        about="databricks-connect",
        evidence=(Evidence("import of databricks-connect 15.4.26", "\ncaused by ".join(causes)),),
        remedy=Remedy(
            "Make the environment again. The client's libraries do not fit together: see connect.client.",
            ("mlops-wizard setup --only connect",),
            "connect",
        ),
    )


@pytest.mark.parametrize(
    ("imported", "status"),
    [
        (Ran(-11, "", "Segmentation fault"), Status.ERROR),
        (Ran(None, problem="no answer within 40 s"), Status.UNKNOWN),
        (Ran(0, "[]"), Status.ERROR),
    ],
)
def test_an_import_that_ends_the_interpreter_or_hangs_is_told(imported: Ran, status: Status) -> None:
    assert [f.status for f in found("connect.client", with_python(interpreter(), imported))] == [status]


def test_another_version_than_the_pinned_one_is_an_error() -> None:
    findings = found("connect.client", with_python(interpreter(databricks_connect="16.1.7")))
    assert [f.text for f in findings if f.status is Status.ERROR] == [
        "databricks-connect is 16.1.7; the project asks for databricks-connect==15.4.*"
    ]


def test_the_apache_client_is_looked_for_where_it_is_the_projects() -> None:
    project = replace(PROJECT, client="pyspark", requirement="pyspark-client==4.0.*")
    world = with_python(interpreter(pyspark_client="4.0.1"), project=project)
    world.programs[PYTHON, "-I", "-c", IMPORT, "pyspark"] = Ran(0, '{"error": []}')
    assert [f.text for f in found("connect.client", world)] == ["pyspark-client 4.0.1 imports"]


def test_without_a_client_there_is_nothing_to_import() -> None:
    assert found("connect.client", healthy(project=replace(PROJECT, client="")))[0].status is Status.SKIPPED


def test_pyspark_beside_databricks_connect_is_uninstalled_with_it() -> None:
    world = with_python(interpreter(databricks_connect="15.4.26", pyspark="3.5.8"))
    (finding,) = found("connect.pyspark-conflict", world)
    assert (finding.status, finding.text) == (
        Status.ERROR,
        "pyspark beside databricks-connect: they overwrite each other's files",
    )
    assert finding.remedy is not None
    assert finding.remedy.commands == (
        f"{PYTHON} -m pip uninstall -y pyspark databricks-connect",
        f"{PYTHON} -m pip install databricks-connect==15.4.26",
    )


def test_pyspark_alone_is_no_conflict() -> None:
    assert found("connect.pyspark-conflict", with_python(interpreter(pyspark="4.0.0")))[0].status is Status.OK


@pytest.mark.parametrize(
    ("version", "client", "python", "texts"),
    [
        ("15.4.x-scala2.12", "15.4.26", "3.11.7", ["client and Python fit runtime 15.4"]),
        ("16.4.x-scala2.12", "15.4.26", "3.12.1", ["client and Python fit runtime 16.4"]),
        (
            "14.3.x-scala2.12",
            "15.4.26",
            "3.10.2",
            ["databricks-connect 15.4.26 is newer than runtime 14.3: it refuses, or fails in odd places"],
        ),
        (
            "15.4.x-scala2.12",
            "15.4.26",
            "3.12.1",
            ["Python 3.12 here, 3.11 on the cluster: user defined functions fail"],
        ),
        (
            "10.4.x-scala2.12",
            "15.4.26",
            "3.11.7",
            ["runtime 10.4 has no Spark Connect: only the legacy client, now off the index, talks to it"],
        ),
        ("custom:x", "15.4.26", "3.11.7", ["runtime and client cannot be compared"]),
    ],
)
def test_client_python_and_runtime_fit_or_do_not(version: str, client: str, python: str, texts: list[str]) -> None:
    world = with_python(interpreter(python, databricks_connect=client))
    world.replies[GET] = cluster(version=version)
    assert [f.text for f in found("connect.runtime", world)] == texts


@pytest.mark.parametrize(("client", "status"), [("connect", Status.ERROR), ("pyspark", Status.WARNING)])
def test_another_python_is_an_error_for_databricks_connect_and_a_warning_for_the_free_client(
    client: str, status: Status
) -> None:
    world = with_python(interpreter("3.13.0", databricks_connect="15.4.26"))
    world.project = replace(world.project, client=client)
    world.replies[GET] = cluster(version="15.4.x-scala2.12")
    assert [f.status for f in found("connect.runtime", world)] == [status]


def test_what_is_left_of_the_legacy_client_is_named_and_its_token_is_not_shown() -> None:
    world = healthy(
        files={
            "~/.databricks-connect": '{"host": "h", "token": "hunter2hunter2", "port": 15001}',
            "requirements.txt": "pandas\ndatabricks-connect==7.3.*\n",
        }
    )
    findings = found("connect.legacy", world)
    assert [f.text for f in findings] == [
        "~/.databricks-connect is of databricks-connect before 13 and holds a token in clear text",
        "requirements.txt asks for databricks-connect 7.3, which is off the package index",
    ]
    assert "hunter2" not in repr(findings)
    world.files = {"requirements.txt": "databricks-connect==15.4.*\n"}
    assert found("connect.legacy", world)[0].status is Status.OK


def with_rows(answer: Ran, **changed: Any) -> FakeWorld:
    world = healthy(**changed)
    world.programs[PYTHON, "-I", "-c", SCRIPT] = answer
    return world


def test_the_first_rows_are_shown_with_the_time_of_each_hop() -> None:
    assert found("connect.first-row", healthy()) == (
        Finding(
            "connect.first-row",
            Status.OK,
            "the first rows came from Spark: 0, 1, 2",
            evidence=(Evidence("spark.range(3).collect()", "[0, 1, 2], Spark 3.5.0 (session 1.5 s, first row 2.0 s)"),),
        ),
    )


def test_an_error_of_the_client_is_shown_with_its_causes_and_what_it_means() -> None:
    said = {
        "error": ["X: PERMISSION_DENIED", "Y: token dapi" + "0123456789abcdef" * 2],
        "hops": {"log-in": 0.1, "session": 1.0},
    }
    assert found("connect.first-row", with_rows(Ran(1, "noise\n" + json.dumps(said) + "\n"))) == (
        Finding(
            "connect.first-row",
            Status.ERROR,
            "no row comes from Spark",
            evidence=(
                Evidence(
                    "spark.range(3).collect(), after log-in 0.1 s, session 1.0 s",
                    "X: PERMISSION_DENIED\ncaused by Y: token •••",
                ),
            ),
            remedy=Remedy(
                "The log-in may not use this cluster, or the token is not accepted.",
                step="connect",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Ran(None, problem="no answer within 75 s"), Status.UNKNOWN),
        (Ran(-9, ""), Status.ERROR),
        (Ran(0, '{"rows": [], "hops": {}}'), Status.ERROR),
        (Ran(0, '{"rows": [1], "hops": []}'), Status.ERROR),
    ],
)
def test_no_answer_in_time_is_unknown_and_a_dead_client_an_error(answer: Ran, status: Status) -> None:
    assert [f.status for f in found("connect.first-row", with_rows(answer))] == [status]


def test_a_client_that_does_not_import_is_told_once_by_its_own_check() -> None:
    said = {"error": ["PySparkImportError: PyArrow", "ImportError: NumPy"], "hops": {"log-in": 0.1}}
    assert found("connect.first-row", with_rows(Ran(1, json.dumps(said)))) == (
        Finding(
            "connect.first-row",
            Status.SKIPPED,
            "not looked at, because the client does not import (connect.client)",
            evidence=(Evidence("import of the client", "PySparkImportError: PyArrow\ncaused by ImportError: NumPy"),),
        ),
    )
    alone = registry().with_needs(registry().select("connect.first-row"))
    assert "connect.client" in {c.id for c in alone}


def test_a_look_never_starts_a_cluster() -> None:
    world = with_reply(GET, cluster("TERMINATED"))
    (finding,) = found("connect.first-row", world)
    assert (finding.status, finding.text) == (
        Status.SKIPPED,
        "the cluster is TERMINATED; a look does not start it",
    )
    assert (PYTHON, "-I", "-c", SCRIPT) not in world.ran
