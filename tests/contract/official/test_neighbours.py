"""What the documentation's examples use beside runs: sessions, profiles, credentials, codes, files and workflows."""

from __future__ import annotations

import base64

import pytest
from skyvern.client import NonEmptyPasswordCredential, NotFoundError, ScriptFileCreate
from skyvern.client.core.api_error import ApiError

pytestmark = pytest.mark.mock

PASSWORD = "correct horse battery"


async def test_a_browser_session(client):
    """A session is made, found open, closed, and gone from the list of those that are open."""
    session = await client.create_browser_session(timeout=10)
    assert session.browser_session_id.startswith("pbs_")
    assert (await client.get_browser_session(session.browser_session_id)).timeout == 10
    assert session.browser_session_id in {s.browser_session_id for s in await client.get_browser_sessions()}
    await client.close_browser_session(session.browser_session_id)
    assert session.browser_session_id not in {s.browser_session_id for s in await client.get_browser_sessions()}


async def test_a_session_that_is_not_there(client):
    """An unknown session is not found, in the SDK's own class."""
    with pytest.raises(NotFoundError):
        await client.get_browser_session("pbs_1")


async def test_a_browser_profile(client):
    """A blank profile is made, read, renamed, listed and deleted."""
    profile = await client.create_browser_profile(name="blank")
    profile_id = profile.browser_profile_id
    assert profile_id.startswith("bp_")
    assert (await client.update_browser_profile(profile_id, name="renamed")).name == "renamed"
    assert (await client.get_browser_profile(profile_id)).name == "renamed"
    assert profile_id in {p.browser_profile_id for p in await client.list_browser_profiles()}
    await client.delete_browser_profile(profile_id)
    assert profile_id not in {p.browser_profile_id for p in await client.list_browser_profiles()}


async def test_a_credential_keeps_its_secret(client):
    """A password goes in and never comes out again, whichever call shows the credential."""
    made = await client.create_credential(
        name="portal",
        credential_type="password",
        credential=NonEmptyPasswordCredential(username="ada", password=PASSWORD),
    )
    found = await client.get_credential(made.credential_id)
    (listed,) = [c for c in await client.get_credentials() if c.credential_id == made.credential_id]
    for shown in (made, found, listed):
        assert shown.credential.username == "ada"
        assert PASSWORD not in shown.model_dump_json()
    await client.delete_credential(made.credential_id)
    with pytest.raises(ApiError) as caught:
        await client.get_credential(made.credential_id)
    assert caught.value.status_code == 404


async def test_a_code_is_pushed(client):
    """A one-time code is taken and given an id."""
    code = await client.send_totp_code(totp_identifier="ada@example.com", content="123456")
    assert (code.code, code.otp_type) == ("123456", "totp")
    assert code.totp_code_id.startswith("totp_")


async def test_a_login(client, base_url):
    """The login call makes a workflow run that signs in with a stored credential."""
    credential = await client.create_credential(
        name="portal",
        credential_type="password",
        credential=NonEmptyPasswordCredential(username="demo", password="wrong-on-purpose"),
    )
    run = await client.login(
        credential_type="skyvern",
        credential_id=credential.credential_id,
        url=f"{base_url}/sites/portal/login",
        wait_for_completion=True,
        timeout=120,
    )
    assert run.run_id.startswith("wr_")
    assert run.run_type == "workflow_run"
    assert run.status in {"terminated", "failed"}  # the password is wrong
    assert run.failure_reason


async def test_a_login_without_its_credential(client):
    """A credential that does not exist is named in the refusal."""
    with pytest.raises(ApiError) as caught:
        await client.login(credential_type="skyvern", credential_id="cred_1", url="https://example.com")
    assert caught.value.status_code == 404


async def test_files_are_fetched(client, base_url):
    """The download call makes a workflow run."""
    run = await client.download_files(navigation_goal="Download the price list", url=f"{base_url}/sites/shop/")
    assert run.run_id.startswith("wr_")
    assert (await client.get_run(run.run_id)).run_type == "workflow_run"
    await client.cancel_run(run.run_id)


async def test_a_published_task_is_run_again(client, base_url):
    """A task that was published is found among the workflows and runs again by its permanent id."""
    first = await client.run_task(
        prompt="Get the title of the top post",
        url=f"{base_url}/sites/news/",
        title="published",
        publish_workflow=True,
        wait_for_completion=True,
    )
    assert first.status == "completed", first.failure_reason
    (workflow,) = [w for w in await client.get_workflows() if w.title == "published"]
    again = await client.run_workflow(workflow.workflow_permanent_id, wait_for_completion=True, timeout=120)
    assert again.status == "completed", again.failure_reason
    assert again.run_type == "workflow_run"


async def test_a_workflow_that_is_not_there(client):
    """An unknown workflow cannot be run."""
    with pytest.raises(ApiError) as caught:
        await client.run_workflow("wpid_1")
    assert caught.value.status_code == 404


async def test_a_script(client):
    """A script is stored, listed and deployed anew; running it is not implemented, as the service answers."""
    file = ScriptFileCreate(path="main.py", content=base64.b64encode(b"print(1)").decode())
    made = await client.create_script(files=[file])
    assert made.script_id in {script.script_id for script in await client.get_scripts()}
    assert (await client.get_script(made.script_id)).version == 1
    assert (await client.deploy_script(made.script_id, files=[file])).version == 2
    with pytest.raises(ApiError) as caught:
        await client.scripts.run_script(made.script_id)
    assert caught.value.status_code == 400
