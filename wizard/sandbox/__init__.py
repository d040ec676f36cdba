"""The embedded workspace: a local Databricks over TLS in front of a real Spark Connect server.

`client` is what the wizard calls; `server` is the process that it starts. Nothing here listens beyond loopback.
Unity Catalog, Delta and MLflow are not provided. Linux and macOS; on Windows inside WSL2.
"""
