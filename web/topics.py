"""What each topic of the live updates says: fragments, rendered once and sent to everybody who shows them.

A message is either a part (rows that changed, put in place by id) or whole (a region as a fresh page would show it).
Both are htmx partials: what a page does not show is left alone.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from jinja2 import Environment

from projections.queries import Redis
from web import views
from web.batch import MANY, Batch

ACCOUNT: Final = "account:"
_PLAIN: Final = frozenset({"accounts", "feed", "totals", "status", "changed"})
_NAME: Final = re.compile(r"account:[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class Message:
    """`whole` supersedes all messages of its topic before it. `data` is SSE text, without the ending empty line."""

    __slots__ = ("data", "whole")

    def __init__(self, data: bytes, *, whole: bool) -> None:
        self.data = data
        self.whole = whole


def is_topic(name: str) -> bool:
    return name in _PLAIN or _NAME.fullmatch(name) is not None


class Topics:
    def __init__(self, redis: Redis, templates: Environment, currency: str) -> None:
        self._redis = redis
        self._templates = templates
        self._currency = currency

    async def of(self, topic: str, batch: Batch) -> Message | None:
        """The message for what changed; None where nothing of this topic did."""
        if topic in ("totals", "status") or batch.resync:
            return await self.whole(topic)
        if topic == "accounts":
            return await self._accounts_of(batch)
        if topic == "feed":
            return await self._feed_of(batch)
        if topic == "changed":
            return _named("changed") if batch.accounts or batch.many_accounts else None
        return await self._account_of(topic.removeprefix(ACCOUNT), batch)

    async def whole(self, topic: str) -> Message:
        """The topic's region as a fresh page shows it. Raises ReadModelUnavailable."""
        if topic.startswith(ACCOUNT):
            return await self._account(topic.removeprefix(ACCOUNT))
        regions: dict[str, Callable[[], Coroutine[Any, Any, Message]]] = {
            "accounts": self._accounts,
            "feed": self._feed,
            "totals": self._totals,
            "status": self._status,
            "changed": self._changed,
        }
        return await regions[topic]()

    async def _accounts_of(self, batch: Batch) -> Message | None:
        if batch.has_many_accounts:
            return await self._accounts()
        if not batch.accounts:
            return None
        rows = self._render("_account_rows.html", accounts=batch.accounts.values(), fresh=True)
        return _message(upsert("accounts", rows))

    async def _accounts(self) -> Message:
        page = await views.accounts(self._redis)
        rows = self._render("_accounts_body.html", page=page)
        pager = self._render("_accounts_pager.html", next=views.next_page(page), later=False, first="/")
        return _message(replace("accounts", rows), replace("accounts-pager", pager), whole=True)

    async def _feed_of(self, batch: Batch) -> Message | None:
        if batch.has_many_items:
            return await self._feed()
        if not batch.feed:
            return None
        return _message(
            upsert("feed", self._render("_feed_items.html", items=reversed(batch.feed), fresh=True))
        )

    async def _feed(self) -> Message:
        items = await views.feed(self._redis)
        return _message(replace("feed", self._render("_feed_body.html", items=items)), whole=True)

    async def _totals(self) -> Message:
        totals = await views.totals(self._redis)
        held = views.by_weight(totals.held, self._currency) if totals else []
        figures = self._render("_figures.html", totals=totals, held=held)
        count = self._render("_count.html", totals=totals)
        return _message(replace("figures", figures), replace("accounts-count", count), whole=True)

    async def _status(self) -> Message:
        status = await views.status(self._redis)
        return _message(
            replace("status", self._render("_status.html", status=status)),
            replace("models", self._render("_models.html", status=status)),
            whole=True,
        )

    async def _changed(self) -> Message:
        return _named("changed")

    async def _account_of(self, account_id: str, batch: Batch) -> Message | None:
        row, entries = batch.accounts.get(account_id), batch.entries_of(account_id)
        if batch.history_cut or batch.many_accounts or len(entries) > MANY:
            return await self._account(account_id)
        if row is None:
            return None
        view = views.AccountView(row=row, entries=tuple(entries), rebuilding=False)
        parts = [
            replace("account-head", self._render("_account_head.html", view=view, account_id=account_id))
        ]
        if entries:
            parts.append(upsert("history", self._render("_history_rows.html", entries=entries, fresh=True)))
        return _message(*parts)

    async def _account(self, account_id: str) -> Message:
        view = await views.account(self._redis, account_id)
        head = self._render("_account_head.html", view=view, account_id=account_id)
        rows = self._render("_history_body.html", view=view, account_id=account_id, before=None)
        pager = self._render("_history_pager.html", view=view, account_id=account_id, before=None)
        return _message(
            replace("account-head", head),
            replace("history", rows),
            replace("history-pager", pager),
            whole=True,
        )

    def _render(self, template: str, **context: object) -> str:
        return self._templates.get_template(template).render(context)


def upsert(target: str, elements: str) -> str:
    """Elements take the place of those with their ids; others come in by position, the newest on top."""
    return f'<hx-upsert hx-target="#{target}" key="data-position" sort="desc">{elements}</hx-upsert>'


def replace(target: str, content: str) -> str:
    return f'<hx-partial hx-target="#{target}" hx-swap="innerMorph">{content}</hx-partial>'


def _message(*partials: str, whole: bool = False) -> Message:
    lines = "\n".join(partials).splitlines()
    return Message("".join(f"data: {line}\n" for line in lines if line).encode(), whole=whole)


def _named(event: str, data: str = "1") -> Message:
    return Message(f"event: {event}\ndata: {data}\n".encode(), whole=True)
