"""Properties here are tried on many texts; how long one takes on a busy machine is not what they are about."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
