"""Real databricks-connect, and the Apache pair in its place, through the sandbox's doors to real Spark."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard.sandbox.client import Control, Running
from wizard.sandbox.sample import make_sample
from wizard.secret import Secret

pytestmark = pytest.mark.xdist_group("spark")

Environment = Callable[..., dict[str, str]]
Script = Callable[..., Any]

DOWN = "1120-221532-sleep154"

WALK = """
import json
from databricks.connect import DatabricksSession
from pyspark.errors import AnalysisException
from pyspark.sql.functions import udf
spark = DatabricksSession.builder.getOrCreate()
found = {"count": spark.range(10).count()}
frame = spark.range(200_000).selectExpr("id", "id % 7 as day").toPandas()
found["rows"] = [len(frame), int(frame["id"].sum()), sorted(int(day) for day in set(frame["day"]))]
try:
    spark.table("not_there").count()
except AnalysisException as error:
    found["error"] = [type(error).__name__, str(error).split(".")[0]]
found["udf"] = [row[0] for row in spark.range(3).select(udf(lambda x: x + 1, "long")("id")).collect()]
read = spark.read.csv("dbfs:/databricks-datasets/sandbox/trips.csv", header=True).collect()
found["csv"] = [row.asDict() for row in read][0]
spark.createDataFrame([(1, "a")], "n int, t string").createOrReplaceTempView("v")
found["view"] = [list(row) for row in spark.sql("select * from v").collect()]
print(json.dumps(found))
"""

TRY = """
import json, sys, time
from databricks.connect import DatabricksSession
begin = time.monotonic()
try:
    spark = DatabricksSession.builder.validateSession(False).getOrCreate()
    answer = ["fine", spark.range(10).count()]
except Exception as error:
    text = str(error)
    answer = [type(error).__name__, text]
print(json.dumps([*answer, time.monotonic() - begin]))
"""

WALKED = {
    "count": 10,
    "rows": [200_000, 19_999_900_000, [0, 1, 2, 3, 4, 5, 6]],
    "error": ["AnalysisException", "[TABLE_OR_VIEW_NOT_FOUND] The table or view `not_there` cannot be found"],
    "udf": [1, 2, 3],
    "csv": {"day": "2021-10-11", "trips": "120", "distance": "431.5"},
    "view": [[1, "a"]],
}

PRINTED = [
    "2021-10-11 120 431.5 3.6",
    "2021-10-12 98 377.0 3.85",
    "2021-10-13 143 512.25 3.58",
    "numbers counted by Spark 4.1.4: 1000",
]


def test_a_token_gets_rows_and_errors_from_real_spark(
    client_python: Path, environment: Environment, script: Script
) -> None:
    assert script(client_python, WALK, environment()) == WALKED


def test_a_service_principal_gets_them_too(
    client_python: Path, environment: Environment, script: Script, control: Control
) -> None:
    assert script(client_python, WALK, environment(client=control.client())) == WALKED


def test_the_vendors_own_test_passes(client_python: Path, environment: Environment) -> None:
    program = client_python.parent / "databricks-connect"
    done = subprocess.run(
        [str(program), "test"], env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert "* All tests passed!" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["client_python", "apache_python"])
def test_the_sample_prints_the_same_rows_with_either_client(
    name: str, request: pytest.FixtureRequest, environment: Environment, tmp_path: Path
) -> None:
    python = request.getfixturevalue(name)
    make_sample(tmp_path / "sample")
    program = tmp_path / "sample/src/tutorial/scripts/framework_testing/remote_analysis.py"
    done = subprocess.run(
        [str(python), str(program)], env=environment(), capture_output=True, text=True, timeout=180, check=False
    )
    assert done.stdout.splitlines() == PRINTED, done.stdout + done.stderr


def test_a_wrong_token_is_refused_at_once(client_python: Path, environment: Environment, script: Script) -> None:
    error, text, seconds = script(client_python, TRY, environment(token=Secret("dapi0")))
    assert error == "SparkConnectGrpcException"
    assert "StatusCode.PERMISSION_DENIED" in text
    assert 'details = "Invalid access token."' in text
    assert seconds < 60


def test_a_terminated_cluster_is_refused_at_once(
    client_python: Path, environment: Environment, script: Script, control: Control
) -> None:
    control.misbehave("terminated-cluster")
    error, text, seconds = script(client_python, TRY, environment())
    assert error == "SparkConnectGrpcException"
    assert "StatusCode.FAILED_PRECONDITION" in text
    assert "is in unexpected state TERMINATED." in text
    assert seconds < 60


def test_a_cluster_that_is_starting_is_waited_for(
    client_python: Path, environment: Environment, script: Script
) -> None:
    ready = environment(cluster_id=DOWN)
    begin = "from databricks.sdk import WorkspaceClient\nWorkspaceClient().clusters.start(sys.argv[1])\n"
    text = TRY.replace("begin = time.monotonic()\n", begin + "begin = time.monotonic()\n")
    assert script(client_python, text, ready, DOWN)[:2] == ["fine", 10]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("expired-token", "PERMISSION_DENIED"),
        ("ip-access-list", "PERMISSION_DENIED"),
        ("server-error", "INTERNAL"),
        ("html-error=403", "PERMISSION_DENIED"),
    ],
)
def test_faults_reach_spark_clients_as_grpc_errors(
    client_python: Path, environment: Environment, script: Script, control: Control, fault: str, status: str
) -> None:
    ready = environment(retry_timeout_seconds=2, http_timeout_seconds=2)
    control.misbehave(fault)
    error, text, _ = script(client_python, TRY, ready)
    assert error == "SparkConnectGrpcException"
    assert f"StatusCode.{status}" in text


def test_spark_never_saw_the_users_token(control: Control, running: Running) -> None:
    with open(Path(running.log).with_name("spark.log"), encoding="utf-8") as file:
        assert "dapi" not in file.read()
