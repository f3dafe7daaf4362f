"""Clauses that put values into fields: name-value pairs in their many wordings.

Owns: reading *fill in the form with name Jane Doe, email jane@x.org* and its kind into
intents. Must not: look at a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.model import FieldValue, Intent, Target
from mock_server.agent.goal.passages import parse_passage
from mock_server.agent.goal.targets import bare, parse_target
from mock_server.agent.goal.text import MARK, Source
from mock_server.agent.goal.words import FIELD_WORDS, PRONOUNS, number_of

_FIELD: Final = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in FIELD_WORDS)
_QUOTE: Final = "\ue000\\d+\ue001"
_LEAD: Final = r"(?:(?:the|a|an|my|your|their|his|her|use|using|with|as|set|enter|put|of|and)\s+)*"
_LONG_TEXT: Final = re.compile(
    r"message|comment|description|feedback|details|notes?|body|text|enquiry|inquiry|question|reason|address",
    re.IGNORECASE,
)

_EXPLICIT: Final = re.compile(
    rf"^{_LEAD}(?P<name>[^\W\d_][\w /'&.-]{{0,48}}?)\s*(?::|=)\s*(?P<value>\S.*)$", re.IGNORECASE | re.DOTALL
)
_NAME_QUOTE: Final = re.compile(
    rf"^{_LEAD}(?P<name>[^\ue000,;]{{1,60}}?)\s*(?:\bas\b|\bto\b|\bis\b|\bwith\b|\bof\b|:|=)?\s*(?P<value>{_QUOTE})$",
    re.IGNORECASE,
)
_QUOTE_NAME: Final = re.compile(
    rf"^(?P<value>{_QUOTE})\s+(?:in|into|for|as|to|on|under)\s+{_LEAD}(?P<name>.{{1,60}})$", re.IGNORECASE
)
_KNOWN_VALUE: Final = re.compile(
    rf"^{_LEAD}(?P<name>{_FIELD})(?![\w'])(?:\s+(?:field|box|input))?\s*(?:(?:as|to|is|of|being|set\s+to)\s+|[:=]\s*)?(?P<value>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_VALUE_KNOWN: Final = re.compile(
    rf"^(?P<value>[^,;]{{1,200}}?)\s+(?:as|for)\s+{_LEAD}(?P<name>{_FIELD})(?:\s+field)?$", re.IGNORECASE
)
_NAME_TO: Final = re.compile(r"^(?P<name>.{1,60}?)\s+(?:to|as|with)\s+(?P<value>\S.*)$", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"\s*[,;\n]\s*(?:and\s+)?|\s+(?:and|&|plus|as well as)\s+", re.IGNORECASE)
_STARTS_PAIR: Final = re.compile(
    (
        rf"^{_LEAD}(?:(?:{_FIELD})(?![\w'])|[\w /'-]{{1,40}}?\s*[:=]\s|[^\ue000,;]{{1,40}}?\s*{_QUOTE}\s*$|"
        rf"{_QUOTE}\s+(?:in|into|for|as|to)\s)"
    ),
    re.IGNORECASE,
)
_GENERIC_PLACE: Final = re.compile(
    r"\s+(?:in|into|to|on|for)\s+(?:the\s+|their\s+|its\s+)?(?:(?:text|input|form|respective|corresponding|login|right|matching|appropriate)\s+)*"
    r"(?:fields|boxes|inputs|textboxes|text boxes|form|page)$",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(r"(?:on|of|in|for|at|by)\s+(?:the\s+|your\s+)?\w+\s+\S", re.IGNORECASE)
_NOT_VALUES: Final = frozenset(
    ["and", "or", "with", "field", "fields", "box", "below", "provided", "given", "form", "page"]
)


_STEPPING: Final = {"increase": "more", "raise": "more", "decrease": "less", "reduce": "less", "lower": "less"}
_CASED: Final = re.compile(
    r"\s*,?\s+(?:(?:in|with|using|as)\s+(?:all\s+|only\s+)?(?P<how>upper|lower|capital)[\s-]?(?:case)?(?:\s*letters?|\s*characters?|s)?"
    r"|(?:(?:written|spelled|in)\s+)?(?:backwards|reversed?|in reverse(?: order)?))",
    re.IGNORECASE,
)
_FORM: Final = re.compile(
    r"(?:in\s+|out\s+)?(?:the\s+|this\s+|that\s+|a\s+)?(?:[\w-]+\s+){0,4}(?:form|details|fields|information|steps|survey|questionnaire)\b",
    re.IGNORECASE,
)
_APPLIED: Final = re.compile(
    r"(?P<what>(?!(?:add|buy|order|reply|send|share|remove|delete|mark|save|star|post|log|sign|search)\b)[a-z]+\s[^:,\ue000]{2,60}?)"
    r"\s*(?::|\bwith\b(?:\s+the\b)?|\busing\b)\s*(?P<values>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE: Final = re.compile(r"(?:it|them|this|everything)\s+(?:(?:in|out|up)\s+)?(?=(?:with|using)\b)", re.IGNORECASE)
_FOUND: Final = re.compile(r"(?:it|them|that|this)\b(?!\s+\w+\s*\ue000)", re.IGNORECASE)


def field_values(text: str, source: Source) -> tuple[FieldValue, ...]:
    """Read a masked list of values, each with the words that name its field where they can be told apart."""
    segments: list[tuple[str, str]] = []
    start = 0
    separator = ""
    for match in [*_SEPARATOR.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end].strip()
        if piece:
            previous = segments[-1][1] if segments else ""
            if (
                segments
                and not _STARTS_PAIR.match(piece)
                and (_continues(previous) or separator.strip().lower() in ("and", "&"))
            ):
                segments[-1] = (segments[-1][0], f"{previous}{separator}{piece}")
            else:
                segments.append((separator, piece))
        if match:
            separator, start = match[0], match.end()
    values = (_field_value(segment, source) for _, segment in segments)
    return tuple(value for value in values if value is not None)


def _continues(previous: str) -> bool:
    """Whether an entry without a name of its own goes on with the text before it (*message Hello, how are you*)."""
    match = _KNOWN_VALUE.match(previous) or _EXPLICIT.match(previous)
    return bool(match and _LONG_TEXT.search(match["name"]) and not MARK.search(match["value"]))


def _field_value(segment: str, source: Source) -> FieldValue | None:
    for pattern in (_EXPLICIT, _NAME_QUOTE, _QUOTE_NAME, _VALUE_KNOWN, _KNOWN_VALUE):
        match = pattern.match(segment)
        if match is None:
            continue
        value = match["value"].strip()
        if pattern is _KNOWN_VALUE and _GOES_ON.match(value):
            continue  # "name on card Ada": the field's name is longer than the word it begins with
        name = bare(source.plain(match["name"]))
        plain = source.plain(value).strip()
        if plain.lower() in _NOT_VALUES or not name:
            return None
        return FieldValue(name=_field_name(name), value=plain, quoted=bool(re.fullmatch(_QUOTE, value)))
    mark = MARK.fullmatch(segment)
    if mark:
        atom = source.atoms[int(mark[1])]
        return FieldValue(name="email" if atom.kind == "email" else "", value=atom.text, quoted=atom.kind == "quote")
    plain = source.plain(segment).strip()
    return FieldValue(name="", value=plain) if plain else None


def _field_name(name: str) -> str:
    return re.sub(
        r"\s+(?:field|box|input|text ?box|text field)$",
        "",
        re.sub(r"^(?:the|my|your|a|an)\s+", "", name, flags=re.IGNORECASE),
        flags=re.IGNORECASE,
    )


def type_intents(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read a clause that began with *type*, *enter*, *fill*, *set* or the like: the first reading that fits it."""
    for reading in (_as_form, _as_passage, _as_pattern, _as_pairs, _as_found, _as_filled, _as_change, _as_placed):
        intent = reading(verb, rest, source)
        if intent is not None:
            return [replace(intent, text=source.written(f"{verb} {rest}").strip())]
    return [_as_text(verb, rest, source)]


