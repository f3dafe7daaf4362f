"""Spans of OpenTelemetry for the client's calls.

Owns: which span a call gets and what is written on it. Must not: be loaded unless asked
for, need OpenTelemetry's SDK, or write down anything of a request or an answer but its
outline: no prompt, header, body, query or output.

>>> from skyvern_tui.client import Skyvern
>>> from skyvern_tui.client.telemetry import instrument
>>> client = instrument(Skyvern())

Each call is one span of kind CLIENT named ``skyvern.<call>``, a child of the span it is made
in. What happens in it are its events: each answer, each request without one, each pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from skyvern_tui.client.effects import Flow, Reply, Send, Sleep
from skyvern_tui.client.errors import ApiError, SkyvernError
from skyvern_tui.client.secrets import redact_url

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

    from skyvern_tui.client.aio import AsyncSkyvern
    from skyvern_tui.client.sync import Skyvern

T = TypeVar("T")
Client = TypeVar("Client", bound="Skyvern | AsyncSkyvern")

NAME: Final = "skyvern_tui.client"


def instrument(client: Client, tracer_provider: TracerProvider | None = None) -> Client:
    """Give each call of ``client`` a span, from this provider or the global one, and return the client.

    Raises ImportError, with what to install, if ``opentelemetry-api`` is missing.
    """
    try:
        from opentelemetry.trace import get_tracer  # noqa: PLC0415 - an extra
    except ImportError as problem:
        raise ImportError(
            "Telemetry needs opentelemetry-api: pip install 'skyvern-tui[telemetry]', "
            "and an SDK with an exporter for the spans to go anywhere."
        ) from problem
    client.calls.tracing = _Spans(get_tracer(NAME, tracer_provider=tracer_provider), client.base_url)
    return client


def uninstrument(client: Client) -> Client:
    """Let the calls of ``client`` go without spans again, and return the client."""
    client.calls.tracing = None
    return client


class _Spans:
    """Makes the spans of one client's calls."""

    def __init__(self, tracer: Tracer, base_url: str) -> None:
        self._tracer = tracer
        parts = urlsplit(base_url)
        self._server: dict[str, str | int] = {"server.address": parts.hostname or ""}
        if parts.port is not None:
            self._server["server.port"] = parts.port

    def __call__(self, name: str, flow: Flow[T]) -> Flow[T]:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - as above

        # Begun when the flow is, in the context of the call; not made current, as a flow is resumed from anywhere.
        span = self._tracer.start_span(f"skyvern.{name}", kind=SpanKind.CLIENT, attributes=self._server)
        try:
            result = yield from _observed(flow, span)
            _tell_result(span, result)
        except SkyvernError as error:
            _tell_error(span, error)
            raise
        except GeneratorExit:
            span.set_attribute("skyvern.abandoned", True)
            raise
        except BaseException as error:
            _tell_failure(span, type(error).__qualname__)
            raise
        else:
            return result
        finally:
            span.end()


def _observed(flow: Flow[T], span: Span) -> Flow[T]:
    """Hand a flow's effects on, noting what comes of them."""
    answer: Any = None
    requests = 0
    try:
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer = yield effect
            if isinstance(effect, Send):
                requests += 1
                if effect.run_id is not None:
                    span.set_attribute("skyvern.run_id", effect.run_id)
                span.add_event("request", _outline(effect, answer))
            elif isinstance(effect, Sleep):
                span.add_event("pause", {"seconds": effect.seconds})
    finally:
        flow.close()
        span.set_attribute("skyvern.requests", requests)


def _outline(request: Send, answer: Any) -> dict[str, str | int]:
    """Return what may be told of a request: no query, no header, no body."""
    outline: dict[str, str | int] = {"http.request.method": request.method}
    outline["url.full"] = redact_url(request.url).partition("?")[0]
    if isinstance(answer, Reply):
        outline["http.response.status_code"] = answer.status
        outline["http.response.body.size"] = len(answer.content)
    elif isinstance(answer, SkyvernError):
        outline["error.type"] = type(answer).__qualname__
    return outline


def _tell_result(span: Span, result: Any) -> None:
    run_id, status = getattr(result, "run_id", None), getattr(result, "status", None)
    if isinstance(run_id, str):
        span.set_attribute("skyvern.run_id", run_id)
    if isinstance(status, str):
        span.set_attribute("skyvern.run_status", str(status))


def _tell_error(span: Span, error: SkyvernError) -> None:
    """Write an error down by its type and status; its message may quote what a server said."""
    if error.run_id is not None:
        span.set_attribute("skyvern.run_id", error.run_id)
    if isinstance(error, ApiError):
        span.set_attribute("http.response.status_code", error.status_code)
        if error.request_id is not None:
            span.set_attribute("skyvern.request_id", error.request_id)
    _tell_failure(span, type(error).__qualname__)


def _tell_failure(span: Span, kind: str) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - as above

    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, kind)
