"""Hypothesis strategies for whatever passes between a client and Skyvern.

Owns: what is generated. Every example is one the mock itself would send or take (or, where it says so, would
refuse). Must not: need a server.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:  # pragma: no cover  # said in words where it is absent
    raise ModuleNotFoundError("The strategies need Hypothesis: pip install hypothesis.", name=error.name) from None

from mock_server.artifacts.kinds import KINDS
from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, TRANSITIONS
from mock_server.scenarios.script import path_between
from mock_server.testing.deliveries import FORGERIES, Delivery, forged, genuine, replayed

RUN_TYPES: Final = ("task_v1", "task_v2", "openai_cua", "anthropic_cua", "workflow_run")
ENGINES: Final = ("skyvern-1.0", "skyvern-2.0", "openai-cua", "anthropic-cua", "ui-tars")
STATUSES: Final = tuple(sorted(TRANSITIONS))
_EPOCH: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere
_YEAR_SECONDS: Final = 365 * 86_400
_DIGITS: Final = "0123456789"
_TEXT: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
_PROMPTS: Final = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=80)
_URLS: Final = st.sampled_from(
    ("https://example.com/", "https://example.com/shop?q=tea", "http://127.0.0.1:8000/sites/news/")
)

json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
"""Any JSON value a run may return."""
outputs: Final = st.none() | st.dictionaries(_TEXT, json_values, max_size=5) | st.lists(json_values, max_size=5) | _TEXT
"""The output of a run."""


def run_ids() -> st.SearchStrategy[str]:
    """Return ids as runs have them: ``tsk_…``, ``tsk_v2_…``, ``wr_…``."""
    return st.builds(
        "{}{}".format, st.sampled_from(("tsk_", "tsk_v2_", "wr_")), st.text(_DIGITS, min_size=18, max_size=18)
    )


def moments() -> st.SearchStrategy[datetime]:
    """Return times, naive UTC, as the wire has them."""
    return st.integers(0, _YEAR_SECONDS * 1_000_000).map(lambda micro: _EPOCH + timedelta(microseconds=micro))


# -- requests -----------------------------------------------------------------------------------


def task_requests(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies of ``POST /v1/run/tasks`` that are taken; ``fields`` replace single strategies."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "url": _URLS,
        "engine": st.sampled_from(ENGINES[:2]),
        "title": _PROMPTS,
        "max_steps": st.integers(1, 100),
        "data_extraction_schema": st.just({"type": "object", "properties": {"title": {"type": "string"}}}),
        "error_code_mapping": st.dictionaries(st.sampled_from(("not_found", "sold_out")), _PROMPTS, max_size=2),
        "extra_http_headers": st.dictionaries(st.sampled_from(("x-a", "x-b")), st.just("value"), max_size=2),
    }
    return st.fixed_dictionaries(
        {"prompt": fields.pop("prompt", _PROMPTS.filter(str.strip))}, optional={**optional, **fields}
    )


def invalid_task_requests() -> st.SearchStrategy[Any]:
    """Return bodies the service refuses with 422: no prompt, wrong types, unknown values, no object."""
    wrong = st.sampled_from(
        (
            ("prompt", None),
            ("prompt", 7),
            ("max_steps", "ten"),
            ("max_steps", 1.5),
            ("engine", "skyvern_v2"),
            ("engine", 2),
            ("url", 7),
            ("extra_http_headers", "none"),
            ("error_code_mapping", ["a"]),
            ("publish_workflow", "perhaps"),
        )
    )
    spoiled = st.builds(lambda request, fault: {**request, fault[0]: fault[1]}, task_requests(), wrong)
    without = task_requests().map(lambda request: {name: value for name, value in request.items() if name != "prompt"})
    wrapped = task_requests().map(lambda request: {"body": request})
    return spoiled | without | wrapped | st.lists(task_requests(), max_size=1) | _PROMPTS | st.integers()


# -- runs ---------------------------------------------------------------------------------------


@st.composite
def runs(
    draw: st.DrawFn,
    *,
    statuses: st.SearchStrategy[str] | None = None,
    run_types: st.SearchStrategy[str] | None = None,
) -> dict[str, Any]:
    """Return answers of ``GET /v1/runs/{id}``: of any type, in any status, with the times that belong to it."""
    status = draw(st.sampled_from(STATUSES) if statuses is None else statuses)
    run_type = draw(st.sampled_from(RUN_TYPES) if run_types is None else run_types)
    created = draw(moments())
    run_id = draw(run_ids())
    return _run(draw, run_id, run_type, status, created)


def _run(draw: st.DrawFn, run_id: str, run_type: str, status: str, created: datetime) -> dict[str, Any]:
    def later(seconds: int) -> str:
        return (created + timedelta(seconds=seconds)).isoformat()

    queued, started, over = status != "created", status not in ("created", "queued"), status in FINAL
    return {
        "run_id": run_id,
        "status": status,
        "run_type": run_type,
        "output": draw(outputs) if status == "completed" else None,
        "downloaded_files": None,
        "recording_url": None,
        "screenshot_urls": None,
        "failure_reason": draw(_PROMPTS) if status in NEEDS_REASON else None,
        "errors": [],
        "created_at": created.isoformat(),
        "modified_at": later(3 if over else 2 if started else 1 if queued else 0),
        "queued_at": later(1) if queued else None,
        "started_at": later(2) if started else None,
        "finished_at": later(3) if over else None,
        "app_url": f"http://localhost:8080/runs/{run_id}",
        "step_count": draw(st.integers(1, 50)) if started else None,
        "run_request": None,
    }


@st.composite
def poll_sequences(draw: st.DrawFn, *, ends: bool = True, most: int = 8) -> list[dict[str, Any]]:
    """Return what the polls of one run see: legal statuses in order, each some times; final at last if it ``ends``."""
    run_id, run_type, created = draw(run_ids()), draw(st.sampled_from(RUN_TYPES)), draw(moments())
    status = "created"
    seen: list[str] = []
    for _ in range(draw(st.integers(0, most))):
        seen += [status] * draw(st.integers(1, 3))
        status = draw(st.sampled_from(sorted(TRANSITIONS[status] - FINAL | {status})))
    if ends:
        reachable = [one for one in sorted(FINAL) if path_between(status, one) is not None]
        seen.append(draw(st.sampled_from(reachable)))
    else:
        seen.append(status)
    return [_run(draw, run_id, run_type, one, created) for one in seen]


@st.composite
def timelines(draw: st.DrawFn, most: int = 5) -> list[dict[str, Any]]:
    """Return timelines for scripts: thoughts and blocks with actions, blocks within blocks."""
    thought = st.fixed_dictionaries(
        {
            "thought": st.fixed_dictionaries(
                {"thought": _PROMPTS}, optional={"observation": _PROMPTS, "answer": _PROMPTS}
            )
        }
    )
    block = st.fixed_dictionaries(
        {"block": st.fixed_dictionaries({"label": _PROMPTS, "actions": st.lists(_actions(), max_size=3)})}
    )
    within = st.builds(lambda outer, children: {**outer, "children": children}, block, st.lists(thought, max_size=2))
    return draw(st.lists(thought | block | within, max_size=most))


def _actions() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"action_type": st.sampled_from(("click", "input_text", "extract", "complete")), "reasoning": _PROMPTS}
    )


def artifacts() -> st.SearchStrategy[dict[str, Any]]:
    """Return artifacts of every type, as answers describe them."""
    return st.fixed_dictionaries(
        {
            "artifact_id": st.text(_DIGITS, min_size=18, max_size=18).map("a_{}".format),
            "artifact_type": st.sampled_from(tuple(KINDS)),
            "run_id": run_ids(),
            "uri": st.none(),
            "signed_url": st.none() | st.just("http://localhost:8000/v1/artifacts/a_1/content?expiry=1&kid=2&sig=3"),
            "created_at": moments().map(datetime.isoformat),
            "modified_at": moments().map(datetime.isoformat),
        }
    )


# -- scripts and faults -------------------------------------------------------------------------


@st.composite
def scripts(draw: st.DrawFn, *, most_seconds: int = 3600) -> dict[str, Any]:
    """Return scripts the mock takes, that end: by polls or seconds, in every final status."""
    status = draw(st.sampled_from(sorted(FINAL)))
    ending: dict[str, Any] = {"status": status}
    if status == "completed":
        ending["output"] = draw(outputs)
    elif status in NEEDS_REASON:
        ending["failure_reason"] = draw(_PROMPTS)
    length = st.builds("polls={}".format, st.integers(0, 5)) | st.builds(
        "seconds={}".format, st.integers(1, most_seconds)
    )
    return {"progression": draw(length | st.just("immediate")), "ending": ending}


_PASSING: Final = (
    {"kind": "status", "status": 429, "retry_after": 7},
    {"kind": "status", "status": 503},
    {"kind": "error"},
    {"kind": "html"},
    {"kind": "reset"},
    {"kind": "truncated"},
    {"kind": "reset_mid_body"},
    {"kind": "garbage"},
    {"kind": "latency", "seconds": 3},
    {"kind": "malformed_json"},
    {"kind": "empty"},
)


def fault_plans(
    operations: st.SearchStrategy[str] | None = None, *, most: int = 3, among_calls: int = 6
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of faults for ``POST /_mock/faults``, each met once, that a good client survives on reads."""
    fault = st.builds(
        lambda operation, kind, call: {"operation": operation, "calls": [call], **kind},
        st.just("get_run") if operations is None else operations,
        st.sampled_from(_PASSING),
        st.integers(1, among_calls),
    )
    return st.lists(fault, max_size=most, unique_by=lambda one: (one["operation"], one["calls"][0]))


