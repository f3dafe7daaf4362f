"""A workflow's definition as answers have it, from the definition that was sent.

Owns: which fields of a block or parameter an answer has, in which order, and the references
from blocks to parameters. Must not: validate fields (``definition_models``) or store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from mock_server.api.definition_models import kinds
from mock_server.ids import IdFactory, Prefix

Json = dict[str, Any]

_NEVER_SHOWN: Final = frozenset({"engine_pinned", "browser_settings"})
"""Published, and in no recorded answer while they have their default."""
_SHOWN_IF_SET: Final = frozenset({"engine"})
_UNLESS_SAID: Final = {"complete_verification": False}
"""What a block has whose definition cannot say it; recorded of goto_url and extraction."""
_ID_PREFIXES: Final[dict[str, Prefix]] = {"output": "op", "workflow": "wp", "credential": "cp", "aws_secret": "asp"}
_REFERS: Final = "_secret_parameter_key"


class DefinitionError(ValueError):
    """The definition does not hold together; the message says where."""


def definition(sent: Json, workflow_id: str, ids: IdFactory, now: datetime) -> Json:
    """Return a definition for an answer. ``sent`` is a validated definition, defaults filled in.

    Raises:
        DefinitionError: Two blocks or parameters share a name, or a name stands for nothing.
    """
    form = _Form(workflow_id, ids, now)
    labels = list(_labels(sent["blocks"]))
    _check_single(labels, "label")
    _check_single([parameter["key"] for parameter in sent["parameters"]], "parameter key")
    _check_order(sent["blocks"], sent["finally_block_label"])
    outputs = [form.output(label) for label in labels]
    form.known = {output["key"]: output for output in outputs}
    parameters = []
    for parameter in sent["parameters"]:
        if parameter["key"] not in form.known or parameter["parameter_type"] != "output":
            made = form.parameter(parameter)
            form.known[made["key"]] = made
            parameters.append(made)
    return {
        "version": sent["version"] or 1,
        "parameters": [*outputs, *parameters],
        "blocks": [form.block(block) for block in sent["blocks"]],
        "finally_block_label": sent["finally_block_label"],
        "error_code_mapping": sent["error_code_mapping"],
        "retry_policy": sent["retry_policy"],
        "workflow_system_prompt": sent["workflow_system_prompt"],
        "completion_contract": sent["completion_contract"],
    }


class _Form:
    """Makes the parts of one definition."""

    def __init__(self, workflow_id: str, ids: IdFactory, now: datetime) -> None:
        self._workflow_id = workflow_id
        self._ids = ids
        self._now = now.isoformat()
        self.known: dict[str, Json] = {}
        """Key -> parameter."""

    def output(self, label: str) -> Json:
        return {
            "parameter_type": "output",
            "key": f"{label}_output",
            "description": f"Output parameter for block {label}",
            "output_parameter_id": self._ids.new("op"),
            "workflow_id": self._workflow_id,
            "created_at": self._now,
            "modified_at": self._now,
            "deleted_at": None,
        }

    def parameter(self, sent: Json) -> Json:
        kind = sent["parameter_type"]
        # The service names the zone in these times, and only in these.
        moment = f"{self._now}Z" if kind == "workflow" else self._now
        given = {
            f"{kind if kind != 'onepassword' else 'onepassword_credential'}_parameter_id": self._ids.new(
                _ID_PREFIXES.get(kind, "cp")
            ),
            "workflow_id": self._workflow_id,
            "created_at": moment,
            "modified_at": moment,
            **sent,
        }
        if kind == "context":
            given["source"] = self._of(sent["source_parameter_key"], sent["key"])
        properties = kinds("WorkflowDefinition", "parameters")[kind]
        return {name: given.get(name, told.get("default")) for name, told in properties.items()}

    def block(self, sent: Json) -> Json:
        label = sent["label"]
        given = {**sent, "output_parameter": self.known[f"{label}_output"]}
        if (keys := sent.get("parameter_keys")) is not None:
            given["parameters"] = [self._of(key, label) for key in keys]
        if key := sent.get("loop_over_parameter_key"):
            given["loop_over"] = self._of(key, label)
        if "loop_blocks" in sent:
            given["loop_blocks"] = [self.block(inner) for inner in sent["loop_blocks"]]
        for name, key in sent.items():
            if name.endswith(_REFERS):
                if key is None:
                    raise DefinitionError(f"{label} needs the parameter that {name} is to name.")
                given[name.removesuffix(_REFERS)] = self._of(key, label)
        return {
            name: _value(name, given, told)
            for name, told in kinds("WorkflowDefinition", "blocks")[sent["block_type"]].items()
            if _is_shown(name, given, told)
        }

    def _of(self, key: str, where: str) -> Json:
        try:
            return self.known[key]
        except KeyError:
            raise DefinitionError(f"{where} refers to the parameter {key}, which is not defined.") from None


def _value(name: str, given: Json, told: Json) -> Any:
    """Return what an answer has in a field; a list that may not be null is empty."""
    value = given.get(name, _UNLESS_SAID.get(name, told.get("default")))
    return [] if value is None and told.get("type") == "array" else value


def _is_shown(name: str, given: Json, told: Json) -> bool:
    if name in _NEVER_SHOWN:
        return bool(given.get(name))
    return name not in _SHOWN_IF_SET or given.get(name, told.get("default")) is not None


def _labels(blocks: Iterable[Json]) -> Iterator[str]:
    for block in blocks:
        yield block["label"]
        yield from _labels(block.get("loop_blocks") or ())


def _check_single(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DefinitionError(f"The {what} {name} is there more than once; each has to be unique.")


def _check_order(blocks: list[Json], last: str | None) -> None:
    labels = {block["label"] for block in blocks}
    for block in blocks:
        following = block["next_block_label"]
        if following is not None and following not in labels:
            raise DefinitionError(f"{block['label']} is followed by {following}, and there is no such block.")
    if last is not None and last not in labels:
        raise DefinitionError(f"finally_block_label is {last}, and there is no such block.")
