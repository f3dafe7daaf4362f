"""Claims about telemetry: a span for each call, with its story and without its secrets; and about the log."""

from __future__ import annotations

import asyncio
import builtins
import logging

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from skyvern_tui.client import AsyncSkyvern, NotFoundError, Skyvern
from skyvern_tui.client.telemetry import instrument, uninstrument
from tests.skyvern_tui.client.playground import (
    BASE,
    KEY,
    RUN_ID,
    Answer,
    Script,
    VirtualTime,
    json_answer,
    run_body,
)

SECRETS = (KEY, "hunter2", "SIGNATURE", "a secret prompt", "the output")


class Traced:
    """A client of either face on a script of answers, its spans in memory."""

    def __init__(self, kind, *answers):
        self.kind, self.time, self.memory = kind, VirtualTime(), InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.memory))
        self.transport = httpx.MockTransport(Script(self.time, answers))
        self.options = {"api_key": KEY, "base_url": f"{BASE}:8443", "clock": self.time.clock, "random": lambda: 0.0}

    def use(self, do):
        """Run ``do(client, run)`` inside a span of the caller; ``run`` carries a call to its end."""
        with self.provider.get_tracer("mine").start_as_current_span("outer"):
            if self.kind == "sync":
                with Skyvern(transport=self.transport, sleep=self.time.sleep, **self.options) as client:
                    return do(instrument(client, self.provider), lambda call: call)

            with asyncio.Runner() as runner:
                client = AsyncSkyvern(transport=self.transport, sleep=self.time.asleep, **self.options)
                try:
                    return do(instrument(client, self.provider), lambda call: runner.run(_awaited(call)))
                finally:
                    runner.run(client.close())

    @property
    def spans(self):
        return {span.name: span for span in self.memory.get_finished_spans()}


async def _awaited(call):
    return await call


@pytest.fixture(params=["sync", "async"])
def traced(request):
    return lambda *answers: Traced(request.param, *answers)


def test_a_call_is_a_span_with_its_story(traced):
    """Requests, failures and pauses are events; the run, its status and the number of requests are attributes."""
    it = traced(
        Answer(503, b"busy"),
        Answer(error=httpx.ReadError),
        json_answer(run_body("running")),
        json_answer(run_body("completed")),
    )

    def do(client, run):
        run(client.get_run(RUN_ID))

    it.use(do)
    span = it.spans["skyvern.get_run"]
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    assert span.parent.span_id == it.spans["outer"].context.span_id
    assert dict(span.attributes) == {
        "server.address": "skyvern.example.com",
        "server.port": 8443,
        "skyvern.run_id": RUN_ID,
        "skyvern.run_status": "running",
        "skyvern.requests": 3,
    }
    assert [event.name for event in span.events] == ["request", "pause", "request", "pause", "request"]
    assert [event.attributes.get("http.response.status_code") for event in span.events] == [503, None, None, None, 200]
    assert span.events[2].attributes["error.type"] == "ConnectionLostError"


def test_a_wait_is_one_span_and_so_is_a_watch(traced):
    """However many polls they take."""
    looks = [json_answer(run_body("running")), json_answer([]), json_answer([])]
    last = [json_answer(run_body("completed")), json_answer([]), json_answer([])]
    it = traced(json_answer(run_body("running")), json_answer(run_body("completed")), *looks, *last)

    def do(client, run):
        handle = client.run(RUN_ID)
        run(handle.wait(60))
        if it.kind == "sync":
            list(handle.watch())
        else:
            run(_all(handle.watch()))

    it.use(do)
    assert it.spans["skyvern.wait"].attributes["skyvern.requests"] == 2
    assert it.spans["skyvern.watch"].attributes["skyvern.requests"] == 6
    assert set(it.spans) == {"outer", "skyvern.wait", "skyvern.watch"}


async def _all(changes):
    return [change async for change in changes]


def test_an_error_is_told_by_its_kind(traced):
    """Type, status and the server's name for the request; not its message, which may quote anything."""
    it = traced(json_answer({"detail": "hunter2"}, 404, **{"x-request-id": "req-7"}))

    def do(client, run):
        with pytest.raises(NotFoundError):
            run(client.get_run(RUN_ID))

    it.use(do)
    span = it.spans["skyvern.get_run"]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "NotFoundError")
    assert span.attributes["http.response.status_code"] == 404
    assert span.attributes["skyvern.request_id"] == "req-7"


def test_what_is_broken_off_is_told_as_such():
    """A watch that nobody reads on ends its span; it is no error."""
    it = Traced("sync", json_answer(run_body("running")), json_answer([]))

    def do(client, run):
        changes = client.run(RUN_ID).watch()
        next(changes)
        changes.close()

    it.use(do)
    span = it.spans["skyvern.watch"]
    assert span.attributes["skyvern.abandoned"] is True
    assert span.status.status_code is StatusCode.UNSET


def busy(client, run):
    """Calls with a secret in every place that can hold one."""
    run(
        client.run_task(
            "a secret prompt", url="https://u:hunter2@x.example/?token=hunter2", extra_http_headers={"a": "hunter2"}
        )
    )
    run(client.get_run(RUN_ID, request_options={"additional_query_parameters": {"token": "hunter2"}}))
    run(client.get_file("https://bucket.example/x?sig=SIGNATURE"))
    with pytest.raises(NotFoundError):
        run(client.get_run(RUN_ID))


ANSWERS = (
    json_answer(run_body(output="the output", recording_url="https://b.example/x?sig=SIGNATURE")),
    json_answer(run_body(output="the output")),
    Answer(200, b"the output"),
    json_answer({"detail": f"bad key {KEY}"}, 404, **{"x-echo": KEY}),
)


def test_spans_hold_no_secret(traced):
    """No key, password, signature, prompt or output is in any of them."""
    it = traced(*ANSWERS)
    it.use(busy)
    text = "".join(span.to_json() for span in it.memory.get_finished_spans())
    assert "skyvern.run_task" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_the_log_holds_no_secret(traced, caplog):
    """At its most talkative the client's log tells requests and answers, through the standard library, without them."""
    caplog.set_level(logging.DEBUG, logger="skyvern_tui.client")
    traced(*ANSWERS).use(busy)
    records = [record for record in caplog.records if record.name.startswith("skyvern_tui.client")]
    assert [record for record in records if "/v1/run/tasks: 200" in record.getMessage()]
    text = "\n".join(record.getMessage() for record in records)
    assert not [secret for secret in SECRETS if secret in text]


def test_without_instrumentation_there_are_no_spans(traced):
    """Nothing is traced unasked, and what was instrumented can be left alone again."""
    it = traced(json_answer(run_body()))
    it.use(lambda client, run: run(uninstrument(client).get_run(RUN_ID)))
    assert set(it.spans) == {"outer"}


def test_without_opentelemetry_the_error_says_what_to_install(monkeypatch):
    """The client itself does not need it."""
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with Skyvern(api_key=KEY) as client, pytest.raises(ImportError, match=r"skyvern-tui\[telemetry\]"):
        instrument(client)
