"""Tables: the runtimes and node types that this workspace offers, and the clusters that it has at first."""

from __future__ import annotations

RUNTIMES: dict[str, str] = {
    "17.3.x-scala2.13": "17.3 LTS (includes Apache Spark 4.0.0, Scala 2.13)",
    "16.4.x-scala2.12": "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)",
    "15.4.x-scala2.12": "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)",
    "15.4.x-cpu-ml-scala2.12": "15.4 LTS ML (includes Apache Spark 3.5.0, Scala 2.12)",
    "14.3.x-scala2.12": "14.3 LTS (includes Apache Spark 3.5.0, Scala 2.12)",
    "14.3.x-cpu-ml-scala2.12": "14.3 LTS ML (includes Apache Spark 3.5.0, Scala 2.12)",
    "13.3.x-scala2.12": "13.3 LTS (includes Apache Spark 3.4.1, Scala 2.12)",
    "12.2.x-scala2.12": "12.2 LTS (includes Apache Spark 3.3.2, Scala 2.12)",
    "10.4.x-scala2.12": "10.4 LTS (includes Apache Spark 3.2.1, Scala 2.12)",
}
"""key -> name, newest first. All run on the one Spark of the sandbox; below 13 there is no Spark Connect."""

OLD_RUNTIME = "13.3.x-scala2.12"
"""What every cluster reports under the fault `old-runtime`."""

NODE_TYPES: dict[str, tuple[int, float, str]] = {
    "Standard_DS3_v2": (14336, 4.0, "General Purpose"),
    "Standard_DS4_v2": (28672, 8.0, "General Purpose"),
    "Standard_E4ds_v4": (32768, 4.0, "Memory Optimized"),
}
"""id -> (memory in MB, cores, category)."""

CLUSTERS: tuple[tuple[str, str, str, str], ...] = (
    ("1120-221530-quick154", "shared-15.4", "15.4.x-scala2.12", "RUNNING"),
    ("1120-221531-quick173", "shared-17.3", "17.3.x-scala2.13", "RUNNING"),
    ("1120-221532-sleep154", "nightly-15.4", "15.4.x-scala2.12", "TERMINATED"),
    ("1120-221533-older133", "shared-13.3", "13.3.x-scala2.12", "RUNNING"),
    ("1120-221534-learn143", "training-14.3-ml", "14.3.x-cpu-ml-scala2.12", "RUNNING"),
    ("1120-221535-first104", "legacy-10.4", "10.4.x-scala2.12", "TERMINATED"),
)
"""(id, name, runtime, state) of the clusters that are there at the start."""


def major(spark_version: str) -> int:
    """The runtime's major version: 15 of `15.4.x-scala2.12`; 0 where the text begins with none."""
    digits = spark_version.partition(".")[0]
    return int(digits) if digits.isdigit() else 0
