"""Claims about drafts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client.models import TaskRunRequest
from skyvern_tui.core.draft import (
    GROUPS,
    PARAMETERS,
    Draft,
    DraftInvalid,
    Group,
    hints,
    readable,
    to_request,
    validate,
)

GOOD = Draft({"prompt": "Get the title of the top post"})


def test_every_request_field_can_be_typed():
    """The draft's parameters are exactly the fields of the request."""
    assert {parameter.name for parameter in PARAMETERS} == set(TaskRunRequest.model_fields)


def test_a_prompt_is_enough():
    """A draft with a prompt becomes a request that sends nothing else."""
    assert to_request(GOOD).model_dump(exclude_unset=True) == {"prompt": "Get the title of the top post"}


def test_typed_text_becomes_typed_values():
    """Each kind of parameter is read from its text."""
    draft = Draft.from_dict(
        {
            "prompt": "p",
            "url": " https://example.com/a?b=c ",
            "engine": "skyvern-2.0",
            "max_steps": " 10 ",
            "data_extraction_schema": '{"type": "object"}',
            "error_code_mapping": '{"E1": "login failed"}',
            "proxy_location": '{"country": "DE"}',
            "publish_workflow": "yes",
            "file_ids": "file_1, file_2",
            "browser_address": "ws://127.0.0.1:9222/devtools",
        }
    )
    assert to_request(draft).model_dump(exclude_unset=True) == {
        "prompt": "p",
        "url": "https://example.com/a?b=c",
        "engine": "skyvern-2.0",
        "max_steps": 10,
        "data_extraction_schema": {"type": "object"},
        "error_code_mapping": {"E1": "login failed"},
        "proxy_location": {"country": "DE"},
        "publish_workflow": True,
        "file_ids": ["file_1", "file_2"],
        "browser_address": "ws://127.0.0.1:9222/devtools",
    }


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("prompt", "  \n ", "say what the run should do"),
        ("url", "not a url", "no spaces"),
        ("url", "word", "not a web address"),
        ("url", "localhost:8000", "http://"),
        ("url", "ftp://example.com", "ftp://"),
        ("url", "https://", "host is missing"),
        ("url", "http://h:99999/", "not a web address"),
        ("url", "https://e.com/" + "a" * 2083, "longer than 2083"),
        ("engine", "skyvern-9", "unknown engine"),
        ("max_steps", "ten", "whole number"),
        ("max_steps", "1.5", "whole number"),
        ("max_steps", "٣", "whole number"),
        ("max_steps", "9" * 5000, "whole number"),
        ("max_steps", "0", "1 or more"),
        ("max_steps", "-3", "1 or more"),
        ("data_extraction_schema", '{"a": }', "line 1, column 7"),
        ("data_extraction_schema", '"text"', "object or array"),
        ("data_extraction_schema", "NaN", "not JSON"),
        ("data_extraction_schema", "[" * 100_000, "nested too deeply"),
        ("error_code_mapping", '{"a": 1}', "'a' must be a string"),
        ("error_code_mapping", "[]", "JSON object"),
        ("model", "[]", "JSON object"),
        ("publish_workflow", "perhaps", "yes or no"),
        ("webhook_url", "mailto:me@example.com", "http"),
        ("data_extraction_schema", '{"properties": {"a": {"type": "numbr"}}}', "properties.a.type"),
        ("data_extraction_schema", '{"a": 1e999}', "too large"),
        ("browser_address", "127.0.0.1:9222", "http://"),
        ("browser_address", "ftp://127.0.0.1", "can't be opened"),
        ("browser_address", "ws://", "host is missing"),
        ("extra_http_headers", '{"A b": "c"}', "name of a header"),
        ("extra_http_headers", '{"A": "b\\r\\nC: d"}', "one line"),
        ("cdp_connect_headers", '{"A": 1}', "must be a string"),
        ("file_ids", "[1]", "list of strings"),
        ("file_ids", "f " * 51, "at most 50"),
        ("title", "\ud800", "half a character"),
    ],
)
def test_faulty_text_has_its_reason_and_cannot_be_sent(name, text, reason):
    """What can't be sent is named with a reason at its own parameter, and only there."""
    draft = GOOD.typed(name, text)
    reasons = validate(draft)
    assert list(reasons) == [name]
    assert reason in reasons[name]
    with pytest.raises(DraftInvalid) as refused:
        to_request(draft)
    assert refused.value.reasons == reasons


@pytest.mark.parametrize(
    "url", ["example.com", "http://127.0.0.1:8000/news", "http://localhost:3000", "https://[::1]/x"]
)
def test_addresses_people_type_are_taken(url):
    """Bare hosts, ports and loopback addresses pass."""
    assert validate(GOOD.typed("url", url)) == {}


