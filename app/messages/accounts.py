"""What `account` and `test-from` print, and why they could not do their work."""

from collections.abc import Collection
from typing import Final

# test-from

FROM_A_STREAM: Final = "Written by `daybook test-from`: a recorded stream, with other ids and texts."


def not_a_stream(stream: str, forms: Collection[str]) -> str:
    return f"{stream!r} is not a stream that a test can be made from; write {' or '.join(forms)}."


def no_such_stream(stream: str) -> str:
    return f"there is no stream {stream}; `daybook tail` shows the streams that there are."


def no_such_revision(stream: str, revision: int, last: int) -> str:
    return f"{stream} has no event {revision}: its last one is event {last}."


def not_decided(stream: str, revision: int) -> str:
    return f"no command leads to event {revision} of {stream}: another program wrote it."


def not_written(file: str, reason: str) -> str:
    return f"cannot write {file}: {reason}."
