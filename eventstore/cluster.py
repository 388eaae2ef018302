"""Which node of the log is used, and which one after a failure.

A single address is used as it is given; if that node names the leader, calls go there. With several addresses, and
after a failure, all known nodes are asked at the same time how they see the cluster (gossip). Until a new leader is
elected, they still name the old one. So a node that failed is used again only if it answers this question itself.
"""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from typing import Any, Final

import grpc
import msgspec
from esdbclient.connection_spec import (
    NODE_PREFERENCE_FOLLOWER,
    NODE_PREFERENCE_LEADER,
    NODE_PREFERENCE_REPLICA,
    URI_SCHEME_ESDB,
    ConnectionSpec,
)
from esdbclient.protos.Grpc import gossip_pb2, gossip_pb2_grpc, shared_pb2

from eventstore import messages
from eventstore.connection import Node, node_at, open_channel, shown, target_of
from eventstore.failures import error_of
from eventstore.store import AccessRefused, OutcomeUnknown, StoreError, StoreUnavailable

PATIENCE: Final = 0.5
"""Seconds of silence after which a node is left. The next one has twice as long: it may be slow and not frozen."""
PAUSE: Final = 0.1
"""Seconds between two tries of a call."""
_SHORTEST_TRY: Final = 0.25
"""Seconds. With less time left, another try would only turn a certain failure into an unknown outcome."""

_ANSWER: Final = 1.0
"""Seconds that the known nodes have to say how they see the cluster."""
_OTHERS: Final = 0.25
"""Seconds that the others have once the first one has answered."""

_State: Final = gossip_pb2.MemberInfo.VNodeState
_READABLE: Final = {_State.Leader, _State.Follower, _State.ReadOnlyReplica}
_STATES: Final = {
    NODE_PREFERENCE_LEADER: {_State.Leader},
    NODE_PREFERENCE_FOLLOWER: {_State.Follower},
    NODE_PREFERENCE_REPLICA: {_State.ReadOnlyReplica},
}
_ANY_ADDRESS: Final = (("grpc.lb_policy_name", "round_robin"),)
"""If a host name stands for several nodes, one that does not answer must not hide the others."""
_NO_VIEW: Final = {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.PERMISSION_DENIED}


Answers = SimpleQueue[tuple[str, Any] | None]
"""Targets with the calls that have ended."""


class Nobody(StoreUnavailable):
    """No known node listens."""


class Cluster:
    """Shared by the connections of one store; each says when the node that it uses has failed."""

    def __init__(self, uri: str, *, leader: bool = False) -> None:
        """`leader`: always the leader, whatever the address prefers. Raises ValueError if `uri` is not valid."""
        spec = ConnectionSpec(uri)
        self._uri = uri
        self._targets = tuple(spec.targets)
        self._preference = NODE_PREFERENCE_LEADER if leader else spec.options.NodePreference
        self._members: Sequence[str] = ()
        self._failed: str | None = None
        self._asking: set[Answers] = set()
        self._closed = False
        is_one = spec.scheme == URI_SCHEME_ESDB and len(self._targets) == 1
        self.target: str | None = self._targets[0] if is_one else None

    def find(self, seconds: float) -> Node:
        """Blocks for at most `seconds` while the nodes are asked. Raises StoreUnavailable, AccessRefused."""
        node = node_at(self._uri, leader=self._preference == NODE_PREFERENCE_LEADER)
        target = self.target
        if target is None:
            target = self.target = self._look(node, min(seconds, _ANSWER))
        return node.at(target)

    def close(self) -> None:
        """Nothing is looked for any more: who waits for answers gets Nobody at once."""
        self._closed = True
        for answers in tuple(self._asking):
            answers.put(None)

    def leave(self, target: str, leader: str | None = None) -> None:
        """The node at `target` failed, or named another node as the leader."""
        if self.target in (target, None):
            self._failed = target
            self.target = leader
            if leader is not None and leader not in self._members:
                self._members = (*self._members, leader)

    def _look(self, node: Node, seconds: float) -> str:
        known = dict.fromkeys((*self._targets, *self._members))
        errors: list[grpc.RpcError] = []
        spare = None
        for seed, answer in self._views(node, list(known), seconds):
            if isinstance(answer, grpc.RpcError):
                errors.append(answer)
                if answer.code() in _NO_VIEW and seed in self._targets:
                    spare = seed
                continue
            found = self._choose(seed, answer)
            others = [target for target in found if target != self._failed]
            if others:
                return random.choice(others)  # noqa: S311  to spread the readers
            if seed == self._failed and seed in found:
                spare = seed
        if spare is None:
            raise _not_found(errors, list(known))
        return spare

    def _views(self, node: Node, targets: Sequence[str], seconds: float) -> Iterator[tuple[str, Any]]:
        answers: Answers = SimpleQueue()
        self._asking.add(answers)
        try:
            if not self._closed:
                yield from _views(node, targets, seconds, answers)
        finally:
            self._asking.discard(answers)
        if self._closed:
            raise Nobody(messages.CONNECTION_CLOSED)

    def _choose(self, seed: str, members: Sequence[Any]) -> Sequence[str]:
        """The targets that `members` offers. The only node of a log may know itself by another address."""
        if len(members) == 1:
            return [seed] if members[0].state in _READABLE else []
        self._members = [_address(member) for member in members]
        alive = [member for member in members if member.is_alive] or members
        wanted = [member for member in alive if member.state in _STATES.get(self._preference, _READABLE)]
        if not wanted and self._preference != NODE_PREFERENCE_LEADER:
            wanted = [member for member in alive if member.state in _READABLE]
        return [_address(member) for member in wanted]


