"""``/_mock/…``: what a tester does to time, ids and scripted runs. Everything is the caller's own.

Owns: these routes, the form of their requests and answers. Must not: move a run; the director
does. Nothing here is part of the service's API.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from mock_server.api import documents
from mock_server.api.auth import Organization
from mock_server.api.refusals import Refusal, invalid, refuse
from mock_server.api.wire import JsonAnswer
from mock_server.engine.lifecycle import IllegalTransition
from mock_server.scenarios.book import MOST_SCRIPTS
from mock_server.scenarios.casting import BadScriptError, parse
from mock_server.scenarios.director import NotScriptedError
from mock_server.scenarios.script import Ending
from mock_server.scenarios.tenants import SeedInUseError, Tenant
from mock_server.scenarios.time import LONGEST_SECONDS
from mock_server.services import Services
from mock_server.store.records import RunRecord

TAG: Final = "mock"
PROGRESSION_HEADER: Final = "How this run goes on: agent, immediate, polls=N, seconds=T or manual."
END_HEADER: Final = "How this run ends: a status, then ; reason=TEXT ; output=JSON ; summary=TEXT ; steps=N."
SCRIPT_HEADER: Final = "A whole script for this run, as JSON; see POST /_mock/scripts."

_CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    409: {"model": documents.Refused, "description": "Things are not so that this could be done; the text says why."}
}
_NO_KEY: Final = documents.NO_KEY
_OLDEST, _NEWEST = datetime(2022, 6, 20), datetime(2200, 1, 1)  # noqa: DTZ001  # naive UTC; ids cannot tell other times


_EXAMPLE: Final = {"match": {"prompt": "title"}, "progression": "polls=2", "ending": {"output": {"title": "Hello"}}}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScriptLaidReady(BaseModel):
    """A script and how many runs have followed it."""

    script_id: str
    used: int
    script: dict[str, Any] = Field(description="As it was given, defaults left out.")


class ClockSetting(_Asked):
    """How time is to pass."""

    mode: Literal["real", "frozen", "auto"] | None = Field(None, description="None: as it does.")
    now: datetime | None = Field(None, description="The date it is to be; without a zone it is UTC.")
    step: Annotated[float | None, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)] = Field(
        None, description="For auto: seconds each poll skips. None skips to what the run waits for."
    )


class ClockReading(BaseModel):
    """The tenant's time."""

    mode: Literal["real", "frozen", "auto"]
    now: datetime
    step: float | None = None


class ClockAdvance(_Asked):
    """Time that is to pass."""

    seconds: Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)]


class SeedSetting(_Asked):
    """What ids are made from."""

    seed: Annotated[int | None, Field(ge=0, le=2**53)] = Field(description="None: ids that are never repeated.")


class Reset(_Asked):
    """How to begin again."""

    seed: Annotated[int | None, Field(ge=0, le=2**53)] = Field(None, description="Left out: the one there is.")
    clock: ClockSetting | None = Field(None, description="Left out: as the server's tenants begin.")


class Advance(_Asked):
    """Where a scripted run is to go. Nothing: to its next phase."""

    status: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    output: dict[str, Any] | list[Any] | str | None = None
    summary: str | None = None
    failure_reason: str | None = None
    unchecked: bool = Field(False, description="Whether the status may be one that cannot follow, or is unknown.")


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    _add_scripts(router, services)
    _add_advance(router, services)
    _add_clock(router, services)
    _add_beginning(router, services)


def _add_scripts(router: APIRouter, services: Services) -> None:
    tenants = services.tenants

    @router.post(
        "/_mock/scripts",
        tags=[TAG],
        response_model=list[ScriptLaidReady],
        responses=_NO_KEY | _CONFLICT,
        summary="Lay a script ready for the runs it matches, or several",
    )
    async def add_scripts(
        organization: Organization,
        scripts: Annotated[Any, Body(description="A script, or a list of them.", examples=[_EXAMPLE])],
    ) -> Response:
        tenant = tenants.of(organization)
        asked = scripts if isinstance(scripts, list) else [scripts]
        if len(tenant.scripts) + len(asked) > MOST_SCRIPTS:
            raise refuse(409, f"There would be more than {MOST_SCRIPTS} scripts; DELETE /_mock/scripts first.")
        try:
            places: list[tuple[str | int, ...]] = [
                ("body", n) if scripts is asked else ("body",) for n in range(len(asked))
            ]
            read = [parse(each, place) for each, place in zip(asked, places, strict=True)]
        except BadScriptError as error:
            raise invalid(error.faults) from None
        entries = [tenant.scripts.add(script) for script in read]
        tenants.keep(tenant)
        return JsonAnswer([entry.shown() for entry in entries])

    @router.get(
        "/_mock/scripts",
        tags=[TAG],
        response_model=list[ScriptLaidReady],
        responses=_NO_KEY,
        summary="The scripts that are laid ready, first tried first",
    )
    async def scripts(organization: Organization) -> Response:
        return JsonAnswer([entry.shown() for entry in tenants.of(organization).scripts.entries()])

    @router.delete("/_mock/scripts", tags=[TAG], status_code=204, responses=_NO_KEY, summary="Take all scripts away")
    async def remove_scripts(organization: Organization) -> Response:
        tenant = tenants.of(organization)
        tenant.scripts.clear()
        tenants.keep(tenant)
        return Response(status_code=204)

    @router.delete(
        "/_mock/scripts/{script_id}",
        tags=[TAG],
        status_code=204,
        responses=_NO_KEY | documents.NOT_FOUND,
        summary="Take a script away; runs that follow it go on",
    )
    async def remove_script(organization: Organization, script_id: str) -> Response:
        tenant = tenants.of(organization)
        if not tenant.scripts.remove(script_id):
            raise refuse(404, f"Script not found {script_id}")
        tenants.keep(tenant)
        return Response(status_code=204)


