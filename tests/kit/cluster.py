"""A stand-in for a node of a cluster: it holds no events, and says what a test tells it to say.

Its refusals are those that EventStoreDB 24.6 gives.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import grpc
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2, status_pb2, streams_pb2
from google.protobuf.any_pb2 import Any as Details
from google.protobuf.empty_pb2 import Empty

_State = gossip_pb2.MemberInfo.VNodeState


class Member(NamedTuple):
    """As gossip describes a node."""

    address: str
    state: str = "Follower"
    is_alive: bool = True


class Peer(grpc.GenericRpcHandler):  # type: ignore[misc]
    """`leader` None: it says that it is not ready. `members` None: it has no gossip."""

    def __init__(self) -> None:
        self.address = ""
        self.members: Sequence[Member] | None = None
        self.leader: str | None = None
        self.asked = 0
        self._services = {
            "/event_store.client.gossip.Gossip/Read": grpc.unary_unary_rpc_method_handler(
                self._gossip, shared_pb2.Empty.FromString, gossip_pb2.ClusterInfo.SerializeToString
            ),
            "/event_store.client.streams.Streams/Read": grpc.unary_stream_rpc_method_handler(
                self._read, streams_pb2.ReadReq.FromString, streams_pb2.ReadResp.SerializeToString
            ),
            "/event_store.client.streams.Streams/BatchAppend": grpc.stream_stream_rpc_method_handler(
                self._append,
                streams_pb2.BatchAppendReq.FromString,
                streams_pb2.BatchAppendResp.SerializeToString,
            ),
        }

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        return self._services.get(details.method)

    def _gossip(self, _: shared_pb2.Empty, call: grpc.ServicerContext) -> gossip_pb2.ClusterInfo:
        if self.members is None:
            call.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        return gossip_pb2.ClusterInfo(members=[_info(member) for member in self.members or ()])

    def _read(self, _: streams_pb2.ReadReq, call: grpc.ServicerContext) -> Iterator[streams_pb2.ReadResp]:
        self.asked += 1
        self._refuse(call)
        yield streams_pb2.ReadResp()

    def _append(
        self, requests: Iterator[streams_pb2.BatchAppendReq], call: grpc.ServicerContext
    ) -> Iterator[streams_pb2.BatchAppendResp]:
        for request in requests:
            self.asked += 1
            if self.leader:
                self._refuse(call)
            details = Details()
            details.Pack(Empty())
            error = status_pb2.Status(message="Server Is Not Ready", details=details)
            yield streams_pb2.BatchAppendResp(correlation_id=request.correlation_id, error=error)

    def _refuse(self, call: grpc.ServicerContext) -> None:
        if self.leader is None:
            call.abort(grpc.StatusCode.UNAVAILABLE, "Server Is Not Ready")
        else:
            host, _, port = self.leader.rpartition(":")
            call.set_trailing_metadata(
                (
                    ("exception", "not-leader"),
                    ("leader-endpoint-host", host),
                    ("leader-endpoint-port", port),
                )
            )
            call.abort(grpc.StatusCode.NOT_FOUND, "Leader info available")


def _info(member: Member) -> gossip_pb2.MemberInfo:
    host, _, port = member.address.rpartition(":")
    return gossip_pb2.MemberInfo(
        state=_State.Value(member.state),
        is_alive=member.is_alive,
        http_end_point=gossip_pb2.EndPoint(address=host, port=int(port)),
    )


@contextmanager
def start_peer() -> Iterator[Peer]:
    peer = Peer()
    server = grpc.server(ThreadPoolExecutor(16, "peer"))
    server.add_generic_rpc_handlers((peer,))
    peer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield peer
    finally:
        server.stop(0).wait(5)
