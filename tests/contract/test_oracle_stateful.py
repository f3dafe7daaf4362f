"""What a real self-hosted server was seen to answer about its runs, workflows, sessions and codes, in form.

Every recorded exchange that needs something to be there is replayed at a server that has it: status, headers, the
fields with their order and kinds of values, the words a server chooses, and the texts of its refusals are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.stage import Stage

ORACLE = Path(__file__).parents[2] / "fixtures" / "oracle"


def recorded(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ORACLE / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()]


ELSEWHERE = {exchange["name"] for exchange in recorded("retry_webhook")}
"""Held to the recording by test_oracle_webhooks, receiver and all."""
RECORDED = [exchange for exchange in recorded("stateful") if exchange["name"] not in ELSEWHERE]
AGENT = next(exchange["request"]["body"] for exchange in RECORDED if exchange["name"] == "agent_create")

CHOSEN = ("status", "run_type", "task_run_type", "type", "block_type", "parameter_type", "otp_type", "thought_type")
"""Words a server chooses, compared as they are."""

ACCEPTED = {
    "artifact_content_range_suffix header content-type": "the film stays WebM; the service makes an MP4 of it later",
    "auth_*jwt* status": "any text is a key here and stands for a tenant; none is refused for what is in it",
    "auth_*jwt* /detail": "as above",
    "legacy_tasks_get *webhook_failure_reason": "none was sent on this stage; an empty text is of one that arrived",
    "session_get_closed /runnable_*": "no run was in the session on this stage; test_sessions has runs in sessions",
    "session_get_closed /stream_transport": "there is no live view",
    "session_get_closed /recordings": "no run was in the session on this stage",
    "timeline_v2_* /*/thought/*put_token_count": "there is no language model, so there are no tokens to count",
    "timeline_v2_* /*/thought/thought_cost": "as above, and nothing to pay",
    "timeline_v2_* /*/thought/last_llm_model": "as above",
    "timeline_v2_* /*/block/*screenshot_artifact_id*": "no pictures are taken on this stage; test_timeline links them",
    "timeline_v2_* /*/block/actions/*/skyvern_element_data": "the address of the page is always in it (semantics 8.5)",
}
"""What differs on purpose: patterns of an exchange's name and a place in its answer, each with the reason."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z?)")
_ID = re.compile(r"\b(tsk_v2|tsk|wr|wrb|wpid|pbs|a|w|op|wp|o|tr|totp|stp|act|ot)_\d{17,19}\b")


def kind(value: Any) -> str:
    """Return what a value is, as far as it is the server's doing: times with their zone, ids with their prefix."""
    if isinstance(value, str):
        if (moment := _MOMENT.fullmatch(value)) is not None:
            return f"moment{moment[2]}"
        found = _ID.fullmatch(value)
        return f"{found[1]}_id" if found else "text"
    if isinstance(value, bool):
        return "bool"
    return {"NoneType": "null", "int": "number", "float": "number"}.get(type(value).__name__, type(value).__name__)


