"""The decision: goal + page + memory -> what to do next.

Owns: walking through the intents, conditions, joining quiet moves into one step, and
what a done move means for the memory. Pure: the same input always gives the same
decision. Must not: touch a browser, a clock or chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from mock_server.agent.goal import Goal, Intent, Kind
from mock_server.agent.lexicon import fold
from mock_server.agent.observation import Observation
from mock_server.agent.planner import (
    choosing,
    codes,
    dragging,
    forms,
    marking,
    moving,
    operating,
    ordering,
    pointing,
    sessions,
    telling,
    texts,
    transfers,
)
from mock_server.agent.planner.confirming import confirm
from mock_server.agent.planner.finishing import refused, send_entry, unsent
from mock_server.agent.planner.model import Decision, Deed, Memory, Move, Situation, give_up, skip

Handler = Callable[[Situation], Decision]

_HANDLERS: Final[dict[Kind, Handler]] = {
    "open": moving.open_page,
    "back": moving.simple,
    "reload": moving.simple,
    "click": pointing.click,
    "operate": operating.operate,
    "close": moving.close,
    "hover": pointing.hover,
    "type": texts.type_text,
    "select": texts.select,
    "check": choosing.tick,
    "uncheck": choosing.tick,
    "press_key": moving.press_key,
    "search": texts.search,
    "sort": ordering.sort,
    "filter": ordering.narrow,
    "next_page": moving.next_page,
    "scroll": moving.scroll,
    "upload": transfers.upload,
    "download": transfers.download,
    "login": sessions.login,
    "logout": sessions.logout,
    "fill_form": forms.fill_form,
    "compose": operating.compose,
    "submit": forms.submit,
    "wait": moving.wait,
    "locate": telling.locate,
    "extract": telling.tell,
    "verify": telling.verify,
    "drag": dragging.drag,
    "mark": marking.mark,
    "print": transfers.print_page,
}
_QUIET: Final = frozenset(("input_text", "select_option", "checkbox"))
"""Moves after which the page is still the one that was seen, so that more can be done without a new look."""
_JOINABLE: Final = frozenset(("type", "select", "check", "uncheck", "click", "press_key", "submit"))
_ANSWERS_CODES: Final = frozenset(("login", "type", "fill_form", "open", "wait"))
"""Intents that deal with a field for a code themselves, or come before there is one."""
_ECHO: Final = 15
"""Letters from which on a repeated prompt is an echo and not a coincidence."""
MOST_MOVES: Final = 60
"""How many moves one instruction may take."""
REPEATS: Final = 3
"""How often the same move may be made without any effect before the run is going round in circles."""

BLOCKS: Final[dict[Kind, str]] = {
    "login": "login",
    "download": "file_download",
    "extract": "extraction",
    "verify": "validation",
    "wait": "wait",
    "print": "print_page",
}


def block_of(intent: Intent) -> str:
    """Return the type of timeline block an intent belongs to."""
    return "goto_url" if intent.kind == "open" and intent.value else BLOCKS.get(intent.kind, "navigation")


def decide(goal: Goal, page: Observation, memory: Memory, schema: Any = None) -> Decision:
    """Return what to do next. ``verdict`` is ``end`` with ``completed`` when no intent is left."""
    page = without_echo(page, goal.prompt)
    skipped: list[tuple[int, str]] = []
    position = memory.position
    while position < len(goal.intents):
        at = Situation(goal, goal.intents[position], position, page, memory, schema)
        decision = _unmet(at) or _circling(at) or _asked_for_code(at) or _HANDLERS[at.intent.kind](at)
        if decision.verdict == "skip":
            skipped.append((position, decision.reasoning))
            position += 1
            memory = _after_skip(replace(memory, position=position), at)
            continue
        if decision.verdict == "act":
            decision = _joined(at, decision)
        return replace(decision, skipped=tuple(skipped), stage=_stage(goal, position), found=memory.found)
    refusal = refused(goal, page, memory)
    done = (
        refusal
        or confirm(goal, page, memory)
        or unsent(goal, page, memory)
        or send_entry(goal, page, memory)
        or Decision("end", "Everything the prompt asks for was done.", ending="completed")
    )
    return replace(done, skipped=tuple(skipped), stage=done.stage or _stage(goal, position), found=memory.found)


def without_echo(page: Observation, prompt: str) -> Observation:
    """Leave out text that repeats the whole prompt: it would fit every part of it, and says nothing about the page."""
    echo = fold(prompt)
    if len(echo) < _ECHO or not any(echo in fold(line.text) for line in page.lines):
        return page

    def is_echo(text: str) -> bool:
        return len(text) >= _ECHO and echo in fold(text)

    elements = tuple(
        replace(
            element,
            labels=tuple(label for label in element.labels if not is_echo(label)),
            name="" if is_echo(element.name) else element.name,
        )
        for element in page.elements
        if element.interactable or not is_echo(element.text)
    )
    groups = tuple(
        replace(
            group,
            title="" if is_echo(group.title) else group.title,
            records=tuple(record for record in group.records if not is_echo(record.text)),
        )
        for group in page.groups
    )
    lines = tuple(line for line in page.lines if not is_echo(line.text))
    return replace(page, elements=elements, groups=tuple(group for group in groups if group.records), lines=lines)


def _stage(goal: Goal, position: int) -> str:
    total = len(goal.intents)
    if position >= total:
        return f"All {total} parts of the task are done."
    return f"Part {position + 1} of {total}: {goal.intents[position].text}"


def _unmet(at: Situation) -> Decision | None:
    condition = at.intent.condition
    if not condition or at.deeds:
        return None
    seen = pointing.is_seen(at, condition)
    if seen is at.intent.unless:
        return skip(
            f"The prompt does this only {'unless' if at.intent.unless else 'if'} there is {condition!r}, and "
            f"there is {'one' if seen else 'none'}."
        )
    return None


def _circling(at: Situation) -> Decision | None:
    """End what leads nowhere: the same move again and again without effect, or far too many moves."""
    if len(at.deeds) >= MOST_MOVES:
        return give_up(f"{len(at.deeds)} moves did not lead to {at.intent.text!r}. Say it in smaller steps.")
    last = [deed for deed in at.deeds[-REPEATS:] if not deed.changed]
    same = len({(deed.action_type, deed.element_id, deed.text) for deed in last}) == 1
    if len(last) < REPEATS or not same or at.intent.kind == "wait":
        return None
    what = last[0].name or last[0].action_type
    return give_up(
        f"{what!r} was tried {REPEATS} times and the page did not react ({last[-1].effect or 'nothing changed'}). "
        "Check by hand whether it works."
    )


def _asked_for_code(at: Situation) -> Decision | None:
    """A page that wants a one-time code before anything else goes on, whatever the prompt says next."""
    if at.intent.kind in _ANSWERS_CODES or not at.memory.asks_for_codes or sessions.password_field(at) is not None:
        return None
    fields = codes.code_fields(at)
    sure = bool(fields) and (len(fields) > 1 or codes.is_code_field(fields[0]))
    return codes.give_code(at, fields) if sure else None


def _after_skip(memory: Memory, at: Situation) -> Memory:
    if at.intent.kind == "locate" and (text := telling.find_text(at)):
        return replace(memory, found=text)
    return memory


def _joined(at: Situation, decision: Decision) -> Decision:
    """Add the next intents' moves while the page stays as it was seen (*enter x and y and press login* is one step)."""
    moves, position = list(decision.moves), at.index
    while moves and moves[-1].completes and all(_is_quiet(move) for move in moves):
        position += 1
        intent = at.goal.intents[position] if position < len(at.goal.intents) else None
        if intent is None or intent.kind not in _JOINABLE or intent.condition or intent.until:
            break
        deeds = at.memory.deeds + tuple(_supposed(move) for move in moves)
        supposed = replace(at.memory, position=position, deeds=deeds)
        following = _HANDLERS[intent.kind](replace(at, intent=intent, index=position, memory=supposed))
        if following.verdict != "act" or any(move.explores for move in following.moves):
            break
        moves.extend(following.moves)
    return replace(decision, moves=tuple(moves))


