"""The rules of one tenant: counting, chance, ends, and the short notation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.scenarios.faults import MAX_RULES, FaultError, Faults
from mock_server.scenarios.faults_kinds import MODELS, _Fault
from mock_server.scenarios.faults_notation import described, from_anything, from_header, from_mapping, from_text


def met(faults: Faults, count: int, operation: str = "get_run", run_id: str | None = "tsk_1") -> list[int]:
    """Which of so many calls meet a fault, counted from 1."""
    return [call for call in range(1, count + 1) if faults.pick(operation, run_id)]


def said_of(read: Callable[[Any], Any], value: Any) -> str:
    """What is said about something that is no fault; "fault" about one."""
    try:
        read(value)
    except FaultError as error:
        return str(error)
    return "fault"


def test_no_rules_is_one_look():
    """Without rules there is nothing to look at but one attribute; with a spent rule likewise."""
    faults = Faults()
    assert faults.active is False
    faults.add(from_text("get_run:calls=2:reset"))
    assert faults.active is True
    assert met(faults, 2) == [2]
    assert faults.active is False


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("reset", list(range(1, 13))),
        ("get_run:reset", list(range(1, 13))),
        ("get_runs:reset", []),
        ("get_run:reset:calls=2+5", [2, 5]),
        ("get_run:reset:calls=2,5", [2, 5]),
        ("get_run:every=4:status=503", [4, 8, 12]),
        ("get_run:every=4:times=2:status=503", [4, 8]),
        ("times=3:reset", [1, 2, 3]),
        ("run_id=tsk_2:reset", []),
        ("probability=0:reset", []),
        ("probability=1:reset", list(range(1, 13))),
    ],
)
def test_which_calls_meet(notation: str, expected: list[int]):
    """A rule meets the calls its trigger says."""
    faults = Faults([from_text(notation)])
    assert met(faults, 12) == expected


@given(seed=st.integers(), probability=st.floats(0.05, 0.95), rule_id=st.from_regex(r"\A[a-z]{1,8}\Z"))
def test_chance_depends_on_the_seed_alone(seed: int, probability: float, rule_id: str):
    """The same seed, rule and calls give the same faults, whatever other rules and operations are about."""
    fault = from_mapping({"kind": "reset", "operation": "get_run", "probability": probability, "id": rule_id})
    alone, among = Faults([fault], seed), Faults([from_text("run_task:id=z-1:reset"), fault], seed)
    for _ in range(3):
        among.pick("get_runs", None)
    assert met(alone, 40) == met(among, 40)


def test_seeds_differ():
    """Another seed gives other faults."""
    fault = from_text("probability=0.5:reset")
    assert len({tuple(met(Faults([fault], seed), 40)) for seed in range(10)}) == 10


def test_clear_goes_back_to_the_beginning():
    """clear keeps the rules the server was started with and forgets every count; remove_all keeps nothing."""
    faults = Faults([from_text("get_run:calls=1:reset")])
    faults.add(from_text("get_run:calls=2:error"))
    before = met(faults, 5)
    assert before == [1, 2]
    faults.clear()
    assert [rule.rule_id for rule in faults.rules()] == ["fault-1"]
    assert met(faults, 5) == [1]
    assert faults.remove_all() == 1
    assert (faults.rules(), faults.active) == ([], False)


def test_rules_are_bounded():
    """There is an end to how many rules a tenant may set."""
    faults = Faults()
    fault = from_text("reset")
    for _ in range(MAX_RULES):
        faults.add(fault)
    with pytest.raises(FaultError, match="Remove some"):
        faults.add(fault)


def test_counts_of_runs_are_bounded():
    """Counting each run by itself does not remember every run for ever."""
    faults = Faults([from_text("per=run:calls=2:reset")])
    for number in range(12_000):
        faults.pick("get_run", f"tsk_{number}")
    assert len(faults.rules()[0].by_run) == 10_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "get_run:every=5:status=503:retry_after=1",
            {"kind": "status", "operation": "get_run", "every": 5, "status": 503, "retry_after": "1", "when": "before"},
        ),
        ("kind=reset", {"kind": "reset", "operation": "any", "when": "before"}),
        (
            "run_task; kind=status; status=402; body=no money; header.x-a=b c",
            {
                "kind": "status",
                "operation": "run_task",
                "status": 402,
                "body": "no money",
                "headers": {"x-a": "b c"},
                "when": "before",
            },
        ),
        (
            "changed_field:field=output:value=[1,2]",
            {"kind": "changed_field", "operation": "any", "field": "output", "value": [1, 2], "when": "after"},
        ),
        (
            '{"on": "get_run", "calls": [2], "kind": "truncated", "bytes": 40}',
            {"kind": "truncated", "operation": "get_run", "calls": [2], "bytes": 40, "when": "after"},
        ),
    ],
)
def test_notation(text: str, expected: dict[str, Any]):
    """A line says what an object says, and comes back as one."""
    fault = from_text(text)
    assert described(fault) == expected
    assert from_mapping(described(fault)) == fault


@given(st.text(max_size=40))
def test_any_text_is_a_fault_or_refused(text: str):
    """Whatever stands in a header or on the command line is a fault or a FaultError that says something."""
    for read in (from_text, from_header):
        assert said_of(read, text) != ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["kind", "status", "calls", "field", "seconds", "body", "headers"]), inner
            )
        ),
    )
)
def test_any_object_is_a_fault_or_refused(value: Any):
    """Whatever is posted is a fault or a FaultError that says something."""
    assert said_of(from_anything, value) != ""


def test_manual_has_every_kind_and_parameter():
    """The table of the manual names each kind there is, with its own parameters and the moments it can come at."""
    text = (Path(__file__).parents[3] / "docs/faults.md").read_text(encoding="utf-8")
    rows = {row[0]: row for row in re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", text, re.MULTILINE)}
    for kind, model in MODELS.items():
        _, parameters, moments = rows[kind]
        own = set(model.model_fields) - set(_Fault.model_fields) - {"kind", "when"}
        assert own == set(re.findall(r"`(\w+)`", parameters)), kind
        both = get_args(model.model_fields["when"].annotation) == ("before", "after")
        assert moments.strip() == ("before, after" if both else "after"), kind
    assert set(rows) >= set(MODELS)