@given(st.dictionaries(st.sampled_from([p.name for p in PARAMETERS]), st.text()))
def test_any_text_can_be_drafted(texts):
    """Validation never raises, and a draft without reasons can always be turned into a request."""
    draft = Draft(texts)
    if not validate(draft):
        assert to_request(draft).prompt == texts["prompt"]


@given(st.dictionaries(st.sampled_from([p.name for p in PARAMETERS]), st.text(min_size=1)))
def test_a_draft_survives_being_kept(texts):
    """to_dict and from_dict are inverse."""
    assert (
        Draft.from_dict(Draft(texts).to_dict()).to_dict()
        == Draft(texts).to_dict()
        == {p.name: texts[p.name] for p in PARAMETERS if p.name in texts}
    )


def test_strangers_in_a_kept_draft_are_left_out():
    """Unknown names and values that are not text are dropped, and can't be typed."""
    assert Draft.from_dict({"prompt": "p", "nonsense": "x", "url": 3}).to_dict() == {"prompt": "p"}
    with pytest.raises(KeyError):
        GOOD.typed("nonsense", "x")


def test_a_request_becomes_a_draft_again():
    """A run's echoed request can be edited: the same request comes out."""
    request = {
        "prompt": "p",
        "url": "https://example.com/",
        "max_steps": 7,
        "data_extraction_schema": {"type": "object", "title": "Größe"},
        "publish_workflow": False,
        "title": None,
        "file_ids": [],
    }
    again = to_request(Draft.from_request(request)).model_dump(exclude_unset=True)
    assert again == {k: v for k, v in request.items() if k not in {"title", "file_ids", "publish_workflow"}}


def test_every_parameter_is_in_one_group_and_says_what_it_is_for():
    """The groups hold all parameters once, in the table's order, and none is without label, help and reader."""
    assert [parameter for group in Group for parameter in GROUPS[group]] == list(PARAMETERS)
    assert all(GROUPS[group] for group in Group)
    assert all(parameter.label and parameter.help for parameter in PARAMETERS)


def test_every_example_and_choice_can_be_typed():
    """What the table offers is valid."""
    for parameter in PARAMETERS:
        for text in (parameter.example, parameter.default, *(choice.value for choice in parameter.choices)):
            assert validate(GOOD.typed(parameter.name, text) if text else GOOD) == {}, (parameter.name, text)


def test_the_names_of_the_documentation_are_engines_too():
    """An engine may be typed as the SDK writes it."""
    assert to_request(GOOD.typed("engine", "skyvern_v1")).engine == "skyvern-1.0"


def test_a_fresh_browser_has_no_past():
    """A fresh browser together with a session is refused at its own parameter."""
    draft = GOOD.typed("start_fresh_browser", "yes").typed("browser_session_id", "pbs_1")
    assert validate(draft) == {"start_fresh_browser": "not together with browser session"}


@pytest.mark.parametrize(
    ("texts", "name", "hint"),
    [
        ({"engine": "skyvern-1.0", "publish_workflow": "yes"}, "publish_workflow", "only skyvern-2.0"),
        ({"proxy_location": "MOON"}, "proxy_location", "not a known name"),
        ({"proxy_location": '{"country": "Germany"}'}, "proxy_location", "two-letter"),
        ({"run_with": "magic"}, "run_with", "not a known name"),
        (
            {"extra_http_headers": '{"A": "Bearer ${SKYVERN_TOKEN}"}'},
            "extra_http_headers",
            "${SKYVERN_TOKEN} stands for",
        ),
        ({"data_extraction_schema": '["title"]'}, "data_extraction_schema", "no JSON schema"),
        (
            {"engine": "skyvern-1.0", "url": "example.com", "data_extraction_schema": '{"type": "object"}'},
            "data_extraction_schema",
            "may answer nothing",
        ),
        ({"engine": "skyvern-3.0", "max_steps": "5"}, "max_steps", "24"),
        ({"cdp_connect_headers": '{"A": "b"}'}, "cdp_connect_headers", "browser address"),
        ({"totp_url": "https://example.com/", "totp_identifier": "me"}, "totp_identifier", "first"),
    ],
)
def test_odd_drafts_get_a_hint_and_can_be_sent(texts, name, hint):
    """What the service takes but hardly does as meant is said, and not refused."""
    draft = Draft({"prompt": "p", **texts})
    assert validate(draft) == {}
    assert hint in hints(draft)[name]
    assert hints(GOOD) == {}


def test_an_unfinished_draft_has_a_preview():
    """What can be read so far is there; what cannot is left out."""
    assert readable(Draft({"title": "T", "max_steps": "many"})) == {"title": "T"}
