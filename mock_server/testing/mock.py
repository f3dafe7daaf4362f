"""The mock as one test sees it.

Owns: a key of its own on a server, and everything a test says to that key's island: scripts, faults, time,
webhooks, assertions, clients. Must not: start a server, or know which test runner there is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

import httpx

from mock_server.testing import declaring, journal
from mock_server.testing.clients import Clients
from mock_server.testing.control import Control
from mock_server.testing.journal import Journal
from mock_server.testing.moving import MockClock
from mock_server.testing.receiver import Answer, WebhookSink
from mock_server.testing.scripts import ScriptBuilder, ScriptedTask, fault_of
from mock_server.testing.server import Server

_SEEDED_START: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere
_DELIVERING_SECONDS: Final = 120.0
"""Longest time, of the mock's, from the end of a run until its webhook is delivered or given up."""
_STEP_SECONDS: Final = 1.0

Blame = Literal["client", "mock", "schema"]


class SkyvernMock:
    """A Skyvern of one test's own. Use it as a context manager, or :meth:`close` it.

    ``memory`` hands out clients that need no socket. With ``seed`` all ids repeat, and the date is 2026-01-01.
    """

    def __init__(
        self, server: Server, *, api_key: str | None = None, memory: bool = False, seed: int | None = None
    ) -> None:
        self.server: Final = server
        self.base_url: Final = server.base_url
        self.api_key: Final = api_key or f"mock-{uuid.uuid4().hex}"
        self.control: Final = Control(self.base_url, self.api_key, server.transport())
        self.journal: Final = Journal(self.control)
        self.clock: Final = MockClock(
            self.control, server.follower(self.api_key, self.control.http), None if seed is None else _SEEDED_START
        )
        self._clients = Clients(
            self.base_url,
            self.api_key,
            transport=server.transport if memory else None,  # type: ignore[arg-type]  # a server in memory has both
            async_transport=server.async_transport if memory else None,  # type: ignore[arg-type]  # as above
        )
        self._builders: list[ScriptBuilder] = []
        self._sinks: list[WebhookSink] = []
        self._misses: list[str] = []
        if seed is not None:
            clock = {"mode": "real", "now": _SEEDED_START.isoformat()}
            self.control.ask("POST", "/_mock/reset", json={"seed": seed, "clock": clock})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SkyvernMock at {self.base_url}>"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables under which the SDKs, and programs in other languages, find the mock."""
        return {"SKYVERN_BASE_URL": self.base_url, "SKYVERN_API_KEY": self.api_key}

    # -- what is to happen ------------------------------------------------------------------

    def script(self, match: Mapping[str, Any] | None = None, *, times: int | None = None) -> ScriptBuilder:
        """Begin a script for the tasks that match: ``match={"prompt": re.compile("invoice")}``; none matches all.

        Scripts are tried in the order in which they were ended; ``times`` limits the runs that may follow one.
        """
        builder = ScriptBuilder(self, match, times)
        self._builders.append(builder)
        return builder

    def scenario(self, scenario: str | Path | Mapping[str, Any], **changes: Any) -> list[ScriptedTask]:
        """Lay a scenario ready: a name (see ``SCENARIOS``), a file of scripts, or a script as plain data.

        ``changes`` are ``polls``, ``seconds``, ``output``, ``failure_reason``, ``downloads`` or words of a script.
        """
        return [self._lay(script, []) for script in declaring.scripts(scenario, changes)]

    def fault(self, on: str = "any", *, kind: str | None = None, **how: Any) -> str:
        """Let calls of this test fail; see docs/faults.md. Return the fault's id."""
        found = self.control.ask("POST", "/_mock/faults", json=fault_of(on, kind, how))
        return str(found["id"])

    def clear_faults(self) -> None:
        """Let nothing fail any more."""
        self.control.ask("DELETE", "/_mock/faults")

    def advance_run(self, run_id: str, status: str | None = None, **ending: Any) -> dict[str, Any]:
        """Move a scripted run on: to its next phase, or to a status. Return what is known of it then."""
        body = {"status": status, **ending} if status is not None else None
        found: dict[str, Any] = self.control.ask("POST", f"/_mock/runs/{run_id}/advance", json=body)
        return found

    def webhook_sink(self, replies: Sequence[Answer] = ()) -> WebhookSink:
        """Return a receiver of webhooks: ``with mock.webhook_sink(replies=[503, 200]) as sink``.

        When the block is left everything has been delivered or given up. It goes on taking deliveries until the
        test is over.
        """
        sink = WebhookSink(replies, self.deliver)
        self._sinks.append(sink)
        return sink

    def deliver(self) -> None:
        """Let time pass until every webhook is delivered or given up."""
        spent = 0.0
        while self._undelivered() and spent < _DELIVERING_SECONDS:
            self.control.ask("POST", "/_mock/clock/advance", json={"seconds": _STEP_SECONDS})
            spent += _STEP_SECONDS

    def reset(self) -> None:
        """Forget runs, scripts, faults and journal, and begin again."""
        self.control.ask("POST", "/_mock/reset")

    # -- clients ----------------------------------------------------------------------------

    def client(self, **options: Any) -> Any:
        """Return a ``skyvern_tui.client.Skyvern`` that talks to this mock."""
        return self._clients.ours(**options)

    def async_client(self, **options: Any) -> Any:
        """Return a ``skyvern_tui.client.AsyncSkyvern`` that talks to this mock."""
        return self._clients.ours_async(**options)

    def official_client(self, **options: Any) -> Any:
        """Return an unmodified ``skyvern.Skyvern``, if that SDK is installed."""
        return self._clients.official(**options)

    def http(self, **options: Any) -> httpx.Client:
        """Return an ``httpx.Client`` with the mock's address and key."""
        return self._clients.http(**options)

    def async_http(self, **options: Any) -> httpx.AsyncClient:
        """Return an ``httpx.AsyncClient`` with the mock's address and key."""
        return self._clients.http_async(**options)

    def transport(self) -> httpx.BaseTransport | None:
        """Return a transport for any ``httpx.Client``; None for a server elsewhere."""
        return self.server.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        """Return a transport for any ``httpx.AsyncClient``; None for a server elsewhere."""
        return self.server.async_transport()

    # -- assertions -------------------------------------------------------------------------

    def assert_called(self, what: str, *, times: int | None = None, **expected: Any) -> None:
        """Assert that something was asked: ``"POST /v1/run/tasks"`` or ``"run_task"``, once at least or ``times``.

        ``json__prompt="x"`` is a field of the body (``json__a__b`` one inside another), ``header__user_agent``
        a header, ``query__page`` a parameter; ``status`` and ``run_id`` are those of the answer.
        """
        wanted = declaring.expectation(what, expected)
        matches, misses = journal.near_misses(self.control, wanted)
        if times is None and matches:
            return
        if times is not None and len(matches) == times:
            return
        asked = "at least once" if times is None else f"{times} times"
        lines = [f"Expected {what} {asked}, and it was asked {len(matches)} times. Expected: {wanted}"]
        if misses:
            self._misses = misses
            lines += ["What comes closest:", *misses]
        raise AssertionError("\n".join(lines))

    def assert_polls(
        self, run_id: str | None = None, *, times: int | None = None, at_least: int = 0, at_most: int | None = None
    ) -> None:
        """Assert how often a run, or any run, was asked for with ``GET /v1/runs/{id}``."""
        found = self.journal.count("get_run", run_id=run_id)
        low, high = (at_least, at_most) if times is None else (times, times)
        if found < low or (high is not None and found > high):
            wanted = f"{times}" if times is not None else f"{low} to {'any number' if high is None else high}"
            raise AssertionError(f"Expected {wanted} polls of {run_id or 'all runs'}, and there were {found}.")

    def assert_conforms(self, *blame: Blame) -> None:
        """Assert that every request and answer of this test is as the published schema has it.

        ``blame`` picks whose findings count: ``client`` and ``mock`` by default. What was made wrong by a fault is
        nobody's.
        """
        found = self.control.get("/_mock/conformance")
        if not found["on"]:
            raise AssertionError("The mock does not check: start it with skyvern-mock serve --self-check.")
        lines = self._findings(found["findings"], blame or ("client", "mock"))
        if lines:
            raise AssertionError("\n".join(["Not as the published schema has it:", *lines]))

    def complaints(self) -> list[str]:
        """Return what a strict test does not put up with: what was arranged and not used, requests that are wrong."""
        lines = ["a script was begun and not ended: say completed(), failed() or end()"] * self._unended()
        lines += journal.unused_scripts(self.control) + journal.unmet_faults(self.control)
        lines += self._findings(self.control.get("/_mock/conformance")["findings"], ("client",))
        return lines + [f"hint: {hint}" for hint in self.journal.hints()]

    def report(self) -> str:
        """Return what a reader of a failed test wants to know."""
        parts = [str(self.journal)]
        for title, lines in (
            ("What came closest to what was expected:", self._misses),
            ("Arranged and not used:", journal.unused_scripts(self.control) + journal.unmet_faults(self.control)),
            ("Wrong requests:", self._findings(self.control.get("/_mock/conformance")["findings"], ("client",))),
        ):
            if lines:
                parts.append("\n".join([title, *lines]))
        return "\n\n".join(parts)

    # -- ending -----------------------------------------------------------------------------

    def close(self) -> None:
        """Close what was handed out, and forget everything of this test on the mock."""
        self._clients.close()
        for sink in self._sinks:
            sink.close()
        try:
            self.reset()
        finally:
            self.control.close()

    async def aclose_clients(self) -> None:
        """Close the async clients that were handed out; in the event loop they were used in."""
        await self._clients.aclose()

    def skipping(self) -> AbstractContextManager[MockClock]:
        """Return a block in which time is skipped; see :meth:`MockClock.skipping`."""
        return self.clock.skipping()

    # -- inside -----------------------------------------------------------------------------

    def _lay(self, script: Mapping[str, Any], faults: Iterable[Mapping[str, Any]]) -> ScriptedTask:
        (laid,) = self.control.ask("POST", "/_mock/scripts", json=dict(script))
        if faults := list(faults):
            self.control.ask("POST", "/_mock/faults", json=faults)
        return ScriptedTask(self, laid["script_id"], script)

    def _unended(self) -> int:
        return sum(not builder.is_laid for builder in self._builders)

    def _undelivered(self) -> bool:
        return any(each["state"] == "pending" for each in self.control.get("/_mock/deliveries", limit=1000))

    @staticmethod
    def _findings(found: Iterable[Mapping[str, Any]], blame: Sequence[str]) -> list[str]:
        return [
            f"  [{each['blame']}] {each['operation']} -> {each['status']}: {each['part']} {each['where']}: "
            f"{each['message']} ({each['count']} times)"
            for each in found
            if each["blame"] in blame
        ]