def unlike(mine: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Yield where an answer has another form than the recorded one."""
    if kind(mine) != kind(wanted):
        yield f"{place or '/'}: {kind(mine)} ({str(mine)[:60]!r}) instead of {kind(wanted)} ({str(wanted)[:60]!r})"
    elif isinstance(wanted, dict):
        if list(mine) != list(wanted):
            missing, extra = (
                [name for name in wanted if name not in mine],
                [name for name in mine if name not in wanted],
            )
            yield f"{place or '/'}: fields missing {missing}, beyond {extra}, or in another order"
        for name in wanted:
            if name in mine:
                yield from unlike(mine[name], wanted[name], f"{place}/{name}")
    elif isinstance(wanted, list):
        yield from _unlike_all(mine, wanted, place)
    elif (place.rpartition("/")[2] in CHOSEN or place == "/detail") and mine != wanted:
        yield f"{place}: {mine!r} instead of {wanted!r}"


def _sort(item: Any) -> Any:
    """Return which sort of thing an item of a list of many sorts is."""
    return item and isinstance(item, dict) and (item.get("type"), (item.get("block") or {}).get("block_type"))


def _unlike_all(mine: list[Any], wanted: list[Any], place: str) -> Iterator[str]:
    """Yield where the items of a list have no match among the recorded ones."""
    if bool(wanted) != bool(mine):
        yield f"{place or '/'}: {len(mine)} items instead of {len(wanted)}"
    for item in mine if wanted else ():
        same = [other for other in wanted if _sort(other) == _sort(item)]
        yield from min((list(unlike(item, other, f"{place}/*")) for other in same or wanted), key=len)


@pytest.fixture
def server(make_seeds: Any, open_client: Callable[..., httpx.AsyncClient]) -> tuple[Stage, httpx.AsyncClient]:
    """A self-hosted server that executes nothing, and who sets it up."""
    seeds = make_seeds(dialect="oss")
    client = open_client(seeds.composition.application())
    return Stage(seeds, client, json.loads(AGENT) if isinstance(AGENT, str) else AGENT), client


async def differences(exchange: dict[str, Any], stage: Stage, client: httpx.AsyncClient) -> list[str]:
    """Replay an exchange and return what is not as recorded."""
    await stage.set_for(exchange)
    request, wanted = exchange["request"], exchange["response"]
    body = request["body"] if isinstance(request["body"], str | None) else json.dumps(request["body"])
    key = {"x-api-key": "test-key"} if request["headers"].get("x-api-key") else {"x-api-key": ""}
    answer = await client.request(
        request["method"],
        stage.translated(request["path"]) + (f"?{stage.translated(request['query'])}" if request["query"] else ""),
        headers={**request["headers"], **key},
        content=None if body is None else stage.translated(body).encode(),
    )
    found = []
    if answer.status_code != wanted["status"]:
        found.append(f"status: {answer.status_code} instead of {wanted['status']}: {answer.text[:200]}")
    mine = {name.lower(): value for name, value in answer.headers.items()}
    for name, value in wanted["headers"]:
        if name not in ("content-length", "content-range", "date", "server") and mine.get(name) != value:
            found.append(f"header {name}: {mine.get(name)!r} instead of {value!r}")
    if dict(wanted["headers"]).get("content-type") == "application/json" and wanted["body"]:
        translated = json.loads(stage.translated(wanted["body"]))
        found += unlike(answer.json(), translated)
    return found


@pytest.mark.parametrize("exchange", RECORDED, ids=lambda exchange: exchange["name"])
async def test_answers_in_the_recorded_form(exchange: dict[str, Any], server: tuple[Stage, httpx.AsyncClient]):
    """Status, headers, fields and kinds of values are the recorded ones, but for the accepted differences."""
    found = await differences(exchange, *server)
    reasons = {told: _accepted(exchange["name"], told) for told in found}
    left = [told for told, reason in reasons.items() if reason is None]
    assert not left, "\n".join(left)
    mine = [pattern for pattern in _patterns_for(exchange["name"]) if pattern.startswith(exchange["name"])]
    unused = [pattern for pattern in mine if pattern not in reasons.values()]
    assert not unused, f"these differences are gone: take them off the list: {unused}"


def test_every_accepted_difference_names_an_exchange():
    """No accepted difference is left over from a recording that is not replayed."""
    names = [exchange["name"] for exchange in RECORDED]
    assert [pattern for pattern in ACCEPTED if not any(pattern in _patterns_for(name) for name in names)] == []


def _patterns_for(name: str) -> list[str]:
    return [pattern for pattern in ACCEPTED if fnmatchcase(name, pattern.partition(" ")[0])]


def _accepted(name: str, told: str) -> str | None:
    """Return the pattern that accepts a difference."""
    place = told.partition(":")[0]
    return next((found for found in _patterns_for(name) if fnmatchcase(place, found.partition(" ")[2])), None)
