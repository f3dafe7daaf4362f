"""Everything a run can be written as: its request for other tools, itself for tests, or one file.

Owns: the list, the file names, and calling the right writer. Must not: fetch or save.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.core.exports import CLOUD, FORMATS, KEY_VARIABLE, export
from skyvern_tui.core.exports.runs import cassette, contract_test
from skyvern_tui.core.saving import safe_name

CASSETTE: Final = "cassette"
TEST: Final = "test"
FILE: Final = "skyrun"


@dataclass(frozen=True, slots=True)
class Offer:
    """One form. ``language`` is for highlighting; ``of_request`` says that only the request is written."""

    name: str
    label: str
    language: str
    suffix: str
    of_request: bool

    def file_name(self, run_id: str) -> str:
        """Return what a file of this form is called."""
        if self.of_request:
            return f"request-{self.name}{self.suffix}"
        run = safe_name(run_id)
        return f"test_{run}{self.suffix}" if self.name == TEST else f"{run}{self.suffix}"


_SHORT: Final = {"python": "Python, official SDK", "python-client": "Python, this client", "httpx": "Python, httpx"}
OFFERS: Final = (
    *(
        Offer(form.name, _SHORT.get(form.name, form.label), form.language, form.suffix, of_request=True)
        for form in FORMATS
    ),
    Offer(CASSETTE, "vcrpy cassette", "yaml", ".yaml", of_request=False),
    Offer(TEST, "pytest test on a mock", "python", ".py", of_request=False),
    Offer(FILE, ".skyrun file", "", ".skyrun", of_request=False),
)


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of the run that is written."""

    run: Run
    timeline: Sequence[TimelineItem] | None = None
    artifacts: Sequence[Artifact] = ()
    request: Mapping[str, Any] | None = None
    """As it was sent; without it, what the server repeats."""
    base_url: str = ""
    secrets: Mapping[str, str] | None = None

    @property
    def asked(self) -> Mapping[str, Any]:
        """The request to write."""
        return self.request if self.request is not None else self.run.run_request or {}


def written(offer: Offer, material: Material) -> tuple[str, tuple[str, ...]]:
    """Return the text of an offer and the environment variables it asks for; an empty text for the file.

    May take its time with a large run: call it in a thread.
    """
    url, run = material.base_url or CLOUD, material.run
    if offer.of_request:
        exported = export(material.asked, offer.name, base_url=url, secrets=material.secrets)
        return exported.text, exported.variables
    more: dict[str, Any] = {"request": material.request, "secrets": material.secrets}
    if offer.name == CASSETTE:
        return cassette(run, material.timeline, material.artifacts, base_url=url, **more), ()
    if offer.name == TEST:
        masked = export(material.asked, "json", secrets=material.secrets).variables
        return contract_test(run, **more), tuple(name for name in masked if name != KEY_VARIABLE)
    return "", ()