def _is_quiet(move: Move) -> bool:
    if move.action.action_type not in _QUIET or move.then_press or move.by_key:
        return False
    return move.element is None or move.element.role != "combobox" or move.element.tag == "select"


def _supposed(move: Move) -> Deed:
    element = move.element
    return Deed(
        intent=move.intent,
        action_type=move.action.action_type,
        element_id=element.id if element else "",
        name=element.name if element else "",
        text=move.action.text or "",
    )


def note(memory: Memory, decision: Decision) -> Memory:
    """Return the memory after a look: what was found to be done already is behind it."""
    if not decision.skipped:
        return memory
    position = max(index for index, _ in decision.skipped) + 1
    notes = (*memory.notes, *(reason for _, reason in decision.skipped))
    return replace(memory, position=max(position, memory.position), notes=notes, found=decision.found or memory.found)


def with_offer(goal: Goal, page: Observation, memory: Memory) -> Memory:
    """Return the memory before acting on a page: its lines, so that news can be told, and credentials it shows."""
    memory = replace(memory, lines=frozenset(line.text for line in page.lines))
    if goal.credentials or memory.offered or not any(intent.kind == "login" for intent in goal.intents):
        return memory
    return replace(memory, offered=sessions.offered(Situation(goal, goal.intents[0], 0, page, memory)))


def remember(memory: Memory, move: Move, *, ok: bool, effect: str, before: str, after: str, changed: bool) -> Memory:
    """Return the memory after a move was made; a completing move that worked ends its intent."""
    element = move.element
    secret = move.code or (bool(move.text) and move.action.text != move.text)
    deed = Deed(
        intent=move.intent,
        action_type=move.action.action_type,
        element_id=element.id if element is not None else "",
        name=(element.name or element.role) if element is not None else "",
        text="secret"
        if secret
        else (move.action.text or (element.href if element is not None and move.action.download else "") or ""),
        ok=ok,
        effect=effect,
        before=before,
        after=after,
        changed=changed,
        sends=move.sends,
        sample=move.sample,
        explores=move.explores,
        passed=move.passed,
        amount=move.amount,
        code=move.code,
    )
    memory = memory.with_deed(deed)
    if ok and move.action.action_type == "extract":
        memory = replace(memory, output=move.output, found=_as_text(move.output), gathered=())
    if ok and move.gathers is not None:
        memory = replace(memory, gathered=(*memory.gathered, move.gathers))
    if ok and move.completes:
        memory = replace(memory, position=max(memory.position, move.intent + 1))
    return memory


def _as_text(output: Any) -> str:
    """The one text in an output, for *… and enter it into the field*."""
    while isinstance(output, (dict, list)) and len(output) == 1:
        output = next(iter(output.values())) if isinstance(output, dict) else output[0]
    return "" if output is None or isinstance(output, (dict, list)) else str(output)
