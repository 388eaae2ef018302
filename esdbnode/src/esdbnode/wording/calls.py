"""Refusals of calls in this node's own words, and log lines about calls. Read by developers whose programs call it."""

from typing import Final

# The call as a whole.


def not_in_this_node(feature: str) -> str:
    """`feature` is one of those below."""
    return f"This node has no {feature}: use a catch-up subscription, or a full EventStoreDB."


PERSISTENT_SUBSCRIPTIONS: Final = "persistent subscriptions"
PROJECTION_MANAGEMENT: Final = "projection management"

SHUTTING_DOWN: Final = "The node is shutting down."
CALL_OVER: Final = "The call is over."
CALL_CANCELLED: Final = "The call was cancelled."
NOT_GRPC: Final = "This port speaks only gRPC over HTTP/2: use an EventStoreDB client."


def malformed_timeout(text: str) -> str:
    return f"Malformed grpc-timeout '{text}': use 1 to 8 digits and one of the letters H, M, S, m, u and n."


# The bytes of its request.


def undecodable(reason: str) -> str:
    return f"The request cannot be decoded: {reason}."


def message_too_large(size: int, limit: int) -> str:
    return f"Received message of {size} bytes exceeds the maximum of {limit}."


COMPRESSED_WITHOUT_ENCODING: Final = "A message is marked as compressed, but the call names no grpc-encoding."
ENDED_WITHIN_A_MESSAGE: Final = "The request ended within a message."
TOO_MUCH_HELD: Final = "This connection has sent more data than the node holds for one connection."

# Signing in.

MALFORMED_CREDENTIALS: Final = (
    "Unauthenticated: after `Basic` comes the base64 of name:password in the authorization header."
)
TOO_MANY_SIGN_INS: Final = "Too many users are signing in at once. Try again in a moment."

# Names and numbers.

STREAM_NAME_EMPTY: Final = "A stream's name must not be empty."


def stream_name_not_utf8(reason: str) -> str:
    return f"A stream's name must be UTF-8: {reason}."


def number_too_large(value: int) -> str:
    return f"{value} is neither a revision nor a position: they have 63 bits."


# Appends.

OPTIONS_NOT_FIRST: Final = "An append begins with options: the stream and the expected revision."
NOT_OPTIONS_THEN_MESSAGES: Final = "An append is options, once, and then proposed messages."
CORRELATION_ID_MISSING: Final = "A batch needs a correlation id."
EVENT_TYPE_EMPTY: Final = "An event's type must not be empty."
EVENT_ID_ZERO: Final = "An event's id must not be all zeros."


def too_many_unfinished(most: int) -> str:
    return f"This call has {most} unfinished batches; finish one before you begin another."


# Reads.

READ_WITHOUT_OPTIONS: Final = "A read needs options."
PREPARE_ABOVE_COMMIT: Final = "A position's prepare must not be above its commit."
CHECKPOINT_INTERVAL_ZERO: Final = "A filter's checkpoint interval multiplier must not be 0."
FILTER_WINDOW_ZERO: Final = "A filter's window must not be 0."


def invalid_expression(reason: str) -> str:
    return f"The filter's regular expression is invalid: {reason}."


# Log lines, for operators.

CONNECTION_FAILED: Final = "a connection failed"


def handler_failed(path: str) -> str:
    return f"handler of {path} failed"


def handlers_ignore_cancelling(connections: int) -> str:
    return f"handlers that ignore being cancelled keep {connections} connections"
