"""Hypothesis strategies for requests as a person may have typed them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("'\"\\$`!#%&|;<>(){}[]*?~\n\r\t\0\x1b\x7f\x85\u2018\u2019\u202e\u2028\u2029\ufeff€😀"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=30,
)
"""Texts full of what shells, programs and terminals take for something else."""

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | HOSTILE,
    lambda child: st.lists(child, max_size=3) | st.dictionaries(HOSTILE, child, max_size=3),
    max_leaves=8,
)


@st.composite
def task_requests(draw: st.DrawFn) -> dict[str, Any]:
    """Return a request by wire name, without secrets."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "url": st.just("https://example.com/a?b=c'd&e=%22"),
        "engine": st.sampled_from(["skyvern-1.0", "skyvern-2.0", "openai-cua"]),
        "title": HOSTILE,
        "max_steps": st.integers(1, 99),
        "publish_workflow": st.just(True),
        "data_extraction_schema": st.dictionaries(HOSTILE, JSON, max_size=3),
        "error_code_mapping": st.dictionaries(HOSTILE, HOSTILE, max_size=3),
        "browser_profile_id": HOSTILE,
        "file_ids": st.lists(HOSTILE, min_size=1, max_size=2),
    }
    return {"prompt": draw(HOSTILE), **draw(st.fixed_dictionaries({}, optional=optional))}
