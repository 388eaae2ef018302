"""Two clients, one node, any history: the node answers like the model."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

import pytest
from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from esdbnode.testing import Node
from tests.stateful.model import Entry, Expected, Hidden, Model, New, Refused
from tests.stateful.sayings import (
    of_a_batch,
    of_a_deletion,
    of_a_read,
    of_an_append,
    until_caught_up,
    version,
)

SECONDS = 20.0
EXAMPLES, STEPS = 300, 50
HOW = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)

NAMES = st.sampled_from(["one", "two"])
READ_NAMES = st.sampled_from(["one", "two", "$$one", "$$two"])
CLIENTS = st.integers(0, 1)
EXPECTED = st.one_of(st.sampled_from(["any", "none", "exists", "current", "current"]), st.integers(0, 6))
IDS = st.lists(st.integers(0, 9), max_size=4)
STARTS = st.none() | st.integers(0, 8)
LIMITS = st.integers(1, 8)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "$maxCount": st.sampled_from([0, 1, 2, 3, "2"]),
        "$tb": st.integers(0, 8),
        "colour": st.just("red"),
    },
)


Asked = Expected | Literal["current"]


class History(RuleBasedStateMachine):
    appends = Bundle("appends")
    clients: Sequence[EventStoreDBClient]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.space = uuid4()
        self.written = 0
        self.base = self.clients[0].get_commit_position(filter_exclude=[])
        self.live = self.clients[1].subscribe_to_all(
            **self._mine(), commit_position=self.base, timeout=SECONDS
        )

    @rule(target=appends, by=CLIENTS, name=NAMES, expected=EXPECTED, ids=IDS)
    def append(
        self, by: int, name: str, expected: Expected, ids: list[int]
    ) -> tuple[str, Expected, list[int]]:
        stated = self._stated(name, expected)
        self._append(by, name, stated, ids)
        return name, stated, ids

    @rule(by=CLIENTS, again=appends)
    def append_again(self, by: int, again: tuple[str, Expected, list[int]]) -> None:
        self._append(by, *again)

    @rule(by=CLIENTS, name=NAMES, expected=EXPECTED, id_=st.integers(0, 9))
    def append_one(self, by: int, name: str, expected: Asked, id_: int) -> None:
        """With the call for one event, which reports a deletion in another way."""
        self._append(by, name, self._stated(name, expected), [id_], single=True)

    @rule(by=CLIENTS, name=NAMES, expected=st.just("any") | EXPECTED, metadata=METADATA)
    def set_metadata(self, by: int, name: str, expected: Asked, metadata: dict[str, Any]) -> None:
        stream = self._stream(name)
        if self.model.is_gone_twice(stream):
            return  # No revision comes after a tombstone's, so the stream cannot begin again.
        new = New(uuid4(), "$metadata", json.dumps(metadata).encode())
        self._write(by, "$$" + stream, self._stated("$$" + name, expected), [new], single=True)

    @rule(by=CLIENTS, name=NAMES, expected=EXPECTED)
    def delete(self, by: int, name: str, expected: Asked) -> None:
        stream, stated = self._stream(name), self._stated(name, expected)
        self._same(
            lambda: self.clients[by].delete_stream(stream, current_version=version(stated)),
            lambda: self.model.delete(stream, stated),
            of_a_deletion,
        )

    @rule(by=CLIENTS, name=NAMES, expected=EXPECTED, really=st.integers(0, 3))
    def tombstone(self, by: int, name: str, expected: Asked, really: int) -> None:
        """Rarely, because little can happen to a stream afterwards."""
        if really:
            return
        stream, stated = self._stream(name), self._stated(name, expected)
        self._same(
            lambda: self.clients[by].tombstone_stream(stream, current_version=version(stated)),
            lambda: self.model.tombstone(stream, stated),
            of_a_deletion,
        )

    @rule(by=CLIENTS, name=READ_NAMES, start=STARTS, backwards=st.booleans(), limit=LIMITS)
    def read(self, by: int, name: str, start: int | None, backwards: bool, limit: int) -> None:
        stream = self._stream(name)
        self._same(
            lambda: self.clients[by].get_stream(
                stream, stream_position=start, backwards=backwards, limit=limit
            ),
            lambda: self.model.read(stream, start, backwards, limit),
            of_a_read,
        )

    @rule(by=CLIENTS, name=READ_NAMES, after=STARTS)
    def follow(self, by: int, name: str, after: int | None) -> None:
        stream = self._stream(name)

        def collected() -> list[RecordedEvent]:
            with self.clients[by].subscribe_to_stream(
                stream, stream_position=after, include_caught_up=True, timeout=SECONDS
            ) as subscription:
                return until_caught_up(subscription)

        self._same(collected, lambda: self.model.follow(stream, after), of_a_read)

    @rule(by=CLIENTS, choice=st.integers(0, 100), backwards=st.booleans(), limit=LIMITS)
    def read_all(self, by: int, choice: int, backwards: bool, limit: int) -> None:
        at = self._known_position(choice)
        read = self.clients[by].read_all(
            commit_position=at, backwards=backwards, limit=limit, timeout=SECONDS, **self._mine()
        )
        before, after = self._split(at)
        self._seen(list(read), (before[::-1] if backwards else after)[:limit])

    @rule(by=CLIENTS, choice=st.integers(0, 100))
    def follow_all(self, by: int, choice: int) -> None:
        at = self._known_position(choice)
        with self.clients[by].subscribe_to_all(
            commit_position=at, include_caught_up=True, timeout=SECONDS, **self._mine()
        ) as subscription:
            found = until_caught_up(subscription)
        self._seen(found, [entry for entry in self._split(at)[1] if entry.position != at])

    def teardown(self) -> None:
        """All events are in $all once and in order, and live subscribers got the same."""
        with self.live:
            live = [event for _, event in zip(self.model.log, self.live, strict=False)]
        self._seen(live, self.model.log)
        self._seen(list(self.clients[0].read_all(**self._mine())), self.model.log)
        positions = [entry.position or 0 for entry in self.model.log]
        assert all(earlier < later for earlier, later in pairwise([self.base, *positions]))

    def _append(self, by: int, name: str, expected: Expected, ids: list[int], single: bool = False) -> None:
        new = []
        for number in ids:
            self.written += 1
            new.append(New(self._id(number), f"Type{number % 3}", b'{"n":%d}' % self.written))
        self._write(by, self._stream(name), expected, new, single)

    def _write(self, by: int, stream: str, expected: Expected, new: list[New], single: bool) -> None:
        events = [NewEvent(type=event.type, data=event.data, id=event.id) for event in new]

        def answered() -> int:
            given = events[0] if single else events
            return self.clients[by].append_to_stream(stream, current_version=version(expected), events=given)

        refusal = of_an_append if single else of_a_batch
        self._same(answered, lambda: self.model.append(stream, expected, new), refusal)

    def _same(
        self,
        real: Callable[[], Any],
        model: Callable[[], Any],
        refusal: Callable[[Refused], type[Exception]],
    ) -> None:
        try:
            expected = model()
        except Refused as refused:
            wanted = refusal(refused)
        else:
            self._agree(real(), expected)
            return
        with pytest.raises(wanted) as raised:
            real()
        assert raised.type is wanted

    def _agree(self, answer: Any, expected: Any) -> None:
        match expected:
            case list():
                self._seen(answer, expected)
            case Entry():
                assert expected.position in (None, answer)
                expected.position = answer
            case Hidden():
                assert answer == 0

    def _seen(self, events: Sequence[RecordedEvent], entries: Sequence[Entry]) -> None:
        """These events are equal to those entries. Ids and positions from the node are learned, or are as before."""
        found = [(event.stream_name, event.stream_position, event.type, event.data) for event in events]
        assert found == [(entry.stream, entry.revision, entry.type, entry.data) for entry in entries]
        for event, entry in zip(events, entries, strict=True):
            assert entry.id in (None, event.id)
            assert entry.position in (None, event.commit_position)
            entry.id, entry.position = event.id, event.commit_position

    def _known_position(self, choice: int) -> int:
        known = [entry.position for entry in self.model.log if entry.position]
        return known[choice % len(known)] if known else self.base

    def _split(self, at: int) -> tuple[list[Entry], list[Entry]]:
        """The entries before a position, and the entries from it on."""
        log = self.model.log
        index = next((index for index, entry in enumerate(log) if entry.position == at), 0)
        return log[:index], log[index:]

    def _stated(self, name: str, expected: Asked) -> Expected:
        if expected != "current":
            return expected
        current = self.model.current(self._stream(name))
        return "none" if current < 0 else current

    def _stream(self, name: str) -> str:
        """The entries of this example only."""
        prefix = "$$" if name.startswith("$$") else ""
        return f"{prefix}{self.space}-{name.removeprefix('$$')}"

    def _id(self, number: int) -> UUID:
        return uuid5(self.space, str(number))

    def _mine(self) -> dict[str, Any]:
        """A filter for the streams of this example, and their metastreams."""
        return {"filter_include": [rf"(\$\$)?{self.space}-.*"], "filter_by_stream_name": True}


@pytest.fixture(scope="module")
def clients(node: Node) -> Iterator[list[EventStoreDBClient]]:
    with EventStoreDBClient(node.uri) as one, EventStoreDBClient(node.uri) as other:
        yield [one, other]


def test_any_history_is_answered_as_the_model_answers_it(clients: list[EventStoreDBClient]) -> None:
    class OnThisNode(History):
        pass

    OnThisNode.clients = clients
    run_state_machine_as_test(OnThisNode, settings=HOW)
