"""Texts whose wording is fixed: EventStoreDB 24.6 answers so, and clients parse some of them. Not to be reviewed.

Sources: EventStoreDB's RpcExceptions.cs, grpc-dotnet, recorded conversations.
"""

from typing import Final

# EventStoreDB.

ACCESS_DENIED: Final = "Access Denied"
UNAUTHENTICATED: Final = "Unauthenticated"
UNRECOGNIZED_ID: Final = "Unrecognized Guid format."
INVALID_POSITION: Final = "Trying to read from an invalid position."
UUID_OPTION_MISSING: Final = (
    " `uuidOption` is a required argument of type "
    "EventStore.Client.Streams.ReadReq+Types+Options+Types+UUIDOption"
)


def stream_deleted(stream: str) -> str:
    return f"Event stream '{stream}' is deleted."


def delete_failed(stream: str, expected: int, actual: int) -> str:
    return (
        f"Delete failed due to WrongExpectedVersion. Stream: {stream}, Expected version: {expected}, "
        f"Actual version: {actual}"
    )


def append_too_large(most: int) -> str:
    return f"Maximum Append Size of {most} Exceeded."


def property_missing(name: str) -> str:
    return f"Required Metadata Property '{name}' is missing"


def not_set(request: str, oneof: str) -> str:
    """`request` and `oneof` as EventStoreDB names them: C# types of its generated code."""
    return f"'None' is not a valid EventStore.Client.Streams.{request}+{oneof}OneofCase"


def invalid_combination(options: str) -> str:
    return f"The combination of ({options}) is invalid."


def unexpected(result: str, why: str) -> str:
    return f"Unexpected {result}: {why}"


# gRPC.

DEADLINE_EXCEEDED: Final = "Deadline Exceeded"
HANDLER_FAILED: Final = "Exception was thrown by handler."
METHOD_UNIMPLEMENTED: Final = "Method is unimplemented."
SERVICE_UNIMPLEMENTED: Final = "Service is unimplemented."
INCOMPLETE_MESSAGE: Final = "Incomplete message."
ADDITIONAL_DATA: Final = "Additional data after the message received."


def unsupported_encoding(encoding: str) -> str:
    return f"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity"
