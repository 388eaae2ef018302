"""Read: one request for a stream or $all, for a number of events or as a subscription.

A read ends at the place where the log ended when the read began. A read of `$all` from a position includes it forwards
and excludes it backwards. A position that cannot be an event's is invalid: the real server finds no record there.
"""

import asyncio
from typing import Any

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.access import Access, Action, require
from esdbnode.call import Call
from esdbnode.storage.log import Log
from esdbnode.storage.reading import PAGE_EVENTS, AllRow, Span
from esdbnode.storage.transaction import POSITION_STEP
from esdbnode.streams import filters, subscribing
from esdbnode.streams.encoding import first_stream_position, last_stream_position, stream_not_found
from esdbnode.streams.errors import invalid, not_set, stream_deleted, unexpected
from esdbnode.streams.filters import Filter
from esdbnode.streams.links import Render, renderer
from esdbnode.streams.metadata import deleted_with_its_stream, metadata_of, visible
from esdbnode.streams.requests import END, in_range, name_to_read, no_answer, only_message
from esdbnode.wording import calls, protocol

_FIRST_PAGE = 16
_REAL_PAGE = 32
"""How many events the real server reads at a time. Clients see it only in `first_stream_position`."""

_OPTIONS = "ReadReq+Types+Options+Types"
_NAMES = {None: "None", "no_filter": "NoFilter"}


async def handle(log: Log, call: Call, access: Access) -> None:
    options = await _options(call, access)
    render = renderer(
        log.read,
        resolve_links=options.resolve_links,
        structured_ids=options.uuid_option.WhichOneof("content") == "structured",
    )
    chosen = filters.parse(log.read, options.filter) if options.HasField("filter") else None
    match options.WhichOneof("stream_option"), options.WhichOneof("count_option"):
        case "stream", "count":
            await _read_stream(log, call, options, render)
        case "all", "count":
            await _read_all(log, call, options, chosen, render)
        case "stream", _:
            stream = name_to_read(options.stream.stream_identifier)
            after = _revision(options.stream, start=-1)
            await access.while_readable(stream, subscribing.to_stream(log, call, stream, after, render))
        case _:
            after = _position(options.all, start=-1)
            await access.while_readable("", subscribing.to_all(log, call, after, chosen, render))


async def _options(call: Call, access: Access) -> Any:
    request = streams_pb2.ReadReq.FromString(await only_message(call))
    if not request.HasField("options"):
        raise invalid(calls.READ_WITHOUT_OPTIONS)
    return _checked(request.options, access)


def _checked(options: Any, access: Access) -> Any:
    if options.uuid_option.WhichOneof("content") is None:
        raise invalid(protocol.UUID_OPTION_MISSING)
    of, count, filter_ = (
        options.WhichOneof(name) for name in ("stream_option", "count_option", "filter_option")
    )
    if of is not None:
        require(access, Action.READ, options.stream.stream_identifier)
    backwards = options.read_direction == options.Backwards
    if (
        of is None
        or count is None
        or filter_ is None
        or (of == "stream" and filter_ == "filter")
        or (count == "subscription" and backwards)
    ):
        names = (of, count, "backwards" if backwards else "forwards", filter_)
        words = ", ".join(_NAMES.get(name, str(name).title()) for name in names)
        raise invalid(protocol.invalid_combination(words))
    return options


def _revision(options: Any, start: int) -> int:
    """Where in a stream a request begins: a revision, `start` for the start, END for the end."""
    match options.WhichOneof("revision_option"):
        case "start":
            return start
        case "end":
            return END
        case "revision":
            return in_range(options.revision)
    raise not_set(f"{_OPTIONS}+StreamOptions", "RevisionOption")


def _position(options: Any, start: int) -> int:
    """Where in $all a request begins: a position, `start` for the start, END for the end."""
    match options.WhichOneof("all_option"):
        case "start":
            return start
        case "end":
            return END
        case "position" if options.position.prepare_position > options.position.commit_position:
            raise invalid(calls.PREPARE_ABOVE_COMMIT)
        case "position":
            return in_range(options.position.commit_position)
    raise not_set(f"{_OPTIONS}+AllOptions", "AllOption")


