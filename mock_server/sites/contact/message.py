"""The message a visitor sends through the contact form.

Owns: the form's fields, their check, and the reference number. Must not: know pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

SUBJECTS: Final = {
    "sales": "Sales question",
    "support": "Technical support",
    "billing": "Billing",
    "partnership": "Partnership",
    "other": "Something else",
}

MAX_MESSAGES: Final = 20
"""Messages remembered per visitor; the oldest go first."""

_LIMITS: Final = {"name": 100, "email": 200, "phone": 30, "message": 2000}
_SHORTEST_MESSAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was sent."""

    reference: str
    name: str
    email: str
    phone: str
    subject: str
    message: str
    newsletter: bool


@dataclass(slots=True)
class Mailbox:
    """What one visitor has sent; ``sent`` counts also what has been dropped since."""

    messages: dict[str, Message] = field(default_factory=dict)
    sent: int = 0

    def send(self, form: Mapping[str, str]) -> Message:
        """Keep the message of a form that passed :func:`check`; equal visits get equal references."""
        key = repr((self.sent, form["name"], form["email"], form["subject"], form["message"]))
        number = int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % 900_000 + 100_000
        message = Message(
            reference=f"LF-{number}",
            name=form["name"],
            email=form["email"],
            phone=form.get("phone", ""),
            subject=SUBJECTS[form["subject"]],
            message=form["message"],
            newsletter=bool(form.get("newsletter")),
        )
        self.messages[message.reference] = message
        self.sent += 1
        while len(self.messages) > MAX_MESSAGES:
            del self.messages[next(iter(self.messages))]
        return message


def check(form: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong: field name -> message, in the order of the form."""
    errors: dict[str, str] = {}
    if not form.get("name"):
        errors["name"] = "Please enter your name."
    if not form.get("email"):
        errors["email"] = "Please enter your email address."
    elif re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", form["email"]) is None:
        errors["email"] = "Please enter a valid email address, like name@example.com."
    if form.get("phone") and re.fullmatch(r"\+?[0-9 ()/.-]{6,}", form["phone"]) is None:
        errors["phone"] = "Please enter a valid phone number, or leave it empty."
    if form.get("subject", "") not in SUBJECTS:
        errors["subject"] = "Please choose a subject."
    if len(form.get("message", "")) < _SHORTEST_MESSAGE:
        errors["message"] = f"Please write a message of at least {_SHORTEST_MESSAGE} characters."
    if not form.get("consent"):
        errors["consent"] = "Please agree to the privacy policy."
    for name, limit in _LIMITS.items():
        if len(form.get(name, "")) > limit:
            errors[name] = f"Please use at most {limit} characters."
    return {
        name: errors[name] for name in ("name", "email", "phone", "subject", "message", "consent") if name in errors
    }