def _as_form(verb: str, rest: str, source: Source) -> Intent | None:
    """*Fill in the contact form …*, *fill it in with …*."""
    if _FORM.match(rest):
        return form_intent(verb, rest, source)
    whole = _WHOLE.match(rest)
    return form_intent(verb, rest[whole.end() :], source) if whole and verb.startswith("fill") else None


def _as_passage(verb: str, rest: str, source: Source) -> Intent | None:
    """*Type the text below into the field*: a text of the page."""
    if verb in ("set", "change", "update"):
        return None
    placed = _placed(rest, source)
    for value, place in ((placed or (rest, "")), (rest, "")):
        passage = parse_passage(value, source)
        if passage is not None:
            return Intent("type", "", target=parse_target(place, source) if place else Target(), passage=passage)
    return None


def _as_pattern(_: str, rest: str, source: Source) -> Intent | None:
    """*Enter an item that starts with X*."""
    target = parse_target(rest, source)
    return Intent("type", "", choices=(target,)) if target.starts or target.ends or target.contains else None


def _as_pairs(_: str, rest: str, source: Source) -> Intent | None:
    """*Enter the username x and the password y*: several values, each with its name."""
    listed = field_values(_GENERIC_PLACE.sub("", rest), source)
    return Intent("type", "", fields=listed) if len([value for value in listed if value.name]) > 1 else None