async def _read_stream(log: Log, call: Call, options: Any, render: Render | None) -> None:
    stream = name_to_read(options.stream.stream_identifier)
    backwards = options.read_direction == options.Backwards
    start = _revision(options.stream, start=0)
    if options.count == 0 or (start == END and not backwards):
        raise unexpected("ReadStreamResult")
    if deleted_with_its_stream(log.read, stream):
        raise stream_deleted(stream)
    sid = log.read.stream_id(stream)
    current = log.read.last_revision(sid)
    metadata = metadata_of(log.read, stream)
    if sid is None or current < 0 or metadata.soft_deleted:
        await call.send((stream_not_found(stream),))
        return
    shown = visible(metadata, current)
    first, last = (shown.first, min(start, current)) if backwards else (max(shown.first, start), current)
    span = Span(sid, first, last, shown.since)
    tells_positions = options.control_option.compatibility >= 1
    if tells_positions and not backwards:
        await call.send(_first_position(log, span, start, options.count))
    await _send_stream(log, call, span, options.count, backwards, render)
    if tells_positions:
        await call.send((last_stream_position(current),))


def _first_position(log: Log, span: Span, start: int, count: int) -> tuple[bytes, ...]:
    """The place of the next event to read if the first page from `start` is empty.

    Source: EventStoreDB's Enumerator.ReadStreamForwards.cs, and the next event number of its IndexReader.cs.
    """
    if start + min(count, _REAL_PAGE) <= span.first:
        return (first_stream_position(span.first),)
    has_events = span.first <= span.last and (not span.since or log.read.stream_forwards(span, 1))
    return () if has_events or start == span.last + 1 else (first_stream_position(span.last + 1),)


async def _send_stream(
    log: Log, call: Call, span: Span, count: int, backwards: bool, render: Render | None
) -> None:
    page = log.read.stream_backwards if backwards else log.read.stream_forwards
    while count > 0 and (rows := page(span, count)):
        await call.send([render(tid, response) if render else response for _, tid, response, _ in rows])
        count -= len(rows)
        reached = rows[-1][0]
        span = span._replace(last=reached - 1) if backwards else span._replace(first=reached + 1)
        await asyncio.sleep(0)


async def _read_all(log: Log, call: Call, options: Any, chosen: Filter | None, render: Render | None) -> None:
    at = _position(options.all, start=0)
    backwards = options.read_direction == options.Backwards
    if options.count == 0:
        await no_answer()
    if not log.is_position(at):
        raise unexpected(_result_of(chosen), "InvalidPosition")
    if backwards and at != END and at > log.head + POSITION_STEP:
        raise unexpected(_result_of(chosen))
    if backwards:
        await _send_backwards(log, call, min(at, log.head + 1), options.count, chosen, render)
    elif at != END:
        await _send_forwards(log, call, at, options.count, chosen, render)


def _result_of(chosen: Filter | None) -> str:
    return "FilteredReadAllResult" if chosen else "ReadAllResult"


async def _send_forwards(
    log: Log, call: Call, first: int, count: int, chosen: Filter | None, render: Render | None
) -> None:
    last, size = log.head, _FIRST_PAGE
    while count > 0 and (rows := log.read.all_forwards(first, last, size if chosen else min(size, count))):
        first = rows[-1][0] + 1
        count -= await _send_all(call, rows, count, chosen, render)
        size = min(2 * size, PAGE_EVENTS)


async def _send_backwards(
    log: Log, call: Call, before: int, count: int, chosen: Filter | None, render: Render | None
) -> None:
    size = _FIRST_PAGE
    while count > 0 and (rows := log.read.all_backwards(before, size if chosen else min(size, count))):
        before = rows[-1][0]
        count -= await _send_all(call, rows, count, chosen, render)
        size = min(2 * size, PAGE_EVENTS)


async def _send_all(
    call: Call, rows: list[AllRow], count: int, chosen: Filter | None, render: Render | None
) -> int:
    if chosen:
        rows = chosen.select(rows)[:count]
    if rows:
        await call.send([render(row[2], row[3]) if render else row[3] for row in rows])
    await asyncio.sleep(0)
    return len(rows)
