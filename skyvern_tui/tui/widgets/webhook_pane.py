"""Who is told when a run ends, and how that went.

Owns: the webhook of a run as the run and the server tell of it, and sending it again. Must
not: send by itself (the server does), or show a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from skyvern_tui.client.models import Run
from skyvern_tui.core.answers import without_secrets
from skyvern_tui.core.clock import Clock
from skyvern_tui.core.deliveries import Delivery, delivery_of, replayed, webhook_failure, webhook_url
from skyvern_tui.core.text import duration_words, one_line, plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Server, Troubled
from skyvern_tui.tui.widgets.facts import Fact, FactsPane
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.pane import Copy, Pane, SavedText
from skyvern_tui.tui.widgets.split import Split

_STATES: Final = {"delivered": ("✓", "good"), "failed": ("✗", "bad"), "pending": ("◌", "busy")}
_KINDS: Final = {"original": "at the end", "replay": "sent again"}


class DeliveryList(LineList[Delivery]):
    """One line per webhook that was sent."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def key_of(self, row: Delivery) -> object:
        return row.id

    def spans(self, row: Delivery, width: int) -> Iterable[Span]:  # noqa: ARG002 - what has no room is cut
        glyph, tone = _STATES.get(row.state, ("?", "plain"))
        yield " ", "plain"
        yield ("" if row.at is None else f"{self._clock.local(row.at):%H:%M:%S}  "), "quiet"
        yield f"{glyph} {row.state:<9}  ", tone
        yield f"{_KINDS.get(row.kind, row.kind):<10}  ", "quiet"
        last = row.attempts[-1] if row.attempts else None
        yield (f"{last.status}  " if last is not None and last.status else ""), tone
        tried = f"{plural(len(row.attempts), 'attempt')}  " if len(row.attempts) > 1 else ""
        yield tried, "quiet"
        yield row.reason or row.url, "plain"


