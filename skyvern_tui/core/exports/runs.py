"""A run written as something tests replay: a vcrpy cassette, or a pytest test on the mock.

Owns: both texts. Must not: hold keys, secrets of the request or signatures of URLs, or need
a YAML library: a cassette is written as the part of YAML that quoted strings and lists are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from skyvern_tui.client.models import Artifact, Run, RunStatus, TimelineItem
from skyvern_tui.core.exports.literals import python
from skyvern_tui.core.exports.target import CLOUD, Target
from skyvern_tui.core.masking import mask, redacted
from skyvern_tui.core.skyrun.writing import unsigned

_LATER: Final = (
    "output",
    "downloaded_files",
    "recording_url",
    "screenshot_urls",
    "failure_reason",
    "errors",
    "step_count",
    "started_at",
    "finished_at",
)
"""Fields a run does not have when it was only just created."""
_REASONS: Final = frozenset({RunStatus.failed, RunStatus.terminated, RunStatus.timed_out})
_ENDINGS: Final = frozenset({*_REASONS, RunStatus.completed, RunStatus.canceled})


def cassette(
    run: Run,
    timeline: Sequence[TimelineItem] | None = None,
    artifacts: Sequence[Artifact] = (),
    *,
    request: Mapping[str, Any] | None = None,
    base_url: str = CLOUD,
    secrets: Mapping[str, str] | None = None,
) -> str:
    """Return a vcrpy cassette (YAML) in which the run is created, is found over, and is looked into.

    Args:
        run: as it ended.
        timeline: as it came; None leaves the call out.
        artifacts: as they came; their contents are not in the cassette.
        request: as it was sent; without it, what the server repeats of it.
        base_url: the server's root.
        secrets: values that must not appear, by the name to write instead.
    """
    target = Target(base_url.rstrip("/"))
    over = unsigned(run.model_dump(mode="json", exclude_unset=True))
    asked = redacted(request if request is not None else run.run_request or {}, secrets)
    if isinstance(over.get("run_request"), dict):
        over["run_request"] = redacted(over["run_request"], secrets)
    new = {key: None if key in _LATER else value for key, value in over.items()}
    new |= {"status": "created", "modified_at": over.get("created_at")}
    place = f"{target.base_url}/v1/runs/{run.run_id}"
    exchanges: list[tuple[str, str, Any, Any]] = [("POST", target.url, asked, new), ("GET", place, None, over)]
    if timeline is not None:
        items = [item.model_dump(mode="json", exclude_unset=True) for item in timeline]
        exchanges.append(("GET", f"{place}/timeline", None, items))
    files = [unsigned(artifact.model_dump(mode="json", exclude_unset=True)) for artifact in artifacts]
    exchanges.append(("GET", f"{place}/artifacts", None, files))
    return "interactions:\n" + "".join(_interaction(*exchange) for exchange in exchanges) + "version: 1\n"


def _interaction(method: str, url: str, sent: Any, received: Any) -> str:
    body = "''" if sent is None else _quoted(json.dumps(sent, ensure_ascii=False))
    kind = "    headers:\n      Content-Type:\n      - application/json\n" if sent is not None else "    headers: {}\n"
    return (
        "- request:\n"
        f"    body: {body}\n"
        f"{kind}"
        f"    method: {method}\n"
        f"    uri: {_quoted(url)}\n"
        "  response:\n"
        "    body:\n"
        f"      string: {_quoted(json.dumps(received, ensure_ascii=False))}\n"
        "    headers:\n"
        "      Content-Type:\n"
        "      - application/json\n"
        "    status:\n"
        "      code: 200\n"
        "      message: OK\n"
    )


def _quoted(text: str) -> str:
    """Return a double-quoted YAML scalar of printable characters; half a character becomes a replacement."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return '"' + "".join(_escaped(character) for character in whole) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"  # noqa: PLR2004 - four digits hold no more


def contract_test(
    run: Run, *, request: Mapping[str, Any] | None = None, secrets: Mapping[str, str] | None = None
) -> str:
    """Return a pytest module that replays the run on the mock and holds a client to how it ended.

    It needs ``skyvern-tui[mock]`` and nothing else; the call in it is to be replaced by the code under test.
    """
    masked = mask(request if request is not None else run.run_request or {}, secrets)
    asked = {name: value for name, value in masked.value.items() if value is not None}
    asked.setdefault("prompt", "")
    prompt = asked["prompt"]
    match = f'match={{"prompt": {{"exact": {python(prompt, 3)}}}}}' if isinstance(prompt, str) and prompt else ""
    ending, checks = _ending(run)
    arguments = "".join(f"            {name}={python(value, 3)},\n" for name, value in asked.items())
    imports = "import os\n\n" if "os.environ[" in arguments + match else ""
    return (
        f'"""How run {_word(run.run_id)} went, for tests."""\n'
        "\n"
        "from __future__ import annotations\n"
        "\n"
        f"{imports}"
        "from skyvern_tui.client import Skyvern\n"
        "\n"
        "\n"
        f"def test_run_{_identifier(run.run_id)}(skyvern_mock):\n"
        f'    """The task ends {_word(str(run.status))}, as it did when it was recorded."""\n'
        f"    skyvern_mock.script({match}).queued(polls=1).running(polls=1).{ending}\n"
        "    with Skyvern(api_key=skyvern_mock.api_key, base_url=skyvern_mock.base_url) as client:\n"
        "        run = client.run_task(\n"
        f"{arguments}"
        "            wait_for_completion=True,\n"
        "        )\n"
        f"{checks}"
    )


def _ending(run: Run) -> tuple[str, str]:
    """Return the call that ends the script, and what is asserted of it."""
    status = str(run.status)
    checks = f"    assert run.status == {python(status)}\n"
    more = [f"output={python(run.output, 1)}"] if run.output is not None else []
    if run.output is not None:
        checks += f"    assert run.output == {python(run.output, 1)}\n"
    if status in _REASONS and run.failure_reason:
        more.append(f"failure_reason={python(run.failure_reason, 1)}")
        checks += f"    assert run.failure_reason == {python(run.failure_reason, 1)}\n"
    if status in _ENDINGS:
        return f"{status}({', '.join(more)})", checks
    return f"end({', '.join([python(status), *more])})", checks


def _identifier(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_") or "it"


def _word(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)
