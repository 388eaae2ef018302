"""The node's front: an HTTP/2 server that carries gRPC calls to handlers, in plain asyncio.

    frames   bytes <-> frames, and the two kinds of protocol error          (RFC 9113, 4-7)
    headers  header blocks <-> requests and trailers                        (RFC 7541, RFC 9113 8)
    messages gRPC's message prefix, timeouts and percent-encoding           (grpc doc/PROTOCOL-HTTP2.md)
    outbox   what leaves a connection: coalesced writes, window, back-pressure
    intake   what a connection holds of requests, and its receive window
    stream   one call: the `Call` a handler sees
    streams  the calls of one connection: opened, ended, remembered
    session  which frame means what to the connection or to a stream      (RFC 9113, 5-6)
    patience what floods cost
    connection  a client's socket: greeting, keepalive, leaving
    server   listening, making room, shutting down
    memory   what a crowd leaves behind

Speed comes from packing: many messages in one DATA frame; headers, data and trailers of all calls of one turn
of the loop in one write; and no parsing of a header block seen before.
"""

from embedded.http2.limits import Limits
from embedded.http2.server import Server, serve

__all__ = ["Limits", "Server", "serve"]
