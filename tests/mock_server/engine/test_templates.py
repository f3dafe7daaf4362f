"""Texts with names in double braces: what they become, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.engine.templates import TemplateFault, filled, value_of

VALUES = {"who": "al", "out": {"list": [1, {"deep": 2}]}, "none": None, "flag": True}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("plain, with { braces }", "plain, with { braces }"),
        ("hi {{ who }}", "hi al"),
        ("{{ out.list[1].deep }}", "2"),
        ("{{ out }}", '{"list":[1,{"deep":2}]}'),
        ("{{ out.list|tojson }}", '[1,{"deep":2}]'),
        ("{{ who|upper }} {{ out.list|length }}", "AL 2"),
        ("{{ none|default('x', true) }}", "x"),
        ("{% if flag and who == 'al' %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'a' ~ who }}", "aal"),
    ],
)
def test_filled(text: str, becomes: str):
    """Names, fields, items, conditions and a few filters are filled in; objects and arrays become JSON."""
    assert filled(text, VALUES) == becomes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ nope }}", "'nope' is undefined"),
        ("{{ out.nope.more }}", "has no attribute 'nope'"),
        ("{{ who", "unexpected end of template"),
        ("{{ who.__class__ }}", "unsafe"),
        ("{{ ''.join }}{{ who() }}", "kind Call"),
        ("{% for x in [1] %}{% endfor %}", "kind For"),
        ("{{ 'a' * 10000000000 }}", "kind Mul"),
        ("{{ 9 ** 9 ** 9 }}", "kind Pow"),
        ("{{ who|center(10000000000) }}", "center"),
        ("{% include 'x' %}", "kind Include"),
    ],
)
def test_refused(text: str, why: str):
    """A name that stands for nothing is a fault, and so is whatever could reach into the server or keep it busy."""
    with pytest.raises(TemplateFault, match=r"cannot be filled in|has a template of the kind") as caught:
        filled(text, VALUES)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "value"), [("out.list", [1, {"deep": 2}]), ("{{ out.list[0] }}", 1), (" {{who}} ", "al")]
)
def test_value_of(reference: str, value: Any):
    """A reference stands for a value in its own type, with or without braces."""
    assert value_of(reference, VALUES) == value


@pytest.mark.parametrize("reference", ["nope", "{{ nope.x }}", "{{", "who()"])
def test_value_of_nothing(reference: str):
    """A reference that stands for nothing, or is none, is a fault."""
    with pytest.raises(TemplateFault):
        value_of(reference, VALUES)
