"""The projects of the board, what has happened, and the questions people ask.

Owns: the facts.
"""

from __future__ import annotations

from typing import Any, Final

PEOPLE: Final = ("Ilse Brandt", "Joao Pires", "Nadia Rahman", "Owen Tierney")
PRIORITIES: Final = ("Low", "Normal", "High")


def _project(slug: str, name: str, titles: tuple[str, ...], **facts: str) -> dict[str, Any]:
    tasks = [
        {
            "number": index + 1,
            "title": title,
            "assignee": PEOPLE[(index + len(slug)) % len(PEOPLE)],
            "priority": PRIORITIES[(index + len(name)) % len(PRIORITIES)],
            "done": index == 0,
        }
        for index, title in enumerate(titles)
    ]
    return {"slug": slug, "name": name, **facts, "tasks": tasks}


PROJECTS: Final = [
    _project(
        "harbour-bridge",
        "Harbour bridge",
        ("Survey the piers", "Order the steel", "Close the footpath", "Paint the railing"),
        lead="Nadia Rahman",
        due="30 June 2027",
        budget="$48,000",
        note="The council wants the railing painted green.",
    ),
    _project(
        "reading-room",
        "Reading room",
        ("Measure the shelves", "Choose the lamps", "Move the atlas case"),
        lead="Owen Tierney",
        due="12 March 2027",
        budget="$9,500",
        note="Quiet hours stay from two to five.",
    ),
    _project(
        "seed-library",
        "Seed library",
        ("Label the drawers", "Print the catalogue", "Invite the growers", "Open the counter", "Count the bags"),
        lead="Ilse Brandt",
        due="1 February 2027",
        budget="$2,200",
        note="Members may take five bags a year.",
    ),
]

_DEEDS: Final = ("finished a task in", "commented on", "changed the due date of", "joined", "added a file to")
ACTIVITY: Final = [
    {
        "number": 45 - index,
        "who": PEOPLE[index * 3 % 4],
        "what": f"{_DEEDS[index * 2 % 5]} {PROJECTS[index * 5 % 3]['name']}",
    }
    for index in range(45)
]

QUESTIONS: Final = [
    {"question": "How do I invite somebody?", "answer": "Ask your lead; invitations are valid for seven days."},
    {"question": "Can I undo a deletion?", "answer": "Yes, within 30 days, from the archive."},
    {"question": "Who sees my comments?", "answer": "Everybody in the project, and nobody else."},
]
