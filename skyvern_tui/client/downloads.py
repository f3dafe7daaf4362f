"""Artifacts and downloaded files, from the server onto disk.

Owns: where the bytes of an artifact are asked for, in which order, what is done about an
expired link, a broken connection and wrong bytes, and the names files get. Must not: do
I/O by itself: it yields requests; the file is :mod:`~skyvern_tui.client.partial`'s.

A name that came from a server never leaves the folder it is meant for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from skyvern_tui.client import faults, operations, retry
from skyvern_tui.client.effects import Flow, Reply, Send, Sleep
from skyvern_tui.client.errors import ApiError, ConnectionLostError, DownloadError, SkyvernError
from skyvern_tui.client.exchange import Exchange, origin_of, outcome_of
from skyvern_tui.client.filenames import LONGEST_SUFFIX, safe_name
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.partial import PartialFile
from skyvern_tui.client.secrets import redact_url

if TYPE_CHECKING:
    from skyvern_tui.client.models import Artifact, FileInfo

LOG: Final = logging.getLogger("skyvern_tui.client")

_MOST_REDIRECTS: Final = 5
_MOST_ROUNDS: Final = 2
"""Wrong bytes are fetched anew once: the file may have changed in between."""
_REDIRECTS: Final = range(300, 400)
_UNSATISFIABLE: Final = 416
_LINK_IS_OVER: Final = frozenset({400, 401, 403, 404, 410})
"""How file stores refuse a link that has expired."""
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_STORED_COMPRESSED: Final = (".zst", ".gz")


class Progress(NamedTuple):
    """What ``on_progress`` is told as bytes arrive. ``total`` is None if no server said how many there will be."""

    path: Path
    received: int
    total: int | None
    artifact_id: str | None


OnProgress = Callable[[Progress], object]


class Wanted(NamedTuple):
    """A file on a server: what it should be, and where it may be. ``size`` is bytes, ``checksum`` SHA-256 in hex."""

    artifact_id: str | None
    url: str | None = None
    size: int | None = None
    checksum: str | None = None
    keyed: bool = False
    """The key goes along to ``url``, if that is on the server itself."""


def wanted(item: Artifact | FileInfo | str) -> Wanted:
    """Say what is known of an artifact (or its id) or of a file that a run downloaded."""
    if isinstance(item, str):
        return Wanted(item)
    checksum = item.checksum if item.checksum and _SHA256.fullmatch(item.checksum) else None
    if hasattr(item, "url"):
        return Wanted(item.artifact_id, _http(item.url), item.file_size, checksum, keyed=True)
    # Of a file that lies compressed or inside an archive, the record describes what lies there, not what is sent.
    if item.uri.endswith(_STORED_COMPRESSED) or getattr(item, "bundle_key", None):
        return Wanted(item.artifact_id, _http(item.signed_url))
    return Wanted(item.artifact_id, _http(item.signed_url), item.file_size, checksum)


def download(
    exchange: Exchange,
    item: Artifact | FileInfo | str,
    target: Path,
    on_progress: OnProgress | None,
    options: RequestOptions | None,
) -> Flow[Path]:
    """Fetch a file to ``target``, which appears when it is complete and right.

    Raises DownloadError for bytes that are not what the record says, and what the server's last refusal was.
    """
    file = wanted(item)

    def report(received: int, total: int | None) -> None:
        if on_progress is not None:
            on_progress(Progress(target, received, total, file.artifact_id))

    partial = PartialFile(target, file.checksum, report)
    try:
        for _ in range(_MOST_ROUNDS):
            file = yield from _fetch(exchange, file, partial, options)
            wrong = _difference(file, partial)
            if wrong and file.artifact_id is not None:
                # A recording grows while its run goes on: the record of a moment ago may be the one that is wrong.
                file = (yield from _renew(exchange, file, options)) or file
                wrong = _difference(file, partial)
            if not wrong:
                return partial.finish()
            LOG.info("%s: %s", target.name, wrong)
            partial.restart()
        raise DownloadError(
            f"What arrived for {target.name} is not what the server's record says: {wrong}.",
            hint="Nothing was written. If the run is not over, wait until it is.",
            path=target,
            artifact_id=file.artifact_id,
        )
    finally:
        partial.close()


def _fetch(exchange: Exchange, file: Wanted, partial: PartialFile, options: RequestOptions | None) -> Flow[Wanted]:
    """Bring the bytes here from the first place that has them; return what is known of the file by then."""
    if file.url is not None:
        is_own = file.keyed and origin_of(file.url) == origin_of(exchange.endpoint.base_url)
        headers = exchange.headers if is_own else exchange.public_headers
        try:
            yield from _persist(exchange, file.url, headers, partial, options)
        except SkyvernError as problem:
            if file.artifact_id is None:
                raise
            LOG.debug("link of %s failed (%s)", file.artifact_id, problem.message)
            if isinstance(problem, ApiError) and problem.status_code in _LINK_IS_OVER:
                fresh = yield from _renew(exchange, file, options)
                if fresh is not None and fresh.url not in (None, file.url):
                    try:
                        yield from _persist(exchange, fresh.url or "", exchange.public_headers, partial, options)
                    except SkyvernError as again:
                        LOG.debug("renewed link of %s failed (%s)", file.artifact_id, again.message)
                    else:
                        return fresh
        else:
            return file
    request = exchange.request(operations.get_artifact_content(file.artifact_id or ""), options, None)
    yield from _persist(exchange, request.url, request.headers, partial, options)
    return file


def _persist(
    exchange: Exchange, url: str, headers: Mapping[str, str], partial: PartialFile, options: RequestOptions | None
) -> Flow[None]:
    """Bring the bytes here from one place, going on where a broken connection left off."""
    policy, timeout = exchange.retry_policy, exchange.timeout
    if options:
        policy = policy._replace(max_retries=options.get("max_retries", policy.max_retries))
        timeout = options.get("timeout_in_seconds", timeout)
    failures = redirects = 0
    while True:
        if not partial.is_resumable and partial.size:
            partial.restart()
        before = partial.size
        # Offsets count the bytes of the file, so they must not be compressed on the way.
        asked = {**headers, "accept-encoding": "identity", **partial.range_headers()}
        request = Send("GET", url, asked, timeout=timeout, sink=partial)
        answer = yield request
        try:
            reply: Reply = exchange.read(request, answer, None)
            if reply.status not in _REDIRECTS:
                if partial.is_complete:
                    return
                raise ConnectionLostError(f"GET {redact_url(url)}: the answer was cut off.", method="GET", url=url)
        except SkyvernError as problem:
            outcome = outcome_of(problem)
            if outcome.status == _UNSATISFIABLE and before:
                partial.restart()
                outcome = retry.Outcome()
            # What moved forward is not stuck: only failures without a new byte count.
            failures = 1 if partial.is_resumable and partial.size > before else failures + 1
            delay = retry.decide(retry.Kind.read, outcome, failures, policy, exchange.random())
            if delay is None:
                raise
            LOG.info("%s Going on in %.1f s at byte %d.", problem.message, delay, partial.size)
            yield Sleep(delay)
            continue
        redirects += 1
        if redirects > _MOST_REDIRECTS:
            raise faults.refused(request, reply, exchange.endpoint)
        target = urljoin(url, reply.headers.get("location", ""))
        headers = headers if origin_of(target) == origin_of(url) else exchange.public_headers
        url = target


def _renew(exchange: Exchange, file: Wanted, options: RequestOptions | None) -> Flow[Wanted | None]:
    """Ask for the record again: for a fresh link, a new size. None if it cannot be had."""
    try:
        record = yield from exchange.execute(operations.get_artifact(file.artifact_id or ""), options)
    except SkyvernError as problem:
        LOG.debug("no record of %s (%s)", file.artifact_id, problem.message)
        return None
    return wanted(record)


def _difference(file: Wanted, partial: PartialFile) -> str:
    """Say how what arrived differs from what the record says; empty if it does not. A checksum outweighs a size."""
    if file.checksum is not None:
        right = partial.sha256 == file.checksum.lower()
        return "" if right else f"its SHA-256 is {partial.sha256[:12]}…, not {file.checksum[:12].lower()}…"
    if file.size is not None and partial.size != file.size:
        return f"it has {partial.size:,} bytes, not {file.size:,}"
    return ""


def is_here(item: Artifact | FileInfo, path: Path) -> bool:
    """Tell whether ``path`` already is that file; only a checksum can tell."""
    checksum = wanted(item).checksum
    if checksum is None or path.is_symlink() or not path.is_file():
        return False
    import hashlib  # noqa: PLC0415 - loaded for downloads only

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == checksum.lower()


def file_names(artifacts: Sequence[Artifact], files: Sequence[FileInfo]) -> list[str]:
    """Return a name for each artifact, all different and the same every time.

    What a run downloaded has its own name, if ``files`` tells it; the rest is called by type and id.
    """
    own = {file.artifact_id: file.filename for file in files if file.artifact_id and file.filename}
    names: list[str] = []
    used: set[str] = set()
    for artifact in artifacts:
        # Compared as the least discerning file system does.
        name, number = safe_name(own.get(artifact.artifact_id) or _described(artifact)), 1
        stem, dot, suffix = name.rpartition(".")
        while name.casefold() in used:
            number += 1
            name = f"{stem}-{number}.{suffix}" if dot and stem else f"{suffix}-{number}"
        used.add(name.casefold())
        names.append(name)
    return names


def _described(artifact: Artifact) -> str:
    """Name an artifact by its type and id, with the suffix of the file it lies in."""
    path = unquote(urlsplit(artifact.uri).path)
    suffix = Path(path.removesuffix(".zst")).suffix
    return f"{artifact.artifact_type}-{artifact.artifact_id}{suffix if len(suffix) <= LONGEST_SUFFIX else ''}"


def _http(url: str | None) -> str | None:
    """Return ``url`` if it can be fetched; self-hosted servers hand out paths on their own disk."""
    return url if url and url.startswith(("http://", "https://")) else None
