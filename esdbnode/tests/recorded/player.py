"""One conversation on one channel: raw gRPC, so that it does not depend on the logic of any client.

Answers are put into the conversation's names when it is over: only then all its positions are known.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import grpc
from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from tests.recorded import answers, requests
from tests.recorded.answers import Json
from tests.recorded.names import Names
from tests.recorded.requests import Headers, Step
from tests.stubs import GossipStub, StreamsStub

DEADLINE = 10.0
SUBSCRIPTION_SECONDS = 60.0
ARRIVAL_SECONDS = 5.0
"""How long to wait for a recorded message. After the last one, SURPLUS_SECONDS for a message that was not recorded."""
SURPLUS_SECONDS = 0.35

Answer = Callable[[], Json]


def play(case: Json, channel: grpc.Channel, admin: Headers | None = None) -> list[Json]:
    """The server's answers to a conversation. `admin`: the headers of a user who may read everything."""
    return _Player(channel, admin).play(case["steps"], case["answers"])


class _Player:
    def __init__(self, channel: grpc.Channel, admin: Headers | None) -> None:
        self._channel, self._admin = channel, admin
        self._stub = StreamsStub(channel)
        self._names = Names()
        self._subscriptions: dict[str, _Subscription] = {}
        self._before = self._head()

    def play(self, steps: list[Step], recorded: list[Json]) -> list[Json]:
        given, coming = [], iter(recorded)
        try:
            for step in steps:
                ((verb, argument),) = step.items()
                if verb == "sleep":
                    time.sleep(argument)
                elif verb == "close":
                    self._subscriptions[argument].call.cancel()
                elif verb in ("subscribe", "collect"):
                    given.append(getattr(self, f"_{verb}")(argument, next(coming)))
                else:
                    next(coming)
                    given.append(getattr(self, f"_{verb}")(argument))
        finally:
            for subscription in self._subscriptions.values():
                subscription.call.cancel()
        self._learn_positions()
        return [answer() for answer in given]

    def _append(self, step: Step) -> Answer:
        messages = requests.append(step, self._names)
        return self._unary(self._stub.Append, iter(messages), requests.headers(step))

    def _metadata(self, step: Step) -> Answer:
        return self._append(requests.metadata_as_append(step))

    def _delete(self, step: Step) -> Answer:
        request = requests.delete(streams_pb2.DeleteReq, step, self._names)
        return self._unary(self._stub.Delete, request, requests.headers(step))

    def _tombstone(self, step: Step) -> Answer:
        request = requests.delete(streams_pb2.TombstoneReq, step, self._names)
        return self._unary(self._stub.Tombstone, request, requests.headers(step))

    def _unary(self, rpc: Any, request: Any, headers: Headers) -> Answer:
        try:
            response, call = rpc.with_call(request, timeout=DEADLINE, metadata=headers)
        except grpc.RpcError as error:
            return partial(answers.ending, error, self._names)
        names = self._names
        return lambda: {**answers.ending(call, names), "message": answers.message(response, names)}

    def _batch(self, step: Step | list[Step]) -> Answer:
        """Batches one after the other on one call; it is cancelled when every final one is answered.

        (EventStoreDB keeps the call open when the client has no more to say.) The status counts where the server ended
        it. Answers may come in any order.
        """
        several = step if isinstance(step, list) else [step]
        sent = [request for each in several for request in requests.batch(each, self._names)]
        finals = len({request.correlation_id.string for request in sent if request.is_final})
        outgoing: SimpleQueue[Any] = SimpleQueue()
        for request in sent:
            outgoing.put(request)
        call = self._stub.BatchAppend(
            iter(outgoing.get, None),
            timeout=DEADLINE if finals else 1,
            metadata=requests.headers(several[0]),
        )
        received, ended = _receive(call, finals)
        outgoing.put(None)
        call.cancel()
        names = self._names

        def shown() -> Json:
            messages = sorted((answers.batch(each, names) for each in received), key=_sorted_json)
            return {**(answers.ending(ended, names) if ended else {}), "messages": messages}

        return shown

    def _read(self, step: Step) -> Answer:
        received, ended = _receive(self._open(step, DEADLINE, subscribe=False))
        names = self._names
        return lambda: {
            **answers.ending(ended, names),
            "messages": [answers.read(each, names) for each in received],
        }

    def _subscribe(self, step: Step, recorded: Json) -> Answer:
        from_start_of_all = "stream" not in step and step.get("from", "start") == "start"
        call = self._open(step, SUBSCRIPTION_SECONDS, subscribe=True)
        self._subscriptions[step["id"]] = _Subscription(call, from_start_of_all)
        return self._collect(step, recorded)

    def _collect(self, step: Step, recorded: Json) -> Answer:
        subscription, names = self._subscriptions[step["id"]], self._names
        received = subscription.collect(sum("checkpoint" not in each for each in recorded["messages"]))

        def shown() -> Json:
            messages = [
                answers.ending(each, names) if isinstance(each, grpc.Call) else answers.read(each, names)
                for each in received
            ]
            return {"messages": answers.portable(messages, from_start_of_all=subscription.from_start_of_all)}

        return shown

    def _gossip(self, step: Step) -> Answer:
        stub = GossipStub(self._channel)
        response, call = stub.Read.with_call(shared_pb2.Empty(), timeout=DEADLINE)
        members = [{"state": member.state, "is_alive": member.is_alive} for member in response.members]
        return lambda: {**answers.ending(call, self._names), "members": members}

    def _raw(self, step: Step) -> Answer:
        """Sends bytes to any method; returns how many messages come back."""
        rpc = self._channel.stream_stream(step["method"])
        sent = [bytes.fromhex(message) for message in step["messages"]]
        call = rpc(iter(sent), timeout=DEADLINE, metadata=requests.headers(step))
        received, _ = _receive(call)

        def shown() -> Json:
            ended = answers.ending(call, self._names)
            return {**ended, "messages": len(received)} if ended["status"] == "OK" else ended

        return shown

    def _open(self, step: Step, seconds: float, *, subscribe: bool) -> Any:
        request = requests.read(step, self._names, self._commit_of, subscribe=subscribe)
        return self._stub.Read(request, timeout=seconds, metadata=requests.headers(step))

    def _commit_of(self, event: str) -> int:
        self._learn_positions()
        return self._names.commit_of(event)

    def _head(self) -> int:
        """The position of the log's last event. Earlier events need not be read again for positions."""
        events = self._read_events(requests.read_last_event())
        return events[0][0] if events else 0

    def _learn_positions(self) -> None:
        self._names.learn(self._read_events(requests.read_own_events(self._names, self._before)))

    def _read_events(self, request: Any) -> list[tuple[int, str, int]]:
        received = self._stub.Read(request, timeout=DEADLINE, metadata=self._admin)
        events = (message.event.event for message in received if message.WhichOneof("content") == "event")
        return [
            (event.commit_position, event.stream_identifier.stream_name.decode(), event.stream_revision)
            for event in events
        ]


