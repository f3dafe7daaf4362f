"""Writing a run to a file.

Owns: putting the file together artifact by artifact, so that a large run needs no more
memory than its largest artifact, and its appearing whole or not at all. Must not: fetch,
or write secrets, keys or signatures of URLs.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit, urlunsplit

from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.core.facts import CLOSED
from skyvern_tui.core.journal import EventKind, Journal
from skyvern_tui.core.masking import redacted
from skyvern_tui.core.saving import safe_name
from skyvern_tui.core.skyrun.saved import FORMAT, VERSION

_PACKED: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".webm", ".mp4", ".zip", ".gz", ".zst", ".pdf"})
"""Suffixes of contents that are compressed already."""
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


class RunWriter:
    """Writes one run to ``path``: :meth:`add` its artifacts, then :meth:`finish`.

    Use it as a context manager: leaving it without :meth:`finish` leaves no file behind. An existing file is
    replaced when the new one is whole. Raises ``OSError`` when the disk does.
    """

    def __init__(self, path: Path, *, saved_at: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._saved_at = saved_at
        self._artifacts: list[dict[str, Any]] = []
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".saving-")
        self._temporary = Path(name)
        self._file = os.fdopen(handle, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._file.closed:
            self._close()
        self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        try:
            self._zip.close()
        finally:
            self._file.close()

    def add(self, artifact: Artifact, content: bytes | None, *, missing: str = "") -> None:
        """Write an artifact with its content; without one, ``missing`` says why it is not there."""
        entry: dict[str, Any] = {"artifact": unsigned(artifact.model_dump(mode="json", exclude_unset=True))}
        if content is None:
            entry["missing"] = missing or "not fetched"
        else:
            name = safe_name(urlsplit(artifact.uri).path if _is_url(artifact.uri) else artifact.uri)
            entry["member"] = f"artifacts/{len(self._artifacts):05d}_{name}"
            entry["sha256"] = hashlib.sha256(content).hexdigest()
            self._write(entry["member"], content)
        self._artifacts.append(entry)

    def finish(
        self,
        run: Run,
        timeline: Sequence[TimelineItem] | None,
        *,
        journal: Journal | None = None,
        request: Mapping[str, Any] | None = None,
        server: str = "",
        note: str = "",
        secrets: Mapping[str, str] | None = None,
    ) -> Path:
        """Write the rest and put the file in its place.

        Args:
            run: the run, as it came.
            timeline: as it came; None for runs that have none.
            journal: what was seen of it, for outages and statuses in passing.
            request: as it was sent.
            server: base URL it was sent to.
            note: what a person wants to remember of it.
            secrets: values that must not be in the request, by the name to write instead.
        """
        plain = unsigned(run.model_dump(mode="json", exclude_unset=True))
        if isinstance(plain.get("run_request"), dict):
            plain["run_request"] = redacted(plain["run_request"], secrets)
        about = {
            "format": FORMAT,
            "version": VERSION,
            "saved_at": self._saved_at.isoformat(),
            "server": server,
            "note": note,
        }
        self._json("skyrun.json", about)
        self._json("run.json", plain)
        if request is not None:
            self._json("request.json", redacted(request, secrets))
        if timeline is not None:
            self._json("timeline.json", [item.model_dump(mode="json", exclude_unset=True) for item in timeline])
        self._json("events.json", _events(journal))
        self._json("artifacts.json", self._artifacts)
        self._close()
        return self._temporary.replace(self._path)

    def _json(self, name: str, value: Any) -> None:
        self._write(name, json.dumps(value, ensure_ascii=True, indent=1).encode("ascii"))

    def _write(self, name: str, content: bytes) -> None:
        info = zipfile.ZipInfo(name, max(_EARLIEST, self._saved_at.timetuple()[:6]))
        packed = Path(name).suffix.lower() in _PACKED
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        self._zip.writestr(info, content)


def _events(journal: Journal | None) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for event in () if journal is None else journal.events:
        if event.kind is EventKind.status and event.subject not in CLOSED:
            events.append({"kind": "status", "at": event.at.isoformat(), "status": event.subject})
        elif event.kind is EventKind.outage_began:
            outage = event.subject
            ended = None if outage.ended is None else outage.ended.isoformat()
            more = {"ended": ended, "reason": outage.reason, "attempts": outage.attempts}
            events.append({"kind": "outage", "at": outage.began.isoformat(), **more})
    return events


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def unsigned(wire: dict[str, Any]) -> dict[str, Any]:
    """Take signatures off the addresses of files: they are keys, and they expire. Anything else stays as it came."""
    plain = dict(wire)
    for name in ("signed_url", "uri", "recording_url"):
        if name in plain:
            plain[name] = _bare(plain[name])
    if isinstance(plain.get("screenshot_urls"), list):
        plain["screenshot_urls"] = [_bare(url) for url in plain["screenshot_urls"]]
    if isinstance(plain.get("downloaded_files"), list):
        files = plain["downloaded_files"]
        plain["downloaded_files"] = [{**f, "url": _bare(f.get("url"))} if isinstance(f, dict) else f for f in files]
    return plain


def _bare(value: Any) -> Any:
    """Return an address without its query."""
    if not isinstance(value, str) or not _is_url(value):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return value.partition("?")[0]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
