"""What a type checker has to refuse; each line marked ``# wrong`` and no other. Never imported."""

from __future__ import annotations

from skyvern_tui.client import AsyncSkyvern, RequestOptions, Skyvern


def blocking(sky: Skyvern) -> None:
    """Arguments and results of the sync face."""
    sky.run_task()  # wrong
    sky.run_task("p", max_step=3)  # wrong
    sky.run_task("p", max_steps="3")  # wrong
    sky.run_task("p", wait_for_completion="yes")  # wrong
    sky.get_run(5)  # wrong
    sky.get_runs(page="1")  # wrong
    sky.bulk_cancel_runs("a", "b")  # wrong
    sky.create_browser_session(60)  # wrong
    sky.send_totp_code(totp_identifier="a")  # wrong
    sky.with_raw_response.get_run("r").status_code.upper()  # wrong
    sky.wait_for_run("r", on_poll=lambda: None)  # wrong
    sky.cancel_run("r").value()  # wrong
    RequestOptions(max_retry=3)  # wrong


async def awaiting(sky: AsyncSkyvern) -> None:
    """Results of the async face come by awaiting."""
    sky.get_run("r").status.upper()  # wrong
    (await sky.run_task("p")).status.value + 1  # wrong
    (await sky.get_version()) + 1  # wrong
