"""A request becomes the run its engine has, with the ids that go with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from mock_server.engine.admission import RUN_TYPES, admit, max_steps_of, title_of
from mock_server.ids import IdFactory


class FrozenClock:
    def now(self) -> datetime:
        return datetime.fromisoformat("2026-11-21T12:00:00")

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def admitted(**request: Any) -> Any:
    clock = FrozenClock()
    return admit("o_2", {"prompt": "Get it", "engine": None, **request}, IdFactory(clock), clock, "skyvern-1.0")


@pytest.mark.parametrize(
    ("engine", "run_type"),
    [
        ("skyvern-1.0", "task_v1"),
        ("skyvern-3.0", "task_v3"),
        ("openai-cua", "openai_cua"),
        ("anthropic-cua", "anthropic_cua"),
        ("ui-tars", "ui_tars"),
        ("yutori-navigator", "yutori_navigator"),
    ],
)
def test_step_engines_make_tasks(engine: str, run_type: str):
    """A tsk_ id that is also the task's, no workflow run, created, no step yet."""
    run = admitted(engine=engine)
    assert (run.run_type, run.status, run.step_count, run.queued_at) == (run_type, "created", None, None)
    assert run.run_id == run.task_id
    assert run.run_id.startswith("tsk_5")
    assert (run.workflow_run_id, run.workflow_id, run.workflow_permanent_id) == (None, None, None)


def test_the_planner_makes_a_task_with_a_hidden_workflow_run():
    """A tsk_v2_ id, wr_, w_ and wpid_ ids made with it, queued, no step yet."""
    run = admitted(engine="skyvern-2.0")
    assert (run.run_type, run.status, run.step_count) == ("task_v2", "queued", 0)
    ids = (run.run_id, run.workflow_id, run.workflow_permanent_id, run.workflow_run_id)
    assert [each.rpartition("_")[0] for each in ids] == ["tsk_v2", "w", "wpid", "wr"]
    numbers = [int(each.rpartition("_")[2]) for each in ids]
    assert numbers == [numbers[0] + 2 * step for step in range(4)]
    assert run.task_id.startswith("tsk_5")


def test_every_engine_has_a_run_type():
    """No engine the API accepts is without one, and none is used twice."""
    assert len(RUN_TYPES) == len(set(RUN_TYPES.values())) == 7


@pytest.mark.parametrize(
    ("request_", "engine"),
    [({}, "skyvern-1.0"), ({"engine": "ui-tars"}, "ui-tars"), ({"publish_workflow": True}, "skyvern-2.0")],
)
def test_the_engine_is_the_asked_one_or_the_dialects(request_: dict[str, Any], engine: str):
    """publish_workflow makes it the planner, as on the service."""
    assert admitted(**request_).engine == engine


@pytest.mark.parametrize(
    ("title", "prompt", "expected"),
    [
        ("Mine", "Get it", "Mine"),
        (None, "  Get\n the   title ", "Get the title"),
        (None, " \n", None),
        ("", "x" * 200, "x" * 79 + "…"),
    ],
)
def test_a_run_is_listed_under_its_title_or_its_prompt(title: str | None, prompt: str, expected: str | None):
    """One line of at most 80 characters, or nothing."""
    assert title_of({"title": title, "prompt": prompt}) == expected


@pytest.mark.parametrize(
    ("engine", "asked", "steps"),
    [
        ("skyvern-2.0", None, 25),
        ("skyvern-1.0", None, 10),
        ("openai-cua", 3, 3),
        ("skyvern-2.0", 0, 25),
        ("skyvern-1.0", -4, 10),
        ("skyvern-1.0", 10_000, 10_000),
    ],
)
def test_steps_are_limited_by_request_or_engine(engine: str, asked: int | None, steps: int):
    """Zero and negative numbers are accepted by the API and mean the default."""
    assert max_steps_of(admitted(engine=engine, max_steps=asked)) == steps
