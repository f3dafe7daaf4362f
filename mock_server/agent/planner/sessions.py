"""Signing in and out.

Owns: where credentials come from (the prompt, else what the page itself offers to
everyone), and when a sign-in counts as done or refused. Must not: invent credentials, or
put a password into a reason.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.evidence import alerts, errors_in
from mock_server.agent.goal import Credentials, Target, find_credentials
from mock_server.agent.grounding import ground, is_text_field
from mock_server.agent.lexicon import ALIKE, MOSTLY, ROUGHLY, label_likeness, likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.codes import code_fields, code_moves, give_code, is_code_field
from mock_server.agent.planner.exploring import explore
from mock_server.agent.planner.fields import is_secret, submit_button
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip

_SIGNED_IN: Final = re.compile(r"^\W*(?:log\s*out|sign\s*out|log\s*off|sign\s*off|logout)\W*$", re.IGNORECASE)
_ASK: Final = 'Put them into the prompt, for example: "Log in with username NAME and password SECRET and …".'


def password_field(at: Situation) -> Element | None:
    """Return the page's password field, in the open dialog first."""
    fields = [
        element
        for element in at.page.elements
        if is_secret(element) and not element.disabled and is_text_field(element) and not is_code_field(element)
    ]
    return next((element for element in fields if element.in_dialog), fields[0] if fields else None)


def is_signed_in(at: Situation) -> bool:
    """Whether the page offers to sign out."""
    return any(element.interactable and _SIGNED_IN.match(element.name or element.text) for element in at.page.elements)


def offered(at: Situation) -> Credentials:
    """Return credentials the page shows to everyone, such as *Demo: user guest, password guest*."""
    lines = [line.text for line in at.page.lines]
    for count in (1, 2, 3, 4):
        for start in range(len(lines)):
            found = find_credentials("\n".join(lines[start : start + count]))
            if found.username and found.password:
                return found
    names = {fact.name.casefold().strip(" :"): fact.value for fact in at.page.facts}
    user = next((names[name] for name in ("username", "user name", "user", "email", "login") if name in names), "")
    password = next((names[name] for name in ("password", "pass") if name in names), "")
    return Credentials(user, password) if user and password else Credentials()


def known(at: Situation) -> tuple[Credentials, str]:
    """Return the credentials to use and where they come from."""
    given = at.goal.credentials
    if given.username and given.password:
        return given, given.source
    if not given:
        if at.memory.offered:
            return at.memory.offered, "the site openly offers them"
        shown = offered(at)
        if shown:
            return shown, "the page openly offers them"
    return given, "the prompt gives part of them"


def login(at: Situation) -> Decision:  # noqa: PLR0911 - one return for each page a log-in may show
    """Sign in: find the form, fill it with known credentials, and see whether they were accepted."""
    field = password_field(at)
    sent = [deed for deed in at.deeds if deed.sends]
    if sent and (answer := _answer(at, field, len(sent))) is not None:
        return answer
    if field is None and is_signed_in(at):
        return skip("The page offers to log out, so someone is already logged in.")
    if field is not None:
        return _fill_in(at, field)
    fields = code_fields(at)
    if fields and (at.worked or is_code_field(fields[0])):
        return give_code(at, fields)
    account = _account_field(at)
    if account is not None and not any(
        deed.element_id == account.id and deed.action_type == "input_text" for deed in at.deeds
    ):
        return _account_first(at, account)
    if fields:
        return give_code(at, fields)
    way = ground(Target(name="log in"), at.page, "click").best
    if way is not None and way.element.interactable and not at.tried(way.element):
        return act(
            "Go to the log-in page.",
            at.move("click", f"{way.element.name!r} leads to the log-in page.", way.element, completes=False),
        )
    return explore(
        at,
        "log in",
        reason=f"No way to log in was found on {at.page.title!r} ({at.page.url}). Give the URL of the log-in page.",
    )


def _answer(at: Situation, field: Element | None, times: int) -> Decision | None:  # noqa: PLR0911 - one return for each answer a page may give
    """What the page says to the last attempt; None if it asks for more."""
    news = at.news()
    problems = [*alerts(at.page), *errors_in(news)]
    if field is None:
        if is_signed_in(at):
            return skip("The page offers to log out now, so the log-in worked.")
        if code_fields(at):
            return None
        if problems:
            return _refused(at, problems)
        if _account_field(at) is None:
            return skip("The log-in form is gone and no error is shown, so the log-in worked.")
        return None
    if problems:
        return _refused(at, problems)
    asked_now = any(deed.name != field.name for deed in at.deeds if deed.action_type == "input_text" and deed.ok)
    filled = any(deed.action_type == "input_text" and deed.text == "secret" for deed in at.deeds)
    if not filled and asked_now:
        return None
    if times > 1 or filled:
        return give_up(
            (
                "The log-in form was filled in and sent, but it is still there and the page gives no reason. The "
                "credentials may be wrong; check them in the prompt."
            ),
            "The login did not work.",
        )
    return None


def _refused(at: Situation, problems: list[str]) -> Decision:
    said = "; ".join(dict.fromkeys(problems))[:300]
    _, source = known(at)
    return give_up(
        (
            f"The site refused the log-in and says: {said!r}. Check the credentials ({source}) and "
            f"{'correct what is stored' if at.goal.credentials.stored else 'put the right ones into the prompt'}."
        ),
        said,
        f"Login failed: {said}",
    )