class _Subscription:
    def __init__(self, call: Any, from_start_of_all: bool) -> None:
        self.call, self.from_start_of_all = call, from_start_of_all
        self._arrived: SimpleQueue[Any] = SimpleQueue()
        Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        """Every message and, when the server ends it, the call itself."""
        try:
            for received in self.call:
                self._arrived.put(received)
        except grpc.RpcError:
            pass
        self._arrived.put(self.call)

    def collect(self, wanted: int) -> list[Any]:
        """The messages, when `wanted` of them are not checkpoints and no more follow."""
        received: list[Any] = []
        until = time.monotonic() + ARRIVAL_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                received.append(self._arrived.get(timeout=left if wanted > 0 else SURPLUS_SECONDS))
            except Empty:
                break
            wanted -= not _is_checkpoint(received[-1])
        return received


def _is_checkpoint(received: Any) -> bool:
    return not isinstance(received, grpc.Call) and received.WhichOneof("content") == "checkpoint"


def _receive(call: Any, at_most: int = 0) -> tuple[list[Any], Any]:
    """The messages and, if the server ended the call before there were `at_most` (0: any number), the call."""
    received: list[Any] = []
    try:
        for message in call:
            received.append(message)
            if len(received) == at_most:
                return received, None
    except grpc.RpcError:
        pass
    return received, call


def _sorted_json(message: Json) -> str:
    return json.dumps(message, sort_keys=True)