def _as_found(_: str, rest: str, source: Source) -> Intent | None:
    """*Enter it into …*: what was found before."""
    if not _FOUND.match(rest):
        return None
    place = re.sub(r"^\w+\s*(?:into|in|to|on)?\b\s*", "", rest)
    return Intent("type", "", target=parse_target(place, source), refers_back=True)


def _as_filled(verb: str, rest: str, source: Source) -> Intent | None:
    """*Fill X with Y*."""
    match = re.match(r"(?P<name>.+?)\s+with\s+(?P<value>.+)$", rest, re.IGNORECASE)
    return _one(match["name"], match["value"], source) if match and verb.startswith("fill") else None


def _as_change(verb: str, rest: str, source: Source) -> Intent | None:
    """*Set X to Y*, *change X from Z to Y*; without a value it is a control of the page."""
    steps = re.match(r"(?P<name>.+?)\s+by\s+(?P<value>\d+|one|two|three|four|five)$", rest.strip(" ."), re.IGNORECASE)
    if verb in _STEPPING and steps:
        number = str(number_of(steps["value"]) or steps["value"])
        return Intent("type", "", target=parse_target(steps["name"], source), value=number, direction=_STEPPING[verb])
    if verb not in ("set", "change", "update", *_STEPPING):
        return None
    match = re.match(r"(?P<name>.+?)\s+(?:from\s+.+?\s+)?to\s+(?:be\s+)?(?P<value>.+)$", rest, re.IGNORECASE)
    if match:
        return _one(match["name"], match["value"], source)
    return Intent("operate", "", target=parse_target(rest, source), value=verb, confidence=0.5)


def _as_placed(_: str, rest: str, source: Source) -> Intent | None:
    """*Type X into Y*."""
    placed = _placed(rest, source)
    if placed is None or _GENERIC_PLACE.sub("", rest) != rest:
        return None
    value, place = placed
    pairs = field_values(value, source) if _STARTS_PAIR.match(value) else ()
    if len(pairs) > 1:
        return None
    unnamed = bool(pairs) and _says_nothing(pairs[0].name)
    text = pairs[0].value if unnamed else source.plain(_without_noun(_uncased(value))).strip()
    return Intent("type", "", value=_as_cased(text, value), target=parse_target(place, source))


def _as_text(verb: str, rest: str, source: Source) -> Intent:
    """*Type X*: into the field that is meant."""
    placeless = _GENERIC_PLACE.sub("", rest)
    intent = Intent("type", source.written(f"{verb} {rest}").strip())
    listed = field_values(placeless, source)
    if any(value.name for value in listed):
        return replace(intent, fields=listed)
    text = _as_cased(source.plain(_without_noun(_uncased(placeless))).strip(" ."), placeless)
    if text.lower() in PRONOUNS or not text:
        return replace(intent, refers_back=True, confidence=0.5)
    return replace(intent, value=text, confidence=0.9 if MARK.search(placeless) else 0.7)


def _uncased(value: str) -> str:
    """Take *in all upper case letters* off a text."""
    return _CASED.sub("", value)


def _as_cased(text: str, value: str) -> str:
    """Return the text in the letters the prompt wants it in."""
    match = _CASED.search(value)
    if match is None:
        return text
    how = (match["how"] or "back").lower()
    return (
        text.upper()
        if how.startswith(("upper", "capital"))
        else text.lower()
        if how.startswith("lower")
        else text[::-1]
    )


