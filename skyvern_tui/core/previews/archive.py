"""What is in an archive: its files, any one of them, and the calls of a trace.

Owns: listing zip files, reading one member or a gzip stream within bounds, and the calls a
Playwright trace records. Must not: write to disk, or believe what an archive says of sizes.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.previews.bounds import MAX_ROWS, Unreadable, cell

MAX_ARCHIVE: Final = 1_000_000_000
MAX_MEMBER: Final = 32_000_000
"""Bytes of one member, unpacked, that are read."""
_RATIO: Final = 200
"""A member that unpacks to more than this many times its size is marked."""
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_WORTH_TELLING: Final = ("url", "selector", "value", "text", "key", "expression", "path")


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive; sizes in bytes, as the archive says."""

    number: int
    """Its place, by which it is read: names may be odd or occur twice."""
    name: str
    size: int
    packed: int
    is_folder: bool
    is_encrypted: bool

    @property
    def is_bomb(self) -> bool:
        """True when it claims to unpack to far more than it is."""
        return self.size > MAX_MEMBER and self.size > self.packed * _RATIO


@dataclass(frozen=True, slots=True)
class TraceCall:
    """One call of a trace; times in milliseconds since the first."""

    at: float
    duration: float | None
    name: str
    detail: str
    error: str


def contents(data: bytes) -> list[Member]:
    """Return the files of a zip archive, at most as many as a list shows. Raises :class:`Unreadable`."""
    with _opened(data) as archive:
        return [
            Member(
                number,
                cell(info.filename),
                info.file_size,
                info.compress_size,
                info.is_dir(),
                bool(info.flag_bits & 1),
            )
            for number, info in enumerate(archive.infolist()[:MAX_ROWS])
        ]


def read_member(data: bytes, number: int, limit: int = MAX_MEMBER) -> tuple[bytes, bool]:
    """Return a member's bytes, at most ``limit``, and whether that is all. Raises :class:`Unreadable`."""
    with _opened(data) as archive:
        infos = archive.infolist()
        if not 0 <= number < len(infos):
            raise Unreadable("no such file in the archive")
        try:
            with archive.open(infos[number]) as member:
                unpacked = member.read(limit + 1)
        except (*_DAMAGE, MemoryError) as error:
            raise Unreadable(f"can't be unpacked: {error}") from error
    return unpacked[:limit], len(unpacked) <= limit


def gunzip(data: bytes, limit: int = MAX_MEMBER) -> tuple[bytes, bool]:
    """Return what a gzip stream unpacks to, at most ``limit``, and whether that is all. Raises :class:`Unreadable`."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise Unreadable(f"can't be unpacked: {error}") from error
    return unpacked[:limit], len(unpacked) <= limit and unpacker.eof


def trace_calls(data: bytes) -> list[TraceCall]:
    """Return the calls of a Playwright trace in order. Raises :class:`Unreadable` when it is none."""
    with _opened(data) as archive:
        places = [n for n, info in enumerate(archive.infolist()) if info.filename.endswith(".trace")]
    if not places:
        raise Unreadable("no trace in the archive")
    begun: dict[str, dict[str, Any]] = {}
    ended: dict[str, dict[str, Any]] = {}
    for place in places:
        for event in _events(read_member(data, place)[0]):
            call = event.get("callId")
            kind = event.get("type")
            if isinstance(call, str) and len(begun) < MAX_ROWS:
                if kind in {"before", "action"}:
                    begun[call] = event
                if kind in {"after", "action"}:
                    ended[call] = event
    first = min((_number(event.get("startTime")) for event in begun.values()), default=0.0)
    calls = [_call(event, ended.get(call), first) for call, event in begun.items()]
    return sorted(calls, key=lambda call: call.at)


def _events(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.split(b"\n"):
        try:
            event = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _call(begun: dict[str, Any], ended: dict[str, Any] | None, first: float) -> TraceCall:
    start = _number(begun.get("startTime"))
    end = None if ended is None else _number(ended.get("endTime"))
    params = begun.get("params")
    told = params if isinstance(params, dict) else {}
    owner, method = cell(begun.get("class"), 100), cell(begun.get("method") or begun.get("apiName"), 100)
    error = (ended or {}).get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return TraceCall(
        at=max(0.0, start - first),
        duration=None if not end else max(0.0, end - start),
        name=f"{owner}.{method}" if owner else method or "?",
        detail="  ".join(f"{name}={cell(told[name], 200)}" for name in _WORTH_TELLING if told.get(name)),
        error=cell(message),
    )


def _number(value: Any) -> float:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e15  # noqa: PLR2004 - ms
    return float(value) if known else 0.0


def _opened(data: bytes) -> zipfile.ZipFile:
    if len(data) > MAX_ARCHIVE:
        raise Unreadable("too large to be looked into")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:
        raise Unreadable("not a zip archive, or a damaged one") from error
