"""What the planner is given and what it answers: plain data.

Owns: the shapes of a move, a decision and the memory of a run. Must not: decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mock_server.agent.events import Action
from mock_server.agent.goal import Credentials, Goal, Intent
from mock_server.agent.observation import Element, Observation, Option

Verdict = Literal["act", "skip", "end"]
Ending = Literal["completed", "failed", "terminated"]


@dataclass(frozen=True, slots=True)
class Move:
    """One action, ready to be done."""

    action: Action
    intent: int
    """Index of the intent it serves."""
    element: Element | None = None
    place: Element | None = None
    """Where a drag ends."""
    drop: str = "center"
    """Where on ``place`` it is let go: center, before or after it."""
    by: tuple[float, float] | None = None
    """How far it is dragged, in CSS pixels, where no ``place`` is named."""
    text: str = field(default="", repr=False)
    """What is really typed; ``action.text`` is masked when it is a secret."""
    values: tuple[str, ...] = ()
    """Labels to choose, for select_option; paths, for upload_file."""
    then_press: str = ""
    """A key to press when the text is in."""
    by_key: bool = False
    """Type key by key, as something listens to each."""
    completes: bool = True
    """The intent is done when this has worked."""
    sample: bool = False
    """The value is made up because the prompt gave none."""
    sends: bool = False
    """It sends a form; what the page says next is the answer to it."""
    explores: bool = False
    """It looks for something rather than doing what was asked."""
    passed: int = 0
    """Entries of a list left behind by going to its next page."""
    amount: bool = False
    """It sets how many of a thing are wanted."""
    output: Any = None
    """For extract: what was found."""
    gathers: Any = None
    """What the page that is left told, of a list that goes on over several."""
    seconds: float = 0.0
    """For wait."""
    code: bool = False
    """It types the one-time code the run has in hand when it comes to it."""
    code_part: int | None = None
    """Only this character of the code."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next, and why."""

    verdict: Verdict
    reasoning: str
    moves: tuple[Move, ...] = ()
    stage: str = ""
    """Where the run stands, in a sentence."""
    ending: Ending | None = None
    output: Any = None
    evidence: tuple[str, ...] = ()
    """What the page says that bears on the ending."""
    found: str = ""
    """Text found on the way, for *enter it into …*."""
    skipped: tuple[tuple[int, str], ...] = ()
    """Intents found done or not needed, with the reason."""
    error_code: str = ""
    """For an ending with an error code of the service's own."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A move that was made, and what came of it."""

    intent: int
    action_type: str
    element_id: str = ""
    name: str = ""
    text: str = ""
    ok: bool = True
    effect: str = ""
    before: str = ""
    """Address before."""
    after: str = ""
    """Address after."""
    changed: bool = True
    sends: bool = False
    sample: bool = False
    explores: bool = False
    passed: int = 0
    amount: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What the run remembers between looks."""

    position: int = 0
    """Index of the intent in hand."""
    deeds: tuple[Deed, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences for the summary."""
    lines: frozenset[str] = frozenset()
    """The readable lines of the page before the last moves: what is not among them is news."""
    visited: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    """Names of the files that came."""
    dialogs: tuple[str, ...] = ()
    """Messages of JavaScript dialogs that were answered."""
    found: str = ""
    """Text an earlier intent found, for *enter it into …*."""
    output: Any = None
    gathered: tuple[Any, ...] = ()
    """What the pages of a list told so far that goes on over several."""
    offered: Credentials = field(default_factory=Credentials)
    """Credentials a page of this run openly offered."""
    files: tuple[str, ...] = ()
    """Paths the task may upload."""
    fetches: bool = False
    """Whether the task can bring files from an address."""
    asks_for_codes: bool = False
    """Whether the task can ask for a one-time code."""
    code: str = field(default="", repr=False)
    """The one-time code that was given."""
    no_code: tuple[str, str] | None = None
    """Asking brought none: the error code and why."""

    def with_deed(self, deed: Deed) -> Memory:
        """Return the memory after one more move."""
        return replace(self, deeds=(*self.deeds, deed))


@dataclass(frozen=True, slots=True)
class Situation:
    """One intent against one page."""

    goal: Goal
    intent: Intent
    index: int
    page: Observation
    memory: Memory
    schema: Any = None

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What was done for this intent so far."""
        return tuple(deed for deed in self.memory.deeds if deed.intent == self.index)

    @property
    def worked(self) -> tuple[Deed, ...]:
        """What was done for this intent, exploring left out, and worked."""
        return tuple(deed for deed in self.deeds if deed.ok and not deed.explores)

    @property
    def following(self) -> Intent | None:
        """The intent after this one."""
        after = self.index + 1
        return self.goal.intents[after] if after < len(self.goal.intents) else None

    def tried(self, element: Element, action_type: str = "") -> bool:
        """Whether this intent already acted on the element (of this document)."""
        return any(
            deed.element_id == element.id and (not action_type or deed.action_type == action_type)
            for deed in self.deeds
        )

    def news(self) -> tuple[str, ...]:
        """Lines that were not on the page before the last moves."""
        return tuple(line.text for line in self.page.lines if line.text not in self.memory.lines)

    def move(self, action_type: str, reasoning: str, element: Element | None = None, **extra: Any) -> Move:
        """Make a move for this intent; keywords go to the move or, where it has no such field, to its action."""
        own = {name: extra.pop(name) for name in tuple(extra) if name in _MOVE_FIELDS}
        action = Action(
            action_type=action_type,
            reasoning=reasoning,
            intention=self.intent.text,
            element_id=element.id if element is not None else None,
            element=describe_element(element, self.page.url) if element is not None else None,
            **extra,
        )
        return Move(action=action, intent=self.index, element=element, **own)

    def choice(self, field: Element, option: Option, reasoning: str, **extra: Any) -> Move:
        """Make the move that chooses an option of a native list."""
        chosen = {"label": option.label, "value": option.value}
        return self.move("select_option", reasoning, field, values=(option.label,), option=chosen, **extra)


_MOVE_FIELDS = frozenset(
    (
        "place",
        "drop",
        "by",
        "values",
        "then_press",
        "by_key",
        "completes",
        "sample",
        "sends",
        "explores",
        "passed",
        "amount",
        "output",
        "gathers",
        "seconds",
        "code",
        "code_part",
    )
)


def describe_element(element: Element, page_url: str) -> Mapping[str, Any]:
    """Return the element as actions carry it on the wire."""
    return {
        "tagName": element.tag,
        "role": element.role,
        "name": element.name[:200],
        "box": {"x": element.box.x, "y": element.box.y, "width": element.box.width, "height": element.box.height},
        "css": element.css,
        "xpath": element.xpath,
        "frame": element.frame,
        "page_url": page_url,
    }


def act(reasoning: str, *moves: Move) -> Decision:
    """Do these, in this order."""
    return Decision("act", reasoning, moves=moves)


def skip(reasoning: str) -> Decision:
    """There is nothing (more) to do for the intent."""
    return Decision("skip", reasoning)


def give_up(reasoning: str, *evidence: str) -> Decision:
    """The page shows that it can't be done."""
    return Decision("end", reasoning, ending="terminated", evidence=evidence)
