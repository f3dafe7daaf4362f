"""From a model's answer to the decision the hands can carry out.

Owns: which actions there are, what each needs, and that none reaches beyond what the
page shows and the task gives. Pure. Must not: read the model's text (``answer`` does).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from mock_server.agent.events import Task
from mock_server.agent.evidence import alerts, errors_in
from mock_server.agent.goal import Goal
from mock_server.agent.grounding import is_text_field
from mock_server.agent.llm.answer import ACTION, AnswerError
from mock_server.agent.llm.extracted import Shown, check_schema
from mock_server.agent.llm.placeholders import CODE, USERNAME, Placeholders
from mock_server.agent.observation import Element, Option
from mock_server.agent.planner import Decision, Memory, Move, decide, with_scheme
from mock_server.agent.planner.codes import code_fields, code_moves, is_code_field
from mock_server.agent.planner.core import block_of
from mock_server.agent.planner.fields import is_secret
from mock_server.agent.planner.model import Situation, act
from mock_server.agent.planner.transfers import is_address

LONGEST_WAIT_S: Final = 30.0
LONGEST_TEXT: Final = 20_000
GUESSED: Final = 0.5
"""No more confidence than this have parts that were not understood; a model may understand them otherwise."""
_KEY: Final = re.compile(r"[A-Za-z0-9]+(?:\+[A-Za-z0-9]+)*\Z")
_WAYS: Final = frozenset(("up", "down", "top", "bottom", "left", "right"))
_TICKED: Final = frozenset(("checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"))
_ADDRESS: Final = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?|https?://[^\s/\"']+", re.IGNORECASE)
_ALIASES: Final = {
    "type": "input_text",
    "fill": "input_text",
    "select": "select_option",
    "check": "checkbox",
    "press_key": "keypress",
    "press": "keypress",
    "navigate": "goto_url",
    "goto": "goto_url",
    "back": "go_back",
    "reload": "reload_page",
    "upload": "upload_file",
    "download_file": "click",
    "done": "complete",
    "finish": "complete",
}

Answer = dict[str, Any]


class Reader:
    """Turns answers into decisions, for one look at one page.

    Every method that takes an answer raises AnswerError for one that cannot be carried out.
    """

    def __init__(
        self, task: Task, goal: Goal, memory: Memory, *, situation: Situation, placeholders: Placeholders, shown: Shown
    ) -> None:
        self._task = task
        self._goal = goal
        self._memory = memory
        self._at = situation
        self._placeholders = placeholders
        self._shown = shown
        self.unproven: list[str] = []
        """Values of the last extraction that no page shows."""
        self._makers: Final[dict[str, Callable[[Answer], Decision]]] = {
            "click": self._click,
            "input_text": self._input_text,
            "select_option": self._select_option,
            "checkbox": self._checkbox,
            "upload_file": self._upload_file,
            "hover": self._hover,
            "drag": self._drag,
            "keypress": self._keypress,
            "scroll": self._scroll,
            "goto_url": self._goto_url,
            "go_back": self._plain,
            "reload_page": self._plain,
            "wait": self._wait,
            "extract": self._extract,
        }

    def decision(self, answer: Answer) -> Decision:
        """Return what the answer says to do.

        Raises:
            AnswerError: It cannot be done; the message tells the model why.
        """
        self._at = replace(self._at, index=self._part(answer))
        self._at = replace(self._at, intent=self._goal.intents[self._at.index])
        kind = self._kind(answer)
        if kind == "complete":
            return self._complete(answer)
        if kind == "terminate":
            return self._terminate(answer)
        decision = self._makers[kind](answer)
        return replace(
            decision, stage=f"Part {self._at.index + 1} of {len(self._goal.intents)}: {self._at.intent.text}"
        )

    # -- what answers have in common ---------------------------------------------------------

    def _kind(self, answer: Answer) -> str:
        said = str(answer.get(ACTION, "")).strip().casefold().replace("-", "_").replace(" ", "_")
        kind = _ALIASES.get(said, said)
        if said == "download_file":
            answer["download"] = True
        if kind not in self._makers and kind not in ("complete", "terminate"):
            known = ", ".join((*self._makers, "complete", "terminate"))
            raise AnswerError(f"There is no action {said[:40]!r}. The actions are: {known}.")
        return kind

    def _part(self, answer: Answer) -> int:
        """The part of the task that is in hand; it never goes back before what was done."""
        part, last = answer.get("part"), len(self._goal.intents) - 1
        index = part - 1 if isinstance(part, int) and not isinstance(part, bool) else self._memory.position
        return min(max(index, self._memory.position, 0), last)

    def _reasoning(self, answer: Answer, kind: str) -> str:
        for name in ("reasoning", "thought", "reason", "action_plan"):
            said = answer.get(name)
            if isinstance(said, str) and said.strip():
                return self._placeholders.mask(said.strip())[:1000]
        return f"The model chose {kind} and gave no reason."

    def _element(self, answer: Answer, name: str = "id") -> Element:
        said = answer.get(name, answer.get("element_id") if name == "id" else None)
        if not isinstance(said, str | int) or isinstance(said, bool) or said == "":
            raise AnswerError(f"{answer[ACTION]} needs {name!r}, the id of an element of the page.")
        element = self._at.page.element(str(said).strip())
        if element is None or not (element.interactable or element.tag == "img"):
            raise AnswerError(
                f"The page has no element with the id {str(said)[:40]!r}. Use an id of the page as it is now."
            )
        if element.disabled:
            raise AnswerError(f"{element.name or element.role!r} ({element.id}) is disabled.")
        return element

    def _move(self, kind: str, answer: Answer, element: Element | None = None, **extra: Any) -> Move:
        said = answer.get("confidence", answer.get("confidence_float"))
        sure = float(said) if isinstance(said, int | float) and 0 <= said <= 1 else 1.0
        return self._at.move(kind, self._reasoning(answer, kind), element, completes=False, confidence=sure, **extra)

    def _one(self, move: Move) -> Decision:
        return act(move.action.reasoning, move)

    # -- the actions -------------------------------------------------------------------------

    def _click(self, answer: Answer) -> Decision:
        element = self._element(answer)
        download = answer.get("download") is True
        keys = ("double",) if answer.get("double") is True else ()
        sends = bool(element.form) and (element.role == "button" or element.input_type in ("submit", "image"))
        kind, url = ("download_file", element.href or None) if download else ("click", None)
        return self._one(self._move(kind, answer, element, keys=keys, sends=sends, download=download, url=url))

    def _input_text(self, answer: Answer) -> Decision:
        element, text = self._element(answer), answer.get("text")
        if not is_text_field(element) and element.role not in ("combobox", "slider", "date", "time", "color"):
            raise AnswerError(f"{element.name or element.role!r} ({element.id}) is a {element.role} and takes no text.")
        if isinstance(text, int | float) and not isinstance(text, bool):
            text = str(text)
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise AnswerError("input_text needs 'text', the text to type.")
        used = self._placeholders.used(text)
        if CODE in used and CODE in self._placeholders.names:
            return self._code(answer, element, text)
        self._check_secrets(used, element)
        typed, shown = self._placeholders.fill(text), self._placeholders.mask(text)
        enter = answer.get("press_enter") is True
        by_key = element.role == "combobox" and element.tag != "select"
        move = self._move(
            "input_text", answer, element, then_press="Enter" if enter else "", sends=enter, by_key=by_key
        )
        action = replace(move.action, text="*" * 8 if is_secret(element) else shown)
        return self._one(replace(move, text=typed, action=action))

    def _check_secrets(self, used: tuple[str, ...], element: Element) -> None:
        unknown = [name for name in used if name not in self._placeholders.names]
        if unknown:
            known = ", ".join("{{" + name + "}}" for name in self._placeholders.names) or "none"
            raise AnswerError(f"There is no value named {unknown[0]!r}. The names are: {known}.")
        hidden = [name for name in used if name != USERNAME]
        if hidden and not is_secret(element) and not (hidden[0].startswith("secret_") and self._is_named(element)):
            # A page must not get at a secret by talking the model into writing it where it is read.
            raise AnswerError(f"{{{{{hidden[0]}}}}} may only be typed into a password field; {element.id} is none.")

    def _is_named(self, element: Element) -> bool:
        """Whether the prompt itself names the field: it then said what is to stand there."""
        names = [pair.name for intent in self._goal.intents for pair in intent.fields]
        names += [pair.name for pair in self._goal.data]
        names += [intent.target.name for intent in self._goal.intents if intent.kind == "type"]
        labels = {label.casefold().strip(" :*") for label in (element.name, *element.labels[:2])}
        return any(name and name.casefold().strip(" :*") in labels for name in names)

    def _code(self, answer: Answer, element: Element, text: str) -> Decision:
        """Type the one-time code, box by box where it has boxes; get it first if it is not in hand."""
        fields = code_fields(self._at)
        if element.id not in {field.id for field in fields} and not is_code_field(element):
            raise AnswerError(
                f"{{{{code}}}} may only be typed into the field that asks for a code; {element.id} is none."
            )
        if text.strip().replace(" ", "") != "{{code}}":
            raise AnswerError("The text for the code is {{code}} and nothing else.")
        boxes = fields if any(field.id == element.id for field in fields) else [element]
        moves = code_moves(self._at, boxes)
        if not moves:
            raise AnswerError("No one-time code can be had for this task.")
        return act(self._reasoning(answer, "input_text"), *moves)

    def _select_option(self, answer: Answer) -> Decision:
        element, said = self._element(answer), answer.get("option", answer.get("text"))
        if element.tag != "select":
            raise AnswerError(f"{element.id} is no native list. Click it to open it, then click the option.")
        if isinstance(said, dict):
            said = next((said[name] for name in ("label", "value", "index") if said.get(name) is not None), None)
        option = _option(element, said)
        chosen = {"label": option.label, "value": option.value}
        return self._one(self._move("select_option", answer, element, values=(option.label,), option=chosen))

    def _checkbox(self, answer: Answer) -> Decision:
        element, wanted = self._element(answer), answer.get("is_checked", True)
        if element.role not in _TICKED and element.checked is None:
            raise AnswerError(f"{element.id} is a {element.role} and cannot be ticked. Click it instead.")
        return self._one(self._move("checkbox", answer, element, is_checked=wanted is not False))

    def _upload_file(self, answer: Answer) -> Decision:
        element, said = self._element(answer), answer.get("file", answer.get("file_url", answer.get("text")))
        if element.input_type != "file" and element.role != "file":
            raise AnswerError(f"{element.id} takes no file.")
        files = {PurePath(path).name: path for path in self._task.files}
        said = str(said or "").strip() or (next(iter(files)) if len(files) == 1 else "")
        if said in files:
            path = files[said]
        elif is_address(said) and self._memory.fetches and said in self._task.prompt:
            path = said
        else:
            raise AnswerError(f"The task has no file {said[:80]!r}. It has: {', '.join(files) or 'none'}.")
        return self._one(self._move("upload_file", answer, element, values=(path,), text=PurePath(said).name or "file"))

    def _hover(self, answer: Answer) -> Decision:
        return self._one(self._move("hover", answer, self._element(answer)))

    def _drag(self, answer: Answer) -> Decision:
        return self._one(self._move("drag", answer, self._element(answer), place=self._element(answer, "to")))

    def _keypress(self, answer: Answer) -> Decision:
        said = answer.get("keys", answer.get("key"))
        keys = tuple(str(key) for key in (said if isinstance(said, list) else [said] if said else []))
        if not keys or len(keys) > 10 or not all(_KEY.match(key) and len(key) <= 30 for key in keys):  # noqa: PLR2004 - no key has a longer name
            raise AnswerError('keypress needs "keys", such as ["Enter"] or ["Control+A"].')
        element = self._element(answer) if answer.get("id") else None
        return self._one(self._move("keypress", answer, element, keys=keys, sends=keys[-1] == "Enter"))

    def _scroll(self, answer: Answer) -> Decision:
        way = str(answer.get("direction") or "").casefold()
        if answer.get("id"):
            return self._one(
                self._move("scroll", answer, self._element(answer), text=way if way in _WAYS else "into view")
            )
        if way not in _WAYS:
            raise AnswerError(f"scroll needs 'direction', one of {', '.join(sorted(_WAYS))}, or an id.")
        return self._one(self._move("scroll", answer, text=way))

    def _goto_url(self, answer: Answer) -> Decision:
        said, page = answer.get("url"), self._at.page
        if not isinstance(said, str) or not said.strip():
            raise AnswerError("goto_url needs 'url'.")
        said = said.strip()
        url = urljoin(page.url, said) if said.startswith(("/", "?", "#", "./", "../")) else with_scheme(said)
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            raise AnswerError(f"{said[:120]!r} is no address.") from None
        if parts.scheme not in ("http", "https") or not host:
            raise AnswerError(f"{said[:120]!r} is no address of a web page.")
        if host not in self._hosts() and url not in {element.href for element in page.elements}:
            # What a page says must not send the run, and what it knows, to places nobody asked for.
            raise AnswerError(f"{host!r} is not a site of this task, nor is the address a link of the page.")
        return self._one(self._move("goto_url", answer, url=url))

    def _hosts(self) -> set[str]:
        named = [match[0] for match in _ADDRESS.finditer(self._task.prompt)]
        known = [self._task.url or "", self._goal.url or "", self._at.page.url, *self._memory.visited, *named]
        return {(urlsplit(with_scheme(address)).hostname or "").lower() for address in known if address} - {""}

    def _plain(self, answer: Answer) -> Decision:
        return self._one(self._move(self._kind(answer), answer))

    def _wait(self, answer: Answer) -> Decision:
        said = answer.get("seconds", 1)
        seconds = float(said) if isinstance(said, int | float) and said >= 0 else 1.0
        return self._one(self._move("wait", answer, seconds=min(seconds, LONGEST_WAIT_S)))

    def _extract(self, answer: Answer) -> Decision:
        data = answer.get("data", answer.get("extracted_information", answer.get("output")))
        if data is None or data in ({}, [], ""):
            raise AnswerError("extract needs 'data', what was read from the page. Look elsewhere if it shows nothing.")
        data = self._placeholders.restored(data)
        check_schema(data, self._task.schema)
        self.unproven = self._shown.lacks(data)
        index = self._reading()
        self._at = replace(self._at, index=index, intent=self._goal.intents[index])
        what = self._at.intent.value or self._at.intent.text
        return self._one(self._move("extract", answer, extraction_goal=what, output=data))

    def _reading(self) -> int:
        """The part of the task that reads, from the one in hand on; that one itself if none does."""
        later = range(self._at.index, len(self._goal.intents))
        return next((index for index in later if block_of(self._goal.intents[index]) == "extraction"), self._at.index)

    # -- endings -----------------------------------------------------------------------------

    def _complete(self, answer: Answer) -> Decision:
        """Take the model's word only where nothing speaks against it: data still owed, or the page refusing."""
        reads = self._task.schema not in (None, "", {}, []) or any(
            block_of(intent) == "extraction" and intent.confidence > GUESSED for intent in self._goal.intents
        )
        if reads and self._memory.output is None:
            raise AnswerError("The task asks for data and none was extracted yet. Extract it first, or terminate.")
        total = len(self._goal.intents)
        last = decide(self._goal, self._at.page, replace(self._memory, position=total), self._task.schema)
        if last.ending != "completed":
            raise AnswerError(f"It is not complete: {last.reasoning}")
        return replace(last, reasoning=self._reasoning(answer, "complete"))

    def _terminate(self, answer: Answer) -> Decision:
        code = answer.get("error_code") or ""
        if code and (not isinstance(code, str) or code not in self._task.error_codes):
            known = ", ".join(self._task.error_codes) or "none; leave it out"
            raise AnswerError(f"There is no error code {str(code)[:60]!r}. The codes are: {known}.")
        said = tuple(dict.fromkeys((*alerts(self._at.page), *errors_in(self._at.news()))))
        reasoning = self._reasoning(answer, "terminate")
        return Decision("end", reasoning, ending="terminated", evidence=said, error_code=str(code))


def _option(element: Element, said: Any) -> Option:
    """Return the option of a list that is meant: by label, value, or number in the list."""
    free = [option for option in element.options if not option.disabled]
    wanted = str(said).strip().casefold() if said is not None and not isinstance(said, bool) else ""
    for name in ("label", "value"):
        for option in free:
            if wanted and getattr(option, name).strip().casefold() == wanted:
                return option
    if wanted.isdigit() and int(wanted) < len(element.options) and element.options[int(wanted)] in free:
        return element.options[int(wanted)]
    labels = ", ".join(repr(option.label) for option in free[:30])
    raise AnswerError(f"{element.id} has no option {str(said)[:80]!r}. It has: {labels}.")
