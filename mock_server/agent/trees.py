"""The element-tree artifacts of one look.

Owns: the shapes of visible_elements_tree and its companions, as the service writes them
(semantics 8.7, 8.8). Must not: read the page.
"""

from __future__ import annotations

import hashlib
import html as html_text
import re
from typing import Any, Final

from mock_server.agent.observation import Capture
from mock_server.agent.reading import Reading
from mock_server.agent.records.nodes import Node

_TRIMMED_ATTRIBUTES: Final = frozenset(
    {
        "accept",
        "alt",
        "aria-checked",
        "aria-controls",
        "aria-current",
        "aria-disabled",
        "aria-expanded",
        "aria-haspopup",
        "aria-invalid",
        "aria-label",
        "aria-pressed",
        "aria-required",
        "aria-selected",
        "aria-valuemax",
        "aria-valuemin",
        "aria-valuenow",
        "autocomplete",
        "checked",
        "disabled",
        "for",
        "href",
        "max",
        "maxlength",
        "min",
        "name",
        "pattern",
        "placeholder",
        "readonly",
        "required",
        "role",
        "selected",
        "src",
        "title",
        "type",
        "value",
    }
)
_LONG_HREF: Final = 150
_MAX_TEXT_TREE: Final = 400_000
_PASSWORD_VALUE: Final = re.compile(
    r"(<input\b(?=[^>]*\btype\s*=\s*[\"']?password)[^>]*?\bvalue\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE
)

Tree = dict[str, Any]


def artifacts_of(reading: Reading, html: str) -> Capture:
    """Return the capture: the observation with its trees and maps."""
    root = reading.root
    tree = [_full(root, reading.frames)] if root is not None else []
    trimmed = [made for made in (_trimmed(node) for node in tree) if made is not None]
    hrefs: dict[str, str] = {}
    text: list[str] = []
    for node in trimmed:
        _render(node, hrefs, text)
    nodes = [node for node in root.walk() if node.ident] if root is not None else []
    return Capture(
        observation=reading.observation,
        html=mask_passwords(html),
        tree=tree,
        tree_trimmed=trimmed,
        tree_text="".join(text)[:_MAX_TEXT_TREE],
        css_map={node.ident: node.css for node in nodes},
        frame_map={node.ident: reading.frames.get(node.frame, "main.frame") for node in nodes},
        xpath_map={node.ident: node.xpath for node in nodes},
        href_map=hrefs,
    )


def mask_passwords(html: str) -> str:
    """Return the HTML with the values of password inputs replaced by asterisks."""
    if "password" not in html.lower():
        return html
    return _PASSWORD_VALUE.sub(r'\1"********"', html)


def _full(node: Node, frames: Any) -> Tree:
    control = node.control
    attributes: dict[str, Any] = dict(node.attrs)
    attributes.pop("inset", None)
    if control is not None:
        if control.get("value") and node.tag in ("input", "textarea"):
            attributes["value"] = control["value"]
        for flag in ("checked", "selected"):
            if control.get(flag) is not None:
                attributes[flag] = bool(control[flag])
        for flag in ("disabled", "required", "readonly"):
            if flag in control:
                attributes[flag] = True
    made: Tree = {
        "id": node.ident,
        "frame": frames.get(node.frame, "main.frame"),
        "frame_index": node.frame,
        "interactable": control is not None,
        "hoverOnly": False,
        "tagName": node.tag,
        "attributes": attributes,
        "beforePseudoText": "",
        "text": node.own_text,
        "afterPseudoText": "",
        "children": [_full(child, frames) for child in node.nodes() if child.tag != "br"],
        "purgeable": control is None and not node.length,
        "keepAllAttr": False,
        "isSelectable": bool(control and control.get("options") is not None),
        "rect": {"x": node.box.x, "y": node.box.y, "width": node.box.width, "height": node.box.height},
    }
    if control and control.get("options"):
        made["options"] = [
            {"optionIndex": number, "text": label, "value": value}
            for number, (label, value, _, _) in enumerate(control["options"])
        ]
    if node.shadow and node.parent is not None:
        made["shadowHost"] = node.parent.ident
    return made


def _trimmed(node: Tree) -> Tree | None:
    """Return the node with fewer attributes and without empty wrappers, or None if nothing is left of it."""
    children: list[Tree] = []
    for child in node["children"]:
        kept = _trimmed(child)
        if kept is None:
            continue
        hollow = (
            not kept["interactable"]
            and not kept["text"]
            and not kept["attributes"]
            and kept["tagName"] in ("div", "span", "tbody")
        )
        children.extend(kept["children"] if hollow else [kept])
    attributes = {
        name: value for name, value in node["attributes"].items() if name in _TRIMMED_ATTRIBUTES and value != ""
    }
    if not node["interactable"] and node["tagName"] != "img":
        attributes = {
            name: value for name, value in attributes.items() if name.startswith(("aria", "role", "title", "for"))
        }
    if not (node["interactable"] or node["text"] or children or attributes.get("alt") or attributes.get("title")):
        return None
    out: Tree = {
        "id": node["id"],
        "frame": node["frame"],
        "frame_index": node["frame_index"],
        "interactable": node["interactable"],
        "tagName": node["tagName"],
        "attributes": attributes,
        "text": node["text"],
        "children": children,
    }
    for name in ("options", "shadowHost"):
        if name in node:
            out[name] = node[name]
    return out


def _render(node: Tree, hrefs: dict[str, str], out: list[str]) -> None:
    tag = "select" if node.get("options") else node["tagName"]
    parts = [f'<{tag} id="{node["id"]}"'] if node["interactable"] or tag == "img" else [f"<{tag}"]
    for name, value in node["attributes"].items():
        text = str(value)
        if name == "href" and len(text) > _LONG_HREF:
            mark = "_" + hashlib.sha256(text.encode()).hexdigest()
            hrefs[mark] = text
            text = "{{" + mark + "}}"
        elif name == "src" and len(text) > _LONG_HREF:
            continue
        parts.append(f" {name}" if value is True else f' {name}="{html_text.escape(text)}"')
    out.append("".join(parts) + ">")
    out.append(html_text.escape(node["text"], quote=False))
    out.extend(
        f'<option index="{option["optionIndex"]}">{html_text.escape(option["text"], quote=False)}</option>'
        for option in node.get("options", ())
    )
    for child in node["children"]:
        _render(child, hrefs, out)
    out.append(f"</{tag}>")
