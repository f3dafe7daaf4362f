"""Settings all tests of the core share."""

from __future__ import annotations

from hypothesis import settings

# A machine may be busy with other things; what is too slow shows in the bench.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
