"""The plan of a reading as Python source.

Owns: the text that reads the output again, and the helpers it needs. Pure. Must not: find
places; ``js/induce.js`` did.
"""

from __future__ import annotations

from textwrap import indent
from typing import Final

from mock_server.agent.scripting.recipe import Json, quoted

_TEXT: Final = '''
def text(found: Locator) -> str | None:
    """Return the text of the first element that was found, white space folded; None if there is none."""
    return " ".join((found.first.text_content() or "").split()) or None if found.count() else None
'''
_NUMBER: Final = '''
def number(said: str | None) -> int | float | None:
    """Return the first number in a text."""
    found = re.search(r"-?\\d[\\d,]*(?:\\.\\d+)?", said or "")
    if found is None:
        return None
    plain = found[0].replace(",", "")
    return float(plain) if "." in plain else int(plain)
'''
_PART: Final = '''
def part(pattern: str, said: str | None) -> str | None:
    """Return the part of a text a pattern marks."""
    found = re.search(pattern, said or "")
    return found[1].strip() if found else None
'''
_ATTRIBUTE: Final = '''
def attribute(found: Locator, name: str) -> str | None:
    """Return an attribute of the first element that was found; None if there is none."""
    return found.first.get_attribute(name) if found.count() else None
'''
_ADDRESS: Final = '''
def address(found: Locator, name: str) -> str | None:
    """Return where a link or a picture leads, as a whole address; None if there is none."""
    return found.first.evaluate("(element, name) => element[name]", name) if found.count() else None
'''
_HELPERS: Final = {"text": _TEXT, "number": _NUMBER, "part": _PART, "attribute": _ATTRIBUTE, "address": _ADDRESS}
_LOST: Final = "# The run worked this out from the page; no one place shows it: {what}"
_SHOWN: Final = 60


