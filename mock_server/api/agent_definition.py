"""The body of ``POST /v1/agents``, and the workflow it becomes.

Owns: reading a definition as JSON or YAML, the service's refusals, and the fields of a workflow
that come from it. Must not: store it, or know what its blocks do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field, ValidationError

from mock_server.api.addresses import normalised
from mock_server.api.refusals import invalid_body, refuse

if TYPE_CHECKING:
    from mock_server.services import Services

Json = dict[str, Any]

MAX_DEPTH: Final = 200
"""Levels of objects and arrays a definition may have; a loop in a loop is two."""
_BAD: Final = "Invalid workflow definition."
_NEITHER: Final = f"{_BAD} Workflow should be provided in either yaml or json format."
_AS_SENT: Final = (
    "description", "is_saved_task", "persist_browser_session", "reuse_browser_session", "pin_saved_session_ip",
    "browser_profile_id", "browser_profile_key", "model", "status", "max_screenshot_scrolls",
    "max_elapsed_time_minutes", "extra_http_headers", "run_with", "browser_type", "ai_fallback", "cache_key",
    "adaptive_caching", "generate_script_on_terminal", "run_sequentially", "sequential_key", "folder_id",
)  # fmt: skip
_CODE_VERSION: Final = 2


class WorkflowRequest(BaseModel):
    """A workflow to make. Its definition is checked against the service's published schema, with 33 kinds of blocks."""

    json_definition: dict[str, Any] | None = Field(None, description="The definition.")
    yaml_definition: str | None = Field(None, description="The same as YAML.")


def validate(body: Any, *, block_private_hosts: bool) -> Json:
    """Return the definition that was sent, defaults filled in.

    Raises:
        Refusal: 422 for faults of fields, as a list; 422 with a text for what is no definition; 400 for an address.
    """
    from mock_server.api.definition_models import request_model  # noqa: PLC0415  # dozens of models, made when needed

    model = request_model()
    _check_depth(body)
    try:
        request: Any = model.model_validate(body, from_attributes=True)
    except ValidationError as error:
        raise invalid_body(error) from None
    if request.json_definition is None and request.yaml_definition:
        try:
            request = model.model_validate({"json_definition": _from_yaml(request.yaml_definition)})
        except ValidationError as error:
            raise refuse(422, _told(error)) from None
    if request.json_definition is None:
        raise refuse(422, _NEITHER)
    sent: Json = request.json_definition.model_dump(mode="json")
    for name in ("webhook_callback_url", "totp_verification_url"):
        sent[name] = normalised(name, sent[name], block_private=block_private_hosts)
    return sent


def body_of(sent: Json, organization: str, services: Services, *, folder_id: str | None) -> tuple[str, Json]:
    """Return the ``wpid_`` id of a new workflow and its fields.

    Raises:
        Refusal: 422, the definition does not hold together.
    """
    from mock_server.api.definition_form import DefinitionError, definition  # noqa: PLC0415  # as above

    tenant = services.tenants.of(organization)
    workflow_id, wpid = tenant.ids.new("w"), tenant.ids.new("wpid")
    try:
        form = definition(sent["workflow_definition"], workflow_id, tenant.ids, tenant.clock.now())
    except DefinitionError as error:
        raise refuse(422, f"{_BAD} {error}") from None
    return wpid, {
        "workflow_id": workflow_id,
        "version": 1,
        "title": sent["title"],
        "definition": form,
        "proxy_location": sent["proxy_location"],
        "webhook_callback_url": sent["webhook_callback_url"],
        "totp_verification_url": sent["totp_verification_url"],
        "totp_identifier": sent["totp_identifier"],
        **{name: sent[name] for name in _AS_SENT},
        "mask_secrets": bool(sent["mask_secrets"]),
        "enable_self_healing": bool(sent["enable_self_healing"]),
        "code_version": sent["code_version"] or _CODE_VERSION,
        "folder_id": folder_id or sent["folder_id"],
    }


def _from_yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415  # few definitions are YAML

    try:
        found = yaml.load(text, Loader=_loader())  # noqa: S506  # a safe loader, without aliases
    except yaml.YAMLError as error:
        raise refuse(422, f"{_BAD} It is no YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise refuse(422, f"{_BAD} It is nested too deeply.") from None
    if not isinstance(found, dict):
        raise refuse(422, f"{_BAD} The YAML is no mapping.")
    _check_depth(found)
    return found


def _check_depth(value: Any) -> None:
    """Refuse what is nested more deeply than can be kept."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for item in level for inner in _within(item)]
        if not level:
            return
    raise refuse(422, f"{_BAD} It is nested too deeply.")


def _within(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def _loader() -> Any:
    import yaml  # noqa: PLC0415  # as above

    class Loader(yaml.SafeLoader):
        """Takes no aliases: a few lines of them stand for gigabytes."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()  # type: ignore[no-untyped-call]  # so is the library
                raise yaml.composer.ComposerError(None, None, "aliases are not taken", event.start_mark)
            return super().compose_node(parent, index)

    return Loader


def _told(error: ValidationError) -> str:
    """Return the faults of a YAML definition as one text."""
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:])}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return f"{_BAD} {'; '.join(faults)}"
