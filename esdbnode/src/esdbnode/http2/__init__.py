"""The node's front: an HTTP/2 server that passes gRPC calls to handlers, in plain asyncio.

    frames      bytes <-> frames, and the two kinds of protocol error       (RFC 9113, 4-7)
    headers     header blocks <-> requests and trailers                     (RFC 7541, RFC 9113 8)
    messages    gRPC's message prefix, timeouts and percent-encoding        (grpc doc/PROTOCOL-HTTP2.md)
    outbox      the sending side of a connection: coalesced writes, window, back-pressure
    intake      the bytes of requests that a connection holds, and its receive window
    inbox       the bytes of its request that one call holds, and its receive window
    stream      one call: the `Call` that a handler sees
    streams     the calls of one connection: opened, ended, remembered
    session     the effect of each frame on the connection or on a stream   (RFC 9113, 5-6)
    patience    how many useless frames a client may send
    connection  a client's socket: greeting, keepalive, closing
    server      listening, making room for connections, shutting down
    memory      giving memory back after many connections have closed

It is fast because it combines: many messages go into one DATA frame, and the headers, data and trailers that all calls
send in one turn of the loop go into one write. A header block that was seen before is not parsed again.
"""

from esdbnode.http2.limits import Limits
from esdbnode.http2.server import Server, serve

__all__ = ["Limits", "Server", "serve"]
