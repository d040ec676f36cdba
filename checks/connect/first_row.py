"""The script that fetches the first rows, run in the project's own interpreter (`-I`): what is asked comes in by stdin, one
line of JSON comes out. The time-outs are what keeps it short: without them a client waits ten minutes in silence."""

from __future__ import annotations

SCRIPT = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
asked, begun, hops, token = json.load(sys.stdin), time.monotonic(), {}, ""
def hop(name):
    hops[name] = round(time.monotonic() - begun, 2)
try:
    from databricks.sdk.core import Config
    config = Config(**asked["config"])
    hop("log-in")
    if asked["client"] == "connect":
        from databricks.connect import DatabricksSession
        hop("import")
        spark = DatabricksSession.builder.sdkConfig(config).getOrCreate()
    else:
        from urllib.parse import urlsplit
        from pyspark.sql import SparkSession
        hop("import")
        at, token = urlsplit(config.host), config.authenticate()["Authorization"].partition(" ")[2]
        parts = ["use_ssl=true", "token=" + token]
        if config.cluster_id:
            parts.append("x-databricks-cluster-id=" + config.cluster_id)
        spark = SparkSession.builder.remote("sc://%s:%s/;%s" % (at.hostname, at.port or 443, ";".join(parts))).getOrCreate()
    hop("session")
    rows = [row[0] for row in spark.range(3).collect()]
    hop("first row")
    print(json.dumps({"rows": rows, "spark": str(spark.version), "hops": hops}))
except BaseException as error:
    causes, seen = [], error
    while seen is not None and len(causes) < 6:
        text = "%s: %s" % (type(seen).__name__, seen)
        causes.append((text.replace(token, "***") if token else text)[:1500])
        seen = seen.__cause__ or seen.__context__
    print(json.dumps({"error": causes, "hops": hops}))
    sys.stdout.flush()
    import os
    os._exit(1)
"""

IMPORT = """
import json, sys, warnings
warnings.simplefilter("ignore")
try:
    if sys.argv[1] == "connect":
        import databricks.connect
    else:
        import grpc, pyspark.sql.connect.session
        from databricks.sdk.core import Config
    print(json.dumps({"error": []}))
except BaseException as error:
    causes = []
    while error is not None and len(causes) < 6:
        causes.append(("%s: %s" % (type(error).__name__, error))[:800])
        error = error.__cause__ or error.__context__
    print(json.dumps({"error": causes}))
"""
"""Imports the client and tells the whole chain of causes: the last of them is the real one (PyArrow `must be installed`
hides `requires NumPy 2.0 or newer`)."""

HINTS: tuple[tuple[str, str], ...] = (
    ("more than one authorization method", "Two ways to log in at once: see auth.shadowed."),
    ("cannot configure default credentials", "No log-in was found: see auth.profile."),
    ("has no", "The profile is not in the file: see auth.profile."),
    ("Cluster id or serverless are required", "Choose a cluster, or serverless compute."),
    ("Can't set both cluster id and serverless", "The profile has both: keep one."),
    ("CERTIFICATE_VERIFY_FAILED", "Spark's half of the client trusts another bundle than the rest: see network.ca."),
    ("unable to get local issuer", "Spark's half of the client trusts another bundle than the rest: see network.ca."),
    ("WRONG_VERSION_NUMBER", "The port does not speak TLS: the host wants https."),
    (
        "Unsupported combination of Databricks Runtime",
        "The client is newer than the cluster's runtime: see connect.runtime.",
    ),
    ("SQL_CONF_NOT_FOUND", "The client is newer than the server's Spark: see connect.runtime."),
    ("PYTHON_VERSION_MISMATCH", "Another Python than the cluster's: see python.version."),
    ("unexpected state TERMINATED", "The cluster is off: start it."),
    ("No cluster found matching", "There is no such cluster: choose another."),
    (
        "StatusCode.UNAVAILABLE",
        "The workspace answers and its Spark side does not: try again, then restart the cluster.",
    ),
    ("PERMISSION_DENIED", "The log-in may not use this cluster, or the token is not accepted."),
    ("UNAUTHENTICATED", "The token is not accepted by the Spark side."),
    ("storage_level_to_proto", "A second pyspark: see connect.pyspark-conflict."),
    ("PACKAGE_NOT_INSTALLED", "The client's libraries do not fit together: see connect.client."),
)
"""(what stands in an error, what it means), seen with the clients themselves."""


def hint(text: str) -> str:
    """What an error of the client means, empty where it is not known."""
    return next((meaning for needle, meaning in HINTS if needle.lower() in text.lower()), "")
