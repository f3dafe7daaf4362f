"""What the agent is asked and what it tells while it works.

Owns: the vocabulary between the agent and the engine. The agent yields these in the
order in which things happen; the engine turns them into timeline items, artifacts and
status changes and gives them their ids. Must not: import anything but the standard
library.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
"""A value that ``json.dumps`` takes."""

Ending = Literal["completed", "failed", "terminated", "max_steps"]
"""How the agent left the task. Canceled and timed_out are the engine's to give."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a task may sign in with, given apart from its prompt."""

    username: str
    password: str = field(repr=False)


class NoCodeError(Exception):
    """There is no one-time code to be had. ``error_code`` is what the run is marked with; the message says why."""

    def __init__(self, error_code: str, reason: str) -> None:
        super().__init__(reason)
        self.error_code = error_code


class NoFileError(Exception):
    """The file at an address cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens a language model counted; None where it does not say."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None

    def __add__(self, other: Usage) -> Usage:
        """Return the sum; what neither knows stays unknown."""
        return Usage(
            _sum(self.input, other.input),
            _sum(self.output, other.output),
            _sum(self.reasoning, other.reasoning),
            _sum(self.cached, other.cached),
        )


def _sum(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else left + right


@dataclass(frozen=True, slots=True)
class Reply:
    """What a language model answered."""

    text: str
    usage: Usage
    model: str
    """Its name, as the provider gives it."""
    request: bytes = b""
    """The request as it was sent, JSON, without key and pictures."""
    raw: bytes = b""
    """The provider's answer as it came."""


class ModelError(Exception):
    """The language model gave no answer; the message says why.

    ``lasting`` tells that asking again in this run is no use. ``request`` and ``raw`` as in :class:`Reply`.
    """

    def __init__(self, reason: str, *, lasting: bool = False, request: bytes = b"", raw: bytes = b"") -> None:
        super().__init__(reason)
        self.lasting = lasting
        self.request = request
        self.raw = raw


Ask = Callable[[Sequence[Mapping[str, str]], Sequence[bytes]], Awaitable[Reply]]
"""Asks a language model: messages (role, content) and PNG pictures for the first of them that is the user's.
Raises :class:`ModelError`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task, as the agent needs to know it."""

    prompt: str
    url: str | None = None
    schema: Json = None
    """data_extraction_schema as it was sent: an object, an array, a string or None."""
    max_steps: int = 25
    error_codes: Mapping[str, str] = field(default_factory=dict)
    """error_code_mapping: code -> when it applies."""
    screenshot_scrolls: int = 0
    include_action_history: bool = False
    files: tuple[str, ...] = ()
    """Paths of files the task may upload."""
    login: Login | None = None
    """Stored credentials; they go before what the prompt says."""
    one_time_code: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    """Returns the code for the log-in in hand, however long that takes. Raises :class:`NoCodeError`."""
    fetch_file: Callable[[str], Awaitable[str]] | None = field(default=None, repr=False)
    """Brings the file at an address here and returns its path. Raises :class:`NoFileError`."""
    recipe: Json = None
    """What an earlier run of the same task amounted to (:class:`ScriptMade`); it is done again, without planning."""
    falls_back: bool = True
    """Whether the agent takes over where the recipe no longer fits the page."""
    ask_model: Ask | None = field(default=None, repr=False)
    """A language model that plans instead of the rules, which only step in where it fails; None: the rules plan."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of reasoning: a plan, or a check whether the goal is reached."""

    kind: Literal["plan", "user_goal_check"]
    scenario: str
    """generate_plan, user_goal_check, summarization, ..."""
    observation: str
    thought: str
    answer: str
    output: Mapping[str, Json] = field(default_factory=dict)
    model: str | None = None
    """The language model whose reasoning it is; None: the rules'."""
    usage: Usage | None = None
    """What its reasoning took, with every attempt."""


