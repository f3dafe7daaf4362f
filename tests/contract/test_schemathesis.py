"""Requests made up from /openapi.json: none breaks the server, and no answer is one that is not described.

The values come from a fixed seed; the time is bounded by the number of examples.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mock_server.conformance.deviations import UNABLE

SEED = 20261121
EXAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 2}
"""Per operation: requests that fit the description, and such that do not."""
SEQUENCES = 10
STEPS = 6

HEADERS = {"x-api-key": "made-up"}


def never_broken(ctx: Any, response: Any, case: Any) -> None:
    """No request breaks the server, but where the service breaks."""
    del ctx
    if case.path not in UNABLE:
        assert response.status_code != httpx.codes.INTERNAL_SERVER_ERROR, response.text


CHECKS = [
    never_broken,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""Not among them: whether every request that fits is taken and every other refused. The service checks addresses by
rules that no schema states, and takes ``"7"`` for a number."""

LEFT_OUT = ("/_mock/",)
"""The tester's own side: its requests change what the others are answered."""

OPTIONS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@dataclass(frozen=True)
class Server:
    """A running server and its description."""

    url: str
    description: dict[str, Any]

    def schema(self) -> Any:
        return schemathesis.openapi.from_dict(self.description)


def without_formats(value: Any) -> Any:
    """Return a description that does not say ``date-time``: the service's times name no zone, as the format demands.

    The self-check, which runs along, knows the form they have.
    """
    if isinstance(value, list):
        return [without_formats(item) for item in value]
    if isinstance(value, dict):
        return {name: without_formats(item) for name, item in value.items() if (name, item) != ("format", "date-time")}
    return value


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server process that takes runs and does none; what it answered wrongly by the published schema fails."""
    data_dir = tmp_path_factory.mktemp("made-up")
    options = ["--port", "0", "--parallel", "0", "--data-dir", str(data_dir), "--dialect", request.param]
    with (data_dir.parent / f"{data_dir.name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", "--self-check", *options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            description = without_formats(httpx.get(f"{url}/openapi.json").json())
            description["paths"] = {
                path: methods for path, methods in description["paths"].items() if not path.startswith(LEFT_OUT)
            }
            yield Server(url, description)
            found = httpx.get(f"{url}/_mock/conformance", params={"blame": "mock"}, headers=HEADERS).json()
            assert found["checked"] > 0
            assert not found["findings"], json.dumps(found["findings"], indent=1)
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "mode"),
    [
        ("cloud", GenerationMode.POSITIVE),
        ("cloud", GenerationMode.NEGATIVE),
        ("oss", GenerationMode.POSITIVE),
    ],
    indirect=["server"],
    ids=lambda value: value if isinstance(value, str) else value.name.lower(),
)
def test_single_requests(mode: GenerationMode, server: Server):
    """Whatever is sent to one operation, status, content type and form of the answer are described for it."""
    for result in server.schema().get_all_operations():

        @seed(SEED)
        @given(case=result.ok().as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES[mode], **OPTIONS)
        def send(case: Any) -> None:
            case.call_and_validate(base_url=server.url, headers=HEADERS, checks=CHECKS)

        with suppress(Unsatisfiable):  # nothing can be wrong with a request that has no parts
            send()


@pytest.mark.slow
@pytest.mark.parametrize("server", ["cloud", "oss"], indirect=True)
def test_sequences(server: Server):
    """Along the described links (a run is made, then read, listed, canceled ...) the same holds for every step."""

    class Machine(server.schema().as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            del case
            return {"base_url": server.url, "headers": HEADERS}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            del kwargs
            case.validate_response(response, checks=CHECKS, headers=HEADERS)

    seed(SEED)(Machine)
    Machine.run(settings=settings(max_examples=SEQUENCES, stateful_step_count=STEPS, **OPTIONS))