def _fill_in(at: Situation, field: Element) -> Decision:
    credentials, source = known(at)
    if not credentials.password:
        what = "a password" if credentials.username else "credentials"
        return give_up(
            f"The page {at.page.title!r} asks for {what}, but the prompt gives none and the page offers none. {_ASK}",
            "Login credentials are missing.",
        )
    account = _account_field(at, near=field)
    moves: list[Move] = []
    if account is not None and credentials.username and account.value != credentials.username:
        moves.append(
            replace(
                at.move(
                    "input_text",
                    f"The user name goes here; {source}.",
                    account,
                    text=credentials.username,
                    completes=False,
                ),
                text=credentials.username,
            )
        )
    elif account is not None and not account.value and not credentials.username:
        return give_up(
            f"The page {at.page.title!r} asks for a user name, but the prompt gives none. {_ASK}",
            "Login credentials are missing.",
        )
    moves.append(
        replace(
            at.move("input_text", f"The password goes here; {source}.", field, text="*" * 8, completes=False),
            text=credentials.password,
        )
    )
    # Some forms ask for the code beside the password.
    codes = [box for box in code_fields(at) if box.form == field.form]
    if codes and (codes[0].required or at.goal.credentials.code or at.memory.asks_for_codes):
        moves += code_moves(at, codes)
    button = submit_button(at, [field]) or _named_button(at, field)
    if button is not None:
        moves.append(at.move("click", f"{button.name!r} sends the log-in form.", button, completes=False, sends=True))
    else:
        moves.append(
            at.move("keypress", "Enter sends the log-in form.", field, keys=("Enter",), completes=False, sends=True)
        )
    return act(f"Log in with the credentials: {source}.", *moves)


def _named_button(at: Situation, field: Element) -> Element | None:
    pool = [
        element
        for element in at.page.elements
        if element.role == "button" and not element.disabled and element.in_dialog == field.in_dialog
    ]
    for name in ("log in", "continue"):
        best = ground(Target(name=name), at.page, "click", pool=pool).best
        if best is not None:
            return best.element
    return None


def _account_field(at: Situation, near: Element | None = None) -> Element | None:
    """The field for the user name: in the form of the password, nearest before it."""
    fields = [
        element
        for element in at.page.elements
        if is_text_field(element) and not is_secret(element) and not element.disabled and element.role != "searchbox"
    ]
    if near is not None:
        ids = [element.id for element in at.page.elements]
        before = [
            element for element in fields if element.form == near.form and ids.index(element.id) < ids.index(near.id)
        ]
        named = [element for element in before if _names_account(element)]
        return named[-1] if named else before[-1] if before else None
    return next(
        (element for element in fields if _names_account(element) and label_likeness("search", element.name) < ROUGHLY),
        None,
    )


def _names_account(element: Element) -> bool:
    if element.autocomplete in ("username", "email") or element.input_type == "email":
        return True
    texts = (
        element.name,
        element.placeholder,
        element.attributes.get("name", ""),
        element.attributes.get("id", ""),
        *element.labels[:2],
    )
    return any(
        label_likeness(word, text) >= MOSTLY
        for word in ("username", "email", "login", "account", "customer number")
        for text in texts
        if text
    )


def _account_first(at: Situation, account: Element) -> Decision:
    """A page that asks for the user name before the password; only if it looks like one."""
    looks = any(
        likeness(word, element.name) >= ALIKE
        for word in ("continue", "log in", "next")
        for element in at.page.elements
        if element.role == "button" and element.form == account.form
    )
    titled = any(
        likeness("log in", text) >= ROUGHLY
        for text in (at.page.title, *(line.text for line in at.page.lines if line.kind == "heading"))
    )
    if not (looks and (titled or at.deeds)):
        way = ground(Target(name="log in", roles=("link", "button")), at.page, "click").best
        if way is not None and not at.tried(way.element):
            return act(
                "Go to the log-in page.",
                at.move("click", f"{way.element.name!r} leads to the log-in page.", way.element, completes=False),
            )
        if not looks:
            return explore(
                at,
                "log in",
                reason=(
                    f"No way to log in was found on {at.page.title!r} ({at.page.url}). Give the URL of the log-in page."
                ),
            )
    credentials, source = known(at)
    if not credentials.username:
        return give_up(
            (
                f"The page {at.page.title!r} asks for a user name, but the prompt gives none and the page offers "
                f"none. {_ASK}"
            ),
            "Login credentials are missing.",
        )
    first = replace(
        at.move(
            "input_text", f"The user name goes here; {source}.", account, text=credentials.username, completes=False
        ),
        text=credentials.username,
    )
    button = submit_button(at, [account])
    then = (
        at.move("click", f"{button.name!r} leads on.", button, completes=False, sends=True)
        if button is not None
        else at.move("keypress", "Enter leads on.", account, keys=("Enter",), completes=False, sends=True)
    )
    return act("Give the user name first.", first, then)


def logout(at: Situation) -> Decision:
    """Sign out by the control the page has for it."""
    if at.worked and not is_signed_in(at):
        return skip("The page no longer offers to log out.")
    match = ground(Target(name="log out"), at.page, "click").best
    if match is not None and match.element.interactable and not at.tried(match.element):
        return act(
            "Log out.", at.move("click", f"{match.element.name!r} logs out.", match.element, completes=not at.deeds)
        )
    if password_field(at) is not None or not at.deeds:
        folded = next(
            (
                element
                for element in at.page.elements
                if element.expanded is False and element.interactable and not at.tried(element)
            ),
            None,
        )
        if folded is None and ground(Target(name="log in"), at.page, "click").best is not None:
            return skip("Nobody is logged in.")
    return explore(at, "log out")
