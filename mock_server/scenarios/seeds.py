"""Ids that can be repeated, and never meet another tenant's.

Owns: which worker number (the middle part of an id) a tenant's ids are made with. Must not:
make ids; that is ``ids``.

A tenant without a seed gets a number no other tenant of this server has. One with a seed gets
the number that key and seed stand for, so that the same calls at the same (frozen) times make
the same ids again. Seeded numbers are kept in the store and belong to one organization for
good: two keys that stand for one number by chance, 1 in a million, do not share it.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final

from mock_server.store.records import ResourceRecord
from mock_server.store.store import Store

KIND: Final = "seeded_worker"

_HALF: Final = 1 << 20
"""Worker numbers below are given in turn, those from here on stand for a seed."""

_ALWAYS: Final = datetime(2022, 6, 20)  # noqa: DTZ001  # naive UTC, the zero of all ids


class Workers:
    """Gives out worker numbers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next = secrets.randbelow(_HALF)
        self._owners: dict[int, str] = {}
        for record in store.resources(None, KIND):
            self._owners[int(record.body["worker"])] = f"{record.organization_id}/{record.body['life']}"

    def unseeded(self) -> int:
        """Return a number nobody has here; it begins anywhere, as a server of a moment ago may have used others."""
        self._next = (self._next + 1) % _HALF
        return self._next

    def seeded(self, organization_id: str, seed: int, life: int) -> int:
        """Return the number of a seed. ``life`` counts what made the tenant forget its place in the sequence of ids."""
        owner = f"{organization_id}/{seed}.{life}"
        attempt = 0
        while True:
            digest = sha256(f"{owner}/{attempt}".encode()).digest()
            worker = _HALF | int.from_bytes(digest[:4], "big") % _HALF
            holder = self._owners.get(worker)
            if holder == owner:
                return worker
            if holder is None:
                self._owners[worker] = owner
                body = {"worker": worker, "life": f"{seed}.{life}"}
                record = ResourceRecord(f"worker_{worker}", organization_id, KIND, None, body, _ALWAYS, _ALWAYS)
                self._store.put_resource(record)
                return worker
            attempt += 1
