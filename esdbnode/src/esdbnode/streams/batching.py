"""BatchAppend: many appends on one call, each with a correlation id, answered as they are committed.

An append may come in chunks, with the options in the first; it is written when a chunk says `is_final`. Its failures
are answers on the call; only an error in a chunk without options ends the call itself. The node waits for more chunks
until the deadline, at most WRITE_SECONDS. Only this node limits the appends in flight and the unfinished appends.

Source: EventStoreDB's Streams.BatchAppend.cs.
"""

import asyncio
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from esdbclient.protos.Grpc import streams_pb2

from esdbnode.access import Access, Action, permits
from esdbnode.call import Call, RpcError
from esdbnode.storage.log import Log
from esdbnode.storage.transaction import Transaction
from esdbnode.streams.answering import Answers
from esdbnode.streams.appends import Outcome, append
from esdbnode.streams.batch_answers import (
    access_denied,
    bad_request,
    of_failure,
    of_outcome,
    timed_out,
    too_large,
)
from esdbnode.streams.errors import MAX_APPEND_SIZE, invalid
from esdbnode.streams.proposals import Proposal, proposal
from esdbnode.streams.requests import expected_revision, no_answer, stream_name
from esdbnode.wording import calls

UNFINISHED = 100
WRITE_SECONDS = 2.0
"""The default of EventStoreDB's WriteTimeoutMs."""


@dataclass(slots=True, eq=False)
class Batch:
    """`deadline`: on the event loop's clock."""

    correlation_id: bytes
    identifier: Any
    stream: str
    expected: int
    deadline: float
    events: list[Proposal] = field(default_factory=list)
    size: int = 0
    timer: asyncio.TimerHandle | None = None

    def add(self, messages: Iterable[Any]) -> None:
        """Raises RpcError for a bad event; the events before it have been added."""
        for message in messages:
            self.events.append(proposal(message))
            self.size += len(message.data)


class Submitted:
    """The appends of a call that are in flight: answered once, at their deadline if they are not on disk by then.

    One timer serves them all, because most are answered long before.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._batches: set[Batch] = set()
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def add(self, batch: Batch) -> None:
        self._answers.expect()
        self._batches.add(batch)
        if batch.deadline < self._at:
            self._expire_at(batch.deadline)

    def take(self, batch: Batch) -> bool:
        """Whether it waits for its answer. From now on it does not."""
        waits = batch in self._batches
        self._batches.discard(batch)
        return waits

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _expire_at(self, at: float) -> None:
        self.close()
        self._at = at
        self._timer = asyncio.get_running_loop().call_at(at, self._expire) if at < math.inf else None

    def _expire(self) -> None:
        now = asyncio.get_running_loop().time()
        for batch in [batch for batch in self._batches if batch.deadline <= now]:
            self._batches.discard(batch)
            self._answers.add(timed_out(batch.correlation_id, batch.identifier), expected=True)
        self._expire_at(min((batch.deadline for batch in self._batches), default=math.inf))


Batches = dict[bytes, Batch]
"""The unfinished batches of a call, by correlation id."""


async def handle(log: Log, call: Call, access: Access) -> None:
    batches: Batches = {}
    answers = Answers(call)
    submitted = Submitted(answers)
    any_came = False
    try:
        async for raw in call.messages():
            any_came = True
            request = streams_pb2.BatchAppendReq.FromString(raw)
            batch = _collect(batches, request, answers, access)
            if batch is not None and request.is_final:
                _take(batches, batch)
                if answers.full:
                    await answers.room()
                submitted.add(batch)
                log.enqueue(partial(_write, batch), partial(_answer, batch, submitted, answers))
        if not any_came:
            await no_answer()
        await answers.finish()
    finally:
        for unfinished in list(batches.values()):
            _take(batches, unfinished)
        submitted.close()
        answers.abandon()


def _collect(batches: Batches, request: Any, answers: Answers, access: Access) -> Batch | None:
    """The batch that this chunk belongs to, with its events; None if it was answered with an error or is unknown.

    A bad chunk without options ends the call, because the real server's answer to it needs the options and fails.
    """
    if not request.HasField("correlation_id"):
        raise invalid(calls.CORRELATION_ID_MISSING)
    correlation_id = request.correlation_id.SerializeToString()
    if request.HasField("options"):
        batch = _with_options(batches, correlation_id, request, answers, access)
    elif batch := batches.get(correlation_id):
        batch.add(request.proposed_messages)
    if batch is not None and batch.size > MAX_APPEND_SIZE:
        _take(batches, batch)
        answers.add(too_large(correlation_id, batch.identifier))
        return None
    return batch


def _with_options(
    batches: Batches, correlation_id: bytes, request: Any, answers: Answers, access: Access
) -> Batch | None:
    """A refused chunk leaves its batch open for the next ones, with the events that precede the refused one."""
    options, identifier = request.options, request.options.stream_identifier
    seconds = _seconds_left(options)
    if not permits(access, Action.WRITE, identifier):
        answers.add(access_denied(correlation_id, identifier))
        return None
    if seconds <= 0:
        answers.add(timed_out(correlation_id, identifier))
        return None
    batch = batches.get(correlation_id)
    try:
        if batch is None:
            batch = _begin(batches, correlation_id, options, seconds)
            if not request.is_final:
                _limit(batches, batch, min(seconds, WRITE_SECONDS), answers)
        batch.add(request.proposed_messages)
    except RpcError as refusal:
        if batch is not None and request.is_final:
            _take(batches, batch)
        answers.add(bad_request(correlation_id, identifier, refusal.message))
        return None
    return batch


def _begin(batches: Batches, correlation_id: bytes, options: Any, seconds: float) -> Batch:
    if len(batches) >= UNFINISHED:
        raise invalid(calls.too_many_unfinished(UNFINISHED))
    stream = stream_name(options.stream_identifier)
    expected = expected_revision(options, "expected_stream_position", "stream_position", "BatchAppendReq")
    deadline = asyncio.get_running_loop().time() + seconds
    batch = batches[correlation_id] = Batch(
        correlation_id, options.stream_identifier, stream, expected, deadline
    )
    return batch


def _limit(batches: Batches, batch: Batch, seconds: float, answers: Answers) -> None:
    """How long the batch may wait for its other chunks."""

    def expire() -> None:
        _take(batches, batch)
        answers.add(timed_out(batch.correlation_id, batch.identifier))

    batch.timer = asyncio.get_running_loop().call_later(seconds, expire)


def _take(batches: Batches, batch: Batch) -> None:
    del batches[batch.correlation_id]
    if batch.timer:
        batch.timer.cancel()


def _seconds_left(options: Any) -> float:
    match options.WhichOneof("deadline_option"):
        case "deadline":
            return float(options.deadline.seconds + options.deadline.nanos / 1e9)
        case "deadline_21_10_0":
            at = options.deadline_21_10_0
            return float(at.seconds + at.nanos / 1e9 - time.time())
    return math.inf


def _write(batch: Batch, transaction: Transaction) -> Outcome | None:
    if asyncio.get_running_loop().time() >= batch.deadline:
        return None
    return append(transaction, batch.stream, batch.expected, batch.events)


def _answer(
    batch: Batch, submitted: Submitted, answers: Answers, outcome: Outcome | None, failure: Exception | None
) -> None:
    if not submitted.take(batch):
        return
    if failure:
        answer = of_failure(batch.correlation_id, batch.identifier, failure)
    else:
        answer = of_outcome(batch.correlation_id, batch.identifier, batch.expected, outcome)
    answers.add(answer, expected=True)
