"""The MLOps systems that are shipped, one TOML each."""
