"""From what the page-side script sent to an observation.

Owns: joining the frames' trees, listing elements, and putting lines, groups, facts and
structured data together. Must not: talk to a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mock_server.agent.observation import Element, Fact, Observation, Option, RecordGroup
from mock_server.agent.observation import Record as PageRecord
from mock_server.agent.records import facts as fact_finder
from mock_server.agent.records import structured
from mock_server.agent.records.groups import groups_of
from mock_server.agent.records.lines import lines_of
from mock_server.agent.records.nodes import Node, build, locate, settle

MAX_ELEMENTS: Final = 4000
MAX_READABLE: Final = 1200
MAX_IMAGES: Final = 500
_SMALL_BOX: Final = 60
_MAX_CONTEXT: Final = 400
_CONTEXT_TAGS: Final = frozenset({"tr", "li", "fieldset", "dialog", "form", "section", "article", "dl", "p"})
_ENCLOSED_ROLES: Final = frozenset({"button", "link", "option", "tab", "menuitem"})
_ATTRIBUTES: Final = frozenset(
    {
        "id",
        "class",
        "name",
        "title",
        "alt",
        "role",
        "for",
        "rel",
        "data-testid",
        "data-test",
        "target",
        "datetime",
        "download",
        "accept",
        "aria-controls",
        "aria-haspopup",
        "aria-describedby",
        "draggable",
        "style",
        "aria-current",
        "aria-sort",
        "aria-valuenow",
    }
)

Raw = Mapping[str, Any]
NameElement = Callable[[int, int], str]
"""(frame number, number in that frame) -> element id."""


@dataclass(frozen=True, slots=True)
class FrameView:
    """What one frame sent, and where it hangs."""

    raw: Raw
    number: int
    parent: int | None = None
    """Number of the frame that holds it; None for the main frame."""
    serial: int = 0
    """Number of the iframe element in that frame."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An observation with the tree it was read from."""

    observation: Observation
    root: Node | None
    frames: Mapping[int, str]
    """Frame number -> its name in the artifacts: main.frame or the id of the iframe element."""


def read(views: list[FrameView], name_element: NameElement) -> Reading:
    """Return the reading of a page from its frames, the main frame first."""
    main = views[0].raw
    root, frames = _join(views, name_element)
    view = main.get("view") or [1280, 720]
    viewport = (int(view[0]), int(view[1]))
    head = main.get("head") or {}
    meta = [(str(name), str(value)) for name, value in head.get("meta", ())]
    data = structured.parse_jsonld(head.get("jsonld", ())) + tuple(head.get("items", ()))
    common = {
        "url": main.get("url", ""),
        "title": " ".join(main.get("title", "").split()),
        "language": main.get("lang", ""),
        "scroll_y": float((main.get("scroll") or [0, 0])[1]),
        "page_height": float(main.get("height") or 0),
        "viewport": viewport,
        "content_type": main.get("type", "text/html"),
    }
    if root is None:
        return Reading(_plain(main, common), None, frames)
    order = list(root.walk())
    settle(order, viewport)
    locate(order)
    page_area = max(common["page_height"], viewport[1]) * viewport[0]
    groups, owners = groups_of(order, page_area)
    elements, cut = _elements(root, owners, frames, viewport)
    observation = Observation(
        **common,
        elements=elements,
        lines=lines_of(root),
        groups=groups,
        facts=fact_finder.facts_of(order, common["title"], meta),
        structured=data,
        images=tuple(_images(order)),
        dialog_open=any(node.region == "dialog" for node in order),
        truncated=cut or any(view.raw.get("truncated") for view in views),
    )
    return Reading(observation, root, frames)


def _images(order: list[Node]) -> Iterator[Fact]:
    """Yield the pictures that have an address, each address once."""
    known: set[str] = set()
    for node in order:
        source = node.attrs.get("src", "") if node.tag == "img" else ""
        if source and source not in known and len(known) < MAX_IMAGES:
            known.add(source)
            yield Fact(node.attrs.get("alt", "").strip(), source, "image")


def _join(views: list[FrameView], name_element: NameElement) -> tuple[Node | None, dict[int, str]]:
    frames = {0: "main.frame"}
    raw_root = views[0].raw.get("root")
    if not raw_root:
        return None, frames
    root = build(raw_root, 0)
    by_serial: dict[tuple[int, int], Node] = {}
    _name(root, name_element, by_serial)
    for view in views[1:]:
        holder = by_serial.get((view.parent if view.parent is not None else -1, view.serial))
        raw = view.raw.get("root")
        if holder is None or not raw:
            continue
        frames[view.number] = holder.ident
        inset = holder.attrs.get("inset", "0 0").split()
        offset = (holder.box.x + float(inset[0]), holder.box.y + float(inset[1]))
        child = build(raw, view.number, offset, holder)
        holder.children.append(child)
        _name(child, name_element, by_serial)
    return root, frames


def _name(root: Node, name_element: NameElement, by_serial: dict[tuple[int, int], Node]) -> None:
    for node in root.walk():
        if node.serial:
            node.ident = name_element(node.frame, node.serial)
            if node.tag in ("iframe", "frame"):
                by_serial[(node.frame, node.serial)] = node


