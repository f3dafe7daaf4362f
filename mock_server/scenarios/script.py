"""What a scripted run does: plain data that can be written in YAML, JSON or Python.

Owns: the words of a script, their defaults, and which scripts make no sense, said in a way that
helps whoever wrote it. Must not: run one; that is the director's.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mock_server.artifacts.kinds import KINDS
from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, TRANSITIONS
from mock_server.scenarios import contents
from mock_server.scenarios.time import LONGEST_SECONDS

MOST_PHASES: Final = 100
MOST_THINGS: Final = 200
MOST_BYTES: Final = 16 << 20
"""The largest file a script can have generated."""

Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)]
Times = Annotated[int, Field(ge=0, le=1_000_000)]
StatusText = Annotated[str, Field(min_length=1, max_length=64)]
ErrorObject = dict[str, Any]

_PROGRESSION: Final = re.compile(r"(agent|immediate|manual)|(polls)=(\d{1,7})|(seconds)=(\d{1,9}(?:\.\d+)?)")
PROGRESSION_HELP: Final = "write agent, immediate, polls=N, seconds=T or manual"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _compiles(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    return pattern


class TextMatch(_Words):
    """A text is one, contains one (whatever the case), or fits a pattern. All that are given must hold."""

    exact: str | None = None
    contains: str | None = None
    regex: Annotated[str | None, Field(max_length=500), AfterValidator(_compiles)] = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"contains": value} if isinstance(value, str) else value

    def fits(self, text: str | None) -> bool:
        """Tell whether the text is meant."""
        text = text or ""
        return (
            (self.exact is None or text == self.exact)
            and (self.contains is None or self.contains.casefold() in text.casefold())
            and (self.regex is None or re.search(self.regex, text) is not None)
        )


class Match(_Words):
    """Which tasks a script is for; without anything, every task."""

    prompt: TextMatch | None = None
    url: TextMatch | None = None
    title: TextMatch | None = None
    engine: str | None = None
    order: Annotated[int | None, Field(ge=1)] = None
    """The n-th only of the tasks that fit otherwise, counted from 1 since the script was added."""

    def fits(self, request: Mapping[str, Any]) -> bool:
        """Tell whether a validated request is meant, its place in the order aside."""
        return (self.engine is None or request.get("engine") == self.engine) and all(
            wanted is None or wanted.fits(request.get(name))
            for name, wanted in (("prompt", self.prompt), ("url", self.url), ("title", self.title))
        )


class Phase(_Words):
    """A status and how long it lasts: for n polls of the run, t seconds, or until it is advanced by hand."""

    status: StatusText
    polls: Times | None = None
    seconds: Seconds | None = None
    manual: bool = False

    @model_validator(mode="after")
    def _one_length(self) -> Phase:
        if (self.polls is not None) + (self.seconds is not None) + self.manual != 1:
            raise ValueError("a phase lasts either polls: N, seconds: T or manual: true; give exactly one of them")
        return self


class Wait(_Words):
    """How much later: seconds, or polls of the run."""

    seconds: Seconds | None = None
    polls: Times | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"seconds": value} if isinstance(value, int | float) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_length(self) -> Wait:
        if (self.polls is None) == (self.seconds is None):
            raise ValueError("give either seconds or polls")
        return self


class Ending(_Words):
    """How the run ends. A status that is not final, such as running or paused, is where it stays."""

    status: StatusText = "completed"
    output: dict[str, Any] | list[Any] | str | None = None
    summary: str | None = None
    failure_reason: str | None = None
    errors: Annotated[list[ErrorObject], Field(max_length=MOST_THINGS)] = []
    step_count: Annotated[int | None, Field(ge=0, le=100_000)] = None

    @property
    def over(self) -> bool:
        """Whether nothing follows: a final status, or one nobody knows."""
        return self.status in FINAL or self.status not in TRANSITIONS

    @property
    def reason(self) -> str | None:
        """The failure_reason that goes with the status."""
        if self.failure_reason is None and self.status in NEEDS_REASON:
            return f"The script of this run says that it ends {self.status}."
        return self.failure_reason


class Content(_Words):
    """What is in a file: text, bytes in base64, a file with that digest, or so many bytes that mean nothing."""

    text: str | None = None
    base64: str | None = None
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    """What ``file: PATH`` of a scenario file becomes."""
    size: Annotated[int | None, Field(ge=0, le=MOST_BYTES)] = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_kind(self) -> Content:
        given = (self.text, self.base64, self.sha256, self.size)
        if sum(part is not None for part in given) != 1:
            raise ValueError("give a text, or exactly one of text, base64, size and (in a scenario file) file")
        if self.sha256 is None:
            self.data()
        return self

    def data(self) -> bytes:
        """Return the bytes.

        Raises:
            ArtifactError: They are in a file that is not there.
        """
        if self.text is not None:
            return self.text.encode(errors="surrogatepass")
        if self.base64 is not None:
            try:
                return b64decode(self.base64, validate=True)
            except Base64Error as error:
                raise ValueError(f"base64 cannot be decoded: {error}") from None
        if self.sha256 is not None:
            return contents.read(self.sha256)
        return b"skyvern-mock\n" * ((self.size or 0) // 13) + b"skyvern-mock\n"[: (self.size or 0) % 13]


def _known_kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"there is no artifact type {name!r}; the types are {', '.join(KINDS)}")
    return name


class Artifact(_Words):
    """Something the run leaves. Without content a small, real one is made."""

    type: Annotated[str, AfterValidator(_known_kind)]
    content: Content | None = None
    filename: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    after: Wait | None = None
    """How long after the end of the run it appears; None: it is there when the run ends."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value