def _one(name: str, value: str, source: Source) -> Intent:
    if re.match(r"(?:it|them|that|this)$", value.strip(), re.IGNORECASE):
        return Intent("type", "", target=parse_target(name, source), refers_back=True)
    return Intent("type", "", target=parse_target(name, source), value=source.plain(value).strip(" ."))


def _says_nothing(name: str) -> bool:
    return name.lower() in ("text", "value", "word", "words", "phrase", "string", "number", "")


def _without_noun(value: str) -> str:
    """*the text "abc"* is just "abc"; *the text below* is left alone."""
    match = re.match(
        rf"(?:the\s+|a\s+|an\s+)?(?:text|value|words?|phrase|string|number|query|term|keyword|name|message|comment|"
        rf"password|username|user name|code|email|date|time)?\s*(?P<value>{_QUOTE})\s*$",
        value,
        re.IGNORECASE,
    )
    return match["value"] if match else value


def _placed(rest: str, source: Source) -> tuple[str, str] | None:
    """Part *X into the Y field* into (X, the Y field), both masked."""
    best: tuple[str, str] | None = None
    for match in re.finditer(r"\s+(into|in|to|on|inside|as|for)\s+", rest, re.IGNORECASE):
        value, place = rest[: match.start()], rest[match.end() :]
        word = match[1].lower()
        if not value.strip() or not place.strip():
            continue
        target = parse_target(place, source)
        looks_like_field = bool(target.roles) or bool(
            re.fullmatch(rf"{_LEAD}(?:{_FIELD})", place.strip(), re.IGNORECASE)
        )
        if (
            looks_like_field
            or word in ("into", "inside")
            or (target.quoted and MARK.search(value))
            or re.match(r"the\s", place, re.IGNORECASE)
        ):
            best = (value, place)
    return best


def applied(clause: str, source: Source) -> Intent | None:
    """Read *ask for a visit with name A, day Friday*, *make an appointment: Name: A, Day: B* as a form to fill in.

    None where less than two values are given, or where a thing is named that no field would hold (*add*, *order*).
    """
    match = _APPLIED.match(clause)
    if match is None:
        return None
    values = field_values(match["values"], source)
    if len(values) <= 1 or not any(value.name for value in values):  # one alone is said of a thing
        return None
    verb, _, rest = match["what"].partition(" ")
    if verb.casefold() == "check":  # *check out with name …*
        verb, rest = "checkout", "the checkout form"
    intent = form_intent(verb, rest, source)
    return replace(intent, text=source.written(clause).strip(), fields=values)


def form_intent(verb: str, rest: str, source: Source) -> Intent:
    """Read *fill out the contact form with …*, *sign up with …*, *register as …*."""
    match = re.match(
        r"(?P<form>.*?)(?:\s*(?:\bwith\b|\busing\b|\bby entering\b|\bas follows\b|:)\s*(?P<values>.*))?$",
        rest,
        re.IGNORECASE | re.DOTALL,
    )
    form, listed = (match["form"], match["values"] or "") if match else (rest, "")
    listed = re.sub(
        r"^[\s:]*(?:the\s+)?(?:following|these|this)\s*(?:data|details|values|information|info)?\s*:?\s*",
        "",
        listed,
        flags=re.IGNORECASE,
    ).lstrip(" :")
    given_elsewhere = re.match(
        r"(?:the\s+|some\s+|any\s+)?(?:provided|given|supplied|above|below|my|sample|test|dummy|random|fake|valid|required|appropriate|data|details)\b",
        listed,
        re.IGNORECASE,
    )
    values = () if given_elsewhere and ":" not in listed else field_values(listed, source)
    name = re.sub(r"^(?:in|out|up)\s+", "", form.strip(), flags=re.IGNORECASE)
    target = parse_target(name, source)
    named = re.sub(r"\s*\bforms?\b\s*", " ", target.phrase, flags=re.IGNORECASE).strip(" .")
    if verb in ("register", "sign up", "subscribe", "create an account", "create a new account"):
        named = f"{verb} {named}".strip()
    return Intent(
        "fill_form",
        source.written(f"{verb} {rest}").strip(),
        target=replace(target, name=bare(named)),
        fields=values,
        submit=True,
    )
