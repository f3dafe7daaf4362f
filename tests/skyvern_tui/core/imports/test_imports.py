"""Claims about requests read from what people paste."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skyvern_tui.core.draft import Draft, readable
from skyvern_tui.core.exports import export
from skyvern_tui.core.imports import NotUnderstood, from_run, read_request
from tests.skyvern_tui.builders import a_run
from tests.skyvern_tui.core.requests import HOSTILE, task_requests

SOURCES = {
    "json": "JSON",
    "curl": "curl",
    "python": "Python",
    "python-client": "Python",
    "httpx": "Python",
    "typescript": "TypeScript",
}


@given(task_requests(), st.sampled_from(sorted(SOURCES)))
def test_what_was_exported_is_read_back(request_, name):
    """Each export, pasted, is the draft of the same request, and nothing about it is in doubt."""
    draft = Draft.from_request(request_)
    if not draft.to_dict():
        return
    imported = read_request(export(request_, name).text)
    assert imported.source == SOURCES[name]
    assert imported.draft.to_dict() == draft.to_dict()
    assert all(message.startswith("put in what $") for message in imported.messages)


DOCUMENTED = {
    "curl": """curl -X POST "https://api.skyvern.com/v1/run/tasks" \\
  -H "x-api-key: $SKYVERN_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
"prompt": "Get the title of the top post",
"url": "https://news.ycombinator.com"
}'""",
    "curl with long options": """$ curl --request POST \\
  --url https://api.skyvern.com/v1/run/tasks \\
  --header 'Content-Type: application/json' \\
  --data '
{ "prompt": "Get the title of the top post", "url": "https://news.ycombinator.com" }
'""",
    "curl from a browser": "curl 'https://api.skyvern.com/v1/run/tasks' -sSXPOST --compressed "
    "-H 'x-api-key: secret-key' "
    '--data-raw $\'{"prompt":"Get the title of the top\\u0020post","url":"https://news.ycombinator.com"}\' | jq .',
    "python": """import os
import asyncio
from skyvern import Skyvern

async def main():
    client = Skyvern(api_key=os.getenv("SKYVERN_API_KEY"))
    result = await client.run_task(
        prompt="Get the title of the top post",
        url="https://news.ycombinator.com",
        wait_for_completion=True,
        timeout=600,  # give up after 10 minutes
    )
    print(f"Run ID: {result.run_id}")

asyncio.run(main())""",
    "python that lost its indentation": """async def main():
client = Skyvern(api_key=os.getenv("SKYVERN_API_KEY"))
result = await client.run_task(
prompt="Get the title of the top post",
url="https://news.ycombinator.com",
)
print(f"(Status: {result.status}")""",
    "python with names": """
BASE = "https://news.ycombinator.com"
GOAL = ("Get the title "
        "of the top post")
fields = {"url": BASE}
client.run_task(GOAL, **fields)""",
    "httpx": """
payload = {"prompt": "Get the title of the top post", "url": "https://news.ycombinator.com"}
httpx.post(f"{BASE}/v1/run/tasks", json=payload, headers={"x-api-key": KEY})""",
    "typescript": """const client = new SkyvernClient({ apiKey: process.env.SKYVERN_API_KEY });
const result = await client.runTask({
  body: {
    prompt: "Get the title of the top post", // what to do
    url: 'https://news.ycombinator.com',
  },
  waitForCompletion: true,
});
console.log(`Run ID: ${result.run_id}`);""",
    "typescript with names": """const url: string = `https://news.ycombinator.com`;
const rest = { prompt: "Get the title " + 'of the top post' } as const;
await skyvern.runTask({ ...rest, url, })""",
    "json": '{"prompt": "Get the title of the top post", "url": "https://news.ycombinator.com"}',
    "json of a run": '{"run_id": "tsk_1", "status": "completed", "output": null, "run_request": '
    '{"prompt": "Get the title of the top post", "url": "https://news.ycombinator.com"}}',
}


@pytest.mark.parametrize("text", DOCUMENTED.values(), ids=DOCUMENTED)
def test_the_documented_ways_of_asking_are_read(text):
    """The example of the documentation, in each form people have it, is the same draft."""
    imported = read_request(text)
    assert imported.draft.to_dict() == {
        "prompt": "Get the title of the top post",
        "url": "https://news.ycombinator.com",
    }
    assert "secret-key" not in str(imported)


