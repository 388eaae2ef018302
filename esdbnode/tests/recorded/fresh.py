"""What a log that was just created answers to subscriptions and reads, while others and we write to it.

The story: subscriptions and reads on an empty log; three events of others; one of ours; 70 of others; one more of ours.
After each chapter the same subscriptions and reads begin again. A position is written as the event that is at it.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import grpc
from esdbclient.protos.Grpc import shared_pb2, streams_pb2, streams_pb2_grpc

NONE: Final = 2**64 - 1
FILTERS: Final = ("account-", "^[^$]")
STARTS: Final = ("start", "end", 0)
CHAPTERS: Final = (
    ("empty", "", 0),
    ("only others", "other-1", 3),
    ("one of ours", "account-1", 1),
    ("one of ours, then 70 others", "other-2", 70),
    ("", "account-1", 1),
)
_NAMES: Final = {"other-1": "@other", "account-1": "@account", "other-2": "@other2"}
_EMPTY: Final = shared_pb2.Empty()
_SETTLING: Final = 1.0
"""Seconds in which everything that follows from an append arrives."""

_Options = streams_pb2.ReadReq.Options


class Story:
    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        self._events: dict[int, str] = {}
        self._written: dict[str, int] = {}

    def told(self) -> dict[str, list[str]]:
        """What each subscription and read was told, by its name."""
        following: dict[str, Following] = {}
        found: dict[str, list[str]] = {}
        reads: dict[str, list[Any]] = {}
        for chapter, stream, events in CHAPTERS:
            for _ in range(events):
                self._append(stream)
            time.sleep(_SETTLING)
            for chosen in FILTERS if chapter else ():
                for backwards in (False, True):
                    name = f"{chapter}: read {chosen} {'backwards' if backwards else 'forwards'}"
                    options = _reading(chosen, "end" if backwards else "start", backwards=backwards)
                    reads[name] = list(self._stub.Read(streams_pb2.ReadReq(options=options), timeout=10))
                for start in STARTS:
                    name = f"{chapter}: subscribed to {chosen} from {start}"
                    following[name] = Following(self._stub, _subscribing(chosen, start))
            time.sleep(_SETTLING)
        for name, each in following.items():
            found[name] = _short(self._tell(response) for response in each.end())
        for name, responses in reads.items():
            found[name] = _short(self._tell(response) for response in responses)
        return found

    def _append(self, stream: str) -> None:
        options = streams_pb2.AppendReq.Options(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()), any=_EMPTY
        )
        message = streams_pb2.AppendReq.ProposedMessage(
            id=shared_pb2.UUID(string=str(uuid4())),
            metadata={"type": "A", "content-type": "application/json"},
            data=b"{}",
        )
        requests = (streams_pb2.AppendReq(options=options), streams_pb2.AppendReq(proposed_message=message))
        done = self._stub.Append(iter(requests), timeout=10)
        number = self._written[stream] = self._written.get(stream, -1) + 1
        self._events[done.success.position.commit_position] = f"{_NAMES[stream]}/{number}"

    def _tell(self, response: Any) -> str:
        kind = str(response.WhichOneof("content"))
        if kind == "event":
            stream = response.event.event.stream_identifier.stream_name.decode()
            return f"event {self._events[response.event.commit_position]} of {stream}"
        if kind == "checkpoint":
            return f"checkpoint {self._place(response.checkpoint.commit_position)}"
        return kind

    def _place(self, position: int) -> str:
        """Checkpoints among what is filtered out depend on the server's own events."""
        if position in (0, NONE):
            return "none" if position else "0"
        at = self._events.get(position, "")
        if not at:
            later = sorted(each for each in self._events if each > position)
            at = self._events[later[0]] if later else ""
        return at if at.startswith("@account") else "somewhere"


class Following:
    """A subscription that a thread reads until `end`."""

    def __init__(self, stub: Any, options: Any) -> None:
        self._responses: list[Any] = []
        self._ended: grpc.StatusCode | None = None
        self._call = stub.Read(streams_pb2.ReadReq(options=options), timeout=120)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for response in self._call:
                self._responses.append(response)
        except grpc.RpcError as error:
            self._ended = error.code()

    def end(self) -> list[Any]:
        self._call.cancel()
        self._thread.join(10)
        assert self._ended is grpc.StatusCode.CANCELLED
        return [each for each in self._responses if each.WhichOneof("content") != "confirmation"]


def _subscribing(chosen: str, start: str | int) -> Any:
    options = _reading(chosen, start, backwards=False)
    options.subscription.CopyFrom(_Options.SubscriptionOptions())
    return options


def _reading(chosen: str, start: str | int, *, backwards: bool) -> Any:
    names = _Options.FilterOptions.Expression()
    if chosen.startswith("^"):
        names.regex = chosen
    else:
        names.prefix.append(chosen)
    options = _Options(
        filter=_Options.FilterOptions(stream_identifier=names, max=32, checkpointIntervalMultiplier=1),
        count=10,
        uuid_option=_Options.UUIDOption(string=_EMPTY),
        read_direction=_Options.Backwards if backwards else _Options.Forwards,
    )
    if start == "start":
        options.all.start.CopyFrom(_EMPTY)
    elif start == "end":
        options.all.end.CopyFrom(_EMPTY)
    else:
        options.all.position.commit_position = options.all.position.prepare_position = int(start)
    return options


def _short(told: Iterator[str]) -> list[str]:
    """A run of events of one stream is one entry, with what comes between them in brackets."""
    entries: list[str] = []
    for each in told:
        if not each.startswith("event "):
            if not entries or entries[-1] != each or each != "checkpoint somewhere":
                entries.append(each)
            continue
        place, stream = each[6:].split(" of ")
        between = entries[-1:] == ["checkpoint somewhere"] and _is_run(entries[-2:-1], stream)
        if not between and not _is_run(entries[-1:], stream):
            entries.append(f"events {place} of {stream}")
            continue
        if between:
            entries.pop()
        run = entries.pop()
        mark = " (checkpoints between)" if between or "(" in run else ""
        first = run.split("..")[0].split(" of ")[0]
        entries.append(f"{first}..{place.split('/')[1]} of {stream}{mark}")
    return entries


def _is_run(entry: list[str], stream: str) -> bool:
    return (
        entry != [] and entry[0].startswith("events ") and entry[0].split(" (")[0].endswith(f" of {stream}")
    )