# -- webhooks -----------------------------------------------------------------------------------


def webhook_deliveries(api_key: str) -> st.SearchStrategy[Delivery]:
    """Return genuine deliveries of runs that have ended."""
    return st.builds(
        lambda run, at: genuine(run, api_key, at), runs(statuses=st.sampled_from(sorted(FINAL))), moments()
    )


def forged_deliveries(api_key: str) -> st.SearchStrategy[Delivery]:
    """Return deliveries that are not genuine, in every way of :data:`mock_server.testing.deliveries.FORGERIES`."""
    return st.builds(forged, webhook_deliveries(api_key), st.sampled_from(FORGERIES))


def replayed_deliveries(api_key: str) -> st.SearchStrategy[tuple[Delivery, Delivery]]:
    """Return a delivery and the same again, later, with a timestamp that is new and a signature that still holds."""
    return st.builds(lambda one, at: (one, replayed(one, at)), webhook_deliveries(api_key), moments())


@st.composite
def reordered_deliveries(draw: st.DrawFn, api_key: str, most: int = 5) -> list[Delivery]:
    """Return the deliveries of several runs in any order, some of them twice."""
    ended = runs(statuses=st.sampled_from(sorted(FINAL)))
    several = draw(st.lists(ended, min_size=1, max_size=most, unique_by=lambda run: run["run_id"]))
    found = [genuine(run, api_key, draw(moments())) for run in several]
    twice = draw(st.lists(st.sampled_from(found), max_size=2))
    return draw(st.permutations(found + twice))
