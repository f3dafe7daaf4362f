"""How much a page may make the browser tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mock_server.agent.restraint import Bucket


def test_so_many_at_once_and_so_many_a_second():
    """A burst passes up to the size; after that one passes each time its share of a second has gone by."""
    bucket = Bucket(3, 2)
    assert [bucket.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(10.5), bucket.take(10.5), bucket.take(11.0)] == [True, False, True]


def test_refilled_it_begins_anew():
    """What an action of the run sets off is not the page's own doing."""
    bucket = Bucket(1, 0)
    assert [bucket.take(0), bucket.take(0)] == [True, False]
    bucket.refill()
    assert bucket.take(0)


@given(
    size=st.integers(1, 50),
    rate=st.floats(0, 100),
    gaps=st.lists(st.floats(0, 2), max_size=200),
)
def test_never_more_than_promised(size: int, rate: float, gaps: list[float]):
    """In any stretch of time there pass at most the burst and what the rate allows for that long."""
    bucket, now, passed = Bucket(size, rate), 0.0, 0
    for gap in gaps:
        now += gap
        passed += bucket.take(now)
    assert passed <= size + rate * now + 1e-6 * len(gaps) + 1
