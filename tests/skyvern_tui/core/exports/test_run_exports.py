"""Claims about runs written for tests: the cassette and the test say what the run did."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest
import vcr
import yaml
from hypothesis import given, settings

from skyvern_tui.client import Skyvern
from skyvern_tui.core.exports.runs import cassette, contract_test
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_artifact
from tests.skyvern_tui.core.requests import HOSTILE, JSON

ASKED = {"prompt": 'Get the\n"top" post', "extra_http_headers": {"Authorization": "Bearer secret-token"}}
RUN = a_run(
    status="completed",
    modified=9,
    output={"title": "Ä \x85 € 😀 '\""},
    recording_url="https://files.example.com/rec.webm?sig=abc",
    run_request=ASKED,
)
ARTIFACT = an_artifact(1, signed_url="https://files.example.com/1.png?sig=abc")


def test_a_cassette_replays_the_run(tmp_path):
    """Under vcrpy, a client creates the run, finds it over, and gets its timeline and artifacts."""
    file = tmp_path / "run.yaml"
    text = cassette(RUN, [a_thought(1, when=2), a_block(1, when=3)], [ARTIFACT], request=ASKED)
    file.write_text(text, encoding="utf-8")
    matching = ["method", "scheme", "host", "path"]
    with (
        vcr.VCR(record_mode="none").use_cassette(str(file), match_on=matching),
        Skyvern(api_key="k", sleep=lambda _: None) as client,
    ):
        run = client.run_task("Get it", wait_for_completion=True)
        assert (run.run_id, run.status, run.output) == (RUN.run_id, "completed", RUN.output)
        assert [item.type for item in client.get_run_timeline(run.run_id)] == ["thought", "block"]
        assert [artifact.artifact_id for artifact in client.get_run_artifacts(run.run_id)] == ["a_1"]


def test_no_secret_is_in_a_cassette_or_a_test():
    """Secret headers, the key and signatures of URLs are in neither."""
    secrets = {"SKYVERN_API_KEY": "Get the"}
    for text in (cassette(RUN, (), [ARTIFACT], request=ASKED, secrets=secrets), contract_test(RUN, secrets=secrets)):
        assert not [secret for secret in ("secret-token", "sig=abc", "Get the") if secret in text]
        assert text.replace("\n", "").isprintable()


@settings(max_examples=40)
@given(HOSTILE, JSON)
def test_any_run_is_a_cassette_and_a_test(prompt, output):
    """YAML reads back exactly what was written, Python compiles, whatever the run holds."""
    run = a_run("tsk_v2_é'\n", "completed", output=output, run_request={"prompt": prompt})
    posted, got, _ = yaml.safe_load(cassette(run))["interactions"]
    assert json.loads(posted["request"]["body"]) == {"prompt": prompt}
    assert json.loads(got["response"]["body"]["string"])["output"] == output
    ast.parse(contract_test(run))


@pytest.mark.slow
@pytest.mark.timeout(900)  # a pytest of its own, with a server, on a machine that may be busy
def test_the_written_tests_pass_on_the_mock(tmp_path):
    """The written modules are run by pytest, with the mock, in a process of its own, and pass."""
    failed = a_run(status="failed", failure_reason='It\'s "over"', run_request={"prompt": "p"})
    canceled = a_run(status="canceled", run_request={"prompt": "p"})
    for number, run in enumerate((RUN, failed, canceled)):
        (tmp_path / f"test_{number}.py").write_text(contract_test(run), encoding="utf-8")
    environment = {"PATH": "/usr/bin:/bin", "SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION": "x", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
