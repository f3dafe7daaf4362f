"""What the run says about itself: the planner's input and answer, thoughts, the summary.

Owns: the wording of ``llm_*`` artifacts, thoughts and summaries. Must not: decide
anything; it tells what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from mock_server.agent.events import Ending, Task, Thought
from mock_server.agent.extraction import describe
from mock_server.agent.goal import Goal, Intent
from mock_server.agent.observation import Capture, Observation
from mock_server.agent.planner import Decision, Memory, Move, block_of

MODEL: Final = "rules"
"""Named in the artifacts where a hosted service would name its model."""
PAGE_LIMIT: Final = 12_000
"""Characters of page description given to the planner's prompt."""
GLANCE: Final = 700
_TASK_TYPES: Final = {"extraction": "extract"}


def planner_prompt(task: Task, goal: Goal, capture: Capture, memory: Memory) -> str:
    """Return, as text, all that the planner was given."""
    page = capture.observation
    parts = [
        "# Task",
        task.prompt,
        "",
        "# Understood as",
        *(
            f"{'>' if index == memory.position else ' '} {index + 1}. {intent.kind}: {intent.text} "
            f"(confidence {intent.confidence:.2f})"
            for index, intent in enumerate(goal.intents)
        ),
        *(f"  Not to be done: {what}" for what in goal.forbidden),
        "",
        "# Page",
        f"{page.title} ({page.url})",
        describe(page, PAGE_LIMIT // 4),
        "",
        "# Elements",
        capture.tree_text[:PAGE_LIMIT],
        "",
        "# Done so far",
        *(_history(memory) or ["nothing"]),
    ]
    if task.schema is not None:
        parts += ["", "# Schema of the output", orjson.dumps(task.schema, default=str).decode()]
    if task.error_codes:
        parts += ["", "# Error codes", *(f"{code}: {when}" for code, when in task.error_codes.items())]
    return "\n".join(parts) + "\n"


def verification_prompt(task: Task, goal: Goal, capture: Capture, memory: Memory) -> str:
    """Return, as text, what the check at the end was given: with the actions before it if the task asks for that."""
    page = capture.observation
    parts = [
        "# Has the goal been reached?",
        task.prompt,
        "",
        "# Understood as",
        *(f"  {index}. {intent.kind}: {intent.text}" for index, intent in enumerate(goal.intents, 1)),
        "",
        "# Page",
        f"{page.title} ({page.url})",
        describe(page, PAGE_LIMIT // 4),
    ]
    if task.include_action_history:
        parts += ["", "# Action history", *(_history(memory) or ["nothing"])]
    if memory.output is not None:
        parts += ["", "# Extracted", orjson.dumps(memory.output, default=str).decode()]
    return "\n".join(parts) + "\n"


def verified_answer(decision: Decision) -> dict[str, Any]:
    """Return what came of the check at the end."""
    achieved = decision.verdict == "end" and decision.ending == "completed"
    return {"user_goal_achieved": achieved, "thoughts": decision.reasoning, "page_info": decision.stage}


def _history(memory: Memory) -> list[str]:
    return [
        f"{index}. {deed.action_type} {deed.name!r}: {deed.effect or 'done'}"
        for index, deed in enumerate(memory.deeds[-30:], 1)
    ]


def planner_request(prompt: str) -> bytes:
    """Return the request in the form a model would have been sent it."""
    return orjson.dumps(
        {
            "model": MODEL,
            "temperature": 0,
            "messages": [{"role": "user", "content": prompt}],
            "images": ["screenshot_llm"],
        }
    )


def planner_response(parsed: Mapping[str, Any]) -> bytes:
    """Return the answer in the form a model's provider would have sent it."""
    content = orjson.dumps(parsed, default=str).decode()
    return orjson.dumps(
        {
            "object": "chat.completion",
            "model": MODEL,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }
    )


def parsed_answer(decision: Decision) -> dict[str, Any]:
    """Return the decision as the parsed answer of a step."""
    actions = [_answer_action(move) for move in decision.moves]
    if decision.verdict == "end":
        kind = "COMPLETE" if decision.ending == "completed" else "TERMINATE"
        actions = [{"action_type": kind, "reasoning": decision.reasoning, "confidence_float": 1.0, "id": None}]
    return {
        "user_goal_stage": decision.stage,
        "user_goal_achieved": decision.verdict == "end" and decision.ending == "completed",
        "action_plan": decision.reasoning,
        "actions": actions,
    }


def _answer_action(move: Move) -> dict[str, Any]:
    action = move.action
    answer: dict[str, Any] = {
        "reasoning": action.reasoning,
        "user_detail_query": action.intention,
        "user_detail_answer": action.text,
        "confidence_float": action.confidence,
        "action_type": action.action_type.upper(),
        "id": action.element_id,
    }
    optional = {
        "text": action.text,
        "option": action.option,
        "is_checked": action.is_checked,
        "url": action.url,
        "keys": list(action.keys) or None,
        "download": action.download or None,
        "data_extraction_goal": action.extraction_goal,
    }
    return answer | {key: value for key, value in optional.items() if value is not None}


def glance(page: Observation) -> str:
    """Return what the page is, in a few lines."""
    return f"{page.title or 'A page without a title'} ({page.url}). {describe(page, GLANCE)}".strip()


def check_thought(page: Observation, decision: Decision | None, done: Sequence[str]) -> Thought:
    """Return the check whether the goal is reached."""
    achieved = decision is not None and decision.verdict == "end" and decision.ending == "completed"
    ended = decision is not None and decision.verdict == "end" and not achieved
    if decision is not None and decision.verdict == "end":
        reasoning = decision.reasoning
    elif done:
        reasoning = f"Done so far: {'; '.join(done)}. There is more to do."
    else:
        reasoning = "The page is open; nothing of the task was done yet."
    if achieved and done:
        reasoning = f"Done: {'; '.join(done)}. {decision.reasoning if decision else ''}".strip()
    return Thought(
        kind="user_goal_check",
        scenario="user_goal_check",
        observation=glance(page),
        thought=reasoning,
        answer="" if not achieved else "The goal is reached.",
        output={
            "user_goal_achieved": achieved,
            "should_terminate": ended,
            "termination_reason": decision.reasoning if ended and decision else None,
        },
    )


def plan_thought(page: Observation, decision: Decision, intents: Sequence[Intent]) -> Thought:
    """Return the plan of the next piece of work."""
    plan = "; ".join(intent.text for intent in intents)
    kind = block_of(intents[0]) if intents else "navigation"
    return Thought(
        kind="plan",
        scenario="generate_plan",
        observation=glance(page),
        thought=decision.reasoning,
        answer=plan,
        output={
            "task_type": _TASK_TYPES.get(kind, "navigate"),
            "user_goal_achieved": False,
            "should_terminate": False,
            "termination_reason": None,
        },
    )


def fallback_thought(page: Observation, trouble: str) -> Thought:
    """Return the note that the rules decide in the place of a model."""
    return Thought(
        kind="plan",
        scenario="generate_plan",
        observation=glance(page),
        thought=f"The model gave nothing that can be used. {trouble}",
        answer="The rules decide.",
        output={"user_goal_achieved": False, "should_terminate": False, "termination_reason": None},
    )


def summary_thought(page: Observation, summary: str, output: Any) -> Thought:
    """Return the closing summary."""
    return Thought(
        kind="user_goal_check",
        scenario="summarization",
        observation=glance(page),
        thought="The task is finished; say what was done.",
        answer=summary,
        output={"description": summary, "output": output},
    )


def summarize(goal: Goal, memory: Memory, page: Observation, ending: Ending, reason: str | None) -> str:
    """Return one to three sentences: what was done and what came of it."""
    done = [goal.intents[index].text for index in range(min(memory.position, len(goal.intents)))]
    parts: list[str] = []
    if done:
        parts.append(f"On {page.title or page.url!r}: {'; '.join(done)}.")
    if memory.downloads:
        parts.append(f"Downloaded {', '.join(memory.downloads)}.")
    samples = list(dict.fromkeys(deed.name for deed in memory.deeds if deed.sample and deed.ok and deed.name))
    if samples:
        parts.append(f"The prompt gave no data for {', '.join(samples)}, so plausible sample values were used.")
    parts.extend(note for note in memory.notes[-2:] if ending == "completed")
    if ending != "completed" and reason:
        parts.append(f"Stopped: {reason}")
    return " ".join(parts) or (reason or "Nothing was to be done.")
