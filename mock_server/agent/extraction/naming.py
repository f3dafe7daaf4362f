"""How outputs name things: keys made of the words of a request.

Owns: snake case, singular and plural of keys. Must not: know the values.
"""

from __future__ import annotations

from mock_server.agent.extraction.phrases import is_plural
from mock_server.agent.extraction.words import stem, tokens


def snake(text: str) -> str:
    """Return ``Item Number`` as ``item_number``."""
    return "_".join(tokens(text)) or "value"


def names_subject(field_name: str) -> bool:
    """Return True if a field is what its thing is called, so that the thing's own name can stand for it."""
    return stem(tokens(field_name)[-1]) in ("name", "title", "headline") if tokens(field_name) else True


def singular(phrase: str) -> str:
    """Return ``blog posts`` as ``blog post``."""
    words = phrase.split()
    if words and is_plural(words[-1]):
        last = stem(words[-1].lower())
        return " ".join([*words[:-1], last])
    return phrase


def singular_field(name: str) -> str:
    """Return a field of each of many as the field of one: ``names`` as ``name``; counted things stay plural."""
    return (
        singular(name)
        if is_plural(name)
        and stem(tokens(name)[-1])
        in ("name", "title", "price", "date", "link", "url", "author", "image", "rating", "headline", "total")
        else name
    )


def plural_key(phrase: str) -> str:
    """Return the key of a list of such things: ``invoice`` as ``invoices``."""
    name = snake(phrase)
    if not name or is_plural(name.rsplit("_", maxsplit=1)[-1]):
        return name
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")
