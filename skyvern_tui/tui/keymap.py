"""The keys in force: those of the registry, or the user's own.

Owns: which keys an action has now, how they are written, and what is wrong with a keymap:
unknown ids, keys that mean two things. Must not: bind anything; Textual does, by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from skyvern_tui.tui.actions import ACTIONS, UNBOUND, Action, Scope, actions_of, key_words, types_text

_PAGES: Final = (
    (Scope.runs,),
    (Scope.compose,),
    (Scope.run,),
    (Scope.saved, Scope.run),
    (Scope.export,),
    (Scope.compare,),
)
_DIALOGS: Final = (
    (Scope.confirm,),
    (Scope.templates, Scope.pick),
    (Scope.importing,),
    (Scope.variants,),
    (Scope.servers,),
    (Scope.doctor,),
    (Scope.keys,),
)
TOGETHER: Final = (
    *((*scopes, Scope.app, Scope.panes) for scopes in _PAGES),
    *((*scopes, Scope.dialog) for scopes in _DIALOGS),
)
"""Scopes whose actions can be used at the same time: a key may mean one thing among them."""
_KINDS: Final = (Scope.picture, Scope.film, Scope.har, Scope.archive, Scope.elements, Scope.log)
ON_WIDGETS: Final = (
    (Scope.lists, Scope.finding, Scope.tree),
    (Scope.text, Scope.finding),
    (Scope.find_bar,),
    (Scope.choices,),
    *((Scope.artifacts, kind) for kind in _KINDS),
    *((Scope.lists, Scope.finding, kind) for kind in (Scope.artifacts, *_KINDS[2:])),
)
"""Scopes whose actions one widget has; there a key means what the widget says, whatever it means around it."""


def key_named(written: str) -> str:
    """Return the Textual name of a key as people write it: ``?`` and ``^p`` are taken, too."""
    from textual.keys import _character_to_key  # noqa: PLC0415 - the table Textual's own keymap uses

    text = written.strip()
    if len(text) == 1:
        return _character_to_key(text) if not text.isalnum() else text
    return f"ctrl+{text[1:]}" if text.startswith("^") else text


@dataclass(frozen=True)
class Keymap:
    """Keys by action id; an empty tuple takes an action's keys away."""

    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keys(self, action: Action) -> tuple[str, ...]:
        """Return the keys an action has."""
        own = self.own.get(action.id)
        return action.keys if own is None else tuple(map(key_named, own))

    def shown(self, action: Action, *, typing: bool = False) -> str:
        """Return the key to show for an action, empty if it has none; while ``typing``, one that types nothing."""
        keys = self.keys(action)
        silent = [key for key in keys if not types_text(key)] if typing else keys
        return key_words((silent or keys)[0]) if keys else ""

    def words(self, action: Action, between: str = "  ") -> str:
        """Return all keys of an action as people write them."""
        return between.join(map(key_words, self.keys(action)))

    def for_textual(self) -> dict[str, str]:
        """Return what ``App.set_keymap`` takes."""
        known = {action.id: action for action in ACTIONS}
        return {name: ",".join(self.keys(known[name])) or f"{UNBOUND}{name}" for name in self.own if name in known}

    def problems(self) -> list[str]:
        """Return what is wrong with the user's keys, in words."""
        known = {action.id for action in ACTIONS}
        unknown = [f"There is no action {name!r}." for name in self.own if name not in known]
        return [*unknown, *dict.fromkeys(self._conflicts())]

    def _conflicts(self) -> Iterator[str]:
        for scopes in (*TOGETHER, *ON_WIDGETS):
            first: dict[str, Action] = {}
            for action in actions_of(*scopes):
                for key in self.keys(action):
                    other = first.setdefault(key, action)
                    if other is not action:
                        yield f"{key_words(key)} is both {other.id} and {action.id}; one of them won't be heard."


DEFAULT: Final = Keymap()
