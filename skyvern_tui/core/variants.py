"""One draft as many: the same task for several pages, engines or any other values.

Owns: making the variants and naming how they differ. Must not: submit them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from skyvern_tui.core.draft import BY_NAME, Draft, validate
from skyvern_tui.core.text import one_line, shorten

MAX_VARIANTS: Final = 100
"""More than this is a mistake rather than a wish."""
_SHORT: Final = 60


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several drafts: what it is called among them, and what keeps it from being sent."""

    name: str
    draft: Draft
    reasons: Mapping[str, str]


def axis(text: str) -> list[str]:
    """Read several values as typed, one a line; blank lines and repetitions are left out."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def variants(draft: Draft, axes: Mapping[str, Sequence[str]], *, copies: int = 1) -> list[Variant]:
    """Return the draft in every combination of the values in ``axes``.

    Args:
        draft: what they share.
        axes: texts to try by wire name, such as ``{"url": [...], "engine": [...]}``. An empty list changes nothing.
        copies: how often each combination is wanted.

    Raises:
        KeyError: an axis is no parameter.
        ValueError: there would be none, or more than :data:`MAX_VARIANTS`.
    """
    unknown = [name for name in axes if name not in BY_NAME]
    if unknown:
        raise KeyError(unknown[0])
    used = {name: values for name, values in axes.items() if values}
    total = copies
    for values in used.values():
        total *= len(values)
    if not 0 < total <= MAX_VARIANTS:
        raise ValueError(f"{total} variants; between 1 and {MAX_VARIANTS} can be submitted at once")
    made = []
    for values in product(*used.values()):
        one = Draft({**draft.texts, **dict(zip(used, values, strict=True))})
        name = shorten(one_line(", ".join(value[: _SHORT * 2] for value in values)), _SHORT) or "as written"
        reasons = validate(one)
        made += [Variant(f"{name} #{n}" if copies > 1 else name, one, reasons) for n in range(1, copies + 1)]
    return made
