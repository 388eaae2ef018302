"""Answers about the server itself: the gossip of a cluster of one node, and the list of supported methods."""

import time
from collections.abc import Callable
from uuid import uuid4

from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

from esdbnode.call import Call
from esdbnode.streams.encoding import field

VERSION = "24.6.0"
"""The version of EventStoreDB whose answers this node gives."""

_INSTANCE = str(uuid4())
_TICKS_PER_SECOND = 10_000_000
_METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "event_store.client.streams.streams": {
        "append": (),
        "batchappend": ("deadline_duration",),
        "delete": (),
        "read": ("position", "events"),
        "tombstone": (),
    },
    "event_store.client.gossip.gossip": {"read": ()},
    "event_store.client.server_features.serverfeatures": {"getsupportedmethods": ()},
}


async def gossip(host: str, port: Callable[[], int], call: Call) -> None:
    """This node is the leader of its cluster and alive."""
    member = gossip_pb2.MemberInfo(
        instance_id=shared_pb2.UUID(string=_INSTANCE),
        time_stamp=int(time.time() * _TICKS_PER_SECOND),
        state=gossip_pb2.MemberInfo.Leader,
        is_alive=True,
        http_end_point=gossip_pb2.EndPoint(address=host, port=port()),
    )
    await call.send((gossip_pb2.ClusterInfo(members=[member]).SerializeToString(),))


async def supported_methods(call: Call) -> None:
    """SupportedMethods{1: methods{1: method_name, 2: service_name, 3: features}, 2: event_store_server_version}."""
    methods = [
        field(
            1,
            field(1, method.encode())
            + field(2, service.encode())
            + b"".join(field(3, feature.encode()) for feature in features),
        )
        for service, of_service in _METHODS.items()
        for method, features in of_service.items()
    ]
    await call.send((b"".join(methods) + field(2, VERSION.encode()),))
