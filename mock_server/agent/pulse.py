"""The outer state of a page, and what it is asked to tell it.

Owns: the questions a page answers about itself: what it shows, whether it still waits for something, when it is at
rest. Must not: decide how long to wait (``watching``), or trust what a page answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_STATE: Final = """{count: pulse.count, url: location.href, title: own("title"), x: scrollX, y: scrollY,
  height: own("documentElement") ? own("documentElement").scrollHeight : 0}"""
_OWN: Final = """const own = name =>
  Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);"""
"""What the document has of its own: an image called "title" hides its title."""
PULSE: Final = f"""() => {{
  {_OWN}
  const key = Symbol.for("agent.pulse");
  let pulse = window[key];
  if (!pulse) {{
    pulse = {{count: 0, last: performance.now()}};
    new MutationObserver(list => {{ pulse.count += list.length; pulse.last = performance.now(); }})
      .observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
    Object.defineProperty(window, key, {{value: pulse, enumerable: false}});
  }}
  return {_STATE};
}}"""
HAS_TEXT: Final = "document.documentElement !== null && document.documentElement.textContent.trim() !== ''"
SHOWS: Final = f"""() => {{
  {_OWN}
  const body = own("body");
  if (!body || !own("scripts").length) return true;
  const text = body.innerText.trim();
  if (text && !/^(loading|please wait|one moment|starting)\\b.{{0,40}}$/i.test(text)) return true;
  const controls = body.querySelectorAll("a[href], button, input, select, textarea, canvas, iframe, [role=button]");
  return [...controls].some(control => control.getClientRects().length > 0);
}}"""
"""Whether there is anything to see or to use, or nothing to wait for."""
FILLED: Final = f"""() => {{
  {_OWN}
  const body = own("body");
  if (!body || !own("scripts").length) return true;
  const shown = element => element !== null && element.getClientRects().length > 0;
  const texts = Document.prototype.createTreeWalker.call(document, body, NodeFilter.SHOW_TEXT);
  for (let count = 0; count < 4000 && texts.nextNode(); count++) {{
    const said = texts.currentNode.nodeValue.trim();
    const waits = said.length < 40 && /^(loading|please wait|one moment|fetching)\\b.*(…|\\.\\.\\.)$/i.test(said);
    if (waits && shown(texts.currentNode.parentElement)) return false;
  }}
  return ![...body.querySelectorAll("[aria-busy=true]")].some(shown);
}}"""
"""Whether no part of the page says that it is still loading (*Loading …*, ``aria-busy``)."""
QUIETEN: Final = f"""({{quiet, limit}}) => new Promise(resolve => {{
  {_OWN}
  const pulse = window[Symbol.for("agent.pulse")] || {{count: 0, last: 0}};
  const start = performance.now();
  const look = () => {{
    const now = performance.now();
    const rest = quiet - (now - Math.max(pulse.last, start - quiet / 2));
    if (rest <= 0 || now - start >= limit) resolve({_STATE});
    else setTimeout(look, Math.max(5, Math.min(rest, 50)));
  }};
  look();
}})"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The outer state of a page: what must differ if it reacted to anything."""

    count: int
    """Mutations since the first look at this document."""
    url: str
    title: str
    x: float
    y: float
    height: float


def read_pulse(answer: Any) -> Pulse | None:
    """Return what the page answered, if it is what was asked for: a page may have put anything in its place."""
    if not isinstance(answer, dict):
        return None
    numbers: list[Any] = [answer.get(name) for name in ("count", "x", "y", "height")]
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    count, x, y, height = numbers
    return Pulse(int(count), str(answer.get("url")), str(answer.get("title")), x, y, height)
