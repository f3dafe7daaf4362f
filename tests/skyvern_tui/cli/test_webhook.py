"""Claims about ``webhook listen``, ``verify`` and ``resend``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from skyvern_tui.cli.exits import Exit
from skyvern_tui.client.webhooks import sign_webhook
from skyvern_tui.embedded import DEFAULT_KEY
from tests.skyvern_tui.cli.service import RUN_ID, Service, command

KEY = "key-of-the-environment-1234"
RUN = {
    "run_id": RUN_ID,
    "status": "completed",
    "run_type": "task_v2",
    "created_at": "2026-01-20T11:52:00",
    "modified_at": "2026-01-20T11:53:00",
}
BODY = json.dumps(RUN, separators=(",", ":")).encode()


def headers(key, body=BODY):
    return {"x-skyvern-signature": sign_webhook(body, key), "x-skyvern-timestamp": str(int(time.time()))}


@pytest.fixture
def body_file(tmp_path):
    path = tmp_path / "body.json"
    path.write_bytes(BODY)
    return str(path)


def test_verify_takes_a_genuine_body(body_file):
    """The key of the environment signs; the status is 0."""
    result = command(Service(), "webhook", "verify", body_file, "--signature", sign_webhook(BODY, KEY), base_url=None)
    assert (result.exit_code, result.stdout) == (0, "genuine\n")


def test_verify_says_why_it_refuses(body_file):
    """A wrong signature is status 1, with the reason and never a key."""
    words = ["webhook", "verify", body_file, "--signature", "0" * 64, "--json"]
    result = command(Service(), *words, base_url=None)
    envelope = json.loads(result.stdout)
    assert result.exit_code == Exit.error
    assert envelope["data"] == {"verified": False, "verdict": "signature"}
    assert "signature is not that of its body" in envelope["error"]["message"]
    assert KEY not in result.output


def test_verify_looks_at_the_age_only_if_told_the_time(body_file):
    """An old timestamp is refused, a missing one is not asked for."""
    words = ["webhook", "verify", body_file, "--signature", sign_webhook(BODY, KEY)]
    assert command(Service(), *words, base_url=None).exit_code == 0
    old = command(Service(), *words, "--timestamp", "1", base_url=None)
    assert (old.exit_code, "s old" in old.stderr) == (Exit.error, True)


def test_verify_reads_body_or_key_from_stdin(body_file):
    """``-`` is the body, ``--key-stdin`` the key; both at once cannot be."""
    piped = command(
        Service(),
        *("webhook", "verify", "-", "--key-env", "OTHER", "--signature", sign_webhook(BODY, "k2")),
        base_url=None,
        env={"OTHER": "k2"},
        input=BODY,
    )
    words = ["webhook", "verify", body_file, "--key-stdin", "--signature", sign_webhook(BODY, "k3")]
    keyed = command(Service(), *words, base_url=None, input="k3\n")
    both = command(Service(), "webhook", "verify", "-", "--key-stdin", "--signature", "0", base_url=None)
    assert (piped.exit_code, keyed.exit_code, both.exit_code) == (0, 0, Exit.bad_input)
    assert command(Service(), *words, base_url=None, input="").exit_code == Exit.bad_input


def test_without_a_key_nothing_is_verified(body_file):
    """A variable that is not set is named; without any server named, the mock's key is meant."""
    words = ["webhook", "verify", body_file, "--signature", sign_webhook(BODY, DEFAULT_KEY)]
    missing = command(Service(), *words, "--key-env", "NOT_SET", base_url=None)
    assert (missing.exit_code, "NOT_SET is not set" in missing.stderr) == (Exit.bad_input, True)
    env = {"SKYVERN_API_KEY": None}
    assert command(Service(), *words, base_url=None, env=env).exit_code == 0
    assert command(Service(), *words, "--mock", base_url=None).exit_code == 0
    assert command(Service(), "--base-url", "http://h", *words, base_url=None, env=env).exit_code == Exit.bad_input


def replaying(asked, **answer):
    """Return a service that sends a webhook again, and notes what it was asked."""
    replay = {
        "run_id": RUN_ID,
        "run_type": "task_v2",
        "payload": "{}",
        "headers": {},
        "target_webhook_url": "http://r/",
    }

    def serve(request):
        asked.append((request.url.path, json.loads(request.content or b"null")))
        return httpx.Response(200, json=replay | answer)

    return serve


