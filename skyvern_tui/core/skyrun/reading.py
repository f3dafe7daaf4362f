"""Reading a run from a file that may come from anywhere.

Owns: what makes a file a saved run, the bounds on what is read of it, and saying clearly
when it is from a newer program or damaged. Must not: write anything to disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from skyvern_tui.client.models import ARTIFACT, RUN, TIMELINE, TimelineItem
from skyvern_tui.core.facts import Outage
from skyvern_tui.core.skyrun.saved import FORMAT, VERSION, NotSaved, SavedArtifact, SavedRun, StatusSeen
from skyvern_tui.core.text import one_line, shorten

MAX_MEMBERS: Final = 20_000
MAX_JSON: Final = 64_000_000
"""Bytes of one JSON part, unpacked."""
MAX_CONTENT: Final = 512_000_000
"""Bytes of one artifact, unpacked."""
_LONG: Final = 500
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What reading a damaged, encrypted or strangely packed member raises."""
_TIME: Final = TypeAdapter(datetime)


def open_run(path: Path) -> SavedRun:
    """Read a saved run. Contents are read from the file when asked for.

    Raises:
        NotSaved: it is none, or from a newer program.
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return _read(file, lambda member: _member_of(path, member))


def read_run(data: bytes) -> SavedRun:
    """Read a saved run from memory. Raises :class:`NotSaved`."""

    def content(member: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _bytes(archive, member, MAX_CONTENT)

    return _read(io.BytesIO(data), content)


def _member_of(path: Path, member: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return _bytes(archive, member, MAX_CONTENT)
    except NotSaved:
        raise
    except _DAMAGE as error:
        raise NotSaved(f"{path.name} can no longer be read: {one_line(str(error))}") from error


def _read(file: Any, content: Any) -> SavedRun:
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:
        raise NotSaved("not a saved run: it is no zip file, or a damaged one") from error
    with archive:
        names = archive.namelist()
        if len(names) > MAX_MEMBERS:
            raise NotSaved(f"more than {MAX_MEMBERS:,} files in it")
        if "skyrun.json" not in names:
            raise NotSaved("not a saved run: it holds no skyrun.json")
        about = _about(archive)
        return _Parts(archive, frozenset(names), content).saved(about)


def _about(archive: zipfile.ZipFile) -> dict[str, Any]:
    about = _json(archive, "skyrun.json")
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise NotSaved("not a saved run: skyrun.json does not say so")
    version = about.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise NotSaved("the version of the saved run can't be read")
    if version > VERSION:
        raise NotSaved(
            f"saved by a newer version of this program (format {shorten(str(version), 20)}, this one reads {VERSION}); "
            "update skyvern-tui to open it"
        )
    return about


def _bytes(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return a member. What its header says of its size is not believed: reading stops at the limit."""
    try:
        with archive.open(name) as member:
            data = member.read(limit + 1)
    except KeyError as error:
        raise NotSaved(f"{_safe(name)} is missing") from error
    except (*_DAMAGE, MemoryError) as error:
        raise NotSaved(f"{_safe(name)} is damaged: {_safe(str(error))}") from error
    if len(data) > limit:
        raise NotSaved(f"{_safe(name)} is larger than {limit:,} bytes")
    return data


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    data = _bytes(archive, name, MAX_JSON)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotSaved(f"{name} is not readable as JSON") from error


def _safe(text: str) -> str:
    return shorten(one_line(text[: _LONG * 4]), _LONG)


class _Parts:
    """Reads the parts of an archive; what is damaged is left out and said, but for the run itself."""

    def __init__(self, archive: zipfile.ZipFile, names: frozenset[str], content: Any) -> None:
        self._archive = archive
        self._names = names
        self._content = content
        self._unread: list[str] = []

    def saved(self, about: Mapping[str, Any]) -> SavedRun:
        try:
            run = RUN.validate_python(_json(self._archive, "run.json"))
        except (ValidationError, RecursionError) as error:
            raise NotSaved("run.json holds no run") from error
        artifacts = tuple(self._artifacts())
        members = {saved.artifact.artifact_id: saved for saved in artifacts}
        request = self._part("request.json", dict)
        outages, statuses = self._events()
        return SavedRun(
            run=run,
            saved_at=_time(about.get("saved_at")) or run.modified_at,
            content=lambda artifact_id: self._read(members.get(artifact_id)),
            timeline=self._timeline(),
            artifacts=artifacts,
            request=request,
            outages=tuple(outages),
            statuses=tuple(statuses),
            server=_word(about.get("server")),
            note=_word(about.get("note")),
            unread=tuple(self._unread),
        )

    def _read(self, saved: SavedArtifact | None) -> bytes:
        if saved is None:
            raise NotSaved("no such artifact in the file")
        if not saved.member:
            raise NotSaved(f"its content was not saved: {saved.missing or 'no reason given'}")
        data: bytes = self._content(saved.member)
        if saved.sha256 and hashlib.sha256(data).hexdigest() != saved.sha256:
            raise NotSaved(f"{_safe(saved.member)} is not what was saved: its checksum differs")
        return data

    def _part(self, name: str, kind: type) -> Any:
        """Return a JSON part, None when it is not there or not usable."""
        if name not in self._names:
            return None
        try:
            value = _json(self._archive, name)
        except NotSaved as reason:
            self._unread.append(str(reason))
            return None
        if isinstance(value, kind):
            return value
        self._unread.append(f"{name} is not what it should be")
        return None

    def _timeline(self) -> tuple[TimelineItem, ...] | None:
        items = self._part("timeline.json", list)
        if items is None:
            return None
        try:
            return tuple(TIMELINE.validate_python(items))
        except (ValidationError, RecursionError):
            self._unread.append("timeline.json holds no timeline")
            return None

    def _artifacts(self) -> list[SavedArtifact]:
        found = []
        for entry in (self._part("artifacts.json", list) or [])[:MAX_MEMBERS]:
            try:
                artifact = ARTIFACT.validate_python(entry["artifact"])
                member = entry.get("member", "")
            except (ValidationError, RecursionError, KeyError, TypeError, AttributeError):
                self._unread.append("an artifact could not be read")
                continue
            # Nothing is unpacked to disk, so a name can't lead anywhere; one that tries is no content all the same.
            inside = isinstance(member, str) and member.startswith("artifacts/") and ".." not in member
            missing = _word(entry.get("missing")) or ("" if inside else "its name in the file is not one of a content")
            checksum = entry.get("sha256")
            sha256 = checksum if isinstance(checksum, str) else ""
            found.append(SavedArtifact(artifact, member if inside else "", sha256, missing))
        return found

    def _events(self) -> tuple[list[Outage], list[StatusSeen]]:
        outages: list[Outage] = []
        statuses: list[StatusSeen] = []
        for event in self._part("events.json", list) or []:
            at = _time(event.get("at")) if isinstance(event, dict) else None
            if at is None:
                self._unread.append("an event could not be read")
            elif event.get("kind") == "outage":
                attempts = event.get("attempts")
                count = attempts if isinstance(attempts, int) and 0 < attempts < MAX_MEMBERS else 1
                outages.append(Outage(at, _word(event.get("reason")), count, _time(event.get("ended"))))
            elif event.get("kind") == "status" and isinstance(event.get("status"), str):
                statuses.append(StatusSeen(_word(event["status"]), at))
        return outages, statuses


def _word(value: Any) -> str:
    return _safe(value) if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = _TIME.validate_python(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValidationError, OverflowError, ValueError):
        return None
