"""Bad input and faults, as a user of the running server meets them.

Each fault: a clear answer, the run recorded with its reason, the server still serving,
nothing stored before it lost. Faults of start-up and of the disk are tested beside the
modules that own them.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import psutil
import pytest

from skyvern_tui.client import Run, Skyvern, errors

PROMPT = "Get the title of the top post"


@pytest.fixture
def sky(mock) -> Iterator[Skyvern]:
    with Skyvern(api_key=mock.api_key, base_url=mock.url) as client:
        yield client


def finish(sky: Skyvern, **request: object) -> Run:
    """Run a task to its end."""
    return sky.run_task(**request, wait_for_completion=True, timeout=90)


@pytest.mark.browser
def test_empty_prompt_ends_with_a_reason_that_asks_for_one(sky, mock):
    """The service takes an empty prompt; the run then says that it needs one."""
    run = finish(sky, prompt="", url=mock.site("news"))
    assert run.status in ("failed", "terminated")
    assert "prompt" in run.failure_reason.lower()
    assert run.output is None


@contextlib.contextmanager
def silent_server() -> Iterator[tuple[str, threading.Event]]:
    """A server that accepts and never answers: its address, and an event set by the first connection."""
    reached = threading.Event()
    held: list[socket.socket] = []

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                held.append(listener.accept()[0])
                reached.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/", reached
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in held:
                connection.close()


def browser_of(pid: int) -> psutil.Process:
    """Return the browser's main process among the server's descendants: the one without a ``--type``."""
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in process.name() and not any(part.startswith("--type=") for part in process.cmdline()):
                return process
    raise AssertionError("the server has no browser")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompt": PROMPT, "engine": "skyvern-9"}, "engine"),
        ({"prompt": 7}, "prompt"),
        ({}, "prompt"),
        ({"prompt": PROMPT, "max_steps": "ten"}, "max_steps"),
        ({"prompt": PROMPT, "data_extraction_schema": 3}, "data_extraction_schema"),
    ],
)
def test_bad_fields_are_named(mock, body, field):
    """A field that is missing, unknown or of the wrong type is named in a 422, and no run is made."""
    headers = {"x-api-key": mock.api_key}
    answer = httpx.post(f"{mock.url}/v1/run/tasks", json=body, headers=headers)
    assert answer.status_code == 422
    assert any(field in error["loc"] for error in answer.json()["detail"])
    assert httpx.get(f"{mock.url}/v1/runs", headers=headers).json() == []


def test_a_body_that_is_not_json_is_refused(mock):
    """A body that does not parse is a 422 that says where it stops being JSON."""
    headers = {"x-api-key": mock.api_key, "content-type": "application/json"}
    answer = httpx.post(f"{mock.url}/v1/run/tasks", content=b'{"prompt": ', headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == "json_invalid"


def test_a_missing_key_is_refused_with_a_hint(mock):
    """Without a key the server answers 403, and the client says what to set."""
    with Skyvern(api_key="", base_url=mock.url) as sky, pytest.raises(errors.ForbiddenError) as caught:
        sky.get_run("tsk_1")
    assert "SKYVERN_API_KEY" in caught.value.hint


@pytest.mark.parametrize("call", ["get_run", "cancel_run", "get_run_timeline", "get_artifact"])
def test_unknown_ids_are_not_found(sky, call):
    """An id nobody knows is a NotFoundError, whatever it is asked for."""
    with pytest.raises(errors.NotFoundError):
        getattr(sky, call)("tsk_v2_1")


@pytest.mark.browser
def test_an_address_that_does_not_answer_fails_the_run(sky, mock):
    """A refused connection ends the run as failed, naming the address and the cause."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    run = finish(sky, prompt=PROMPT, url=url)
    assert run.status == "failed"
    assert url in run.failure_reason
    assert "ERR_CONNECTION_REFUSED" in run.failure_reason


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_that_never_loads_fails_the_run(sky):
    """A server that accepts and then stays silent ends the run within the navigation limit."""
    with silent_server() as (url, _):
        run = finish(sky, prompt=PROMPT, url=url)
    assert run.status == "failed"
    assert "load" in run.failure_reason.lower() or "timeout" in run.failure_reason.lower()


@pytest.mark.browser
def test_a_killed_browser_fails_its_run_and_nothing_else(sky, mock):
    """Chromium killed in mid-run fails that run; what was stored stays, and the next run gets a new browser."""
    before = finish(sky, prompt=PROMPT, url=mock.site("news"))
    assert before.status == "completed", before.failure_reason
    with silent_server() as (url, reached):
        victim = sky.run_task(prompt=PROMPT, url=url)
        assert reached.wait(30)
        browser_of(mock.pid).kill()
        run = sky.wait_for_run(victim.run_id, timeout=60)
    assert run.status == "failed"
    assert "browser" in run.failure_reason.lower()
    assert sky.get_run(before.run_id).output == before.output
    assert finish(sky, prompt=PROMPT, url=mock.site("news")).status == "completed"


@pytest.mark.browser
def test_a_run_that_is_canceled_stays_canceled(sky, mock):
    """Cancel shows at once, also while the page is loading, and the run does not come back."""
    with silent_server() as (url, _):
        started = sky.run_task(prompt=PROMPT, url=url)
        sky.cancel_run(started.run_id)
        assert sky.get_run(started.run_id).status == "canceled"
    assert finish(sky, prompt=PROMPT, url=mock.site("news")).status == "completed"
    assert sky.get_run(started.run_id).status == "canceled"
