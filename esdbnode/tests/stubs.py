"""The stubs that gRPC generated for EventStoreDB's services, which have no types."""

from typing import Any

from esdbclient.protos.Grpc import gossip_pb2_grpc, persistent_pb2_grpc, streams_pb2_grpc

GossipStub: Any = gossip_pb2_grpc.GossipStub
PersistentSubscriptionsStub: Any = persistent_pb2_grpc.PersistentSubscriptionsStub
StreamsStub: Any = streams_pb2_grpc.StreamsStub
