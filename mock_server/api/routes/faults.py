"""``/_mock/faults``: what shall go wrong.

Owns: these routes. Must not: know the kinds; ``scenarios.faults_kinds`` does. They are not in
the served schema, which is that of the service: whoever tries out all of that would break
everything else with these.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from mock_server.api import body
from mock_server.api.auth import Doorman
from mock_server.api.refusals import Refusal, invalid, refuse
from mock_server.api.wire import JsonAnswer
from mock_server.scenarios.faults import FaultError, Rule

PATH: Final = "/_mock/faults"


def add(router: APIRouter, doorman: Doorman) -> None:
    """Add the routes."""

    @router.get(PATH, include_in_schema=False)
    async def list_faults(request: Request) -> Response:
        return JsonAnswer([_shown(rule) for rule in doorman.tenant(request.scope).faults.rules()])

    @router.get(f"{PATH}/kinds", include_in_schema=False)
    async def list_kinds() -> Response:
        from mock_server.scenarios.faults_kinds import MODELS  # noqa: PLC0415  # with the first fault

        return JsonAnswer({kind: model.model_json_schema() for kind, model in MODELS.items()})

    @router.post(PATH, include_in_schema=False)
    async def set_faults(request: Request) -> Response:
        """Set one fault, or a list of them: all or none."""
        faults = doorman.tenant(request.scope).faults
        sent = body.required(body.decode(request.scope, await body.read(request.receive)))
        parsed = [_parsed(item, index if isinstance(sent, list) else None) for index, item in enumerate(_listed(sent))]
        rules: list[Rule] = []
        try:
            for fault in parsed:
                rules.append(faults.add(fault))  # noqa: PERF401  # those before the one that fails are taken back
        except FaultError as error:
            for rule in rules:
                faults.remove(rule.rule_id)
            raise _refusal(error, sent, None) from None
        return JsonAnswer([_shown(rule) for rule in rules] if isinstance(sent, list) else _shown(rules[0]))

    @router.delete(PATH, include_in_schema=False)
    async def remove_faults(request: Request) -> Response:
        return JsonAnswer({"removed": doorman.tenant(request.scope).faults.remove_all()})

    @router.delete(f"{PATH}/{{fault_id}}", include_in_schema=False)
    async def remove_fault(request: Request, fault_id: str) -> Response:
        if not doorman.tenant(request.scope).faults.remove(fault_id):
            raise refuse(404, f"Fault not found {fault_id}")
        return JsonAnswer({"removed": 1})


def _listed(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else [sent]


def _parsed(sent: Any, index: int | None) -> Any:
    """Return the fault an object or a line of text describes; raises Refusal."""
    from mock_server.scenarios import faults_notation  # noqa: PLC0415  # with the first fault

    try:
        return faults_notation.from_anything(sent)
    except FaultError as error:
        raise _refusal(error, sent, index) from None


def _refusal(error: FaultError, sent: Any, index: int | None) -> Refusal:
    """Return the 422 in the service's form."""
    where = ("body",) if index is None else ("body", index)
    found = [{**fault, "loc": (*where, *fault["loc"])} for fault in error.faults]
    return invalid(found or [{"type": "value_error", "loc": where, "msg": str(error), "input": sent}])


def _shown(rule: Rule) -> dict[str, Any]:
    from mock_server.scenarios.faults_notation import described  # noqa: PLC0415  # with the first fault

    return {
        **described(rule.fault),
        "id": rule.rule_id,
        "seen": rule.calls,
        "hits": rule.hits,
        "without_effect": rule.without_effect,
        "spent": rule.spent,
    }