def test_richer_values_are_read():
    """Engines, schemas, lists, negative and odd literals come through from both languages."""
    python = """client.run_task(prompt="p", engine=RunEngine.skyvern_v1, publish_workflow=True,
        max_steps=int_steps, data_extraction_schema={"type": "array", "items": {"minimum": -1}},
        proxy_location=ProxyLocation.US_CA,
        request_options={"additional_body_parameters": {"browser_profile_id": "bp_1"}},
        webhook_url=os.environ["HOOK"], title=named_after("  x"))"""
    imported = read_request(python)
    values = readable(imported.draft.typed("webhook_url", ""))
    assert values == {
        "prompt": "p",
        "engine": "skyvern-1.0",
        "publish_workflow": True,
        "data_extraction_schema": {"type": "array", "items": {"minimum": -1}},
        "proxy_location": "US-CA",
        "browser_profile_id": "bp_1",
    }
    assert imported.draft.text("webhook_url") == "${HOOK}"
    assert "max_steps could not be read: int_steps" in imported.messages
    assert "put in what $HOOK stands for" in imported.messages
    assert any(message.startswith("title could not be read: named_after") for message in imported.messages)
    typescript = """runTask({ prompt: `p`, engine: "skyvern_v1", "max_steps": 1_0,
        data_extraction_schema: z.object({a: 1}),
        error_code_mapping: { E1: 'it\\u00e9s "over"' }, webhookUrl: `${process.env.HOOK}/x`, title: null })"""
    imported = read_request(typescript)
    assert imported.draft.to_dict() == {
        "prompt": "p",
        "engine": "skyvern_v1",
        "error_code_mapping": '{\n  "E1": "it\u00e9s \\"over\\""\n}',
        "webhook_url": "${HOOK}/x",
        "max_steps": "10",
    }
    assert any(
        message.startswith("data_extraction_schema could not be read: z.object") for message in imported.messages
    )


def test_what_is_left_out_is_said():
    """Strange parameters, keys and addresses are named; older names are translated."""
    imported = read_request(
        "curl https://example.com/api/v1/tasks -H 'x-api-key: secret-key' "
        '-d \'{"navigation_goal": "p", "webhook_callback_url": "https://e.com/", "stars": 5}\''
    )
    assert imported.draft.to_dict() == {"prompt": "p", "webhook_url": "https://e.com/"}
    assert set(imported.messages) == {
        "the API key was left out",
        "it posts to /api/v1/tasks, not to /v1/run/tasks",
        "navigation_goal was taken as prompt",
        "webhook_callback_url was taken as webhook_url",
        "stars is no parameter of a task; left out",
    }


def test_a_run_becomes_a_draft():
    """An earlier run can be asked for again."""
    assert from_run(a_run()).draft.text("prompt") == "Get the title of the top post"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing was pasted"),
        ("hello", "no curl command"),
        ("curl https://example.com", "sends no data"),
        ("curl -d @body.json https://example.com", "in the file body.json"),
        ("curl -d '{", "closing quote"),
        ("curl -d '[1]' x", "no JSON object"),
        ("curl -d '{]' x", "not readable as JSON"),
        ("{", "not readable as JSON"),
        ('{"stars": 5}', "stars is no parameter"),
        ("client.run_task(", "can't be read"),
        ("client.runTask(body)", "can't be read"),
        ("client.runTask({prompt: 'x", "closing quote"),
        ("client.runTask({" + "a:{" * 3000, "nested too deeply"),
        ("run_task(prompt=" + "(" * 3000, "can't be read"),
        ('{"prompt":' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_request_says_why(text, reason):
    """A text without a request is refused with a reason."""
    with pytest.raises(NotUnderstood, match="(?s)" + reason.replace("(", r"\(")):
        read_request(text)


PIECES = [
    "curl -d ",
    "run_task(",
    "runTask(",
    "prompt",
    ": ",
    "=",
    "{",
    "}",
    "'",
    '"',
    "`",
    "\\u",
    "\\x4",
    "${",
    "...",
    "$'",
]
FRAGMENTS = st.lists(st.one_of(HOSTILE, st.sampled_from(PIECES)), max_size=12).map("".join)


@given(FRAGMENTS)
@example("runTask({a: \\")
@example("runTask({[")
@example("runTask({prompt:")
@example("curl -d $'\\Uffffffff' -H")
@example("\0")
def test_anything_can_be_pasted(text):
    """Reading ends with a draft or a reason, both safe to show, whatever the text is."""
    said: tuple[Any, ...]
    try:
        said = read_request(text).messages
    except NotUnderstood as reason:
        said = (str(reason),)
    assert all(message.isprintable() for message in said)
