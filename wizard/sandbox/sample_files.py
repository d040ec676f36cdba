"""The files of the sample repo: path -> text."""

from __future__ import annotations

README = """\
# Sample: trips by the day

A small project in the shape of a Databricks MLOps repo with a dev container: a module in `src/modules`, scripts in
`src/tutorial`, and an old `.devcontainer`. It belongs to the sandbox of mlops-wizard; change it as you like.

1. Set it up: `mlops-wizard setup --sandbox`
2. Run a script on the cluster: `mlops-wizard run -- python src/tutorial/scripts/framework_testing/remote_analysis.py`
3. When something is wrong: `mlops-wizard doctor`

The `.env` file in the root holds what the scripts read: PYTHONPATH, DATABRICKS_HOST, DATABRICKS_TOKEN,
DATABRICKS_ORDGID, APPI_IK. It is not part of the repo.
"""

CORE = '''\
"""A Spark session on the cluster that the environment or the profile names, and one small analysis."""

import os


def spark_session():
    """By databricks-connect where it is installed, else by the Apache client and databricks-sdk."""
    try:
        from databricks.connect import DatabricksSession
    except ImportError:
        return _apache_session()
    return DatabricksSession.builder.getOrCreate()


def _apache_session():
    from databricks.sdk.core import Config
    from pyspark.sql import SparkSession

    config = Config()
    token = config.authenticate()["Authorization"].split(" ", 1)[1]
    host = config.host.split("://", 1)[1].rstrip("/")
    if ":" not in host:
        host = host + ":443"
    settings = ["use_ssl=true", "token=" + token, "x-databricks-cluster-id=" + str(config.cluster_id)]
    os.environ.pop("SPARK_REMOTE", None)
    return SparkSession.builder.remote("sc://" + host + "/;" + ";".join(settings)).getOrCreate()


def distance_per_trip(frame):
    """Adds the column `per_trip`, in kilometres."""
    from pyspark.sql import functions as F

    return frame.withColumn("per_trip", F.round(F.col("distance") / F.col("trips"), 2)).orderBy("day")
'''

ANALYSIS = '''\
"""Sends a small table to the cluster, lets Spark work on it there, and prints the rows that come back."""

import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", "..", ".."))

try:
    from dbkcore.core import distance_per_trip, spark_session
except ImportError:
    sys.path.insert(0, os.path.join(ROOT, "src", "modules"))
    from dbkcore.core import distance_per_trip, spark_session


def read_trips():
    with open(os.path.join(HERE, "trips.csv"), newline="") as file:
        return [(row["day"], int(row["trips"]), float(row["distance"])) for row in csv.DictReader(file)]


def main():
    spark = spark_session()
    frame = spark.createDataFrame(read_trips(), "day string, trips int, distance double")
    for row in distance_per_trip(frame).collect():
        print(row.day, row.trips, row.distance, row.per_trip)
    print("numbers counted by Spark " + spark.version + ":", spark.range(1000).count())


if __name__ == "__main__":
    main()
'''

TRIPS = """\
day,trips,distance
2021-10-11,120,431.5
2021-10-12,98,377.0
2021-10-13,143,512.25
"""

CLUSTER = """\
{
    "cluster_name": "shared-15.4",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "Standard_DS3_v2",
    "num_workers": 1,
    "autotermination_minutes": 60,
    "spark_env_vars": {
        "PYSPARK_PYTHON": "/databricks/python3/bin/python3"
    }
}
"""

IGNORED = """\
__pycache__/
*.py[cod]
.venv/
venv/
.ipynb_checkpoints/
dist/
*.egg-info/"""
"""As found in the wild: `.env` is not in it, and the last line has no end."""

CONTAINER = """\
// Made for the Remote-Containers extension of 2021: settings and extensions stand at the top level.
{
    "name": "Python 3.7 for Databricks",
    "build": {
        "dockerfile": "Dockerfile",
        "context": "..",
        "args": {
            // The runtime's Python.
            "VARIANT": "3.7"
        }
    },

    // The container does not start where this file is missing.
    "runArgs": ["--env-file", ".env"],

    "settings": {
        "python.pythonPath": "/usr/local/bin/python",
        "python.analysis.extraPaths": ["src/modules"],
        "python.linting.enabled": true,
    },

    "extensions": [
        "ms-python.python",
        "ms-python.vscode-pylance",
        "irongeek.vscode-env",
        "njpwerner.autodocstring",
    ],

    "remoteUser": "vscode"
}
"""

DOCKERFILE = """\
ARG VARIANT=3.7
FROM python:${VARIANT}

RUN apt-get update && apt-get install -y --no-install-recommends default-jre-headless pandoc \\
    && rm -rf /var/lib/apt/lists/* && useradd --create-home vscode

COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir -r /tmp/requirements.txt
"""

CODE_WORKSPACE = """\
{
    "folders": [
        {
            "path": "."
        }
    ],
    "settings": {
        "python.envFile": "${workspaceFolder}/.env"
    }
}
"""

FILES: dict[str, str] = {
    "README.md": README,
    "requirements.txt": "databricks-connect\npandas\npython-dotenv\n",
    ".gitignore": IGNORED,
    "workspace.code-workspace": CODE_WORKSPACE,
    ".devcontainer/devcontainer.json": CONTAINER,
    ".devcontainer/Dockerfile": DOCKERFILE,
    "src/modules/dbkcore/__init__.py": '"""What the scripts of this project share."""\n',
    "src/modules/dbkcore/core.py": CORE,
    "src/tutorial/cluster_config.json": CLUSTER,
    "src/tutorial/scripts/framework_testing/remote_analysis.py": ANALYSIS,
    "src/tutorial/scripts/framework_testing/trips.csv": TRIPS,
}
"""Every file of the repo."""
