"""The state machine passes a good client and finds what is wrong with bad ones."""

from __future__ import annotations

import time

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mock_server.testing.machine import ClientMachine

pytestmark = pytest.mark.slow

QUICK = settings(
    max_examples=4,
    stateful_step_count=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    print_blob=False,
)


class OurMachine(ClientMachine):
    """Drives our client."""

    def connect(self, mock):
        self.client = mock.client()

    def submit(self, request):
        return self.client.run_task(**request).run_id

    def status(self, run_id):
        return str(self.client.get_run(run_id).status)

    def cancel(self, run_id):
        self.client.cancel_run(run_id)

    def wait(self, run_id):
        return str(self.client.wait_for_run(run_id, timeout=7200).status)


class PlainMachine(ClientMachine):
    """Drives a plain HTTP client without any retries, and sees no faults."""

    survives_faults = False

    def connect(self, mock):
        self.client = mock.http()

    def submit(self, request):
        return self.client.post("/v1/run/tasks", json=request).json()["run_id"]

    def status(self, run_id):
        return self.client.get(f"/v1/runs/{run_id}").json()["status"]

    def cancel(self, run_id):
        self.client.post(f"/v1/runs/{run_id}/cancel").raise_for_status()

    def wait(self, run_id):
        for _ in range(720):
            if (status := self.status(run_id)) not in ("created", "queued", "running"):
                return status
            time.sleep(10)
        return status


class SubmitsTwice(PlainMachine):
    """Sends every task twice, as a client does that retries a POST."""

    def submit(self, request):
        super().submit(request)
        return super().submit(request)


class DiesOnTrouble(PlainMachine):
    """Is held to survive faults, and does not."""

    survives_faults = True

    def status(self, run_id):
        return self.client.get(f"/v1/runs/{run_id}").raise_for_status().json()["status"]


class GivesUpEarly(PlainMachine):
    """Takes the first answer for the end."""

    def wait(self, run_id):
        return self.status(run_id)


class RemembersTooWell(PlainMachine):
    """Never asks twice about a run."""

    def connect(self, mock):
        super().connect(mock)
        self.cache = {}

    def status(self, run_id):
        super().status(run_id)
        return self.cache.setdefault(run_id, super().status(run_id))


@pytest.mark.parametrize("machine", [OurMachine, PlainMachine])
def test_a_good_client_passes(machine):
    """Our client, under faults, and a plain one without, do what the mock says."""
    run_state_machine_as_test(machine, settings=QUICK)


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        (SubmitsTwice, "1 tasks were submitted and 2 runs made"),
        (GivesUpEarly, "which is not over"),
        (RemembersTooWell, "the client says .*, the server said|after it was canceled|which is not over"),
        (DiesOnTrouble, None),
    ],
)
def test_a_bad_client_is_found_out(machine, told):
    """A duplicate run, an early end, a stale status are named; a death on a passing fault is the client's own error."""
    thorough = settings(QUICK, max_examples=100, stateful_step_count=15)
    kinds = AssertionError if told else (httpx.HTTPError, ValueError)
    with pytest.raises(kinds, match=told):
        run_state_machine_as_test(machine, settings=thorough)
