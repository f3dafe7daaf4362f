"""``{{ names }}`` in a workflow's definition.

Owns: what may stand between the braces and putting values in its place. Must not: know blocks.

A definition comes from a client, so only expressions are taken that take no time to speak of:
names, attributes, items, comparisons, conditions and a few filters; no calls, loops or products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_FILTERS: Final = (
    "abs", "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length", "list", "lower",
    "round", "safe", "sort", "string", "title", "trim", "unique", "upper", "urlencode",
)  # fmt: skip
_TESTS: Final = (
    "defined", "undefined", "none", "string", "number", "mapping", "sequence", "true", "false", "boolean",
)  # fmt: skip
_TAKEN: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const,
    nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Add, nodes.Sub, nodes.Concat, nodes.CondExpr, nodes.If,
    nodes.Keyword,
)  # fmt: skip


class TemplateFault(ValueError):  # noqa: N818  # named for what it is
    """A text cannot be filled in; the message says why."""


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # no HTML is made
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.filters["tojson"] = lambda value: orjson.dumps(value, default=str).decode()
    made.tests = {name: made.tests[name] for name in _TESTS}
    # What is put out is meant to be read: objects and arrays as JSON.
    made.finalize = lambda value: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
    return made


_ENVIRONMENT: Final = _environment()


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return the text with its templates filled in.

    Raises:
        TemplateFault: A name stands for nothing, or the template is none.
    """
    if "{{" not in text and "{%" not in text:
        return text
    try:
        _check(text)
        return _ENVIRONMENT.from_string(text).render(values)
    except TemplateFault:
        raise
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise TemplateFault(f"The text {_short(text)} cannot be filled in: {str(error).rstrip('.')}.") from None


def value_of(reference: str, values: Mapping[str, Any]) -> Any:
    """Return what an expression stands for, with or without its braces, in its own type.

    Raises:
        TemplateFault: It stands for nothing, or is no expression.
    """
    expression = reference.strip().removeprefix("{{").removesuffix("}}").strip()
    try:
        _check("{{ " + expression + " }}")
        found = _ENVIRONMENT.compile_expression(expression, undefined_to_none=False)(values)
        if isinstance(found, StrictUndefined):
            str(found)
    except TemplateFault:
        raise
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise TemplateFault(f"{_short(reference)} stands for nothing: {str(error).rstrip('.')}.") from None
    return found


def _check(text: str) -> None:
    """Refuse what could keep the server busy."""
    waiting: list[nodes.Node] = [_ENVIRONMENT.parse(text)]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _TAKEN):
            kind = type(node).__name__
            raise TemplateFault(
                f"The text {_short(text)} has a template of the kind {kind}; "
                "names, fields, conditions and a few filters are taken here."
            )
        waiting += node.iter_child_nodes()


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")  # noqa: PLR2004  # enough to find it by
