"""A report catches what is wrong with a client, and says nothing of what is right."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mock_server.testing.contract import Kind, ProtocolError, chosen, examine

NAIVE = f"{sys.executable} {Path(__file__).with_name('naive.py')}"
MISTAKES = {
    "endings.completed": Kind.IMPATIENT,  # it polls once more after the end
    "endings.timed_out": Kind.HUNG,
    "endings.no_end": Kind.HUNG,
    "polling.500": Kind.IMPATIENT,  # an error's body has no status, so it polls on; and once more
    "polling.429_retry_after": Kind.IMPATIENT,
    "polling.502_html": Kind.LOST_RUN,
    "polling.reset": Kind.LOST_RUN,
    "submitting.500_taken": Kind.DUPLICATE_RUN,
    "submitting.422": Kind.IMPATIENT,
    "files.truncated": Kind.WRONG,
    "files.200_html": Kind.WRONG,
    "webhooks.spaced": Kind.WRONG,
    "webhooks.relaid": Kind.WRONG,
    "webhooks.header_case": Kind.WRONG,
}
NO_MISTAKES = ("files.whole", "webhooks.genuine", "webhooks.other_key", "webhooks.any_digest")


@pytest.fixture(scope="module")
def kinds(address):
    report = examine(NAIVE, chosen([*MISTAKES, *NO_MISTAKES]), server=address, limit_seconds=15)
    return {result.case.id: result.verdict for result in report.results}


@pytest.mark.parametrize(("case", "kind"), MISTAKES.items())
def test_a_mistake_is_caught(case, kind, kinds):
    """Each mistake of a client that was written without thought is found, and called by its name."""
    assert kinds[case].kind is kind, kinds[case]
    assert kinds[case].why


@pytest.mark.parametrize("case", NO_MISTAKES)
def test_what_is_right_is_not_blamed(case, kinds):
    """What the same client does well is handled."""
    assert kinds[case].kind is Kind.HANDLED, kinds[case]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("print('ready', flush=True); input()", "no JSON object"),
        ("import sys; sys.exit(4)", "ended with code 4"),
        ("input(); print('{\"id\": 99}', flush=True); input()", "the command's is 1"),
        ('input(); print(\'{"id": 1, "time": "fast"}\', flush=True); input()', 'it is "virtual" or "machine"'),
    ],
)
def test_an_adapter_that_does_not_keep_to_the_protocol(program, why, address, tmp_path):
    """Whoever writes an adapter is told what it did wrong."""
    path = tmp_path / "adapter.py"
    path.write_text(program)
    with pytest.raises(ProtocolError, match=why):
        examine(f"{sys.executable} {path}", chosen(["endings.completed"]), server=address, jobs=1)


def test_a_program_that_is_not_there(address):
    """A command that cannot be started is named."""
    with pytest.raises(ProtocolError, match="no-such-program --now cannot be started"):
        examine("no-such-program --now", chosen(["endings.completed"]), server=address, jobs=1)


def test_what_is_not_offered_is_not_asked(address, tmp_path):
    """A client is not measured by what it does not do, nor put to cases of minutes in the machine's time."""
    path = tmp_path / "adapter.py"
    hello = '{"id": 1, "name": "small", "time": "machine", "does": ["run_and_wait"]}'
    path.write_text(f"input(); print('{hello}', flush=True); input()")
    cases = chosen(["webhooks.genuine", "files.whole", "endings.half_an_hour"])
    report = examine(f"{sys.executable} {path}", cases, server=address, jobs=1)
    assert report.has_passed
    assert {result.verdict.kind for result in report.results} == {Kind.NOT_OFFERED}
