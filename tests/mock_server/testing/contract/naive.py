"""A client's adapter as people write one first, with the mistakes the catalogue is there to find."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.request
from typing import Any

import httpx

from mock_server.testing.contract.adapter import answer_commands


def run_and_wait(command: dict[str, Any]) -> dict[str, Any]:
    """Sends again whatever was not answered well, polls every two seconds, knows two endings and no deadline."""
    headers = {"x-api-key": command["api_key"]}
    with httpx.Client(base_url=command["base_url"], headers=headers, trust_env=False) as http:
        for _ in range(3):
            answer = http.post("/v1/run/tasks", json={"prompt": command["prompt"], "url": command["url"]})
            if answer.is_success:
                break
        run_id = answer.json()["run_id"]
        while True:
            run = http.get(f"/v1/runs/{run_id}").json()
            if run.get("status") in {"completed", "failed"}:
                http.get(f"/v1/runs/{run_id}")
                return {"run_id": run_id, "status": run["status"], "output": run["output"]}
            time.sleep(2)


def download(command: dict[str, Any]) -> dict[str, Any]:
    """Keeps whatever comes."""
    request = urllib.request.Request(f"{command['base_url']}/v1/runs/{command['run_id']}")
    request.add_header("x-api-key", command["api_key"])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    run = json.load(opener.open(request))
    try:
        return {"content": opener.open(run["downloaded_files"][0]["url"]).read()}
    except http_partial() as error:
        return {"content": error.partial}


def http_partial() -> Any:
    import http.client  # noqa: PLC0415  # a name of its own beside httpx clients called http

    return http.client.IncompleteRead


def verify_webhook(command: dict[str, Any]) -> dict[str, Any]:
    """Parses first and signs what it parsed."""
    parsed = json.loads(base64.b64decode(command["body_base64"]))
    body = json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()
    signature = hmac.new(command["api_key"].encode(), body, hashlib.sha256).hexdigest()
    return {"valid": command["headers"].get("x-skyvern-signature") == signature}


if __name__ == "__main__":
    answer_commands("naive poller", run_and_wait=run_and_wait, download=download, verify_webhook=verify_webhook)
