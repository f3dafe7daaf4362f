"""What the agent sees of a page: plain data, no browser.

Owns: the shape of one look at a page (elements, text, repeated records, facts). Must
not: import Playwright or decide anything; ``observer`` fills it, the planner, grounding
and extraction read it, and all three are tested on hand-made observations.

Coordinates are CSS pixels of the top-level viewport. Order is document order, frames in
place of their element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels, relative to the top-level viewport."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select or listbox."""

    label: str
    value: str
    selected: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One visible thing that can be acted on (or, with ``interactable`` false, pointed at)."""

    id: str
    """Valid for one observation only; also names the element in the artifacts."""
    tag: str
    role: str
    """ARIA role, explicit or implied by the tag: button, link, textbox, combobox, ..."""
    name: str
    """Accessible name, by any route: aria-label(ledby), label, alt, title, own text, placeholder."""
    text: str = ""
    """Own visible text, white space folded."""
    value: str = ""
    """Current value of a field; passwords are masked."""
    input_type: str = ""
    """``type`` of an input, lower case; empty for others."""
    placeholder: str = ""
    href: str = ""
    """Absolute target of a link."""
    labels: tuple[str, ...] = ()
    """Every text that may label it, nearest first: label, heading, column header, row header, nearby text."""
    context: str = ""
    """Text of the smallest repeated record, row, dialog, fieldset or section around it (at most 400 characters)."""
    group: str = ""
    """What it belongs to: the ``name`` of a radio group, or the key of its form, table or record group."""
    form: str = ""
    """Key of the form it is in; empty outside forms."""
    options: tuple[Option, ...] = ()
    checked: bool | None = None
    selected: bool | None = None
    expanded: bool | None = None
    disabled: bool = False
    required: bool = False
    readonly: bool = False
    multiple: bool = False
    focused: bool = False
    invalid: bool = False
    interactable: bool = True
    in_viewport: bool = True
    obscured: bool = False
    """Something else (a dialog, an overlay) lies over its middle."""
    in_dialog: bool = False
    autocomplete: str = ""
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""
    max_length: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    box: Box = Box(0, 0, 0, 0)
    frame: str = "main.frame"
    frame_index: int = 0
    css: str = ""
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One block of readable text, as the eye takes it in (a heading, a paragraph, a list entry, a caption)."""

    text: str
    kind: str
    """heading, paragraph, item, cell, caption, code, label, alert, title, ..."""
    level: int = 0
    """1 to 6 for headings, else 0."""
    section: str = ""
    """Text of the nearest heading above it."""
    region: str = ""
    """Landmark it lies in: banner, navigation, main, complementary, contentinfo, dialog, form, or ""."""
    size: float = 0.0
    """Font size in CSS pixels; larger text usually matters more."""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value inside a record."""

    text: str
    key: str = ""
    """What names it: a column header, a label, an attribute (``class``, itemprop) in plain words; may be empty."""
    kind: str = "text"
    """text, heading, link, image, number, price, rating, date, email, phone."""
    href: str = ""
    src: str = ""
    path: str = ""
    """Structural path relative to the record; equal for the same field of sibling records."""
    hints: tuple[str, ...] = ()
    """Class names, itemprop, data-attributes, alt and title texts, in plain lower-case words."""
    element_id: str = ""
    """Id of the element that shows it, where it is one of the observation's elements."""
    size: float = 0.0
    value: str = ""
    """Machine-readable form where the page gives one (``datetime``, ``content``)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a repeated structure: a table row, a result, a card."""

    cells: tuple[Cell, ...]
    text: str
    """All its visible text, white space folded."""
    element_ids: tuple[str, ...] = ()
    """Interactable elements inside it."""
    box: Box = Box(0, 0, 0, 0)
    index: int = 0
    section: str = ""
    """Text of the nearest heading above it."""


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """A repeated structure found by shape: a table, a list of results, a grid of cards."""

    key: str
    kind: str
    """table, list or grid."""
    records: tuple[Record, ...]
    header: tuple[str, ...] = ()
    """Column headers, for tables that have them."""
    title: str = ""
    """Caption or nearest heading."""
    region: str = ""
    area: float = 0.0
    """Share of the page it covers, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named single value on the page: a dt/dd pair, ``Label: value``, a th/td row, a meta tag."""

    name: str
    value: str
    source: str
    """dl, table, text, meta, jsonld, microdata, heading, field, image."""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a page."""

    url: str
    title: str
    elements: tuple[Element, ...] = ()
    lines: tuple[Line, ...] = ()
    groups: tuple[RecordGroup, ...] = ()
    facts: tuple[Fact, ...] = ()
    structured: tuple[Mapping[str, Any], ...] = ()
    """JSON-LD objects and microdata items, as nested mappings."""
    images: tuple[Fact, ...] = ()
    """The pictures in reading order: ``name`` is what stands for one in words, ``value`` its address."""
    language: str = ""
    scroll_y: float = 0.0
    page_height: float = 0.0
    viewport: tuple[int, int] = (1280, 720)
    dialog_open: bool = False
    content_type: str = "text/html"
    truncated: bool = False
    """The page was larger than one look takes in; what lies beyond is missing."""

    def element(self, element_id: str) -> Element | None:
        """Return the element of that id, or None if this look did not hold it."""
        return next((element for element in self.elements if element.id == element_id), None)


@dataclass(frozen=True, slots=True)
class Capture:
    """The raw material of one look, kept for the artifacts of the step."""

    observation: Observation
    html: str
    tree: list[dict[str, Any]]
    """Forest of nodes as in ``visible_elements_tree``: id, frame, frame_index, interactable, tagName, attributes, text,
    children, rect, options."""
    tree_trimmed: list[dict[str, Any]]
    tree_text: str
    """HTML-like rendering of the trimmed tree, each interactable element with its id."""
    css_map: dict[str, str]
    frame_map: dict[str, str]
    xpath_map: dict[str, str]
    href_map: dict[str, str] = field(default_factory=dict)
    """``_<sha256>`` -> url, for links longer than 150 characters."""
