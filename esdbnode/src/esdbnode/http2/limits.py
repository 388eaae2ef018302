"""How much of the node one client may use: bytes, counts and seconds."""

from dataclasses import dataclass

from esdbnode.http2.frames import DEFAULT_FRAME_SIZE, DEFAULT_WINDOW, LARGEST_FRAME_SIZE
from esdbnode.wording import faults


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes are of payload; seconds are wall-clock.

    message: one request message; above it the call ends with RESOURCE_EXHAUSTED.
    held: request bytes of one connection that are held, unread or incomplete, before calls are refused.
    stream_window, connection_window: unread request bytes a client may send ahead.
    frame: the largest accepted frame (SETTINGS_MAX_FRAME_SIZE).
    header_list: the largest decoded header list accepted.
    streams: calls at once on one connection.
    connections: open at once; beyond that, the oldest idle one is closed for a new one.
    write_buffer: response bytes waiting in one socket before `Call.send` waits.
    replies: bytes of answers that cannot wait (to pings, to refused calls) held for a client that does not
        read, before its connection is dropped.
    rudeness, forgiveness: how many useless frames (resets before any answer, pings, settings, empty frames) are
        accepted at once, and how many more per second (CVE-2023-44487 and similar attacks).
    greeting: seconds from connecting to a complete preface.
    keepalive_interval, keepalive_timeout: seconds of silence before a ping, and from the ping to dropping a client.
    farewell: seconds a closing connection may take to flush.
    """

    message: int = 17 * 1024 * 1024
    held: int = 64 * 1024 * 1024
    stream_window: int = 1024 * 1024
    connection_window: int = 8 * 1024 * 1024
    frame: int = 64 * 1024
    header_list: int = 32 * 1024
    streams: int = 4096
    connections: int = 4096
    write_buffer: int = 256 * 1024
    replies: int = 256 * 1024
    rudeness: int = 2000
    forgiveness: int = 200
    greeting: float = 10.0
    keepalive_interval: float = 10.0
    keepalive_timeout: float = 10.0
    farewell: float = 2.0

    def __post_init__(self) -> None:
        if min(self.stream_window, self.connection_window) < DEFAULT_WINDOW:
            raise ValueError(faults.window_limit_too_small(DEFAULT_WINDOW))
        if not DEFAULT_FRAME_SIZE <= self.frame <= LARGEST_FRAME_SIZE:
            raise ValueError(
                faults.frame_limit_out_of_range(DEFAULT_FRAME_SIZE, LARGEST_FRAME_SIZE, self.frame)
            )
