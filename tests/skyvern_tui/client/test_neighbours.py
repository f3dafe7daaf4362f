"""Claims about the calls beside tasks: sessions, profiles, credentials, codes, workflows, files, webhooks."""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime
from functools import partial

import pytest

from skyvern_tui.client import (
    ApiError,
    AsyncSkyvern,
    BrowserProfile,
    BrowserSession,
    BulkCancel,
    Credential,
    NotFoundError,
    ProxyLocation,
    RunType,
    Skyvern,
    TotpCode,
    UploadedFile,
    WebhookReplay,
    WorkflowRun,
)
from tests.skyvern_tui.client.playground import RUN_ID, json_answer, run_body
from tests.skyvern_tui.client.server import TITLE

STAMPS = {"created_at": "2026-01-20T11:52:29.276851", "modified_at": "2026-01-20T11:52:29.276851"}
SESSION = {"browser_session_id": "pbs_1", "organization_id": "o_1", **STAMPS}
PROFILE = {"browser_profile_id": "bp_1", "organization_id": "o_1", "name": "n", **STAMPS}
CREDENTIAL = {"credential_id": "cred_1", "name": "n", "credential_type": "password", "credential": {"username": "u"}}
CODE = {
    "totp_code_id": "totp_1",
    "totp_identifier": "a@b.c",
    "code": "123456",
    "content": "123456",
    "organization_id": "o",
}
REPLAY = {"run_id": RUN_ID, "run_type": "task_v2", "payload": "{}", "headers": {"x-skyvern-signature": "00"}}
WORKFLOW_RUN = run_body(run_id="wr_1", run_type="workflow_run", attempt=1)
LOGIN = {"credential_type": "password", "name": "n", "credential": {"username": "u", "password": "p"}}
CALLS = [
    ("create_browser_session", (), {}, "POST /v1/browser_sessions", None, SESSION, BrowserSession),
    (
        "create_browser_session",
        (),
        {"timeout": 30, "proxy_location": ProxyLocation.US_CA, "extensions": ("ad-blocker",)},
        "POST /v1/browser_sessions",
        {"timeout": 30, "proxy_location": "US-CA", "extensions": ["ad-blocker"]},
        SESSION,
        BrowserSession,
    ),
    ("get_browser_session", ("pbs_1",), {}, "GET /v1/browser_sessions/pbs_1", None, SESSION, BrowserSession),
    ("get_browser_sessions", (), {}, "GET /v1/browser_sessions", None, [SESSION], list),
    (
        "update_browser_session",
        ("pbs_1",),
        {"generate_browser_profile": True},
        "PATCH /v1/browser_sessions/pbs_1",
        {"generate_browser_profile": True},
        SESSION,
        BrowserSession,
    ),
    ("close_browser_session", ("pbs_1",), {}, "POST /v1/browser_sessions/pbs_1/close", None, {}, type(None)),
    (
        "create_browser_profile",
        (),
        {"name": "n", "workflow_run_id": "wr_1"},
        "POST /v1/browser_profiles",
        {"name": "n", "workflow_run_id": "wr_1"},
        PROFILE,
        BrowserProfile,
    ),
    ("get_browser_profile", ("bp_1",), {}, "GET /v1/browser_profiles/bp_1", None, PROFILE, BrowserProfile),
    (
        "list_browser_profiles",
        (),
        {"page": 2, "include_deleted": True},
        "GET /v1/browser_profiles?page=2&include_deleted=true",
        None,
        [PROFILE],
        list,
    ),
    (
        "update_browser_profile",
        ("bp_1",),
        {"description": "d"},
        "PATCH /v1/browser_profiles/bp_1",
        {"description": "d"},
        PROFILE,
        BrowserProfile,
    ),
    ("delete_browser_profile", ("bp_1",), {}, "DELETE /v1/browser_profiles/bp_1", None, None, type(None)),
    ("create_credential", (), LOGIN, "POST /v1/credentials", LOGIN, CREDENTIAL, Credential),
    ("get_credential", ("cred_1",), {}, "GET /v1/credentials/cred_1", None, CREDENTIAL, Credential),
    ("get_credentials", (), {"page": 1}, "GET /v1/credentials?page=1", None, [CREDENTIAL], list),
    ("update_credential", ("cred_1",), LOGIN, "POST /v1/credentials/cred_1/update", LOGIN, CREDENTIAL, Credential),
    ("delete_credential", ("cred_1",), {}, "POST /v1/credentials/cred_1/delete", None, None, type(None)),
    (
        "send_totp_code",
        (),
        {"totp_identifier": "a@b.c", "content": "1", "expired_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
        "POST /v1/credentials/totp",
        {"totp_identifier": "a@b.c", "content": "1", "expired_at": "2026-01-02T03:04:05"},
        {**CODE, **STAMPS},
        TotpCode,
    ),
    (
        "run_workflow",
        ("wpid_1",),
        {"parameters": {"a": 1}, "template": False, "max_steps_override": 5},
        "POST /v1/run/workflows?template=false",
        {"workflow_id": "wpid_1", "parameters": {"a": 1}},
        WORKFLOW_RUN,
        WorkflowRun,
    ),
    (
        "login",
        (),
        {"credential_type": "skyvern", "credential_id": "cred_1", "url": "u"},
        "POST /v1/run/tasks/login",
        {"credential_type": "skyvern", "credential_id": "cred_1", "url": "u"},
        WORKFLOW_RUN,
        WorkflowRun,
    ),
    (
        "download_files",
        (),
        {"navigation_goal": "g"},
        "POST /v1/run/tasks/download_files",
        {"navigation_goal": "g"},
        WORKFLOW_RUN,
        WorkflowRun,
    ),
    (
        "bulk_cancel_runs",
        (),
        {"run_ids": ("a", "b")},
        "POST /v1/runs/cancel",
        {"run_ids": ["a", "b"]},
        {"cancelled": ["a"], "failed": ["b"]},
        BulkCancel,
    ),
    ("retry_run_webhook", (RUN_ID,), {}, f"POST /v1/runs/{RUN_ID}/retry_webhook", None, REPLAY, WebhookReplay),
    (
        "retry_run_webhook",
        (RUN_ID,),
        {"webhook_url": "http://h"},
        f"POST /v1/runs/{RUN_ID}/retry_webhook",
        {"webhook_url": "http://h"},
        REPLAY,
        WebhookReplay,
    ),
    (
        "get_runs",
        (),
        {"workflow_permanent_id": "wpid_1", "tags": ["a", "b"]},
        "GET /v1/runs?page=1&page_size=10&workflow_permanent_id=wpid_1&tags=a&tags=b",
        None,
        [],
        list,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CALLS, ids=lambda case: case[0])
def test_each_call_is_one_request(face, case):
    """Method, path, query and body are those of the published schema; only what is set is sent."""
    name, args, options, line, body, answer, kind = case
    it = face(json_answer(answer))
    assert isinstance(it.call(name, *args, **options), kind)
    (request,) = it.requests
    assert f"{request.method} {request.url.raw_path.decode()}" == line
    assert (json.loads(request.content) if request.content else None) == body


def test_steps_of_a_workflow_are_bounded_by_a_header(face):
    """What has no place in the body goes into the headers."""
    it = face(json_answer(WORKFLOW_RUN))
    it.call("run_workflow", "wpid_1", max_steps_override=5, user_agent="ua")
    assert (it.requests[0].headers["x-max-steps-override"], it.requests[0].headers["x-user-agent"]) == ("5", "ua")


@pytest.mark.parametrize("name", ["run_workflow", "login", "download_files"])
def test_the_others_can_be_waited_for_as_well(face, name):
    """wait_for_completion polls the workflow's run to its end."""
    arguments = {
        "run_workflow": {"workflow_id": "wpid_1"},
        "login": {"credential_type": "skyvern"},
        "download_files": {"navigation_goal": "g"},
    }
    done = json_answer(run_body("completed", run_id="wr_1", run_type="workflow_run"))
    it = face(json_answer(WORKFLOW_RUN), json_answer(WORKFLOW_RUN), done)
    run = it.call(name, **arguments[name], wait_for_completion=True)
    assert (type(run), run.status) == (WorkflowRun, "completed")
    assert [request.url.path for request in it.requests[1:]] == ["/v1/runs/wr_1"] * 2


@pytest.mark.parametrize("form", ["path", "text", "bytes", "open", "pair"])
def test_a_file_is_uploaded_from_whatever_holds_it(face, form, tmp_path):
    """Path, bytes, open file or name and bytes: the form holds the bytes and a name."""
    path = tmp_path / "übersicht.pdf"
    path.write_bytes(b"%PDF-1.4\r\n\x00")
    opened = io.BytesIO(b"%PDF-1.4\r\n\x00")
    given = {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "open": opened,
        "pair": ("übersicht.pdf", path.read_bytes()),
    }
    it = face(json_answer({"s3_uri": "s3://b/f", "presigned_url": "http://h/f?sig=1", "file_id": "file_1"}))
    found = it.call("upload_file", given[form], retention_days=3)
    assert (type(found), found.file_id) == (UploadedFile, "file_1")
    assert "sig=1" not in repr(found)
    (request,) = it.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename=' in request.content
    assert b"%PDF-1.4\r\n\x00" in request.content
    assert b'name="retention_days"\r\n\r\n3\r\n' in request.content


def test_one_id_is_no_list_of_ids(face):
    """A string where ids are meant would be taken apart into letters; it is refused."""
    with pytest.raises(TypeError, match="cancel_run"):
        face(json_answer(None)).call("bulk_cancel_runs", run_ids="tsk_1")


def test_no_secret_is_in_a_repr(face):
    """Codes and payloads are left out of what is printed."""
    code = face(json_answer({**CODE, **STAMPS})).call("send_totp_code", totp_identifier="a@b.c", content="123456")
    assert "123456" not in repr(code)
    assert code.code == "123456"


@pytest.fixture(params=[AsyncSkyvern, Skyvern])
async def client(request, mock_server):
    """Either face, awaited, on a real mock with a tenant of its own: a function of a call's name and arguments."""
    async with request.param(api_key=f"neighbours-{uuid.uuid4().hex}", base_url=mock_server) as face:
        yield lambda call, /, *args, **options: getattr(face, call)(*args, **options)


async def test_a_session_lives_until_it_is_closed(client):
    """Open, read, change, list, close, make a profile of it, and delete that."""
    session = await client("create_browser_session", timeout=30)
    assert (session.timeout, session.completed_at) == (30, None)
    name = session.browser_session_id
    assert [one.browser_session_id for one in await client("get_browser_sessions")] == [name]
    assert (await client("update_browser_session", name, generate_browser_profile=True)).generate_browser_profile
    assert await client("close_browser_session", name) is None
    assert await client("get_browser_sessions") == []
    assert (await client("get_browser_session", name)).completed_at is not None
    with pytest.raises(NotFoundError):
        await client("get_browser_session", "pbs_1")


async def test_a_profile_is_named_changed_and_deleted(client):
    """An empty profile goes the whole way."""
    profile = await client("create_browser_profile", name="empty")
    changed = await client("update_browser_profile", profile.browser_profile_id, description="d")
    assert (changed.name, changed.description) == ("empty", "d")
    found = await client("list_browser_profiles", page=1, page_size=5)
    assert [one.browser_profile_id for one in found] == [profile.browser_profile_id]
    assert (await client("get_browser_profile", profile.browser_profile_id)).name == "empty"
    assert await client("delete_browser_profile", profile.browser_profile_id) is None
    assert await client("list_browser_profiles") == []


async def test_a_credential_is_kept_and_its_secret_is_not_told(client):
    """Create, read, list, replace, delete; the password comes back nowhere."""
    made = await client("create_credential", **LOGIN)
    assert made.credential["username"] == "u"
    assert "password" not in made.credential
    assert [one.credential_id for one in await client("get_credentials")] == [made.credential_id]
    changed = await client("update_credential", made.credential_id, **{**LOGIN, "name": "m"})
    assert changed.name == "m"
    assert (await client("get_credential", made.credential_id)).name == "m"
    assert await client("delete_credential", made.credential_id) is None
    with pytest.raises(NotFoundError):
        await client("get_credential", made.credential_id)


async def test_a_code_is_handed_over(client):
    """Digits are a code at once."""
    assert (await client("send_totp_code", totp_identifier="a@b.c", content="123456")).code == "123456"


async def test_ready_made_workflows_run(client):
    """A log-in with a stored credential and a download are workflow runs that can be waited for."""
    credential = await client("create_credential", **LOGIN)
    wait = partial(client, wait_for_completion=True, timeout=120)
    login = await wait(
        "login", credential_type="skyvern", credential_id=credential.credential_id, url="http://127.0.0.1:9"
    )
    files = await wait("download_files", navigation_goal="Download it", url="http://127.0.0.1:9")
    for run in (login, files):
        assert (type(run), run.run_type, run.status) == (WorkflowRun, RunType.workflow_run, "completed")


async def test_runs_are_canceled_together(client):
    """What is not a run is named as failed."""
    run = await client("run_task", "x")
    answer = await client("bulk_cancel_runs", run_ids=[run.run_id, "tsk_1"])
    assert (answer.cancelled, answer.failed) == ([run.run_id], ["tsk_1"])
    assert (await client("get_run", run.run_id)).status == "canceled"


async def test_a_webhook_is_sent_again(client, mock_server):
    """The answer says what the receiver did; a run that never had one is refused."""
    run = await client("run_task", "x", wait_for_completion=True, timeout=120)
    replay = await client("retry_run_webhook", run.run_id, webhook_url=f"{mock_server}/nowhere")
    assert (replay.status_code, json.loads(replay.payload)["output"]) == (404, TITLE)
    with pytest.raises(ApiError, match="No webhook URL"):
        await client("retry_run_webhook", run.run_id)


async def test_a_file_is_kept_for_a_run(client):
    """An uploaded file has an id that a task takes."""
    uploaded = await client("upload_file", ("a.txt", b"hello"), retention_days=1)
    run = await client("run_task", "x", file_ids=[uploaded.file_id])
    assert run.run_request["file_ids"] == [uploaded.file_id]
