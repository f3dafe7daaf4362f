"""Generated requests, runs, scripts, faults and webhooks are what the mock takes, sends, or refuses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import just

from mock_server.conformance.published import published
from mock_server.engine.lifecycle import FINAL, TRANSITIONS
from mock_server.scenarios.faults_notation import from_anything
from mock_server.scenarios.script import Script, path_between
from mock_server.testing import open_mock, strategies
from mock_server.testing.deliveries import FORGERIES, reordered
from mock_server.webhooks.signature import SIGNATURE, TIMESTAMP, sign

KEY = "the receiver's key"
few = settings(max_examples=15, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def asked(server):
    """Return a function: body -> status of POST /v1/run/tasks."""
    with open_mock(server) as mock, mock.http() as client:
        yield lambda body: client.post("/v1/run/tasks", json=body).status_code


def test_requests_are_taken(asked):
    """Every generated request makes a run."""

    @few
    @given(strategies.task_requests())
    def check(request):
        assert asked(request) == 200, request

    check()


def test_invalid_requests_are_refused(asked):
    """Every request generated to be invalid is refused with 422."""

    @few
    @given(strategies.invalid_task_requests())
    def check(request):
        assert asked(request) == 422, request

    check()


@few
@given(strategies.runs())
def test_runs_are_as_published(run):
    """Every generated run fits the published schema's required fields, and has the times of its status."""
    operation = published().operation("GET", "/v1/runs/x")
    faults = [fault for fault in operation.answer_faults(200, run) if fault.rule != "additionalProperties"]
    assert not faults, (run, faults)
    assert (run["finished_at"] is not None) is (run["status"] in FINAL)


@pytest.mark.parametrize("status", strategies.STATUSES)
def test_every_status_can_be_had(status):
    """Runs of one status can be asked for, whatever the status."""

    @settings(few, max_examples=3)
    @given(strategies.runs(statuses=just(status), run_types=just("task_v2")))
    def check(run):
        assert (run["status"], run["run_type"]) == (status, "task_v2")

    check()


@few
@given(strategies.poll_sequences())
def test_polls_follow_the_table(polls):
    """What polls see is one run, whose statuses follow one another legally and end in a final one."""
    assert len({poll["run_id"] for poll in polls}) == 1
    statuses = [poll["status"] for poll in polls]
    assert statuses[-1] in FINAL
    for before, after in pairwise(statuses):
        assert before == after or path_between(before, after) is not None
    assert not set(statuses) - set(TRANSITIONS)


@few
@given(strategies.scripts(), strategies.timelines())
def test_scripts_make_sense(script, timeline):
    """Every generated script and timeline is one the mock takes."""
    assert Script.model_validate({**script, "timeline": timeline}).ending.status in FINAL


@few
@given(strategies.fault_plans())
def test_faults_make_sense(plan):
    """Every generated fault is one the mock takes, and meets one call."""
    for fault in plan:
        assert len(from_anything(fault).calls) == 1


@few
@given(strategies.artifacts())
def test_artifacts_have_a_known_type(artifact):
    """Every artifact has a type the service has."""
    from mock_server.artifacts.kinds import KINDS  # noqa: PLC0415  # for this test only

    assert artifact["artifact_type"] in KINDS


@few
@given(strategies.webhook_deliveries(KEY))
def test_genuine_deliveries_verify(delivery):
    """A genuine delivery is signed with the key over its exact bytes."""
    assert delivery.headers[SIGNATURE] == sign(KEY, delivery.body)


@few
@given(strategies.forged_deliveries(KEY))
def test_forged_deliveries_do_not_verify(delivery):
    """A forged one is not, whichever way it is forged."""
    assert delivery.headers.get(SIGNATURE) != sign(KEY, delivery.body)
    assert not delivery.genuine
    assert delivery.how in FORGERIES


@few
@given(strategies.replayed_deliveries(KEY))
def test_replayed_deliveries_look_genuine(pair):
    """A replay has the same body and a signature that holds; only its timestamp is its own."""
    first, again = pair
    assert first.body == again.body
    assert again.headers[SIGNATURE] == sign(KEY, again.body)
    assert again.headers[TIMESTAMP].isdigit()


@few
@given(strategies.reordered_deliveries(KEY))
def test_reordered_deliveries_are_all_there(deliveries):
    """Several deliveries, some twice, in any order, are all genuine; reversed they are as many."""
    assert all(delivery.headers[SIGNATURE] == sign(KEY, delivery.body) for delivery in deliveries)
    assert [each.body for each in reordered(deliveries)] == [each.body for each in reversed(deliveries)]
