"""The comments under the posts of the news site.

Owns: who says what under which post, and who answers whom. A thread is computed from the
post's number alone, so it is the same on every visit and as long as the front page says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from mock_server.sites.news.posts import POSTS, Post

_MAX_DEPTH: Final = 4


@dataclass(slots=True)
class Comment:
    """One comment; ``age`` in minutes, always less than that of what it answers."""

    id: int
    author: str
    age: int
    text: str
    depth: int
    replies: list[Comment] = field(default_factory=list)


def thread(post: Post) -> list[Comment]:
    """Return the top-level comments of ``post``, each with its replies, ``post.comments`` in all."""
    return list(_thread(post))


@lru_cache(maxsize=len(POSTS))
def _thread(post: Post) -> tuple[Comment, ...]:
    roots: list[Comment] = []
    everyone: list[Comment] = []
    first_text = _pick(len(_TEXTS), post.id, "first")
    for number in range(post.comments):
        parent = _parent(everyone, post.id, number)
        limit = parent.age if parent else post.age
        author = _AUTHORS[_pick(len(_AUTHORS), post.id, "author", number)]
        if parent is not None and author == parent.author:
            author = post.author if parent.author != post.author else "cobaltmouse"
        comment = Comment(
            id=post.id + 1 + number,
            author=author,
            age=max(1, limit * (40 + _pick(55, post.id, "age", number)) // 100),
            text=_TEXTS[(first_text + number * _STRIDE) % len(_TEXTS)],
            depth=parent.depth + 1 if parent else 0,
        )
        (parent.replies if parent else roots).append(comment)
        everyone.append(comment)
    return tuple(roots)


def _parent(earlier: list[Comment], post_id: int, number: int) -> Comment | None:
    """Choose what comment ``number`` answers: the post in two cases of five, else a recent comment."""
    if not earlier or _pick(5, post_id, "root", number) < 2:  # noqa: PLR2004 - two in five
        return None
    candidate = earlier[-1 - _pick(min(6, len(earlier)), post_id, "parent", number)]
    return candidate if candidate.depth < _MAX_DEPTH and candidate.age > 2 else None  # noqa: PLR2004 - leave time to answer


def _pick(choices: int, *key: object) -> int:
    """Return a number below ``choices`` that depends on ``key`` only."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % choices


_AUTHORS: Final = (
    *sorted({post.author for post in POSTS}),
    "amberline", "bitwright", "cobaltmouse", "dunlin", "estuary", "foxglove", "graphite", "heron42", "inkwell", "juniper_k",
)  # fmt: skip

_TEXTS: Final = (
    "I tried this on our staging system this morning. It took an hour to set up and it found a real problem within the first ten minutes.",
    "The part about measuring before changing anything should be printed on a poster.",
    "Does anyone know how this behaves when the disk is nearly full? That is where every such design has failed for us.",
    "We did something similar in 2014 and ended up ripping it out. The idea is sound, but nobody wanted to own it.",
    "Lovely write-up. I would have liked to see the numbers for a cold start as well.",
    "This is one of those things that sounds obvious after you have read it.",
    "I disagree with the conclusion. The slow path is slow because it does the right thing, and the fast one does not.",
    "My father did this for a living and he would recognise every word of it.",
    "Has anyone compared it with doing nothing at all? In my experience that is a strong baseline.",
    "The diagram in the second section is worth the visit alone.",
    "For what it is worth, the same trick works with an ordinary text file and a lock.",
    "Small correction: the limit was raised two versions ago, and it is configurable now.",
    "I have been bitten by exactly this. The fix was a single line, and finding it took three weeks.",
    "What happens if the two clocks disagree? The article waves its hands at that point.",
    "Can confirm. I worked on a neighbouring team and the story is told without exaggeration.",
    "Please write more of these. Honest reports of what went wrong are rarer than they should be.",
    "The real lesson seems to be that somebody has to read the logs, and that it has to be somebody's job.",
    "I would be careful with the benchmark. A warm page cache hides most of the difference.",
    "This reminds me of the way libraries used to handle inter-branch loans.",
    "It is refreshing to see a project that says clearly what it will not do.",
    "We run about two hundred of these. The failure rate in the third year is much higher than in the first two.",
    "Is there a version of this for people who cannot install anything on their work computer?",
    "The author is being modest. I have seen the earlier prototype and it was already very good.",
    "I printed it out and read it on the train. That is the highest praise I can give.",
    "Why not simply sort the input first? Then the whole second half becomes unnecessary.",
    "Because the input does not fit into memory, and by the time you have sorted it the answer is out of date.",
    "Thank you for including the failures. I learned more from those than from the final design.",
    "There is a good talk on the same subject from a regional conference a few years ago. The sound is terrible, but it is worth it.",
    "The interesting question is what it costs to maintain, and the article does not say.",
    "Around forty minutes a week, mostly reading. I keep a tally.",
    "I teach this to second-year students, and the first exercise is always to break it.",
    "Reading this I noticed that our documentation says the opposite. I have just filed a ticket.",
    "Not my experience at all. With a few thousand users it was fine, with fifty thousand it fell over.",
    "How many of those were real people, though?",
    "Most of them, as far as we could tell. The automated traffic is filtered out before the count.",
    "You can get most of the benefit by changing the default and leaving the rest alone.",
    "I like that it fails loudly. Silent fallbacks have cost me more nights than crashes ever did.",
    "The licence is unusual. Has anybody asked a lawyer what the second clause means?",
    "It means that you may do what you like as long as you do not blame them.",
    "This is the first explanation that made sense to me, and I have been nodding politely for ten years.",
    "I kept waiting for the sales pitch, and it never came. Well done.",
    "One more data point: on the older hardware it is about a third slower, but it never stalls.",
    "Could you share how you generated the test data? Ours is always too tidy to find anything.",
    "We take last month's real records and shuffle the columns independently. Crude, but it works.",
    "The title promises more than the text delivers, but the appendix is excellent.",
    "I am on the team that built the predecessor. We knew about the flaw and hoped nobody would reach that size.",
    "A checklist would have prevented this. I know nobody likes them, and they work anyway.",
    "Interesting that the simplest of the four variants won. It usually does.",
    "It usually does until the requirements change, and then it is rewritten as the second simplest.",
    "I showed this to my daughter, who is nine, and she found a bug in the animation.",
    "How does this interact with daylight saving time? Asking for a friend who has a pager.",
    "There is an old saying that every cache is a bug you have agreed to.",
    "The energy figures surprised me. I would have expected the radio to dominate.",
    "We switched last spring. The migration was dull, which is exactly what you want of a migration.",
    "I miss the time when software came with a manual that began with a photograph of the machine.",
    "The comparison is a little unfair, since the other tool was configured for safety rather than speed.",
    "Fair point. I have rerun it with the safe setting, and the gap shrinks to about ten per cent.",
    "If you like this, you will enjoy the chapter on escapements in any good book about clocks.",
    "I have a drawer full of these. Now I know what to do with them.",
    "Great work. A dark mode would be welcome.",
    "The hard part is not the algorithm but getting forty people to write dates in the same way.",
    "Bookmarked. I will need this on Monday.",
    "Somebody should collect all of these stories before the people who remember them retire.",
    "It would help to know which of the two effects is larger. They point in opposite directions.",
    "I am surprised that nobody has mentioned the accessibility side. It is the reason we chose it.",
    "Works for me on the beta, fails on the stable release. I have attached a trace to the issue.",
)  # fmt: skip
_STRIDE: Final = 7
"""Coprime to the number of texts, so that no text repeats within one thread."""
