"""The handler for each RPC path."""

from collections.abc import Awaitable, Callable
from functools import partial

import apsw
from esdbclient.protos.Grpc import persistent_pb2, projections_pb2
from google.protobuf.message import DecodeError

from esdbnode import cluster
from esdbnode.access import Access, Admit, admit_anyone
from esdbnode.call import Call, Handler, RpcError, Status
from esdbnode.storage.database import describe, is_damage
from esdbnode.storage.log import Log
from esdbnode.storage.reading import Damaged
from esdbnode.storage.writing import CannotWrite
from esdbnode.streams import appending, batching, deleting, reading
from esdbnode.streams.errors import damaged, disk_refused, invalid
from esdbnode.wording import calls

_STREAMS = {
    "Read": reading.handle,
    "Append": appending.handle,
    "BatchAppend": batching.handle,
    "Delete": deleting.handle_delete,
    "Tombstone": deleting.handle_tombstone,
}
_ABSENT = {
    calls.PERSISTENT_SUBSCRIPTIONS: persistent_pb2.DESCRIPTOR.services_by_name["PersistentSubscriptions"],
    calls.PROJECTION_MANAGEMENT: projections_pb2.DESCRIPTOR.services_by_name["Projections"],
}


def routes(log: Log, host: str, port: Callable[[], int], admit: Admit = admit_anyone) -> dict[str, Handler]:
    """`host` and `port`: the address that Gossip gives to clients.

    Wrong credentials are refused everywhere. Methods that are not about streams need no credentials.
    """
    found: dict[str, Handler] = {
        f"/event_store.client.streams.Streams/{method}": _refusing_clearly(partial(handle, log), admit)
        for method, handle in _STREAMS.items()
    }
    public: dict[str, Handler] = {
        "/event_store.client.gossip.Gossip/Read": partial(cluster.gossip, host, port),
        "/event_store.client.server_features.ServerFeatures/GetSupportedMethods": cluster.supported_methods,
    }
    for feature, service in _ABSENT.items():
        for method in service.methods:
            public[f"/{service.full_name}/{method.name}"] = partial(_absent, feature)
    return found | {path: _for_all(handle, admit) for path, handle in public.items()}


def _for_all(handle: Handler, admit: Admit) -> Handler:
    async def handler(call: Call) -> None:
        await admit(call)
        await handle(call)

    return handler


def _refusing_clearly(handle: Callable[[Call, Access], Awaitable[None]], admit: Admit) -> Handler:
    async def handler(call: Call) -> None:
        try:
            await handle(call, await admit(call))
        except DecodeError as error:
            raise invalid(calls.undecodable(str(error))) from None
        except CannotWrite as error:
            raise disk_refused(str(error)) from None
        except Damaged as error:
            raise damaged(str(error)) from None
        except apsw.Error as error:
            if is_damage(error):
                raise damaged(str(Damaged(describe(error)))) from None
            raise

    return handler


async def _absent(feature: str, call: Call) -> None:
    raise RpcError(Status.UNIMPLEMENTED, calls.not_in_this_node(feature))
