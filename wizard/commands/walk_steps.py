"""`setup` for some of its steps: what `auth login`, `env write` and `devcontainer write` are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from wizard.commands import setup
from wizard.commands import standing as standings


def walk(steps: Sequence[str], *, sandbox: bool = False, more: Sequence[str] = ()) -> int:
    """Walk these steps of the repo one stands in, against the sandbox where its set-up was. The exit code of `setup`."""
    last = standings.here().remembered
    parser = argparse.ArgumentParser()
    setup.arguments(parser)
    words = [w for s in steps for w in ("--only", s)] + ["--sandbox"] * (sandbox or (last is not None and last.sandbox))
    return setup.main(parser.parse_args([*words, *more]))
