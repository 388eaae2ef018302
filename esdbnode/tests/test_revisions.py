"""Expected revisions and idempotency against a plain model: a stream is the list of its ids."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from esdbnode.streams.metadata import DELETED as TOMBSTONE
from esdbnode.streams.revisions import Decision, Deleted, Expect, Retry, State, Write, WrongVersion, decide

ids = st.sampled_from([bytes([n]) for n in range(6)])
streams = st.lists(ids, max_size=6)
requests = st.lists(ids, max_size=4)
expectations = st.one_of(st.sampled_from(list(Expect)), st.integers(0, 8))


def decided(
    expected: int,
    written: Sequence[bytes],
    asked: Sequence[bytes],
    *,
    soft_deleted: bool,
    has_metadata: bool = False,
) -> Decision:
    def recent(id_: bytes) -> int | None:
        return written.index(id_) if id_ in written else None

    def id_at(revision: int) -> bytes | None:
        return written[revision] if 0 <= revision < len(written) else None

    state = State(len(written) - 1, soft_deleted, has_metadata)
    return decide(expected, state, asked, recent, id_at)


@given(streams, requests, st.sampled_from([Expect.ANY, Expect.STREAM_EXISTS]), st.booleans())
def test_without_a_revision_known_ids_are_a_retry_and_unknown_ones_a_write(
    written: list[bytes], asked: list[bytes], expected: Expect, has_metadata: bool
) -> None:
    decision = decided(expected, written, asked, soft_deleted=False, has_metadata=has_metadata)
    if expected == Expect.STREAM_EXISTS and not written and not has_metadata:
        assert decision == WrongVersion()
    elif not asked or asked[0] not in written:
        assert decision == Write(recreate=False)
    elif all(id_ in written for id_ in asked):
        assert decision == Retry(written.index(asked[-1]))
    else:
        assert decision == WrongVersion()


@given(streams, requests, st.integers(-1, 8))
def test_a_stated_revision_writes_at_the_end_and_retries_only_the_same_events(
    written: list[bytes], asked: list[bytes], expected: int
) -> None:
    decision = decided(expected, written, asked, soft_deleted=False)
    then = written[expected + 1 : expected + 1 + len(asked)]
    if expected == len(written) - 1:
        assert decision == Write(recreate=False)
    elif asked and then == asked:
        assert decision == Retry(expected + len(asked))
    else:
        assert decision == WrongVersion()


@given(streams, requests, expectations)
def test_a_soft_deleted_stream_is_gone_for_stream_exists_and_re_created_by_a_write(
    written: list[bytes], asked: list[bytes], expected: int
) -> None:
    decision = decided(expected, written, asked, soft_deleted=True)
    if expected == Expect.STREAM_EXISTS:
        assert decision == Deleted()
    elif expected == Expect.NO_STREAM and written and asked and asked[0] != written[0]:
        assert decision == Write(recreate=True)
    else:
        assert decision in (Write(recreate=True), decided(expected, written, asked, soft_deleted=False))
        assert decision != Write(recreate=False)


@given(requests, expectations, st.booleans())
def test_a_tombstoned_stream_is_deleted_whatever_is_expected(
    asked: list[bytes], expected: int, soft_deleted: bool
) -> None:
    state = State(TOMBSTONE, soft_deleted)
    assert decide(expected, state, asked, lambda _: None, lambda _: None) == Deleted()


@given(st.lists(st.tuples(expectations, st.lists(ids, min_size=1, max_size=3, unique=True)), max_size=20))
def test_sending_every_append_twice_writes_the_same_as_sending_it_once(
    appends: list[tuple[int, list[bytes]]],
) -> None:
    """States the revision; new ids each time, as clients make them."""
    once: list[bytes] = []
    twice: list[bytes] = []
    for number, (expected, short_ids) in enumerate(appends):
        fresh = [bytes([number]) + id_ for id_ in short_ids]
        stated = expected if expected >= Expect.NO_STREAM else len(once) - 1
        for written, times in ((once, 1), (twice, 2)):
            for _ in range(times):
                if decided(stated, written, fresh, soft_deleted=False) == Write(recreate=False):
                    written += fresh
    assert twice == once