@dataclass(frozen=True, slots=True)
class BlockOpened:
    """A piece of the plan is begun. Blocks do not nest here; one is open at a time."""

    block_type: str
    """goto_url, navigation, extraction, login, file_download, validation, wait, print_page."""
    label: str
    description: str
    url: str | None = None
    navigation_goal: str | None = None
    extraction_goal: str | None = None
    schema: Json = None


@dataclass(frozen=True, slots=True)
class BlockClosed:
    """The open block ended."""

    status: Literal["completed", "failed", "terminated"]
    output: Json = None
    failure_reason: str | None = None
    final_url: str | None = None


@dataclass(frozen=True, slots=True)
class StepOpened:
    """The agent looks at the page and decides anew; ``order`` counts from 0 over the whole run."""

    order: int


@dataclass(frozen=True, slots=True)
class StepClosed:
    """The step ended."""

    order: int
    status: Literal["completed", "failed"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done to the page, with the reason for it."""

    action_type: str
    """Wire name: click, input_text, select_option, checkbox, hover, scroll, keypress, goto_url, go_back,
    upload_file, download_file, wait, extract, complete, terminate, drag, switch_tab, close_page, ..."""
    reasoning: str
    """Why this, in a sentence a person can check against the page."""
    intention: str = ""
    """The part of the prompt it serves."""
    element_id: str | None = None
    element: Mapping[str, Json] | None = None
    """The element as the observation had it (tag, role, name, box, css, frame); None for page-level actions."""
    text: str | None = None
    """What is typed. A secret is masked before it gets here."""
    option: Mapping[str, Json] | None = None
    is_checked: bool | None = None
    url: str | None = None
    keys: tuple[str, ...] = ()
    confidence: float = 1.0
    download: bool = False
    extraction_goal: str | None = None


@dataclass(frozen=True, slots=True)
class ActionStarted:
    """The action is about to be done; ``key`` names it until it is finished."""

    key: int
    action: Action


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """The action was done and its effect checked."""

    key: int
    status: Literal["completed", "failed", "skipped"]
    response: str = ""
    """What the check saw: 'the address changed to ...', 'the field now holds ...'."""
    output: Json = None


@dataclass(frozen=True, slots=True)
class ArtifactMade:
    """Something to keep. ``action_key`` links it to the action it shows, if any."""

    artifact_type: str
    """A name from ``mock_server.artifacts.kinds``."""
    data: bytes
    step_order: int | None = None
    action_key: int | None = None
    filename: str | None = None
    """For downloads and pdf: the name the page gave the file."""
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """A line for skyvern_log."""

    level: Literal["debug", "info", "warning", "error"]
    message: str
    fields: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecretKnown:
    """The task holds a password or a code; whoever captures the browser must leave it out. Comes before it is used."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScriptMade:
    """What a run that reached its goal amounts to as code; comes right before ``Finished``."""

    recipe: Mapping[str, Json]
    """The steps as plain JSON; :attr:`Task.recipe` of a later run takes it."""
    source: str
    """The same as a Python script that runs by itself."""
    replayed: bool = False
    """Nothing is new about it: the run did just what its recipe says."""


@dataclass(frozen=True, slots=True)
class ScriptBroke:
    """The task's recipe does not fit the page any more; from here on the agent plans, if it may."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every run that was not canceled."""

    ending: Ending
    output: Json = None
    summary: str = ""
    """One or two sentences: what was done and what came of it."""
    failure_reason: str | None = None
    """Given for every ending but completed; says what to do about it."""
    errors: tuple[Mapping[str, Json], ...] = ()
    """``{error_code, reasoning, confidence_float, error_type}``."""


Event = (
    Thought
    | BlockOpened
    | BlockClosed
    | StepOpened
    | StepClosed
    | ActionStarted
    | ActionFinished
    | ArtifactMade
    | Log
    | SecretKnown
    | ScriptMade
    | ScriptBroke
    | Finished
)
