"""Every text a preview would put on a screen."""

from __future__ import annotations

from skyvern_tui.core.preview import (
    ArchivePreview,
    BinaryPreview,
    ElementsPreview,
    HarPreview,
    JsonPreview,
    LogPreview,
    PagePreview,
    TextPreview,
)
from skyvern_tui.core.previews.jsontree import opened_to
from skyvern_tui.core.previews.treerows import TreeRows


def texts_of(shown) -> list[str]:
    """Return them all, in no order that matters."""
    body: list[str] = []
    match shown:
        case TextPreview():
            body = list(shown.lines)
        case BinaryPreview():
            body = [shown.facts.kind, shown.facts.mime, shown.facts.warning, *shown.lines]
        case JsonPreview():
            nodes = TreeRows(shown.value, opened_to(3, shown.value))[:200]
            body = [*shown.lines, *(text for node in nodes for text in (node.key, node.text, node.where))]
        case LogPreview():
            body = [text for line in shown.lines for text in (line.time, line.level, line.text)]
        case PagePreview(page=page):
            links = [text for link in page.links for text in link]
            body = [page.title, *shown.source, *(x.text for x in page.lines), *(x.text for x in page.tree), *links]
        case HarPreview():
            for call in shown.waterfall.calls:
                entry = call.entry
                pairs = (*call.query, *call.request_headers, *call.response_headers)
                body += [entry.method, entry.url, entry.mime, entry.error, call.status_text, call.server]
                body += [text for pair in pairs for text in pair]
        case ElementsPreview():
            body = [text for one in shown.elements.all for text in (one.id, one.line, one.frame)]
        case ArchivePreview():
            body = [member.name for member in shown.members]
            body += [text for call in shown.calls for text in (call.name, call.detail, call.error)]
        case _:
            body = []
    return [*body, *shown.notes]