class WebhookPane(Pane):
    """What is known of a run's webhook, every time it was sent, and what was sent."""

    scope = Scope.webhook
    BINDINGS: ClassVar = bindings(Scope.webhook)
    DEFAULT_CSS = """
    WebhookPane {
        #webhook-head { height: auto; max-height: 8; padding: 1 2; }
        DeliveryList { height: 1fr; }
        #sent { height: 1fr; }
        #sent-facts { height: auto; max-height: 50%; padding: 1 2; border-bottom: solid $border-blurred; }
        JsonTree { padding: 0 1; }
    }
    """

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._server: Server | None = None
        self._run_id = ""
        self._run: Run | None = None
        self._url = ""
        self._told: list[Delivery] = []
        self._own: list[Delivery] = []
        """Those sent again from here, for servers that tell of none."""
        self._shown: Delivery | None = None
        self.can_send = True
        """Whether there is a server to send it: not where a run was opened from a file."""

    def compose(self) -> ComposeResult:
        kept = self._page.split_kept("webhook-split")
        listing = Vertical(Static("", id="webhook-head", markup=False), DeliveryList(self._clock))
        sent = Vertical(FactsPane(id="sent-facts"), JsonTree(id="payload"), id="sent")
        split = Split(listing, sent, share=50, kept=kept, id="webhook-split")
        split.wanted = False
        yield split

    @property
    def _page(self) -> Page:
        return cast("Page", self.screen)

    @property
    def _list(self) -> DeliveryList:
        return self.query_one(DeliveryList)

    @property
    def _split(self) -> Split:
        return self.query_one("#webhook-split", Split)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a server nothing can be sent."""
        return self.can_send if action == "replay" else super().check_action(action, parameters)

    def connect(self, server: Server, run_id: str) -> None:
        """Ask a server about the webhook of a run."""
        self._server, self._run_id = server, run_id

    def show(self, run: Run, sent: Mapping[str, Any] | None) -> None:
        """Show what the run says; ``sent`` is its request as it was sent, where that is known."""
        ended = self._run is not None and run.is_final and not self._run.is_final
        self._run, self._url = run, webhook_url(run, sent)
        self._draw()
        if ended:
            self.ask()

    def enter(self) -> None:
        self._list.focus() if self._list.display else self.query_one(JsonTree).focus()
        self.ask()

    def leave(self) -> bool:
        if self._list.has_focus or not self._split.is_attached or self._list.rows == ():
            return False
        inside = self.query_one("#sent") in (self.screen.focused.ancestors if self.screen.focused else ())
        if inside:
            self._split.zoom(None)
            self._list.focus()
        return inside

    @property
    def can_open(self) -> bool:
        return self._list.has_focus and self._list.row is not None

    def open(self) -> None:
        """Look at what was sent."""
        if not self.query_one("#sent").display:
            self._split.zoom(self._split.second)
        self.query_one(JsonTree).focus()

    def ask(self) -> None:
        """Ask the server what it tells of the deliveries, if this is looked at."""
        if self.display and self._server is not None:
            self._ask(self._server)

    @work(group="deliveries", exclusive=True)
    async def _ask(self, server: Server) -> None:
        try:
            told = await server.call(lambda gateway: gateway.get_deliveries(self._run_id), aside=True)
        except Troubled:
            return  # the run is polled as well: that says what is wrong
        self._told = [delivery_of(one) for one in told]
        self._draw()

    def _draw(self) -> None:
        self.query_one("#webhook-head", Static).update(self._head())
        deliveries = list(self._told or self._own)
        if list(self._list.rows) != deliveries:
            self._list.set_rows(deliveries)
            if self._split.wanted != bool(deliveries):
                self._split.wanted = bool(deliveries)
                self._split.zoom(None)
        self._show(self._list.row)

    def _head(self) -> Content:
        run = self._run
        if run is None:
            return Content("")
        again = self._page.skyvern.key_of("webhook.replay")
        if not self._url:
            text = "This run has no webhook: nobody is told when it ends."
            can = run.is_final and self.can_send
            ended = f"\n{again} sends what would have been told to an address you name." if can else ""
            return Content.styled(text + ended, "$text-muted")
        parts: list[str | tuple[str, str]] = [("to  ", "$text-muted"), one_line(self._url)]
        failure = webhook_failure(run)
        if failure:
            parts.append((f"\n✗ {failure}", "$error"))
        if not run.is_final:
            parts.append(("\nIt is sent when the run ends.", "$text-muted"))
        elif not self.can_send:
            parts.append(("\nHow it went is not in the file; only a server can send it again.", "$text-muted"))
        elif not self._told and not self._own:
            words = f"\nThis server does not tell how it went. {again} sends it again and shows the answer."
            parts.append((words, "$text-muted"))
        return Content.assemble(*parts)

    @on(LineList.Moved, "DeliveryList")
    def _moved(self, event: LineList.Moved) -> None:
        self._show(event.row)

    def _show(self, delivery: Delivery | None) -> None:
        """Show what was sent."""
        if delivery is None or delivery == self._shown:
            return
        if self._shown is None or self._shown.id != delivery.id:
            self.query_one(JsonTree).forget()
        self._shown = delivery
        self.query_one("#sent-facts", FactsPane).show(self._facts(delivery))
        self.query_one(JsonTree).show(without_secrets(delivery.content, self._page.skyvern.status.secrets), depth=1)

    def _facts(self, delivery: Delivery) -> list[Fact]:
        facts: list[Fact] = [("to", delivery.url)]
        for number, attempt in enumerate(delivery.attempts, 1):
            at = "" if attempt.at is None else f"{self._clock.local(attempt.at):%H:%M:%S}"
            took = "" if attempt.took is None else f"after {duration_words(attempt.took)}"
            said = attempt.error or attempt.body
            answer = str(attempt.status) if attempt.status is not None else "no answer"
            text = "  ".join(filter(None, (at, answer, took, said)))
            facts.append((f"attempt {number}", text, "$success" if attempt.fine else "$error"))
        facts += [(name, text, "$text-muted") for name, text in delivery.headers.items()]
        return facts

    @work(group="replay", exclusive=True)
    async def action_replay(self) -> None:
        """Ask where to, have the webhook sent again, and show what came of it."""
        from skyvern_tui.tui.screens.ask import AskScreen  # noqa: PLC0415 - shown rarely

        server, page = self._server, self._page
        if server is None or page.denied():
            return
        note = "To this address, or another. The server sends what it tells of the run now."
        address = await self.app.push_screen_wait(AskScreen("Send the webhook again", note, text=self._url))
        if not address:
            return
        elsewhere = address if address != self._url else None
        try:
            replay = await server.call(
                lambda gateway: gateway.retry_run_webhook(self._run_id, webhook_url=elsewhere), aside=True
            )
        except Troubled as error:
            page.tell(error.trouble)
            return
        delivery = replayed(replay, self._clock.now(), len(self._own) + 1)
        self._own.insert(0, delivery)
        answer = delivery.attempts[-1]
        words = f"answered {answer.status}" if answer.status is not None else f"no answer: {delivery.reason}"
        fine = delivery.state == "delivered"
        self.notify(f"Sent again: {words}", severity="information" if fine else "warning", markup=False)
        self._draw()
        self._list.move_to(0)
        self.ask()

    @property
    def can_copy(self) -> bool:
        return self._shown is not None or bool(self._url)

    @property
    def can_save(self) -> bool:
        return self._shown is not None

    def copied(self) -> Copy | None:
        if self._shown is None:
            return Copy(self._url, "the webhook's address") if self._url else None
        return Copy(self._payload(self._shown), "the payload, without secrets")

    def place(self) -> Copy | None:
        return Copy(self._url, "the webhook's address") if self._url else None

    def to_save(self) -> SavedText | None:
        if self._shown is None:
            return None
        return SavedText("webhook.json", self._payload(self._shown).encode("utf-8", "replace"))

    def _payload(self, delivery: Delivery) -> str:
        content = without_secrets(delivery.content, self._page.skyvern.status.secrets)
        return content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
