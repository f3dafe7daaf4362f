"""Tasks to start from: some that come with the program, and the user's own.

Owns: the bundled templates and keeping others in files. Must not: know a screen. A
parameter that is a secret by nature is not kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from skyvern_tui.core import keptfile
from skyvern_tui.core.draft import BY_NAME, Draft


@dataclass(frozen=True, slots=True)
class Template:
    """A draft with a name and, in a sentence, what it is for."""

    name: str
    summary: str
    draft: Draft
    is_own: bool = False
    """True for a template the user kept."""


def _schema(**properties: Any) -> str:
    return json.dumps({"type": "object", "properties": properties}, indent=2)


_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}

TEMPLATES: Final = (
    Template(
        "Top post",
        "the title of the first story of a news page",
        Draft({"prompt": "Get the title of the top post", "url": "https://news.ycombinator.com"}),
    ),
    Template(
        "Top post with a schema",
        "the same, answered as an object with title, points and link",
        Draft(
            {
                "prompt": "Get the title, points and link of the top post",
                "url": "https://news.ycombinator.com",
                "data_extraction_schema": _schema(
                    title=_TEXT, points={"type": "integer"}, url={"type": "string", "format": "uri"}
                ),
            }
        ),
    ),
    Template(
        "List of products",
        "name, price and rating of several products as a list",
        Draft(
            {
                "prompt": "Extract the name, price and rating of the first 5 products",
                "data_extraction_schema": _schema(
                    products={
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"name": _TEXT, "price": _NUMBER, "rating": _NUMBER},
                            "required": ["name", "price"],
                        },
                    }
                ),
            }
        ),
    ),
    Template(
        "Fill in a form",
        "fields with values of yours, then submitted",
        Draft(
            {
                "prompt": "Fill in the contact form and submit it.\n"
                "Name: Jane Doe\nEmail: jane@example.com\nMessage: Please call me back.\n"
                "The task is done when a confirmation is shown.",
            }
        ),
    ),
    Template(
        "Search and read",
        "a search on the page, and the first result of it",
        Draft({"prompt": "Search for “wireless mouse” and return the name and price of the cheapest result"}),
    ),
    Template(
        "Sign in with 2FA",
        "a sign-in whose one-time code comes from an address of yours",
        Draft(
            {
                "prompt": "Sign in and return the balance shown on the overview",
                "totp_identifier": "jane@example.com",
                "error_code_mapping": json.dumps(
                    {"login_failed": "the name or the password is not accepted"}, indent=2
                ),
            }
        ),
    ),
    Template(
        "Download files",
        "every file of a list, saved with the run",
        Draft({"prompt": "Download all invoices of the last month as PDF", "max_steps": "25"}),
    ),
    Template(
        "With error codes and a limit",
        "ends with a code of yours, and after ten steps at most",
        Draft(
            {
                "prompt": "Find the opening hours of the shop for this Saturday",
                "max_steps": "10",
                "error_code_mapping": json.dumps(
                    {"closed": "the shop is closed on that day", "not_found": "no opening hours are shown"}, indent=2
                ),
            }
        ),
    ),
    Template(
        "Told by webhook",
        "in a browser in another country, and told to an address when it is over",
        Draft(
            {
                "prompt": "Get the price of the first article",
                "proxy_location": "RESIDENTIAL_DE",
                "webhook_url": "https://example.com/hook",
            }
        ),
    ),
)


class TemplateStore:
    """The bundled templates and those in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Template]:
        """Return the user's own by name, then the bundled ones."""
        own = [one for values in keptfile.read_all(self._folder) if (one := _own(values)) is not None]
        return [*sorted(own, key=lambda one: one.name.casefold()), *TEMPLATES]

    def save(self, name: str, draft: Draft, summary: str = "") -> None:
        """Keep a template, in place of one's own of the same name. Raises OSError, and ValueError for an empty name."""
        name = " ".join(name.split())
        if not name:
            raise ValueError("a template needs a name")
        texts = {key: text for key, text in draft.to_dict().items() if not BY_NAME[key].is_secret}
        keptfile.write(keptfile.file_of(self._folder, name), {"name": name, "summary": summary, "texts": texts})

    def remove(self, name: str) -> None:
        """Forget a template of one's own, if there is one. Raises OSError."""
        keptfile.file_of(self._folder, name).unlink(missing_ok=True)


def _own(values: dict[str, Any]) -> Template | None:
    name, summary, texts = values.get("name"), values.get("summary", ""), values.get("texts")
    if not (isinstance(name, str) and name and isinstance(summary, str) and isinstance(texts, dict)):
        return None
    return Template(name, summary, Draft.from_dict(texts), is_own=True)
