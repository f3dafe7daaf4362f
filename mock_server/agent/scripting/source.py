"""A recipe as a Python script that a person could have written: Playwright, plain locators, JSON on stdout.

Owns: the script's text. Pure. Must not: put a secret into it; secrets come from the environment.
"""

from __future__ import annotations

from textwrap import indent
from typing import Any, Final

from mock_server.agent.scripting.recipe import SECRETS, Json, Recipe, quoted, steps_of
from mock_server.agent.scripting.saying import Reading
from mock_server.agent.scripting.spots import written

_HEAD: Final = '''"""{title}

The steps of a run of skyvern-mock as a script of its own: it does the same again, without a planner,
and prints the output as JSON.

    python {name}

It needs the playwright package and a Chromium; CHROMIUM_PATH names one that Playwright did not install.{secrets}
"""
'''
_SECRETS: Final = "\nSecrets are taken from the environment: {names}."
_SAVE: Final = '''
def save(name: str, content: bytes) -> str:
    """Keep a file in the directory DOWNLOAD_DIR names, else in the present one; return its name."""
    folder = Path(os.environ.get("DOWNLOAD_DIR", "."))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / Path(name).name).write_bytes(content)
    return Path(name).name
'''
_MAIN: Final = """
def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM_PATH"))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(15_000)
%s        output = run(page)
        browser.close()
    print(json.dumps(output, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
"""
_DIALOGS: Final = '        page.on("dialog", lambda dialog: dialog.accept())\n'
_SCROLLS: Final = {
    "bottom": "document.scrollingElement.scrollTo(0, document.scrollingElement.scrollHeight)",
    "top": "document.scrollingElement.scrollTo(0, 0)",
    "up": "scrollBy(0, -innerHeight * 0.85)",
    "left": "scrollBy(-innerWidth * 0.85, 0)",
    "right": "scrollBy(innerWidth * 0.85, 0)",
}
_SETTLE_MS: Final = 500
_SHOWN: Final = 100
FILE_NAME: Final = "script.py"


def source_of(recipe: Recipe) -> str:
    """Return the script."""
    steps = steps_of(recipe)
    reading = Reading()
    body: list[str] = []
    for block in recipe["blocks"]:
        if block["steps"]:
            body += ["", f"# {_line(block['description'] or block['label'])}"]
        for index, step in enumerate(block["steps"]):
            after = block["steps"][index + 1] if index + 1 < len(block["steps"]) else None
            body += _step(step, reading, reads_next=_reads_next(step, after, steps))
    saves = any(step.get("saves") or step.get("prints") for step in steps)
    body = [*(["saved: list[str] = []"] if saves else []), *body]
    if any(step["do"] == "extract" for step in steps):
        body.append("return output")
    else:
        body.append('return {"downloaded_files": saved}' if saves else "return None")
    run = "\n\ndef run(page: Page) -> object:\n" + indent("\n".join(body).lstrip("\n"), "    ") + "\n"
    helpers = [*reading.helpers(), *([_SAVE] if saves else [])]
    main = _MAIN % (_DIALOGS if recipe["dialogs"] else "")
    parts = [
        _head(recipe, steps),
        _imports(reading, saves=saves),
        *("\n" + helper for helper in helpers),
        run,
        "\n" + main,
    ]
    return "".join(parts)


def _head(recipe: Recipe, steps: list[Json]) -> str:
    names = list(dict.fromkeys(SECRETS[step["secret"]] for step in steps if step.get("secret")))
    title = _line(recipe["prompt"] or "A run").replace("\\", "\\\\").replace('"""', "'''")
    secrets = _SECRETS.format(names=", ".join(names)) if names else ""
    return _HEAD.format(title=title, name=FILE_NAME, secrets=secrets)


def _imports(reading: Reading, *, saves: bool) -> str:
    lines = ["", "from __future__ import annotations", "", "import json", "import os"]
    if reading.uses_patterns:
        lines.append("import re")
    if saves:
        lines.append("from pathlib import Path")
    names = ["Locator"] if reading.uses_locators else []
    lines += ["", f"from playwright.sync_api import {', '.join([*names, 'Page', 'sync_playwright'])}", ""]
    return "\n".join(lines)


def _line(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1].rstrip() + "…"


def _reads_next(step: Json, after: Json | None, steps: list[Json]) -> bool:
    following = after if after is not None else next(iter(steps[_place(steps, step) + 1 :]), None)
    return following is not None and following["do"] == "extract"


def _place(steps: list[Json], step: Json) -> int:
    return next(index for index, other in enumerate(steps) if other is step)