class Attempts:
    """The tries of one call: as many as fit into `seconds`, but only two if no node listens."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._nobody = 0
        self._unknown: StoreError | None = None

    @property
    def left(self) -> float:
        return max(0.0, self._ends - time.monotonic())

    def failed(self, error: StoreError) -> None:
        """Raises the call's error unless it is to be tried again."""
        if isinstance(error, OutcomeUnknown):
            self._unknown = self._unknown or error
        self._nobody += isinstance(error, Nobody)
        if self._nobody > 1 or self.left <= PAUSE + _SHORTEST_TRY or not isinstance(error, StoreUnavailable):
            raise self._unknown or error


def _address(member: Any) -> str:
    return target_of(member.http_end_point.address, member.http_end_point.port)


def _views(
    node: Node, targets: Sequence[str], seconds: float, answers: "Answers"
) -> Iterator[tuple[str, Any]]:
    """Each node that answers in time, with its members or its grpc.RpcError, in the order of the answers.

    Ends early if somebody puts None into `answers`.
    """
    ends = time.monotonic() + seconds
    node = msgspec.structs.replace(node, options=node.options + _ANY_ADDRESS)
    with ExitStack() as channels:
        for target in targets:
            channel = channels.enter_context(open_channel(node.at(target)))
            call = _ask(channel, node, seconds)
            call.add_done_callback(lambda done, target=target: answers.put((target, done)))
        for _ in targets:
            try:
                answer = answers.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:
                return
            if answer is None:
                return
            target, call = answer
            error = call.exception()
            if error is None:
                ends = min(ends, time.monotonic() + _OTHERS)
            yield target, error or call.result().members


def _ask(channel: grpc.Channel, node: Node, seconds: float) -> Any:
    stub = gossip_pb2_grpc.GossipStub(channel)  # type: ignore[no-untyped-call]
    return stub.Read.future(shared_pb2.Empty(), timeout=seconds, **node.calls)


def _not_found(errors: Sequence[Any], known: Sequence[str]) -> StoreError:
    """What it means that none of the known nodes can be used."""
    places = list(map(shown, known))
    meanings = [error_of(error, messages.GOSSIP) for error in errors]
    for meaning in meanings:
        if isinstance(meaning, AccessRefused):
            return meaning
    if len(errors) == len(known) and all(error.code() is grpc.StatusCode.UNAVAILABLE for error in errors):
        return Nobody(messages.nobody_listens(places))
    return StoreUnavailable(messages.no_node_to_use(places))