class Reading:
    """Says plans as code; knows afterwards which helpers the code needs."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._lists = 0
        self._patterns = False
        self._statements: list[str] = []

    @property
    def uses_patterns(self) -> bool:
        """Whether the code needs ``re``."""
        return self._patterns or bool(self._used & {"number", "part"})

    @property
    def uses_locators(self) -> bool:
        """Whether a helper takes a locator."""
        return bool(self._used & {"text", "attribute", "address"})

    def helpers(self) -> list[str]:
        """Return the source of the helpers, in a fixed order."""
        return [source for name, source in _HELPERS.items() if name in self._used]

    def say(self, plan: Json) -> tuple[list[str], str]:
        """Return the statements that have to come first, and the expression of the whole output."""
        self._statements = []
        expression = self._whole(plan)
        return self._statements, expression

    # -- inside -------------------------------------------------------------------------

    def _whole(self, plan: Json) -> str:  # noqa: PLR0911 - one form for each kind of plan
        match plan["kind"]:
            case "object":
                return _dictionary([(name, self._whole(inner)) for name, inner in plan["fields"]])
            case "items":
                return _listing([self._whole(inner) for inner in plan["items"]])
            case "rows":
                return self._rows(plan)
            case "entry":
                return self._entry(plan)
            case "value":
                place = self._place(plan["at"])
                self._add(f'{place}.first.wait_for(state="attached")')
                return self._read(place, plan["read"])
            case "title":
                return "page.title()"
            case "address":
                return "page.url"
            case "empty":
                return "[]"
            case "null":
                return "None"
        return self._lost(plan)

    def _lost(self, plan: Json) -> str:
        self._add(_LOST.format(what=repr(plan.get("value"))[:_SHOWN].replace("\n", " ")))
        return "None"

    def _add(self, statement: str) -> None:
        if statement not in self._statements:
            self._statements.append(statement)

    def _place(self, at: Json) -> str:
        if "text" not in at:
            return f"page.locator({quoted(at['css'])})"
        self._patterns = True
        label = f"page.locator({quoted(at['css'])}).filter(has_text=re.compile({_exactly(at['text'])}))"
        return f'{label}.locator("xpath=following-sibling::{at["next"]}[1]")'

    def _rows(self, plan: Json) -> str:
        self._lists += 1
        name = "entries" if self._lists == 1 else f"entries_{self._lists}"
        found = f"page.locator({quoted(plan['css'])})"
        self._add(f'{found}.first.wait_for(state="attached")')
        chosen = f"{found}.all(){_slice(plan)}"
        if plan["pick"] is not None:
            self._add("# The run chose these entries; the script takes those in the same places.")
            chosen = f"[{found}.all()[index] for index in {quoted(tuple(plan['pick']))}]"
        fields = self._fields(plan)
        if plan["scalar"]:
            entry = fields[0][1]
        else:
            entry = _dictionary(fields)
            if plan["optional"]:
                kept = f"if value is not None or name not in {quoted(plan['optional'])}"
                entry = (
                    "{\n    name: value\n    for name, value in " + _deeper(entry, "    ") + f".items()\n    {kept}\n}}"
                )
        self._add(f"{name} = []")
        body = f"{name}.append({entry})" if "\n" not in entry else f"{name}.append(\n{indent(entry, '    ')}\n)"
        self._add(f"for entry in {chosen}:\n{indent(body, '    ')}")
        return name

    def _entry(self, plan: Json) -> str:
        found = f"page.locator({quoted(plan['css'])})"
        if plan["index"]:
            self._add("# The run chose this entry; the script takes the one in the same place.")
        self._add(f"entry = {found}.nth({plan['index']})")
        self._add('entry.wait_for(state="attached")')
        return _dictionary(self._fields(plan))

    def _fields(self, plan: Json) -> list[tuple[str, str]]:
        for field, inner in plan["fields"]:
            if inner["kind"] == "lost":
                self._add(_LOST.format(what=field))
        return [(field, self._field(inner)) for field, inner in plan["fields"]]

    def _field(self, plan: Json) -> str:
        if plan["kind"] != "value":
            return "None"
        place = "entry"
        if plan.get("offset"):
            place += f'.locator("xpath=following-sibling::*[{plan["offset"]}]")'
        if plan["at"]["css"]:
            place += f".locator({quoted(plan['at']['css'])})"
        return self._read(place, plan["read"])

    def _read(self, place: str, read: Json) -> str:
        match read["how"]:
            case "text":
                return self._call("text", place)
            case "number":
                return self._call("number", self._call("text", place))
            case "prop":
                return self._call("address", place, quoted(read["name"]))
            case "attribute":
                said = self._call("attribute", place, quoted(read["name"]))
                return self._call("number", said) if read.get("number") else said
            case "match":
                said = self._call("part", _raw(read["pattern"]), self._call("text", place))
                return self._call("number", said) if read.get("number") else said
            case _:
                said = self._call("text", place)
                meaning = ", ".join(f"{quoted(word)}: {bool(truth)}" for word, truth in read["map"].items())
                return f"{{{meaning}}}.get({said})"

    def _call(self, helper: str, *arguments: str) -> str:
        self._used.add(helper)
        return f"{helper}({', '.join(arguments)})"


def _slice(plan: Json) -> str:
    start, stop, step, total = plan["start"], plan["stop"], plan["step"], plan["total"]
    if step in (0, 1) and start == 0 and stop == total:
        return ""
    return f"[{start or ''}:{stop}{f':{step}' if step > 1 else ''}]"


def _dictionary(fields: list[tuple[str, str]]) -> str:
    if not fields:
        return "{}"
    return "{\n" + "".join(f"    {quoted(name)}: {_deeper(value, '    ')},\n" for name, value in fields) + "}"


def _listing(items: list[str]) -> str:
    return "[\n" + "".join(f"    {_deeper(item, '    ')},\n" for item in items) + "]"


def _deeper(value: str, margin: str) -> str:
    return value.replace("\n", f"\n{margin}") if value.startswith(("{\n", "[\n")) else value


def _exactly(text: str) -> str:
    return _raw(rf"^\s*{_escaped(text)}\s*$")


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in r".*+?^${}()|[]\ "[:-1] else letter for letter in text)


def _raw(pattern: str) -> str:
    """Return a pattern as a raw string, or as a plain one where a raw one cannot hold it."""
    if "\n" not in pattern and not pattern.endswith("\\"):
        for quote in ('"', "'"):
            if quote not in pattern:
                return f"r{quote}{pattern}{quote}"
    return repr(pattern)
