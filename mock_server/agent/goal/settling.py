"""What the intents of a prompt mean for one another.

Owns: where *find X* says where to act, questions told together, credentials said twice,
data given apart, and which intent sends a form. Must not: read text into intents.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.credentials import find_credentials
from mock_server.agent.goal.model import Credentials, FieldValue, Intent, Target
from mock_server.agent.goal.words import PRONOUNS

_CREDENTIAL_FIELD: Final = re.compile(r"user|login|e-?mail|pass|pwd|account|credential", re.IGNORECASE)
_SENDING: Final = re.compile(
    r"\b(?:submit|send|save|continue|next|register|sign up|ok|confirm|apply|finish|done|go|place|request|book|reserve|"
    r"order|buy|purchase|pay|publish|checkout|check out)\b",
    re.IGNORECASE,
)
_SETTING: Final = re.compile(r"(?:set|change|put|mark|switch)\b", re.IGNORECASE)
_READ: Final = 0.5
"""Confidence from which on a clause had a verb that was understood."""
ABOUT: Final = frozenset(["click", "operate", "hover", "compose", "download", "check", "select", "type", "drag"])
"""Kinds of intent that act on what the talk is about."""


def settle(
    intents: list[Intent], data: list[FieldValue], forbidden: list[str], credentials: Credentials, prompt: str
) -> list[Intent]:
    """Apply what one intent means for another."""
    intents = _copied(intents)
    intents = _locations(intents)
    intents = _told_together(intents)
    intents = _signing_in(intents, credentials)
    intents = _data(intents, data)
    if len(intents) == 1 and intents[0].kind == "extract":
        intents = [replace(intents[0], value=" ".join(prompt.split()))]
    return _submissions(intents, forbidden)


def _copied(intents: list[Intent]) -> list[Intent]:
    """*Copy the text in X and paste it into Y* takes a text along; *solve the sum and type the answer* does so too."""
    result: list[Intent] = []
    for index, intent in enumerate(intents):
        following = intents[index + 1] if index + 1 < len(intents) else None
        typed = following is not None and following.kind == "type"
        if typed and following is not None and intent.kind in ("extract", "operate", "locate"):
            if following.passage is not None and following.passage.unit == "answer":
                continue  # working it out is part of reading it
            if intent.kind == "extract" and intent.passage is not None and following.refers_back:
                result.append(replace(intent, kind="locate"))
                continue
        result.append(intent)
    return result


def _locations(intents: list[Intent]) -> list[Intent]:
    """*Find X* before an action says where to act; at the end, or before a question, it is a question itself."""
    result: list[Intent] = []
    about = ""
    for index, intent in enumerate(intents):
        following = intents[index + 1] if index + 1 < len(intents) else None
        if intent.kind == "locate":
            if intent.target.empty and intent.passage is None and following is not None:
                continue
            if following is None or following.kind in ("extract", "verify", "locate"):
                result.append(replace(intent, kind="extract", target=Target()))
                continue
            about = intent.target.phrase
            result.append(intent)
            continue
        if intent.kind in ("open", "back", "search"):
            about = ""
        if about and not intent.about and intent.kind in ABOUT:
            result.append(replace(intent, about=about))
            continue
        if intent.kind in ("operate", "compose") and not intent.about:
            said = intent.target.phrase.casefold()
            before = next((one for one in reversed(result) if one.kind in ("operate", "compose", "click")), None)
            if before is not None and (said in PRONOUNS or intent.target.empty):
                result.append(replace(intent, about=before.about or _subject(before.target)))
                continue
        result.append(intent)
    return result


def _subject(target: Target) -> str:
    """What an entry was told by: *the mail from Ivo* by *Ivo*."""
    return target.anchor.phrase if target.anchor is not None and target.anchor.relation == "in" else target.phrase


def _told_together(intents: list[Intent]) -> list[Intent]:
    """Join neighbouring questions: *find the cheapest product* + *tell me its name* are one."""
    result: list[Intent] = []
    for intent in intents:
        previous = result[-1] if result else None
        if (
            intent.kind == "extract"
            and previous is not None
            and previous.kind == "extract"
            and previous.condition == intent.condition
        ):
            text = f"{previous.value.rstrip(' .')}. {intent.value}"
            result[-1] = replace(
                previous, text=text, value=text, confidence=max(previous.confidence, intent.confidence)
            )
        else:
            result.append(intent)
    return result


def _signing_in(intents: list[Intent], credentials: Credentials) -> list[Intent]:
    """Drop *enter username x and password y* and *press login* where *log in* already says so."""
    if not any(intent.kind == "login" for intent in intents):
        return intents
    result: list[Intent] = []
    for intent in intents:
        names = [value.name for value in intent.fields] or ([intent.target.phrase] if intent.kind == "type" else [])
        typed = (
            intent.kind in ("type", "fill_form")
            and names
            and all(_CREDENTIAL_FIELD.search(name) for name in names)
            and credentials
        )
        pressed = intent.kind in ("click", "submit") and re.fullmatch(
            r"(?:log|sign)[\s-]?in|submit|login", intent.target.name or "submit", re.IGNORECASE
        )
        after_login = any(done.kind == "login" for done in result)
        repeated = intent.kind == "login" and after_login
        leftover = intent.kind == "extract" and intent.confidence < _READ and bool(find_credentials(intent.text))
        if typed or repeated or leftover or (pressed and after_login and result[-1].kind == "login"):
            continue
        result.append(intent)
    return result


def _data(intents: list[Intent], data: list[FieldValue]) -> list[Intent]:
    """Give data listed apart (``Name: Jane``) to the form it is meant for."""
    if not data:
        return intents
    for index, intent in enumerate(intents):
        if intent.kind == "fill_form" or (intent.kind == "type" and not intent.fields and not intent.value):
            intents[index] = replace(intent, kind="fill_form", fields=(*intent.fields, *data), submit=True)
            return intents
    signs_in = any(intent.kind == "login" for intent in intents) and all(
        _CREDENTIAL_FIELD.search(value.name) for value in data
    )
    if not signs_in:
        text = "; ".join(f"{value.name}: {value.value}" for value in data)
        intents.append(Intent("fill_form", text, fields=tuple(data), submit=False, confidence=0.6))
    return intents


def _submissions(intents: list[Intent], forbidden: list[str]) -> list[Intent]:
    """A form is sent once: by its own intent, by a later one that says so, or not at all if that is forbidden."""
    refused = any(re.search(r"\b(?:submit|send|click|press)", what, re.IGNORECASE) for what in forbidden)
    result: list[Intent] = []
    owing = False
    for index, intent in enumerate(intents):
        if owing and not _goes_on_filling(intent):
            if not _sends(intent) and not refused:
                result.append(Intent("submit", "send the form", submit=True, confidence=0.8))
            elif intent.kind == "operate" and intent.target.phrase.casefold() in PRONOUNS:
                name = Target(phrase=intent.value, name=intent.value)  # *… and buy it*: by the form's own button
                intent = Intent("submit", intent.text, target=name, submit=True)  # noqa: PLW2901 - as below
            owing = False
        later = intents[index + 1 :]
        explicit = any(_sends(following) for following in later[:2])
        more = bool(later) and _goes_on_filling(later[0])
        composes = intent.kind == "compose" and not intent.fields and _sets_beside(later)
        if (intent.kind == "fill_form" and intent.submit and more) or composes:
            owing = True
        unsent = refused or composes or ((explicit or more) and intent.kind == "fill_form")
        if intent.kind in ("fill_form", "compose") and unsent:
            intent = replace(intent, submit=False)  # noqa: PLW2901 - intents are frozen; this is the one of the loop, as it now is
        result.append(intent)
    if owing and not refused:
        result.append(Intent("submit", "send the form", submit=True, confidence=0.8))
    return result


def _goes_on_filling(intent: Intent) -> bool:
    """Whether an intent fills in more of the form that an earlier one began (*fill in …. Choose X, tick Y*)."""
    if intent.kind not in ("select", "check", "uncheck", "type", "upload"):
        return False
    return not any(choice.ordinal is not None for choice in intent.choices) and not intent.condition


def _sets_beside(later: list[Intent]) -> bool:
    """Whether something is set, chosen or ticked right after a text was written: beside it, before it is sent."""
    beside = bool(later) and later[0].kind in ("select", "check", "uncheck", "type") and _goes_on_filling(later[0])
    return beside and (later[0].kind != "type" or bool(_SETTING.match(later[0].text)))


def _sends(intent: Intent) -> bool:
    if intent.kind in ("click", "operate"):
        return bool(_SENDING.search(f"{intent.target.phrase} {intent.value}"))
    return intent.kind == "submit" or (intent.kind == "press_key" and intent.value == "Enter")