class LateSuccess(_Words):
    """A run that was canceled turns out to have been done all the same."""

    after: Wait
    output: dict[str, Any] | list[Any] | str | None = None
    summary: str | None = None


class ListLag(_Words):
    """The list of runs goes on showing an earlier status after the run has ended."""

    status: StatusText = "running"
    polls: Times | None = None
    """So many answers of the list."""
    seconds: Seconds | None = None

    @model_validator(mode="after")
    def _one_length(self) -> ListLag:
        if (self.polls is None) == (self.seconds is None):
            raise ValueError("give either polls (answers of the list) or seconds")
        return self


class Webhooks(_Words):
    """How often the end of the run is told to its webhook_url: 0 not at all, 2 is a duplicate."""

    times: Annotated[int, Field(ge=0, le=20)] = 1

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return {"times": int(value)}
        return {"times": value} if isinstance(value, int) else value


class Script(_Words):
    """A scripted run."""

    name: Annotated[str | None, Field(max_length=200)] = None
    match: Match = Match()
    times: Annotated[int | None, Field(ge=1)] = None
    """How many runs may follow it; None: as many as come."""
    progression: Annotated[str | None, Field(description=PROGRESSION_HELP)] = None
    phases: Annotated[list[Phase] | None, Field(max_length=MOST_PHASES)] = None
    ending: Ending = Ending()
    downloads: Annotated[dict[str, Content], Field(max_length=MOST_THINGS)] = {}
    artifacts: Annotated[list[Artifact], Field(max_length=MOST_THINGS)] = []
    timeline: Literal["generated", "none"] | Annotated[list[dict[str, Any]], Field(max_length=MOST_THINGS)] = (
        "generated"
    )
    late_success: LateSuccess | None = None
    list_lag: ListLag | None = None
    list_counts_as_poll: bool = False
    webhook: Webhooks = Webhooks()
    unchecked: bool = False
    """The one way past the service's own rules: any status may follow any other, and be any text."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("artifacts") == "all":
            return {**value, "artifacts": [kind for kind in KINDS if kind != "download"]}
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> Script:
        if self.progression is not None and self.phases is not None:
            raise ValueError("progression is short for phases; give one of the two")
        if self.progression is not None and not _PROGRESSION.fullmatch(self.progression):
            raise ValueError(f"{self.progression!r} is no progression: {PROGRESSION_HELP}")
        if not self.unchecked:
            self._check_statuses()
        self._check_keepable()
        return self

    @property
    def by_agent(self) -> bool:
        """Whether the run is no scripted one after all: the agent does it."""
        return self.progression == "agent"

    def way(self) -> tuple[Phase, ...]:
        """Return the phases before the end."""
        return tuple(self.phases) if self.phases is not None else phases_of(self.progression or "immediate")

    def dump(self) -> dict[str, Any]:
        """Return the script as JSON values, defaults left out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def _check_statuses(self) -> None:
        present = "created"
        for following in [phase.status for phase in self.way()] + [self.ending.status]:
            hint = "; set unchecked: true to have it all the same"
            if following not in TRANSITIONS:
                raise ValueError(
                    f"{following!r} is no status of the service, whose statuses are {', '.join(TRANSITIONS)}{hint}"
                )
            if path_between(present, following) is None:
                raise ValueError(f"a run that is {present} cannot become {following}{hint}")
            present = following
        if self.ending.reason and self.ending.status not in NEEDS_REASON:
            wanted = ", ".join(sorted(NEEDS_REASON))
            raise ValueError(f"a run that ends {self.ending.status} has no failure_reason (these have: {wanted}){hint}")

    def _check_keepable(self) -> None:
        try:
            orjson.dumps(self.dump())
        except (TypeError, ValueError) as error:
            raise ValueError(f"this cannot be kept: {error}") from None


def phases_of(progression: str) -> tuple[Phase, ...]:
    """Return the phases a progression is short for: queued first, running for the rest."""
    found = _PROGRESSION.fullmatch(progression)
    if found is None:
        raise ValueError(f"{progression!r} is no progression: {PROGRESSION_HELP}")
    if found[2]:
        polls = int(found[3])
        first = (Phase(status="queued", polls=1),) if polls > 1 else ()
        return (*first, Phase(status="running", polls=polls - len(first))) if polls else ()
    if found[4]:
        seconds = float(found[5])
        wait = min(1.0, seconds / 10)
        return (Phase(status="queued", seconds=wait), Phase(status="running", seconds=round(seconds - wait, 6)))
    if found[1] == "manual":
        return (Phase(status="queued", manual=True), Phase(status="running", manual=True))
    return ()


@lru_cache(maxsize=256)
def path_between(present: str, wanted: str) -> tuple[str, ...] | None:
    """Return the statuses a run passes, ``wanted`` last, on the shortest legal way; None if there is none."""
    if present == wanted:
        return ()
    ways: dict[str, tuple[str, ...]] = {present: ()}
    while ways:
        further: dict[str, tuple[str, ...]] = {}
        for status, way in ways.items():
            for following in sorted(TRANSITIONS.get(status, ())):
                if following == wanted:
                    return (*way, wanted)
                if following not in FINAL and following not in way and following != present:
                    further.setdefault(following, (*way, following))
        ways = further
    return None


@lru_cache(maxsize=4096)
def script_of(text: str) -> Script:
    """Return the script that was dumped as this JSON. The same text is the same object."""
    return Script.model_validate_json(text)
