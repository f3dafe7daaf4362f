"""The journal's ear: what passes the front is kept for the tenant it belongs to.

Owns: whose an exchange is, listening to it without changing it, and when it is kept: before
the last byte of the answer is out, so that whoever has the answer finds it in the journal.
Must not: look into what is kept; ``scenarios.journal_query`` does when it is asked.

Nobody's exchanges, without a key that is let in, are kept apart and without bodies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from mock_server.api.auth import Doorman
from mock_server.api.refusals import Refusal
from mock_server.api.wire import RawHeaders
from mock_server.clock import Clock
from mock_server.scenarios import operations
from mock_server.scenarios.faults import Faults, Hit
from mock_server.scenarios.journal import MAX_BODY_BYTES, OVERHEAD_BYTES, Applied, Journal
from mock_server.scenarios.tenants import Tenant
from mock_server.services import Services
from mock_server.store.errors import StoreError

VIEWER: Final = ("/runs", "/tasks", "/browser-session", "/viewer")
UNRECORDED: Final = ("/_mock", "/docs", "/openapi.json", "/health", "/favicon.ico", *VIEWER)
"""Below these lies what is not the service's API: the tester's own doors and pages for people."""
_CONTENT: Final = "get_artifact_content"


@dataclass(slots=True, eq=False)
class Stranger:
    """Stands for whoever comes without a key."""

    clock: Clock
    faults: Faults
    journal: Journal


Island = Tenant | Stranger


class Exchange:
    """One request and its answer, while they pass."""

    __slots__ = (
        "_answer",
        "_answer_length",
        "_began",
        "_body",
        "_body_length",
        "_head_bytes",
        "_headers",
        "_kept",
        "_receive",
        "_scope",
        "_send",
        "_start",
        "_status",
        "fault",
        "island",
    )

    _receive: Receive
    _send: Send

    def __init__(self, island: Island, scope: Scope, head_bytes: int) -> None:
        self.island = island
        self.fault: Applied | None = None
        """What was done to it on purpose."""
        self._scope = scope
        self._head_bytes = head_bytes
        self._began = island.clock.now()
        self._start = island.clock.monotonic()
        self._body = self._answer = b""
        self._body_length = self._answer_length = 0
        self._status: int | None = None
        self._headers: RawHeaders = []
        self._kept = False

    def hearing(self, receive: Receive) -> Receive:
        """Return a ``receive`` that listens to the body."""
        self._receive = receive
        return self._hear

    def watching(self, send: Send) -> Send:
        """Return a ``send`` that listens to the answer, and keeps the exchange when it is whole."""
        self._send = send
        return self._watch

    def answered(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Keep the exchange with a whole answer."""
        self._status, self._headers, self._answer, self._answer_length = status, headers, body, len(body)
        self.close()

    def close(self) -> None:
        """Keep the exchange as it is, unless it is kept already."""
        if self._kept:
            return
        self._kept = True
        scope, island = self._scope, self.island
        query, body, answer = scope.get("query_string", b""), self._body, self._answer
        if len(answer) > MAX_BODY_BYTES:
            answer = answer[:MAX_BODY_BYTES]
        if island.__class__ is Stranger:
            query = body = b""
        island.journal.keep(
            (
                self._began,
                island.clock.monotonic() - self._start,
                scope["method"],
                scope["path"],
                query,
                scope["headers"],
                body,
                self._body_length,
                self._status,
                self._headers,
                answer,
                self._answer_length,
                self.fault,
                OVERHEAD_BYTES + self._head_bytes + len(body) + len(answer),
            )
        )

    async def _hear(self) -> Message:
        message = await self._receive()
        if chunk := message.get("body"):
            self._body = _more(self._body, chunk)
            self._body_length += len(chunk)
        return message

    async def _watch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message.get("headers") or ())
        else:
            chunk = message.get("body", b"")
            self._answer = _more(self._answer, chunk)
            self._answer_length += len(chunk)
            if not message.get("more_body", False):
                self.close()
        await self._send(message)


def _more(kept: bytes, chunk: bytes) -> bytes:
    """Return what is kept of a body with what came next, within the bound."""
    room = MAX_BODY_BYTES - len(kept)
    if room <= 0:
        return kept
    if len(chunk) > room:
        chunk = chunk[:room]
    return kept + chunk if kept else chunk


class Recorder:
    """Opens exchanges."""

    def __init__(self, services: Services, doorman: Doorman) -> None:
        self._services = services
        self._tenants = services.tenants
        self._doorman = doorman
        self.stranger: Final = Stranger(
            services.clock, Faults(services.tenants.standing_faults), services.tenants.shelf.new()
        )

    def open(self, scope: Scope, key: bytes, head_bytes: int) -> Exchange:
        """Return the exchange a request begins."""
        return Exchange(self._tenants.known(key) or self._island(scope), scope, head_bytes)

    def hit(self, exchange: Exchange, scope: Scope) -> Hit | None:
        """Return the fault the tenant's rules have for this call."""
        call = operations.call(scope["method"], scope["path"])
        run_id = call.run_id
        if call.artifact_id is not None:
            artifact = self._services.store.artifact(None, call.artifact_id)
            run_id = artifact.run_id if artifact else None
        island = exchange.island
        if isinstance(island, Tenant):
            island.faults.seed = island.seed or 0
        return island.faults.pick(call.operation, run_id)

    def _island(self, scope: Scope) -> Island:
        """Find out whose a request is that no known key came with: a new tenant's, a link's, or nobody's."""
        try:
            return self._tenant(scope) or self.stranger
        except StoreError:
            return self.stranger  # The route will meet the same and say so.

    def _tenant(self, scope: Scope) -> Tenant | None:
        try:
            return self._doorman.tenant(scope)
        except Refusal:
            return self._by_link(scope)

    def _by_link(self, scope: Scope) -> Tenant | None:
        """Return the tenant whose artifact a link leads to.

        Whether the link is good is not asked: it is written down either way, and nothing is shown for it.
        """
        call = operations.call(scope["method"], scope["path"])
        if call.operation != _CONTENT or b"sig=" not in scope.get("query_string", b""):
            return None
        record = self._services.store.artifact(None, call.artifact_id or "")
        if record is None:
            return None
        return self._tenants.of(record.organization_id)
