"""The options of ``serve`` that name a model, and what they cost those who do not use them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from mock_server import serving
from mock_server.cli import main
from mock_server.models.outfit import model_name
from mock_server.settings import Settings

MODEL = ["--planner", "openai", "--llm-base-url", "http://127.0.0.1:1/v1", "--llm-model", "small"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that servers were started with, none of them really."""
    settings: list[Settings] = []
    monkeypatch.setattr(serving, "serve", lambda given, **_: settings.append(given))
    return settings


def test_the_key_comes_from_the_environment(served: list[Settings], monkeypatch: pytest.MonkeyPatch):
    """Only the variable's name is on the command line, and the settings do not show what it holds."""
    monkeypatch.setenv("MY_LLM_KEY", " sk-1f2e3d \n")
    options = [*MODEL, "--llm-key-env", "MY_LLM_KEY", "--llm-timeout", "5", "--no-llm-images"]
    result = CliRunner().invoke(main, ["serve", *options])
    assert result.exit_code == 0, result.output
    (settings,) = served
    assert (settings.planner, settings.llm_model, settings.llm_key) == ("openai", "small", "sk-1f2e3d")
    assert (settings.llm_timeout_seconds, settings.llm_images) == (5.0, False)
    assert "sk-1f2e3d" not in repr(settings)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--planner", "openai"], "--planner openai needs --llm-base-url and --llm-model"),
        (MODEL[:-2], "--planner openai needs --llm-base-url and --llm-model"),
        ([*MODEL, "--llm-key-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE is not set"),
        (["--llm-base-url", "models.test"], "is no http address"),
        (["--llm-base-url", "http://a:sk-9@models.test"], "use --llm-key-env"),
        (["--llm-timeout", "0"], "--llm-timeout"),
    ],
)
def test_what_is_refused(served: list[Settings], options: list[str], complaint: str):
    """Bad usage is exit code 2 with what to do about it, and nothing is started."""
    result = CliRunner().invoke(main, ["serve", *options])
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())
    assert served == []


def test_the_rules_import_nothing_for_a_model():
    """The agent and a server without a model load neither the model's room nor the questions to one."""
    code = (
        "import sys, mock_server.agent, mock_server.engine.runner, mock_server.app; "
        "print([name for name in sys.modules if name.startswith(('mock_server.models', 'mock_server.agent.llm'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ({"model_name": " big "}, "big"),
        ({"model_name": ""}, None),
        ({"model_name": 5}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_model_a_request_names(model: Any, name: str | None):
    """``{"model_name": …}`` with a name in it; anything else leaves the server's own."""
    assert model_name(model) == name