def test_resend_tells_what_the_receiver_said():
    """The server is asked for the run, with the other address if one is given; 2xx is status 0."""
    asked = []
    service = replaying(asked, status_code=204, latency_ms=12)
    result = command(service, "webhook", "resend", RUN_ID, "--url", "http://other/")
    assert (result.exit_code, result.stdout) == (0, f"{RUN_ID}  http://r/  answered 204 after 12 ms\n")
    assert asked == [(f"/v1/runs/{RUN_ID}/retry_webhook", {"webhook_url": "http://other/"})]


def test_resend_fails_if_the_receiver_does():
    """A receiver that refuses or is not there is status 1, and the envelope has both the answer and the error."""
    result = command(replaying([], status_code=500), "webhook", "resend", RUN_ID, "--json")
    envelope = json.loads(result.stdout)
    assert (result.exit_code, envelope["data"]["status_code"], envelope["ok"]) == (Exit.error, 500, False)
    gone = command(replaying([], error="connection refused"), "webhook", "resend", RUN_ID)
    assert "no answer  connection refused" in gone.stdout


@pytest.mark.parametrize(
    "words", [["--forward", "localhost:1"], ["--json"], ["--key-env", "NOT_SET"], ["--port", "-1"]]
)
def test_listen_refuses_what_it_cannot_do(words):
    """Bad options are told before anything listens."""
    assert command(Service(), "webhook", "listen", *words, base_url=None).exit_code == Exit.bad_input


class Listening:
    """``webhook listen`` in a process of its own."""

    def __init__(self, *words):
        code = "import sys; from skyvern_tui.cli import main; main(sys.argv[1:], prog_name='skyvern-tui')"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "webhook", "listen", "--port", "0", "--key-env", "LISTEN_KEY", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"LISTEN_KEY": KEY, "NO_COLOR": "1", "COLUMNS": "500"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def url(self):
        """Return where it listens, as it says on stderr."""
        return self.process.stderr.readline().split("Listening on ")[1].split(";")[0]


def test_listen_once_ends_with_the_delivery():
    """A line of JSON says where, another what came; --once ends with status 0 for a genuine one."""
    with Listening("--jsonl", "--once") as listening:
        first = json.loads(listening.process.stdout.readline())
        assert httpx.post(first["url"], content=BODY, headers=headers(KEY)).status_code == 200
        out, _ = listening.process.communicate(timeout=60)
    delivery = json.loads(out)
    assert (first["event"], delivery["event"], delivery["verified"]) == ("listening", "delivery", True)
    assert (delivery["run_id"], delivery["payload"]) == (RUN_ID, RUN)
    assert listening.process.returncode == 0


def test_listen_tells_a_forgery_and_nothing_acts_on_the_terminal():
    """A forged delivery is marked, ends --once with status 1, and its escapes are shown instead of obeyed."""
    forged = json.dumps(RUN | {"status": "\x1b[2Jgone"}).encode()
    with Listening("--once") as listening:
        httpx.post(listening.url(), content=forged, headers=headers("a wrong key"))
        out, err = listening.process.communicate(timeout=60)
    assert "NOT VERIFIED" in out
    assert "\x1b" not in out + err
    assert KEY not in out + err
    assert listening.process.returncode == Exit.error


def test_listen_goes_on_until_it_is_interrupted():
    """Ctrl-C is the way to end it, and no failure."""
    with Listening() as listening:
        url = listening.url()
        for _ in range(2):
            httpx.post(url, content=BODY, headers=headers(KEY))
            assert f"{RUN_ID}  completed  verified" in listening.process.stdout.readline()
        listening.process.send_signal(signal.SIGINT)
        _, err = listening.process.communicate(timeout=60)
    assert (listening.process.returncode, "Stopped." in err) == (0, True)


def test_listen_says_if_the_port_is_taken():
    """An address that cannot be had is an error with a reason, not a traceback."""
    with Listening() as listening:
        port = listening.url().rsplit(":", 1)[1].rstrip("/")
        result = command(Service(), "webhook", "listen", "--port", port, base_url=None)
    assert result.exit_code == Exit.error
    assert "in use" in result.stderr
