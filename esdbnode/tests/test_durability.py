"""Acknowledged events survive kills at random moments under concurrent writers, and restarts."""

import asyncio
import random
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from esdbnode.testing import Node, start_node
from tests.positions import position, positions
from tests.stubs import StreamsStub

KILLS = 200
WRITERS = 16
LONGEST_LIFE = 0.25
BROKEN = "Internal error from Core"
"""The errors of grpc.aio if the connection ends while it sends."""

IMPATIENT = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
)


class Writer:
    """Appends to one stream until asked to stop, and tries again with the same ids while it has no answer.

    Even numbers call Append, odd ones BatchAppend; every other pair states the revision it expects, the rest any.
    """

    def __init__(self, number: int, stub: Any) -> None:
        self.stream = f"kill-{uuid4()}"
        self.acknowledged: list[UUID] = []
        self.positions: dict[int, int] = {}
        """The commit position in the answer for a revision."""
        self.retries = 0
        self._append = self._single if number % 2 == 0 else self._batch
        self._states_revision = number % 4 < 2
        self._stub = stub

    async def write(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            ids = [uuid4() for _ in range(random.choice((1, 1, 1, 5)))]
            revision, at = await self._until_answered(ids)
            self.acknowledged += ids
            assert revision == len(self.acknowledged) - 1
            self.positions[revision] = at

    async def _until_answered(self, ids: list[UUID]) -> tuple[int, int]:
        while True:
            try:
                return await self._append(ids)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE and error.details() != BROKEN:
                    raise
            except asyncio.CancelledError:
                if (
                    _is_cancelled()
                ):  # otherwise grpc.aio cancelled its own call: the connection ended during the half-close
                    raise
            self.retries += 1

    async def _single(self, ids: list[UUID]) -> tuple[int, int]:
        head = streams_pb2.AppendReq(options=self._options(streams_pb2.AppendReq.Options()))
        events = [
            streams_pb2.AppendReq(proposed_message=self._event(streams_pb2.AppendReq.ProposedMessage(), id_))
            for id_ in ids
        ]
        answer = await self._stub.Append(iter([head, *events]), timeout=20, wait_for_ready=True)
        assert answer.HasField("success"), answer
        return answer.success.current_revision, answer.success.position.commit_position

    async def _batch(self, ids: list[UUID]) -> tuple[int, int]:
        request = streams_pb2.BatchAppendReq(
            correlation_id=shared_pb2.UUID(string=str(uuid4())),
            is_final=True,
            options=self._options(streams_pb2.BatchAppendReq.Options()),
            proposed_messages=[self._event(streams_pb2.BatchAppendReq.ProposedMessage(), id_) for id_ in ids],
        )
        call = self._stub.BatchAppend(iter([request]), timeout=20, wait_for_ready=True)
        answers = [answer async for answer in call]
        assert len(answers) == 1
        assert answers[0].HasField("success"), answers
        return answers[0].success.current_revision, answers[0].success.position.commit_position

    def _options(self, options: Any) -> Any:
        options.stream_identifier.stream_name = self.stream.encode()
        if not self._states_revision:
            options.any.SetInParent()
        elif not self.acknowledged:
            options.no_stream.SetInParent()
        elif isinstance(options, streams_pb2.AppendReq.Options):
            options.revision = len(self.acknowledged) - 1
        else:
            options.stream_position = len(self.acknowledged) - 1
        return options

    def _event(self, event: Any, id_: UUID) -> Any:
        event.id.string = str(id_)
        event.data = b"{}"
        event.metadata.update({"type": "T", "content-type": "application/json"})
        return event


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _kill_again_and_again(node: Node, stopping: asyncio.Event) -> None:
    try:
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0, LONGEST_LIFE))
            node.kill()
            await asyncio.to_thread(node.start)
    finally:
        stopping.set()


@pytest.mark.timeout(240)
async def test_every_acknowledged_event_survives_kills_once_in_order(tmp_path: Path) -> None:
    with start_node(tmp_path / "log.db") as node:
        stopping = asyncio.Event()
        async with grpc.aio.insecure_channel(node.address, IMPATIENT) as channel:
            stub = StreamsStub(channel)
            writers = [Writer(number, stub) for number in range(WRITERS)]
            await asyncio.gather(
                _kill_again_and_again(node, stopping), *[writer.write(stopping) for writer in writers]
            )
        with EventStoreDBClient(uri=node.uri) as client:
            everything = list(client.read_all())
    at = positions(everything)
    assert at == sorted(set(at))
    for writer in writers:
        found = [event for event in everything if event.stream_name == writer.stream]
        assert [event.id for event in found] == writer.acknowledged
        assert [event.stream_position for event in found] == list(range(len(found)))
        assert {revision: position(found[revision]) for revision in writer.positions} == writer.positions
    assert sum(len(writer.acknowledged) for writer in writers) == len(everything)
    assert all(len(writer.positions) > KILLS for writer in writers), "every writer wrote between the kills"
    assert sum(writer.retries for writer in writers) > KILLS, (
        "the kills met writers that waited for an answer"
    )


def test_written_events_are_there_after_a_restart(tmp_path: Path) -> None:
    once = [NewEvent(type="T", data=b"{}") for _ in range(3)]
    with start_node(tmp_path / "log.db") as node:
        with EventStoreDBClient(uri=node.uri) as client:
            position = client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=once)
            client.set_stream_metadata("s", metadata={"$maxCount": 2}, current_version=StreamState.ANY)
        assert node.stop() == 0
    with start_node(tmp_path / "log.db") as node, EventStoreDBClient(uri=node.uri) as client:
        assert [event.id for event in client.get_stream("s")] == [event.id for event in once[1:]]
        assert client.append_to_stream("s", current_version=StreamState.ANY, events=once) == position
        later = client.append_to_stream("s", current_version=2, events=[NewEvent(type="T", data=b"{}")])
        assert later > position


def test_positions_rise_across_a_kill(tmp_path: Path) -> None:
    last = 0
    for round_ in range(3):
        with start_node(tmp_path / "log.db") as node, EventStoreDBClient(uri=node.uri) as client:
            expected = StreamState.NO_STREAM if round_ == 0 else round_ - 1
            position = client.append_to_stream(
                "s", current_version=expected, events=[NewEvent(type="T", data=b"{}")]
            )
            assert position > last
            last = position
            node.kill()
