"""The recipe of a run: its steps as plain JSON.

Owns: the shape that is stored, and reading it back. Must not: know a browser.

``{"version", "prompt", "url", "blocks": [{"block_type", "label", "description", "url",
"extraction_goal", "schema", "steps": [step]}], "dialogs": bool}``, where a step is
``{"do": action type, "intent": index, "reasoning", "at": spot | None, ...}``. A spot names an
element the way a person would, see ``spots``. A secret is never in it, only its name.
"""

from __future__ import annotations

import json
from typing import Any, Final

Json = dict[str, Any]
Recipe = Json

VERSION: Final = 1
SECRETS: Final = {
    "username": "SKYVERN_USERNAME",
    "password": "SKYVERN_PASSWORD",
    "code": "SKYVERN_CODE",
    "secret": "SKYVERN_SECRET",
}
"""Name of a secret -> the environment variable a script takes it from."""


def new_recipe(prompt: str, url: str | None) -> Recipe:
    """Return a recipe without steps."""
    return {"version": VERSION, "prompt": prompt, "url": url, "blocks": [], "dialogs": False}


def quoted(value: Any) -> str:
    """Return a string, or a list of them, as Python source in double quotes, as people write it."""
    # What JSON escapes in a string, Python reads the same way.
    return json.dumps(value, ensure_ascii=False)


def steps_of(recipe: Recipe) -> list[Json]:
    """Return all steps in their order."""
    return [step for block in recipe["blocks"] for step in block["steps"]]


def is_replayable(recipe: Any) -> bool:
    """Whether this release can do the recipe again."""
    return isinstance(recipe, dict) and recipe.get("version") == VERSION and bool(recipe.get("blocks"))