def _add_advance(router: APIRouter, services: Services) -> None:
    director = services.director

    @router.post(
        "/_mock/runs/{run_id}/advance",
        tags=[TAG],
        response_model=dict[str, Any],
        responses=_NO_KEY | documents.NOT_FOUND | _CONFLICT,
        summary="Move a scripted run on: to its next phase, or to a status",
    )
    async def advance_run(organization: Organization, run_id: str, to: Advance | None = None) -> Response:
        run = services.store.run(organization, run_id)
        if run is None:
            raise refuse(404, f"Run not found {run_id}")
        try:
            if to is None or to.status is None:
                director.step(run)
            else:
                director.go_to(run, _ending(to), unchecked=to.unchecked)
        except (NotScriptedError, IllegalTransition) as error:
            raise refuse(409, str(error)) from None
        return JsonAnswer(_seen(run))


def _ending(to: Advance) -> Ending:
    said = {"output": to.output, "summary": to.summary, "failure_reason": to.failure_reason}
    return Ending(status=to.status or "", **said)


def _seen(run: RunRecord) -> dict[str, Any]:
    return {"run_id": run.run_id, "status": run.status, "modified_at": run.modified_at, "finished_at": run.finished_at}


def _add_clock(router: APIRouter, services: Services) -> None:
    tenants = services.tenants

    @router.get("/_mock/clock", tags=[TAG], response_model=ClockReading, responses=_NO_KEY, summary="What time it is")
    async def clock(organization: Organization) -> Response:
        return JsonAnswer(_reading(tenants.of(organization)))

    @router.put(
        "/_mock/clock",
        tags=[TAG],
        response_model=ClockReading,
        responses=_NO_KEY,
        summary="Freeze time, let it pass, or set the date",
    )
    async def set_clock(organization: Organization, setting: ClockSetting) -> Response:
        tenant = tenants.of(organization)
        _set(tenant, setting)
        tenants.keep(tenant)
        return JsonAnswer(_reading(tenant))

    @router.post(
        "/_mock/clock/advance",
        tags=[TAG],
        response_model=ClockReading,
        responses=_NO_KEY,
        summary="Let time pass; what is due in between has happened, in order, when this answers",
    )
    async def advance_clock(organization: Organization, by: ClockAdvance) -> Response:
        tenant = tenants.of(organization)
        if (tenant.clock.now() - _OLDEST).total_seconds() + by.seconds > (_NEWEST - _OLDEST).total_seconds():
            raise _no_such_date(by.seconds, "seconds")
        await tenant.clock.advance(by.seconds)
        tenants.keep(tenant)
        return JsonAnswer(_reading(tenant))


def _set(tenant: Tenant, setting: ClockSetting) -> None:
    """Set a tenant's clock.

    Raises:
        Refusal: 422 for a date ids cannot tell.
    """
    now = setting.now
    if now is not None:
        now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
        if not _OLDEST <= now <= _NEWEST:
            raise _no_such_date(setting.now, "now")
    mode = setting.mode or tenant.clock.mode
    if mode == "frozen":
        tenant.clock.freeze(now)
    else:
        tenant.clock.flow(at=now, auto=mode == "auto", step=setting.step)


def _no_such_date(value: Any, name: str) -> Refusal:
    message = f"Value error, the date has to lie between {_OLDEST:%Y-%m-%d} and {_NEWEST:%Y-%m-%d}"
    shown = value.isoformat() if isinstance(value, datetime) else value
    return invalid([{"type": "value_error", "loc": ("body", name), "msg": message, "input": shown}])


def _reading(tenant: Tenant) -> dict[str, Any]:
    return {"mode": tenant.clock.mode, "now": tenant.clock.now(), "step": tenant.clock.step}


def _add_beginning(router: APIRouter, services: Services) -> None:
    tenants = services.tenants

    @router.get(
        "/_mock/seed", tags=[TAG], response_model=SeedSetting, responses=_NO_KEY, summary="What ids are made from"
    )
    async def seed(organization: Organization) -> Response:
        return JsonAnswer({"seed": tenants.of(organization).seed})

    @router.put(
        "/_mock/seed",
        tags=[TAG],
        response_model=SeedSetting,
        responses=_NO_KEY | _CONFLICT,
        summary="Make ids from a seed from here on",
    )
    async def set_seed(organization: Organization, setting: SeedSetting) -> Response:
        tenant = tenants.of(organization)
        try:
            tenants.set_seed(tenant, setting.seed)
        except SeedInUseError:
            advice = (
                'There are runs or other things already, whose ids would be made again. POST /_mock/reset {"seed": N}'
            )
            raise refuse(409, f"{advice} does both.") from None
        return JsonAnswer({"seed": tenant.seed})

    @router.post(
        "/_mock/reset",
        tags=[TAG],
        status_code=204,
        responses=_NO_KEY,
        summary="Delete everything the caller has, and begin again",
    )
    async def reset(organization: Organization, how: Reset | None = None) -> Response:
        tenant = tenants.of(organization)
        if how is not None and how.clock is not None:
            _set(tenant, how.clock)  # Whatever is wrong with it is said before anything is deleted.
        await tenants.reset(tenant)
        if how is not None and "seed" in how.model_fields_set:
            tenants.set_seed(tenant, how.seed)
        if how is not None and how.clock is not None:
            _set(tenant, how.clock)
            tenants.keep(tenant)
        return Response(status_code=204)
