"""What can go wrong: each kind of fault with its parameters.

Owns: the kinds, their parameters and defaults, and what of them goes together. Must not: do
anything; ``faults_replies`` says what an answer becomes, ``api.faulting`` acts.

Imported when the first fault is set, and not before: most servers never need it.
"""

from __future__ import annotations

import difflib
import math
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    TypeAdapter,
    model_validator,
)

from mock_server.scenarios.operations import ANY, OPERATIONS, OTHER

DAY: Final = 86_400.0
_TOKEN: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"  # noqa: S105  # what a header may be called


def _known_operation(name: str) -> str:
    if name in (ANY, OTHER) or name in OPERATIONS:
        return name
    close = difflib.get_close_matches(name, OPERATIONS, 1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"{name!r} is no operation. {guess}There are {ANY}, {', '.join(OPERATIONS)} and {OTHER}.")


def _numbers(value: Any) -> Any:
    """Take ``2``, ``"2,3"`` and ``"2+3"`` for lists."""
    if isinstance(value, str):
        return [part for part in value.replace("+", ",").split(",") if part.strip()]
    return [value] if isinstance(value, int) else value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("It has to be a finite number.")
    return value


def _header_value(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("A header holds printable ASCII only.")
    return value


def _retry_after(value: Any) -> Any:
    """Take a number of seconds, an HTTP date, or ``date+5``: the HTTP date five seconds from then."""
    text = str(value).strip()
    if text.startswith("date"):
        try:
            float(text[4:] or "0")
        except ValueError:
            raise ValueError("Give date+SECONDS for an HTTP date that lies so many seconds ahead.") from None
    return _header_value(text)


Seconds = Annotated[float, Field(ge=0, le=DAY), AfterValidator(_finite)]
FieldPath = Annotated[str, Field(min_length=1, max_length=200)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]


class _Fault(BaseModel):
    """What every kind has: whom it meets, how often, and what comes before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str | None, Field(pattern=r"^[\w.-]{1,64}$", description="How it is listed and removed.")] = None
    operation: Annotated[
        str, Field(validation_alias=AliasChoices("operation", "on")), AfterValidator(_known_operation)
    ] = ANY
    run_id: Annotated[str | None, Field(description="Only calls about this run.")] = None
    calls: Annotated[tuple[PositiveInt, ...], BeforeValidator(_numbers)] = ()
    every: PositiveInt | None = None
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    times: Annotated[PositiveInt | None, Field(description="How often at most.")] = None
    per: Annotated[Literal["tenant", "run"], Field(description="Whether each run's calls are counted apart.")] = (
        "tenant"
    )
    delay: Annotated[Seconds, Field(description="Wait so long first.")] = 0.0
    clock: Annotated[
        Literal["tenant", "real"], Field(description="Whose time waits are in: the tenant's, which may stand still.")
    ] = "tenant"

    @model_validator(mode="after")
    def _one_trigger(self) -> _Fault:
        given = [name for name in ("calls", "every", "probability") if getattr(self, name) not in (None, ())]
        if len(given) > 1:
            raise ValueError(f"Give one of calls, every and probability, not {' and '.join(given)}.")
        return self


class _Refusing(_Fault):
    """Comes instead of the answer: before the request is executed, or after."""

    when: Annotated[
        Literal["before", "after"], Field(description="Whether the request is executed: after, or not: before.")
    ] = "before"


class _Altering(_Fault):
    """Changes the true answer, so it comes after the request was executed."""

    when: Literal["after"] = "after"


class StatusFault(_Refusing):
    """Another status, with a body and headers."""

    kind: Literal["status"]
    status: Annotated[int, Field(ge=200, le=599)]
    body: Annotated[Any, Field(description="JSON, or text that is sent as it is; absent: as the service says it.")] = (
        None
    )
    headers: dict[Annotated[str, Field(pattern=_TOKEN)], HeaderValue] = {}
    retry_after: Annotated[
        str | None,
        BeforeValidator(_retry_after),
        Field(description="Seconds, an HTTP date, or date+SECONDS."),
    ] = None


class ErrorFault(_Refusing):
    """The service's own failure: ``{"error": …}``."""

    kind: Literal["error"]
    status: Annotated[int, Field(ge=500, le=599)] = 500
    message: str = "Unexpected error: TimeoutError"


class HtmlFault(_Refusing):
    """The error page of a proxy."""

    kind: Literal["html"]
    status: Annotated[int, Field(ge=200, le=599)] = 502


class EmptyFault(_Refusing):
    """A status and nothing else."""

    kind: Literal["empty"]
    status: Annotated[int, Field(ge=200, le=599)] = 200


class LatencyFault(_Refusing):
    """The true answer, late."""

    kind: Literal["latency"]
    seconds: Seconds
    jitter: Annotated[Seconds, Field(description="Up to so much more, drawn from the seed.")] = 0.0


class HangFault(_Refusing):
    """No answer, until the client leaves or the time is over."""

    kind: Literal["hang"]
    seconds: Seconds = 300.0


class ResetFault(_Refusing):
    """The connection is reset before a byte is sent."""

    kind: Literal["reset"]


class LostReplyFault(_Altering):
    """The request is executed, the connection is reset before a byte of the answer is sent."""

    kind: Literal["lost_reply"]


class GarbageFault(_Refusing):
    """Bytes that are no HTTP."""

    kind: Literal["garbage"]
    text: Annotated[str, Field(min_length=1, max_length=10_000)] = "\x00\xff not HTTP\r\n\r\n"


class ResetMidBodyFault(_Altering):
    """Reset in the middle of the body."""

    kind: Literal["reset_mid_body"]
    bytes: Annotated[int | None, Field(ge=0, description="How many arrive; absent: half.")] = None


class TruncatedFault(_Altering):
    """The connection is closed before all that Content-Length promised has come."""

    kind: Literal["truncated"]
    bytes: Annotated[int | None, Field(ge=0, description="How many arrive; absent: half.")] = None


class SlowBodyFault(_Altering):
    """The body comes in drips."""

    kind: Literal["slow_body"]
    chunk: Annotated[PositiveInt, Field(description="Bytes at a time.")] = 16
    interval: Annotated[Seconds, Field(description="Seconds between them.")] = 0.1


class ContentTypeFault(_Altering):
    """The true body under another content type."""

    kind: Literal["content_type"]
    value: HeaderValue = "text/html; charset=utf-8"


class MalformedJsonFault(_Altering):
    """A body that is no JSON, of the right length: cut short, or with something behind it."""

    kind: Literal["malformed_json"]
    form: Literal["cut", "trailing"] = "cut"


class MissingFieldFault(_Altering):
    """A field is left out."""

    kind: Literal["missing_field"]
    field: FieldPath


class NullFieldFault(_Altering):
    """A field is null."""

    kind: Literal["null_field"]
    field: FieldPath


class ExtraFieldFault(_Altering):
    """A field nobody has heard of."""

    kind: Literal["extra_field"]
    field: FieldPath = "brand_new_field"
    value: Any = "from a newer server"


class RenamedFieldFault(_Altering):
    """A field under another name."""

    kind: Literal["renamed_field"]
    field: FieldPath
    to: FieldPath


class ChangedFieldFault(_Altering):
    """A field with any other value, of another type perhaps."""

    kind: Literal["changed_field"]
    field: FieldPath
    value: Any


class UnknownValueFault(_Altering):
    """A value an enumeration does not have: of status, run_type, artifact_type."""

    kind: Literal["unknown_value"]
    field: FieldPath = "status"
    value: str = "brand_new_value"


class DatetimeFault(_Altering):
    """Datetimes in another form: naive, with Z, with an offset, or none at all."""

    kind: Literal["datetime"]
    form: Literal["naive", "z", "offset", "bad"]
    field: Annotated[FieldPath | None, Field(description="Absent: every field whose name ends in _at.")] = None


Fault = Annotated[
    StatusFault
    | ErrorFault
    | HtmlFault
    | EmptyFault
    | LatencyFault
    | HangFault
    | ResetFault
    | LostReplyFault
    | GarbageFault
    | ResetMidBodyFault
    | TruncatedFault
    | SlowBodyFault
    | ContentTypeFault
    | MalformedJsonFault
    | MissingFieldFault
    | NullFieldFault
    | ExtraFieldFault
    | RenamedFieldFault
    | ChangedFieldFault
    | UnknownValueFault
    | DatetimeFault,
    Field(discriminator="kind"),
]

ADAPTER: Final[TypeAdapter[Fault]] = TypeAdapter(Fault)
MODELS: Final[dict[str, type[_Fault]]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Fault)[0])
}
"""Every kind by its name."""
