"""One-time codes that were pushed here.

Owns: what becomes of a pushed message, how long a code is good for, and which one belongs
to a run. Must not: wait for one, or ask anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from mock_server.dialect import Dialect
from mock_server.store.records import ResourceRecord, RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owners
from mock_server.vault.reading import code_in

KIND: Final = "totp"
LIFE: Final = timedelta(minutes=10)
MAX_CONTENT: Final = 65_536
_PLAIN: Final = 10
"""Content of up to so many characters is the code itself."""


class PushedCodes:
    """The codes of all tenants; each sees its own."""

    def __init__(self, store: Store, owners: Owners, dialect: Dialect) -> None:
        self._store = store
        self._owners = owners
        self._reads_prose = dialect.totp_prose == "read"
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def push(self, organization_id: str, request: dict[str, Any]) -> ResourceRecord:
        """Keep a pushed message and tell the runs that wait for one. ``request`` is the validated body.

        Raises:
            StoreError: It could not be stored.
        """
        owner = self._owners.of(organization_id)
        now = owner.clock.now()
        for old in self._store.resources(organization_id, KIND):
            if old.created_at < now - LIFE:
                self._store.delete_resource(organization_id, KIND, old.resource_id)
        content = request["content"]
        code, plain = content.strip(), len(content.strip()) <= _PLAIN
        if not plain:
            code = code_in(content) if self._reads_prose else ""
        body = {
            **request,
            "totp_identifier": normal_identifier(request["totp_identifier"]),
            "code": code,
            "otp_type": (request.get("type") or "totp") if plain or code else request.get("type"),
            "raw": not (plain or code),
        }
        record = ResourceRecord(owner.ids.new("totp"), organization_id, KIND, None, body, now, now)
        self._store.put_resource(record)
        for event in self._waiting.get(organization_id, ()):
            event.set()
        return record

    def recent(
        self,
        organization_id: str,
        *,
        limit: int,
        identifier: str | None = None,
        workflow_run_id: str | None = None,
        otp_type: str | None = None,
    ) -> list[ResourceRecord]:
        """Return the codes that are still good, newest first; messages nobody found a code in are left out."""
        wanted = (
            ("totp_identifier", normal_identifier(identifier) if identifier else None),
            ("workflow_run_id", workflow_run_id),
            ("otp_type", otp_type),
        )
        found = [
            record
            for record in self._good(organization_id)
            if not record.body["raw"] and all(value in (None, record.body.get(name)) for name, value in wanted)
        ]
        return found[:limit]

    def code_for(self, run: RunRecord, identifier: str, *, used: Collection[str]) -> str:
        """Return the newest code for the run that is still good and not among those ``used``; nothing if none is."""
        for record in self._good(run.organization_id):
            body = record.body
            code = body["code"] or code_in(body["content"])
            meant = (
                body["totp_identifier"] == normal_identifier(identifier)
                and body.get("otp_type") != "magic_link"
                and body.get("task_id") in (None, run.run_id, run.task_id)
                and body.get("workflow_run_id") in (None, run.workflow_run_id)
            )
            if meant and code and code not in used:
                return str(code)
        return ""

    async def next_push(self, organization_id: str) -> None:
        """Return when the tenant pushes a code."""
        pushed, events = asyncio.Event(), self._waiting.setdefault(organization_id, set())
        events.add(pushed)
        try:
            await pushed.wait()
        finally:
            events.discard(pushed)
            if not events:
                self._waiting.pop(organization_id, None)

    def _good(self, organization_id: str) -> list[ResourceRecord]:
        now = self._owners.of(organization_id).clock.now()
        found = reversed(self._store.resources(organization_id, KIND))
        return [record for record in found if record.created_at >= now - LIFE and not _expired(record, now)]


def shown(record: ResourceRecord) -> dict[str, Any]:
    """Return a code as it is answered."""
    body = record.body
    names = ("totp_identifier", "task_id", "workflow_id", "workflow_run_id", "source", "content", "expired_at", "type")
    answer = {name: body.get(name) for name in names} | {
        "totp_code_id": record.resource_id,
        "code": body["code"],
        "organization_id": record.organization_id,
        "created_at": record.created_at,
        "modified_at": record.modified_at,
        "otp_type": body["otp_type"],
    }
    return answer | {"status": "raw_pending"} if body["raw"] else answer


def normal_identifier(identifier: str) -> str:
    """Return the form in which identifiers are compared: email addresses do not differ by case."""
    identifier = identifier.strip()
    return identifier.lower() if "@" in identifier else identifier


def _expired(record: ResourceRecord, now: datetime) -> bool:
    expiry = record.body.get("expired_at")
    return expiry is not None and datetime.fromisoformat(expiry) <= now
