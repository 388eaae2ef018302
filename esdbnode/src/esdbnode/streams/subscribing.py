"""Read as a subscription: a confirmation, the events so far, `caught_up`, then new events.

Subscribers pull: each reads the log at its own pace and is woken by commits, so a slow one costs no memory and loses
nothing. The position or revision to begin from is excluded. Truncation hides events during the catch-up only; a new
event is sent when it is written.

Checkpoints of filtered subscriptions to $all, as recorded: the catch-up goes window by window. When window x multiplier
events have been considered, a checkpoint states the start of that window, or the last event sent if that is later. At
the end of the catch-up, a checkpoint states the last event sent, or the position begun from if no event was sent,
unless an earlier checkpoint was as late. After that, there is one every window x multiplier events. A subscription from
the start to a log that has nothing for it gets the checkpoint NONE, and no other one afterwards.
"""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

from esdbnode.call import Call
from esdbnode.storage.log import Log
from esdbnode.storage.reading import LAST, PAGE_EVENTS, AllRow, Span, StreamRow
from esdbnode.streams.encoding import CAUGHT_UP, checkpoint, confirmation
from esdbnode.streams.errors import invalid, stream_deleted
from esdbnode.streams.filters import Filter
from esdbnode.streams.links import Render
from esdbnode.streams.metadata import DELETED, deleted_with_its_stream, metadata_of, visible
from esdbnode.streams.requests import END
from esdbnode.wording import calls, protocol


async def to_stream(log: Log, call: Call, stream: str, after: int, render: Render | None) -> None:
    """`after`: the revision to begin after; -1 for the start, END for the end."""
    if after == END:
        after = log.read.last_revision(log.read.stream_id(stream))
    after = min(after, DELETED - 1)
    if deleted_with_its_stream(log.read, stream):
        raise stream_deleted(stream)
    await call.send((confirmation(str(uuid4())),))
    while rows := _visible_rows(log, stream, after):
        await call.send(_of_stream(rows, render))
        after = rows[-1][0]
        await asyncio.sleep(0)
    sid = log.read.stream_id(stream)
    after = max(after, _last_before_tombstone(log, sid))
    await call.send((CAUGHT_UP,))
    while True:
        sid = sid or log.read.stream_id(stream)
        rows = log.read.stream_forwards(Span(sid, after + 1), PAGE_EVENTS) if sid else []
        if not rows:
            await log.written(stream)
            continue
        await call.send(_of_stream(rows, render, live=True))
        after = rows[-1][0]
        if after == DELETED:
            raise stream_deleted(stream)
        await asyncio.sleep(0)


NONE = 2**64 - 1
"""The checkpoint that is not a position."""


async def to_all(log: Log, call: Call, after: int, chosen: Filter | None, render: Render | None) -> None:
    """`after`: the position to begin after; -1 for the start, END for the end."""
    from_end = after == END
    after = log.head if from_end else min(after, LAST - 1)
    if chosen and chosen.multiplier == 0:
        raise invalid(calls.CHECKPOINT_INTERVAL_ZERO)
    await call.send((confirmation(str(uuid4())),))
    if after < log.head and not log.is_position(after):
        raise invalid(protocol.INVALID_POSITION)
    if chosen is None:
        await _to_all_unfiltered(log, call, after, render)
    if chosen and chosen.window == 0:
        raise invalid(calls.FILTER_WINDOW_ZERO)
    if chosen:
        position, marked = after, after
        if not from_end and (after < log.head or log.head == 0):
            position, marked = await _catch_up(log, call, after, chosen, render)
        await call.send((CAUGHT_UP,))
        await _live(log, call, _Live(position, chosen, render, marking=marked != NONE))


def _visible_rows(log: Log, stream: str, after: int) -> list[StreamRow]:
    sid = log.read.stream_id(stream)
    metadata = metadata_of(log.read, stream)
    if sid is None or metadata.soft_deleted:
        return []
    last = _last_before_tombstone(log, sid)
    shown = visible(metadata, last)
    return log.read.stream_forwards(Span(sid, max(after + 1, shown.first), last, shown.since), PAGE_EVENTS)


