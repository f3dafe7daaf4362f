"""What every record on the wire has in common.

Owns: how times are read and written, and the base of all models: unknown fields are kept.
Must not: know any record.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

_STATED: Final = timezone(timedelta(0), "UTC")
"""UTC as any other, but for being remembered: the times of files come with a zone, all others without."""


def _as_utc(value: datetime) -> datetime:
    """Read a naive time as UTC (most of the wire sends no zone) and turn any other into UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(_STATED)


def _as_sent(value: datetime) -> str:
    """Write a time as the server did: UTC without a zone or with a Z, microseconds only if there are any."""
    return value.replace(tzinfo=None).isoformat() + ("Z" if value.tzinfo is _STATED else "")


WireTime = Annotated[datetime, AfterValidator(_as_utc), PlainSerializer(_as_sent, when_used="json")]
"""An aware UTC datetime; ``model_dump(mode="json")`` writes it as it came, mostly naive."""

Json = Any


class WireModel(BaseModel):
    """Base of every answer: unknown fields are kept and readable as attributes.

    Schemas are built when first used: building all of them costs half as much as importing httpx.
    """

    model_config = ConfigDict(extra="allow", populate_by_name=True, protected_namespaces=(), defer_build=True)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show itself in a notebook."""
        from skyvern_tui.client.display import bundle  # noqa: PLC0415 - loaded in notebooks only

        del include, exclude
        return bundle(self)
