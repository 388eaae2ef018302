"""Violations of HTTP/2, sent to the client if they end its connection. Read by developers of clients.

Frames, flags and settings have the names of RFC 9113.
"""

from typing import Final

# The preface and the first frame.

NOT_A_PREFACE: Final = "not an HTTP/2 preface"
FIRST_FRAME_NOT_SETTINGS: Final = "the first frame is not SETTINGS"

# Sizes.


def frame_too_large(size: int, limit: int) -> str:
    return f"frame of {size} bytes, limit {limit}"


def wrong_size(frame: str, size: int) -> str:
    return f"{frame} of {size} bytes"


PADDING_TOO_LONG: Final = "padding longer than the frame"
HEADERS_WITHOUT_PRIORITY: Final = "HEADERS too short for its priority"
ACKNOWLEDGED_WITH_PAYLOAD: Final = "SETTINGS acknowledged with a payload"

# The stream of a frame.


def on_a_stream(frame: str) -> str:
    return f"{frame} on a stream"


def never_opened(frame: str, stream_id: int) -> str:
    return f"{frame} on stream {stream_id}, which was never opened"


def not_an_odd_stream(stream_id: int) -> str:
    return f"a client opens odd streams, not {stream_id}"


def headers_on_closed_stream(stream_id: int) -> str:
    return f"HEADERS on closed stream {stream_id}"


def after_end_of_stream(frame: str) -> str:
    return f"{frame} after END_STREAM"


DATA_ON_CLOSED_STREAM: Final = "DATA on a closed stream"
PRIORITY_ON_STREAM_0: Final = "PRIORITY on stream 0"
PUSHED: Final = "a client must not push"

# Windows.


def more_than_window(owner: str) -> str:
    """`owner` is one of the next two."""
    return f"more DATA than the {owner}'s window"


def window_too_large(owner: str) -> str:
    return f"{owner} window above 2^31-1"


CONNECTION: Final = "connection"
STREAM: Final = "stream"

WINDOW_UPDATE_BY_0: Final = "WINDOW_UPDATE by 0"

# Settings.

INITIAL_WINDOW_TOO_LARGE: Final = "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1"
FRAME_SIZE_OUT_OF_RANGE: Final = "SETTINGS_MAX_FRAME_SIZE outside 2^14 to 2^24-1"
PUSH_NEITHER_ON_NOR_OFF: Final = "SETTINGS_ENABLE_PUSH is neither 0 nor 1"

# Headers.

HEADER_BLOCK_INTERRUPTED: Final = "a header block was interrupted"
CONTINUATION_WITHOUT_HEADERS: Final = "CONTINUATION without HEADERS"
HEADER_BLOCK_TOO_LONG: Final = "header block too long"


def undecodable_headers(reason: str) -> str:
    return f"undecodable header block: {reason}"


def wrong_pseudo_header(name: str) -> str:
    return f"pseudo-header {name} unknown, repeated or after others"


PSEUDO_HEADER_MISSING: Final = "a request needs :method, :scheme and :path"


def header_not_allowed(name: str) -> str:
    return f"header {name!r} is not allowed in HTTP/2"


TE_NOT_TRAILERS: Final = "te may only be 'trailers'"


def line_break_in_header(name: str) -> str:
    return f"line break or NUL in header {name}"


WRONG_TRAILERS: Final = "trailers that do not end the stream, or malformed"

# A client that asks too much.

TOO_MANY_CALLS: Final = "the server is closing, or has too many calls at once"
ANSWERS_NOT_READ: Final = "the client sends requests but does not read the answers"


def too_many(useless: str) -> str:
    """`useless` is one of those below."""
    return f"too many {useless}"


UNKNOWN_FRAMES: Final = "unknown frames"
EMPTY_DATA_FRAMES: Final = "empty DATA frames"
PRIORITY_FRAMES: Final = "PRIORITY frames"
SETTINGS_FRAMES: Final = "SETTINGS frames"
PINGS: Final = "pings"
RESETS: Final = "resets"
FAULTS: Final = "faults"

# A fault of the node itself.

INTERNAL_ERROR: Final = "internal error"

# Limits that HTTP/2 does not allow, for developers.


def window_limit_too_small(least: int) -> str:
    return f"a window must not be below {least}, which clients use before they have our settings"


def frame_limit_out_of_range(least: int, most: int, given: int) -> str:
    return f"frame must be {least} to {most}, not {given}"