def _plain(main: Raw, common: dict[str, Any]) -> Observation:
    """Read a document that is not a page: JSON, XML or text."""
    kind = common["content_type"]
    value = (
        structured.parse_xml(main["xml"])
        if main.get("xml")
        else structured.parse_json(main.get("text", ""))
        if kind.endswith("json")
        else None
    )
    text = main.get("text") or ""
    lines = tuple(_text_lines(text))
    groups: tuple[RecordGroup, ...] = ()
    facts: tuple[Fact, ...] = ()
    data: tuple[Mapping[str, Any], ...] = ()
    if value is not None:
        groups = structured.groups_in(value)
        facts = fact_finder.flatten(value, "json")
        data = (value,) if isinstance(value, dict) else ()
    return Observation(**common, lines=lines, groups=groups, facts=facts, structured=data)


def _text_lines(text: str) -> list[Any]:
    from mock_server.agent.observation import Line  # noqa: PLC0415 - one caller

    return [Line(" ".join(line.split())[:4000], "code") for line in text.splitlines()[:3000] if line.strip()]


def _elements(
    root: Node, owners: Mapping[int, tuple[str, PageRecord]], frames: Mapping[int, str], viewport: tuple[int, int]
) -> tuple[tuple[Element, ...], bool]:
    out: list[Element] = []
    readable = 0
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, enclosed = stack.pop()
        control = node.control
        listed = control is not None
        if not listed and not enclosed and node.own_text and readable < MAX_READABLE:
            listed = True
            readable += 1
        if not listed and node.tag == "img" and node.attrs.get("alt") and not enclosed:
            listed = True
        if listed and node.ident:
            if len(out) >= MAX_ELEMENTS:
                return tuple(out), True
            out.append(_element(node, owners, frames, viewport))
        inner = enclosed or (control is not None and node.role in _ENCLOSED_ROLES)
        stack.extend((child, inner) for child in reversed(node.children) if not isinstance(child, str))
    return tuple(out), False


def _element(
    node: Node, owners: Mapping[int, tuple[str, PageRecord]], frames: Mapping[int, str], viewport: tuple[int, int]
) -> Element:
    control = node.control or {}
    attrs = node.attrs
    text = node.text[:400]
    context, group = _surroundings(node, owners, text)
    box = node.box
    form = f"form-{control['form']}" if control.get("form") else ""
    if control.get("type") == "radio" and attrs.get("name"):
        group = f"radio:{attrs['name']}"
    max_length = attrs.get("maxlength", "")
    return Element(
        id=node.ident,
        tag=node.tag,
        role=node.role or _plain_role(node),
        name=control.get("name") or node.label or attrs.get("alt", "") or text[:200],
        text=text,
        value=control.get("value", ""),
        input_type=control.get("type", ""),
        placeholder=attrs.get("placeholder", ""),
        href=control.get("href", ""),
        labels=tuple(control.get("labels", ())),
        context=context,
        group=group or form,
        form=form,
        options=tuple(
            Option(label, value, bool(chosen), bool(off)) for label, value, chosen, off in control.get("options", ())
        ),
        checked=_tri(control.get("checked")),
        selected=_tri(control.get("selected")),
        expanded=_tri(control.get("expanded")),
        disabled="disabled" in control,
        required="required" in control,
        readonly="readonly" in control,
        multiple="multiple" in control,
        focused="focused" in control,
        invalid="invalid" in control,
        interactable=node.control is not None,
        in_viewport=box.width > 0
        and box.x < viewport[0]
        and box.y < viewport[1]
        and box.x + box.width > 0
        and box.y + box.height > 0,
        obscured="obscured" in control,
        in_dialog=node.region == "dialog",
        autocomplete=attrs.get("autocomplete", ""),
        pattern=attrs.get("pattern", ""),
        minimum=attrs.get("min", ""),
        maximum=attrs.get("max", ""),
        max_length=int(max_length) if max_length.isdigit() else None,
        attributes=_attributes(node),
        box=box,
        frame=frames.get(node.frame, "main.frame"),
        frame_index=node.frame,
        css=node.css,
        xpath=node.xpath,
    )


def _attributes(node: Node) -> dict[str, str]:
    """Return the attributes worth keeping; what has no class of its own is told that of the box it fills."""
    kept = {name: value for name, value in node.attrs.items() if name in _ATTRIBUTES}
    parent = node.parent
    fills = parent is not None and (
        parent.length == node.length or (node.tag == "a" and parent.length <= _SMALL_BOX and not parent.is_heading)
    )
    if parent is not None and fills and "class" not in kept and "id" not in kept:
        named = parent.attrs.get("class") or parent.attrs.get("id")
        if named:
            kept["parent-class"] = named
    return kept


def _plain_role(node: Node) -> str:
    if node.is_heading:
        return "heading"
    return {"p": "paragraph", "li": "listitem", "td": "cell", "th": "columnheader", "img": "img", "label": "label"}.get(
        node.tag, "generic"
    )


def _tri(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _surroundings(node: Node, owners: Mapping[int, tuple[str, PageRecord]], text: str) -> tuple[str, str]:
    """Return the text of the smallest thing around the node that says more than it, and its group's key."""
    context, group = "", ""
    for current in (node, *node.ancestors()):
        owner = owners.get(id(current))
        if owner is not None:
            group = group or owner[0]
            if not context and len(owner[1].text) > len(text):
                context = owner[1].text
        elif (
            not context
            and (current.tag in _CONTEXT_TAGS or current.region == "dialog")
            and current.length > len(text) + 1
        ):
            context = current.text
        if context and group:
            break
    return context[:_MAX_CONTEXT], group
