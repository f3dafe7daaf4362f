"""Cassettes as files: written exchange by exchange, and read again.

Owns: that the file is whole at every moment, the two fields a cassette of ours has beyond
vcrpy's (``recorded_at``, ``seconds``), and reading cassettes of anybody. Must not: let out what
was not scrubbed; it writes what it is given.
"""

from __future__ import annotations

import shutil
import zlib
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import yaml

from mock_server.scenarios.journal import Entry, RawHeaders
from mock_server.scenarios.journal_export import interaction, unreplayable

MOST_BYTES: Final = 64 << 20
"""The largest cassette that is written or read: vcrpy reads them whole."""

_Dumper: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere
_HEAD: Final = "version: 1\n"
_GZIP_OR_ZLIB: Final = 47
"""zlib's way to say: whichever of the two it is."""


class CassetteError(Exception):
    """A cassette cannot be read; the message says why."""


class CassetteWriter:
    """Adds exchanges to a cassette that does not exist yet.

    The file is replaced by a longer one at each addition, so whoever opens it, and whenever the
    program dies, finds a whole one.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """

    def __init__(self, path: Path, base_url: str) -> None:
        self.path: Final = path
        self._base_url = base_url
        self._part = path.with_name(f".{path.name}.part")
        self._notes = ""
        self._size = 0
        self.exchanges = 0
        self._replace(f"{_HEAD}interactions: []\n")

    def add(self, shown: Entry) -> str | None:
        """Write an exchange down, or a comment that says why it cannot be; return that reason."""
        reason = unreplayable(shown)
        text = "" if reason else self._text(shown)
        if not reason and self._size + len(text) > MOST_BYTES:
            reason = f"the cassette would be larger than {MOST_BYTES:,} bytes"
        if reason:
            self.note(f"left out: number {shown.number}, {shown.operation}: {reason}")
            return reason
        self._append(text)
        self.exchanges += 1
        return None

    def note(self, text: str) -> None:
        """Write a comment."""
        line = f"# {' '.join(text.split())}\n"
        if self.exchanges:
            self._append(line)
        else:
            self._notes += line
            self._replace(f"{_HEAD}{self._notes}interactions: []\n")

    def _text(self, shown: Entry) -> str:
        item = interaction(shown, self._base_url)
        item["recorded_at"] = shown.at.replace(tzinfo=UTC).isoformat()
        item["seconds"] = round(shown.seconds, 6)
        text: str = yaml.dump([item], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        return text

    def _append(self, text: str) -> None:
        if not self.exchanges:
            self._replace(f"{_HEAD}{self._notes}interactions:\n{text}")
            return
        shutil.copyfile(self.path, self._part)
        with self._part.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
        self._size = self._part.stat().st_size
        self._part.replace(self.path)

    def _replace(self, text: str) -> None:
        self._part.write_text(text, encoding="utf-8", newline="")
        self._size = self._part.stat().st_size
        self._part.replace(self.path)


@dataclass(frozen=True, slots=True)
class Tape:
    """Exchanges in their order."""

    entries: tuple[Entry, ...]
    timed: bool
    """Whether their times are known; otherwise they are a second apart."""


def read(path: Path) -> Tape:
    """Return what a cassette of vcrpy holds (YAML or JSON).

    Raises:
        CassetteError: It is none, too large, or cannot be read.
    """
    try:
        if path.stat().st_size > 2 * MOST_BYTES:
            raise CassetteError(f"{path}: larger than {2 * MOST_BYTES:,} bytes; divide it first.")
        value = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror or error}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CassetteError(f"{path}: this is no YAML: {error}") from None
    interactions = value.get("interactions") if isinstance(value, dict) else None
    if not isinstance(interactions, list):
        raise CassetteError(f"{path}: this is no cassette of vcrpy: it has no list called interactions.")
    entries = []
    for number, item in enumerate(interactions, 1):
        try:
            entries.append(_entry(item, number))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CassetteError(
                f"{path}: interaction {number} is not in vcrpy's form: {type(error).__name__}: {error}."
            ) from None
    timed = bool(interactions) and all("recorded_at" in item for item in interactions)
    return Tape(tuple(entries), timed)


def _entry(item: dict[str, Any], number: int) -> Entry:
    request, response = item["request"], item["response"]
    parts = urlsplit(request["uri"])
    answer_headers = _headers(response.get("headers"))
    headers = _headers(request.get("headers"))
    body, answer = _body(request.get("body")), _body(response.get("body"))
    answer = decoded(answer, answer_headers, MOST_BYTES) or answer
    return Entry(
        number=number,
        at=_moment(item.get("recorded_at")) or _EPOCH + timedelta(seconds=number),
        seconds=float(item.get("seconds") or 0.0),
        method=str(request["method"]).upper(),
        path=api_path(unquote(parts.path)),
        query=parts.query.encode(),
        headers=headers,
        body=body,
        body_length=len(body),
        status=int(response["status"]["code"]),
        answer_headers=answer_headers,
        answer=answer,
        answer_length=len(answer),
        fault=None,
    )


def api_path(path: str) -> str:
    """Return a path as the API knows it: what stands before ``/v1/`` belongs to the address of the server."""
    place = path.find("/v1/")
    return path if place <= 0 or path.startswith("/api/v1/") else path[place:]


def decoded(body: bytes, headers: Iterable[tuple[bytes, bytes]], most: int) -> bytes | None:
    """Return a body without its Content-Encoding; None if that is unknown or wrong, or it is over ``most``."""
    encoding = next((value for name, value in headers if name.lower() == b"content-encoding"), b"").strip().lower()
    if not encoding or encoding == b"identity":
        return body
    if encoding not in (b"gzip", b"x-gzip", b"deflate"):
        return None
    for bits in (_GZIP_OR_ZLIB, -zlib.MAX_WBITS):
        unpacking = zlib.decompressobj(bits)
        try:
            found = unpacking.decompress(body, most + 1)
        except zlib.error:
            continue
        return found if unpacking.eof and len(found) <= most else None
    return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def _headers(value: Any) -> RawHeaders:
    pairs: RawHeaders = []
    for name, found in (value or {}).items():
        for each in found if isinstance(found, list) else [found]:
            pairs.append((str(name).lower().encode("latin-1", "replace"), _bytes(each)))
    return pairs


def _body(value: Any) -> bytes:
    if isinstance(value, dict):
        if "base64_string" in value:
            return b64decode(value["base64_string"])
        value = value.get("string")
    return _bytes(value)


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode()
