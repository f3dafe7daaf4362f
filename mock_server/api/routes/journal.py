"""``/_mock/journal``: what was asked and answered.

Owns: these routes and their parameters. Must not: answer the questions; ``scenarios.journal_query``
and ``scenarios.journal_export`` do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from mock_server.api import body
from mock_server.api.auth import Doorman
from mock_server.api.recording import Recorder
from mock_server.api.refusals import Refusal, invalid
from mock_server.api.wire import JsonAnswer
from mock_server.scenarios import journal_export, journal_query
from mock_server.scenarios.journal import Entry, Journal
from mock_server.scenarios.journal_query import Expectation, Filter
from mock_server.services import Services

PATH: Final = "/_mock/journal"
MOST: Final = 10_000
_LIKE: Final = ("operation", "method", "path", "status", "run_id", "fault")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The parameters the routes share."""

    filter: Filter
    strangers: bool


def _asked(
    *,
    operation: str | None = None,
    method: str | None = None,
    path: str | None = None,
    status: str | None = None,
    run_id: str | None = None,
    since: str | None = None,
    fault: str | None = None,
    strangers: bool = False,
) -> _Asked:
    return _Asked(Filter(operation, method, path, status, run_id, _since(since), fault), strangers)


_Parameters = Annotated[_Asked, Depends(_asked)]


def add(router: APIRouter, services: Services, doorman: Doorman, recorder: Recorder) -> None:
    """Add the routes."""

    def journal(request: Request, asked: _Asked) -> Journal:
        tenant = doorman.tenant(request.scope)
        return recorder.stranger.journal if asked.strangers else tenant.journal

    def entries(request: Request, asked: _Asked) -> list[Entry]:
        return [entry for entry in journal(request, asked).entries() if asked.filter.takes(entry)]

    @router.get(PATH, include_in_schema=False)
    async def read_journal(
        request: Request,
        asked: _Parameters,
        limit: Annotated[int, Query(ge=0, le=MOST)] = 100,
        *,
        bodies: bool = True,
        format: Literal["json", "cassette", "har"] = "json",  # noqa: A002  # its name in the query
    ) -> Response:
        found = entries(request, asked)
        if format == "cassette":
            return Response(journal_export.cassette(found, services.base_url), media_type="application/yaml")
        if format == "har":
            return JsonAnswer(journal_export.har(found, services.base_url))
        kept = journal(request, asked)
        show = journal_export.whole if bodies else journal_export.summary
        return JsonAnswer(
            {
                "entries": [show(entry) for entry in found[max(len(found) - limit, 0) :]],
                "count": len(found),
                "last": kept.last,
                "dropped": kept.dropped,
            }
        )

    @router.get(f"{PATH}/count", include_in_schema=False)
    async def count_journal(request: Request, asked: _Parameters) -> Response:
        found = entries(request, asked)
        return JsonAnswer(
            {
                "count": len(found),
                "operations": journal_query.counts(found),
                "gaps": journal_query.gaps(found),
            }
        )

    @router.get(f"{PATH}/hints", include_in_schema=False)
    async def journal_hints(request: Request, asked: _Parameters) -> Response:
        shown = map(journal_export.summary, entries(request, asked))
        return JsonAnswer([entry for entry in shown if entry["hint"]])

    @router.delete(PATH, include_in_schema=False)
    async def clear_journal(request: Request) -> Response:
        kept = doorman.tenant(request.scope).journal
        count = len(kept)
        kept.drop_all()
        return JsonAnswer({"removed": count})

    def unused(request: Request) -> list[dict[str, Any]]:
        """Return the tenant's scripts no task was for yet, with the closest task and what it lacked."""
        tenant = doorman.tenant(request.scope)
        tasks = [entry for entry in tenant.journal.entries() if entry.operation == "run_task"]
        return [
            {"script_id": laid.script_id, **journal_export.script_miss(laid.script.match, tasks)}
            for laid in tenant.scripts.entries()
            if not laid.used
        ]

    _add_near_misses(router, entries, unused)


def _add_near_misses(
    router: APIRouter,
    entries: Callable[[Request, _Asked], list[Entry]],
    unused: Callable[[Request], list[dict[str, Any]]],
) -> None:
    def answer(request: Request, expected: Expectation, strangers: bool, limit: int) -> Response:  # noqa: FBT001  # passed on
        since = Filter(since=expected.filter.since, fault=expected.filter.fault)
        among = entries(request, _Asked(since, strangers))
        misses = journal_query.near_misses(among, expected, limit)
        return JsonAnswer(
            {
                "matches": [entry.number for entry in journal_query.matching(among, expected)],
                "near_misses": [
                    {
                        **journal_export.summary(miss.entry),
                        "distance": miss.distance,
                        "differences": journal_export.differences(miss),
                    }
                    for miss in misses
                ],
                "unused_scripts": unused(request),
            }
        )

    @router.get(f"{PATH}/near-misses", include_in_schema=False)
    async def find_near_misses(
        request: Request,
        asked: _Parameters,
        json: Annotated[str | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 3,
    ) -> Response:
        expected = Expectation(asked.filter, _json(json))
        return answer(request, expected, asked.strangers, limit)

    @router.post(f"{PATH}/near-misses", include_in_schema=False)
    async def find_near_misses_of(
        request: Request, *, strangers: bool = False, limit: Annotated[int, Query(ge=1, le=100)] = 3
    ) -> Response:
        sent = body.required(body.decode(request.scope, await body.read(request.receive)))
        return answer(request, _expectation(sent), strangers, limit)


def _expectation(sent: Any) -> Expectation:
    """Return what an object expects. Raises Refusal."""
    known = (*_LIKE, "since", "json", "headers", "query")
    if not isinstance(sent, dict):
        raise _fault("body", 'An expectation is an object: {"operation": "run_task", "json": {"prompt": "…"}}.', sent)
    if unknown := [name for name in sent if name not in known]:
        raise _fault("body", f"An expectation has no {unknown[0]!r}. It has {', '.join(known)}.", sent)
    for name in ("headers", "query"):
        part = sent.get(name)
        if part is not None and not (isinstance(part, dict) and all(isinstance(value, str) for value in part.values())):
            raise _fault("body", f"{name} is an object of texts.", part)
    given: dict[str, Any] = {name: str(sent[name]) for name in _LIKE if sent.get(name) is not None}
    if sent.get("since") is not None:
        given["since"] = _since(str(sent["since"]))
    wanted = Filter(**given)
    return Expectation(wanted, sent.get("json"), sent.get("headers"), sent.get("query"))


def _since(text: str | None) -> int | datetime | None:
    if text is None:
        return None
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _fault("since", "since is the number of an exchange, or a datetime in ISO form.", text) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _json(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        raise _fault("json", "json is not JSON.", text) from None


def _fault(name: str, message: str, given: Any) -> Refusal:
    loc = ("body",) if name == "body" else ("query", name)
    return invalid([{"type": "value_error", "loc": loc, "msg": message, "input": given}])