def _last_before_tombstone(log: Log, sid: int | None) -> int:
    last = log.read.last_revision(sid)
    if last == DELETED and sid is not None:
        return max((row[0] for row in log.read.stream_backwards(Span(sid, 0, DELETED - 1), 1)), default=-1)
    return last


def _of_stream(rows: list[StreamRow], render: Render | None, *, live: bool = False) -> list[bytes]:
    return [render(tid, response, live=live) if render else response for _, tid, response, _ in rows]


def _of_all(rows: list[AllRow], render: Render | None, *, live: bool = False) -> list[bytes]:
    return [render(row[2], row[3], live=live) if render else row[3] for row in rows]


async def _to_all_unfiltered(log: Log, call: Call, after: int, render: Render | None) -> None:
    caught_up = False
    while True:
        rows = log.after(after)
        if rows:
            await call.send(_of_all(rows, render, live=caught_up))
            after = rows[-1][0]
            await asyncio.sleep(0)
        elif not caught_up:
            caught_up = True
            await call.send((CAUGHT_UP,))
        else:
            await log.written(None)


async def _catch_up(
    log: Log, call: Call, after: int, chosen: Filter, render: Render | None
) -> tuple[int, int]:
    """Returns the position of the last event considered, and the last checkpoint."""
    interval = chosen.window * chosen.multiplier
    considered, marked = 0, -1
    position = first = sent = after
    while rows := log.read.all_forwards(first, LAST, PAGE_EVENTS):
        out: list[bytes] = []
        for window in _slices(rows, chosen.window):
            matching = [row for row in chosen.select(window) if row[0] > after]
            if matching:
                out += _of_all(matching, render)
                sent = matching[-1][0]
            considered += len(window)
            if considered >= interval:
                considered %= interval
                marked = max(window[0][0], sent)
                out.append(checkpoint(marked))
        if out:
            await call.send(out)
        position = rows[-1][0]
        first = position + 1
        await asyncio.sleep(0)
    if sent > marked or marked < 0:
        marked = sent if sent >= 0 else NONE
        await call.send((checkpoint(marked),))
    return max(position, first - 1), marked


class _Live:
    """What is sent after the catch-up: the events that match, and the checkpoints, unless `marking` is false.

    `position`: of the last event that was considered.
    """

    def __init__(self, position: int, chosen: Filter, render: Render | None, *, marking: bool) -> None:
        self.position = position
        self._chosen = chosen
        self._render = render
        self._marking = marking
        self._interval = chosen.window * chosen.multiplier
        self._considered = 0

    def take(self, rows: list[AllRow]) -> list[bytes]:
        """The messages about events of $all, of which some may have been taken before."""
        if rows[0][0] <= self.position:
            rows = [row for row in rows if row[0] > self.position]
        out: list[bytes] = []
        while rows:
            room = self._interval - self._considered
            taken, rows = rows[:room], rows[room:]
            out += _of_all(self._chosen.select(taken), self._render, live=True)
            self._considered += len(taken)
            self.position = taken[-1][0]
            if self._considered == self._interval:
                self._considered = 0
                if self._marking:
                    out.append(checkpoint(self.position))
        return out


async def _live(log: Log, call: Call, live: _Live) -> None:
    """New events are sent within the commit that wrote them, as long as the client reads."""
    unsent: list[bytes] = []

    def deliver(rows: list[AllRow]) -> bool:
        nonlocal unsent
        out = live.take(rows)
        if not out or call.send_now(out):
            return True
        unsent = out
        return False

    while True:
        if rows := log.after(live.position):
            unsent = live.take(rows)
        else:
            await log.follow(deliver)
        if unsent:
            await call.send(unsent)
            unsent = []
        await asyncio.sleep(0)


def _slices(rows: list[AllRow], size: int) -> Iterator[list[AllRow]]:
    return (rows[begin : begin + size] for begin in range(0, len(rows), size))