def _step(step: Json, reading: Reading, *, reads_next: bool) -> list[str]:
    kind = step["do"]
    if kind == "extract":
        return _extract(step, reading)
    if kind == "verification_code":
        return []
    act = _act(step)
    lines = _wrapped(step, act)
    alone = not (step.get("navigates") or step.get("downloads") or step.get("new_tab"))
    if reads_next and alone and step.get("changes") and kind not in ("goto_url", "wait", "hover"):
        lines.append(f"page.wait_for_timeout({_SETTLE_MS})  # the page changes by itself; let it")
    return lines


def _extract(step: Json, reading: Reading) -> list[str]:
    plan = step.get("plan")
    if plan is None:
        return ["# What the run read here could not be traced back to places on the page.", "output = None"]
    statements, expression = reading.say(plan)
    return [*statements, f"output = {expression}"]


def _wrapped(step: Json, act: list[str]) -> list[str]:
    """Return the lines of an action inside what has to wait for it: a navigation, a download, a new tab."""
    *before, last = act
    lines = list(before)
    saves = step.get("saves") or []
    if step.get("new_tab"):
        lines += [
            "with page.expect_popup() as opened:",
            f"    {last}",
            "page = opened.value",
            "page.wait_for_load_state()",
        ]
    elif step.get("downloads"):
        lines += ["with page.expect_download() as started:", f"    {last}"]
        lines += [
            "download = started.value",
            "saved.append(save(download.suggested_filename, download.path().read_bytes()))",
        ]
        return lines
    elif step.get("navigates") and step["do"] not in ("goto_url", "go_back", "reload_page"):
        lines += ["with page.expect_navigation():", f"    {last}"]
    else:
        lines.append(last)
    for name, url in saves:
        lines.append(f"saved.append(save({quoted(name)}, page.context.request.get({quoted(url)}).body()))")
    return lines


def _act(step: Json) -> list[str]:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of action
    kind, at = step["do"], step.get("at")
    place = written(at) if at is not None else "page"
    match kind:
        case "goto_url":
            if step.get("downloads"):
                return [f'page.evaluate("url => {{ location.href = url; }}", {quoted(step["url"])})']
            return [f"page.goto({quoted(step['url'])})"]
        case "input_text":
            return _typed(step, place)
        case "select_option":
            return [f"{place}.select_option(label={quoted(step['labels'])})"]
        case "checkbox":
            return [f"{place}.set_checked({bool(step.get('wanted'))})"]
        case "hover":
            return [f"{place}.hover()"]
        case "upload_file":
            return [f"{place}.set_input_files({quoted(step['files'])})"]
        case "drag" if step.get("to") is not None:
            return [f"{place}.drag_to({written(step['to'])})"]
        case "keypress":
            target = f"{place}.press" if at is not None else "page.keyboard.press"
            return [f"{target}({quoted(key)})" for key in step.get("keys") or ()] or ["pass"]
        case "scroll" if at is not None:
            return [f"{place}.scroll_into_view_if_needed()"]
        case "scroll":
            script = _SCROLLS.get(step.get("way") or "down", "scrollBy(0, innerHeight * 0.85)")
            return [f"page.evaluate({quoted(script)})"]
        case "go_back":
            return ["page.go_back()"]
        case "reload_page":
            return ["page.reload()"]
        case "wait":
            return [f"page.wait_for_timeout({round(1000 * (step.get('seconds') or 0))})"]
        case "download_file" if at is None:
            name = (step.get("saves") or [["page.pdf", ""]])[0][0]
            return [f"saved.append(save({quoted(name)}, page.pdf()))"]
    click = f"{place}.{'dblclick' if 'double' in (step.get('keys') or ()) else 'click'}()"
    return [f"# {step['reasoning']}".splitlines()[0][:_SHOWN], click] if _is_bare(at) else [click]


def _is_bare(at: Any) -> bool:
    """Whether a place says nothing about what is there, so that a word on it helps."""
    return at is not None and at["chain"][-1]["by"] == "css"


def _typed(step: Json, place: str) -> list[str]:
    if "secret" in step:
        value = f"os.environ[{quoted(SECRETS[step['secret']])}]" + (f"[{step['part']}]" if "part" in step else "")
    else:
        value = quoted(step["text"])
    lines = [f"{place}.press_sequentially({value})" if step.get("by_key") else f"{place}.fill({value})"]
    if step.get("then_press"):
        lines.append(f"{place}.press({quoted(step['then_press'])})")
    return lines
