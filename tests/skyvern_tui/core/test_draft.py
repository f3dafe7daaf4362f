"""Claims about drafts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client.models import TaskRunRequest
from skyvern_tui.core.draft import PARAMETERS, Draft, DraftInvalid, to_request, validate

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
