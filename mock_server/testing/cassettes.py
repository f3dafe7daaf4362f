"""vcrpy, set up for a service that is polled and whose answers hold secrets.

Owns: what of a recorded exchange is written, which recorded one answers a request, and the ways between journal,
cassette and scenario. Must not: write anything that was not scrubbed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

try:
    from vcr import VCR
    from vcr.cassette import Cassette
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.request import Request
    from vcr.serializers import yamlserializer
except ModuleNotFoundError as error:  # pragma: no cover  # said in words where it is absent
    raise ModuleNotFoundError("Cassettes need vcrpy: pip install vcrpy.", name=error.name) from None

from mock_server.scenarios.journal import Entry
from mock_server.tapes.cassette import read
from mock_server.tapes.scrubbing import Scrubber
from mock_server.tapes.session import convert
from mock_server.testing.journal import Journal

_NEVER: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # naive UTC; scrubbing does not look at it
_HEADERS: Final = frozenset({"content-type", "location", "retry-after", "x-request-id"})
"""Headers of answers that matter to a client; the others say when and on which machine it was."""


_NO_ANSWER: Final[dict[str, Any]] = {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": b""}}


class SkyvernVCR:
    """Records and replays conversations with Skyvern.

    Keys, cookies, signed links, credentials and (``personal``) mail addresses and telephone numbers are in no
    cassette, neither in headers nor in bodies. A request is answered by what was recorded for its method, path,
    query and body, wherever the server was. A read that is repeated more often than it was recorded gets its last
    answer again: polls may come in another order and number. A task that is submitted more often than it was
    recorded is an error.

    ``record_mode`` is vcrpy's: ``none`` never touches the network, ``once`` records what is not there yet.
    """

    def __init__(
        self, folder: Path, *, record_mode: str = "none", personal: bool = True, secrets: Iterable[str] = ()
    ) -> None:
        self._secrets, self._personal = tuple(secrets), personal
        self.vcr: Final = VCR(cassette_library_dir=str(folder), record_mode=record_mode)
        self.vcr.register_matcher("skyvern", self._matches)
        self.vcr.match_on = ("skyvern",)
        self.vcr.register_persister(_Persister(self))

    def use_cassette(self, name: str, **options: Any) -> Any:
        """Return a context manager, which is a decorator as well, that replays (or records) a cassette."""
        return PollingCassette.use(**self.vcr.get_merged_config(path=name, **options))

    def scrubbed(self, request: Request, response: dict[str, Any]) -> tuple[Request, dict[str, Any]]:
        """Return an exchange as it may be written."""
        clean = self._scrubber().clean(_entry(request, response))
        shown = Request(
            request.method,
            _uri(request, clean),
            clean.body,
            {name.decode("latin-1"): value.decode("latin-1") for name, value in clean.headers},
        )
        headers = {name: values for name, values in (response.get("headers") or {}).items() if name.lower() in _HEADERS}
        return shown, {**response, "headers": headers, "body": {"string": clean.answer}}

    def _scrubber(self) -> Scrubber:
        return Scrubber(self._secrets, personal=self._personal)

    def _matches(self, asked: Request, recorded: Request) -> None:
        # The recorded one may be somebody else's, who scrubbed otherwise; scrubbing twice is scrubbing once.
        live, recorded = (self.scrubbed(request, _NO_ANSWER)[0] for request in (asked, recorded))
        for part in ("method", "path", "query"):
            assert getattr(live, part) == getattr(recorded, part), f"another {part}"
        assert _content(live.body) == _content(recorded.body), "another body"


class PollingCassette(Cassette):  # type: ignore[misc]  # vcrpy has no types
    """A cassette whose reads can be repeated: the last answer stands."""

    def __contains__(self, request: Request) -> bool:
        is_read = request.method == "GET"
        return super().__contains__(request) or (is_read and any(True for _ in self._responses(request)))

    def play_response(self, request: Request) -> Any:
        if super().__contains__(request):
            return super().play_response(request)
        found = [response for _, response in self._responses(request)] if request.method == "GET" else []
        return found[-1] if found else super().play_response(request)


class _Persister:
    """Writes scrubbed cassettes."""

    def __init__(self, owner: SkyvernVCR) -> None:
        self._owner = owner

    def load_cassette(self, path: Any, serializer: Any) -> Any:
        return FilesystemPersister.load_cassette(path, serializer)

    def save_cassette(self, path: Any, cassette: dict[str, Any], serializer: Any) -> None:
        pairs = [
            self._owner.scrubbed(request, response)
            for request, response in zip(cassette["requests"], cassette["responses"], strict=True)
        ]
        clean = {"requests": [pair[0] for pair in pairs], "responses": [pair[1] for pair in pairs]}
        FilesystemPersister.save_cassette(path, {**cassette, **clean}, serializer)


def write_cassette(journal: Journal, path: Path, **filters: Any) -> Path:
    """Write what was said to a mock as a cassette, scrubbed, which :class:`SkyvernVCR` replays. Return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(journal.cassette(**filters), encoding="utf-8")
    requests, responses = FilesystemPersister.load_cassette(path, yamlserializer)[:2]
    owner = SkyvernVCR(path.parent)
    _Persister(owner).save_cassette(path, {"requests": requests, "responses": responses}, yamlserializer)
    return path


def write_scenario(cassette: Path, out: Path, **options: Any) -> Path:
    """Write the runs of a cassette, of anybody's, as a scenario file for ``mock.scenario(path)``. Return the path.

    Options are those of ``skyvern-mock scenarios``: ``pace`` (``seconds``, ``polls``) and ``personal``.

    Raises:
        CassetteError: It is no cassette.
    """
    convert(read(cassette), out, cassette.name, **options)
    return out


def _entry(request: Request, response: dict[str, Any]) -> Entry:
    body, answer = _bytes(request.body), _bytes((response.get("body") or {}).get("string"))
    return Entry(
        number=1,
        at=_NEVER,
        seconds=0.0,
        method=request.method,
        path=request.path,
        query=_query(request),
        headers=[(str(name).lower().encode(), _bytes(value)) for name, value in request.headers.items()],
        body=body,
        body_length=len(body),
        status=int(response["status"]["code"]),
        answer_headers=[],
        answer=answer,
        answer_length=len(answer),
        fault=None,
    )


def _query(request: Request) -> bytes:
    return str(request.uri).partition("?")[2].encode()


def _uri(request: Request, clean: Entry) -> str:
    origin = str(request.uri).partition("?")[0].removesuffix(request.path)
    return f"{origin}{clean.path}" + (f"?{clean.query.decode()}" if clean.query else "")


def _content(body: Any) -> Any:
    text = _bytes(body)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, list | tuple):
        value = value[0] if value else b""
    if hasattr(value, "read"):
        value = value.read()
    return value if isinstance(value, bytes) else str(value).encode()
