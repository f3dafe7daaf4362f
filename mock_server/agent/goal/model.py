"""What a prompt asks for, once it has been read.

Owns: the shape of a goal: ordered intents and their arguments. Must not: read text or
know about pages; ``grammar`` makes these, the planner works through them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "open",
    "back",
    "reload",
    "click",
    "operate",
    "close",
    "hover",
    "type",
    "select",
    "check",
    "uncheck",
    "press_key",
    "search",
    "sort",
    "filter",
    "next_page",
    "scroll",
    "upload",
    "download",
    "login",
    "logout",
    "fill_form",
    "compose",
    "submit",
    "wait",
    "locate",
    "extract",
    "verify",
    "drag",
    "mark",
    "print",
]
"""``operate`` is a verb the page itself has a control for (delete, archive, add to cart);
``compose`` is writing a text and sending it (reply, comment, post); ``mark`` is selecting a
stretch of text, and giving it the style that ``direction`` names."""

Relation = Literal["in", "near", "below", "above", "left_of", "right_of"]


@dataclass(frozen=True, slots=True)
class Extreme:
    """A superlative: which entry of several is meant."""

    word: str
    """As written: latest, cheapest, highest rated."""
    key: str
    """What is compared, in plain words: date, price, rating, size, or the noun that was given."""
    largest: bool
    """True for the largest value of ``key``, False for the smallest."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something on the page the target is described by: *in the row of X*, *below Y*."""

    relation: Relation
    phrase: str


@dataclass(frozen=True, slots=True)
class Target:
    """A thing on a page, as the prompt describes it."""

    phrase: str = ""
    """The words as written, without leading articles."""
    name: str = ""
    """What it is called: the quoted text, or the words left when role, position and anchor are taken away."""
    quoted: bool = False
    roles: tuple[str, ...] = ()
    """ARIA roles it may have; empty if the words say nothing about it."""
    ordinal: int | None = None
    """1 is the first; -1 the last."""
    anchor: Anchor | None = None
    extreme: Extreme | None = None
    every: bool = False
    limit: int = 0
    """How many of *every* are meant (*on two posts by X*); 0 for all."""
    excluded: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""
    contains: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known about it."""
        return not (
            self.name or self.roles or self.ordinal or self.extreme or self.starts or self.ends or self.contains
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the page that the prompt speaks of without saying it: *the text below*, *the last word in the box*."""

    unit: str
    """text, word, line, sentence, paragraph, letter or character; ``value`` of what ``name`` says; ``answer``."""
    ordinal: int = 0
    """Which of them, 1 the first and -1 the last; 0 where it is all."""
    place: Target | None = None
    """What holds it; None for the page."""
    below: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value and what it is for.

    ``name`` is empty where the prompt does not separate the two ("favourite colour
    blue"); the planner then looks for the label among the words of ``value``.
    """

    name: str
    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the prompt says about signing in. The password never appears in a repr."""

    username: str = ""
    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    """A one-time code, if the prompt gives one."""
    stored: bool = False
    """They were given apart from the prompt."""

    @property
    def source(self) -> str:
        """Where they come from, in words."""
        return "they are stored with the server" if self.stored else "the prompt gives them"

    def __bool__(self) -> bool:
        return bool(self.username or self.password)


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing to do, with what the prompt says about it."""

    kind: Kind
    text: str
    """The words of the prompt it was read from."""
    target: Target = Target()
    value: str = ""
    """What to type, the key, the address, the words to search or sort by, the pixels to wait for; depends on kind."""
    fields: tuple[FieldValue, ...] = ()
    choices: tuple[Target, ...] = ()
    """What to select or check, one entry each."""
    count: int = 1
    """How often to do it; for ``wait`` the seconds, for ``next_page`` the page number (0: the next one)."""
    direction: str = ""
    """For scroll: up, down, left, right, top, bottom; for sort: ascending or descending."""
    until: str = ""
    """Repeat until this is seen on the page."""
    condition: str = ""
    """Only if this is seen on the page; the intent is skipped otherwise."""
    unless: bool = False
    """The condition is negative."""
    about: str = ""
    """What the talk is about (*For the user X, click …*; *Find X and click …*): look there first."""
    refers_back: bool = False
    """The value is what an earlier intent found (*enter it into ...*)."""
    passage: Passage | None = None
    """The value is a text of the page (*type the text below*); for ``locate`` what is to be found."""
    submit: bool = False
    """Send the form when it is filled."""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A prompt, read."""

    prompt: str
    intents: tuple[Intent, ...] = ()
    credentials: Credentials = Credentials()
    data: tuple[FieldValue, ...] = ()
    """Name-value pairs given apart from any sentence (``Name: Jane``)."""
    forbidden: tuple[str, ...] = ()
    """What the prompt says not to do, in its words."""
    url: str | None = None
    """An address the prompt names, when it says to go there first."""
    confidence: float = 1.0
    """How well the words were understood, 0 to 1: the least of the intents'."""
