"""What a run is given where a model plans: the way to ask it.

Owns: which model a run asks. Must not: ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mock_server.agent.events import Task
from mock_server.models.chat import ChatModel
from mock_server.store.records import RunRecord

if TYPE_CHECKING:
    from mock_server.engine.ports import Outfit

_LONGEST_NAME: Final = 200


class ModelOutfit:
    """Gives every run the model, beside all that another outfit gives it."""

    def __init__(self, other: Outfit, model: ChatModel) -> None:
        self._other = other
        self._model = model

    def equip(self, task: Task, run: RunRecord, directory: Path, tell: Callable[[str], None]) -> Task:
        """Return the task with all of it; see the other outfit for what it may raise."""
        task = self._other.equip(task, run, directory, tell)
        return replace(task, ask_model=partial(self._model.ask, model=model_name(run.request.get("model"))))


def model_name(model: Any) -> str | None:
    """Return the name in a request's ``model``, ``{"model_name": …}``; None if it has none."""
    name = model.get("model_name") if isinstance(model, dict) else None
    return name.strip()[:_LONGEST_NAME] or None if isinstance(name, str) else None
