"""Browser sessions and browser profiles as plain data.

Owns: their fields and how they are kept in the store's table of resources. Must not:
decide when one changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar

from mock_server.store.records import Json, ResourceRecord

SESSION: Final = "browser_session"
PROFILE: Final = "browser_profile"
"""Kinds of resources."""

SessionStatus = Literal["created", "running", "completed", "failed", "timeout"]

ENDED: Final = frozenset({"completed", "failed", "timeout"})


@dataclass(slots=True, eq=False)
class SessionRecord:
    """A browser that stays open from one run to the next. ``timeout`` is in minutes; times are naive UTC."""

    session_id: str
    organization_id: str
    status: SessionStatus
    timeout: int
    created_at: datetime
    modified_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    url: str | None = None
    """The page it is opened on."""
    proxy_location: Json = None
    proxy_session_id: str | None = None
    extensions: list[str] | None = None
    browser_type: str | None = None
    browser_profile_id: str | None = None
    """The profile it begins with."""
    generate_browser_profile: bool = False
    """Whether its cookies and storage are kept on disk when it ends, so that a profile can be made of them."""
    timezone_id: str | None = None
    warning: str | None = None
    """What is worth knowing about it: a timeout that was capped, why it failed."""
    runnable_type: str | None = None
    runnable_id: str | None = None
    """The run that is in it."""
    run_ids: list[str] = field(default_factory=list)
    """Every run that was in it, oldest first."""

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def due(self) -> datetime:
        """When its time is up."""
        return (self.started_at or self.created_at) + timedelta(minutes=self.timeout)


@dataclass(slots=True, eq=False)
class ProfileRecord:
    """Cookies and storage under a name. What it holds is in a file, not here."""

    profile_id: str
    organization_id: str
    name: str
    created_at: datetime
    modified_at: datetime
    description: str | None = None
    source_browser_type: str | None = None
    proxy_location: Json = None
    proxy_session_id: str | None = None
    deleted_at: datetime | None = None


RecordT = TypeVar("RecordT", SessionRecord, ProfileRecord)

_OUTSIDE: Final = ("session_id", "profile_id", "organization_id", "created_at", "modified_at")
"""Fields that are columns of the table; the rest is the body."""


def to_resource(record: SessionRecord | ProfileRecord) -> ResourceRecord:
    """Return the record as the store keeps it."""
    is_session = isinstance(record, SessionRecord)
    body = {item.name: getattr(record, item.name) for item in fields(record) if item.name not in _OUTSIDE}
    return ResourceRecord(
        resource_id=record.session_id if isinstance(record, SessionRecord) else record.profile_id,
        organization_id=record.organization_id,
        kind=SESSION if is_session else PROFILE,
        parent_id=None,
        body={name: value.isoformat() if isinstance(value, datetime) else value for name, value in body.items()},
        created_at=record.created_at,
        modified_at=record.modified_at,
    )


def session_of(resource: ResourceRecord) -> SessionRecord:
    """Return the session a resource is."""
    return SessionRecord(session_id=resource.resource_id, **_rest(resource, "started_at", "completed_at"))


def profile_of(resource: ResourceRecord) -> ProfileRecord:
    """Return the profile a resource is."""
    return ProfileRecord(profile_id=resource.resource_id, **_rest(resource, "deleted_at"))


def _rest(resource: ResourceRecord, *moments: str) -> dict[str, Any]:
    values = dict(resource.body)
    for name in moments:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    return {
        "organization_id": resource.organization_id,
        "created_at": resource.created_at,
        "modified_at": resource.modified_at,
        **values,
    }
