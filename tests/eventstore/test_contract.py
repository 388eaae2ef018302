"""The contract of the log, for both adapters: the one in memory, and EventStoreDB's (with a node process)."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from eventstore import messages
from eventstore.store import (
    NO_STREAM,
    CaughtUp,
    Checkpoint,
    NewEvent,
    Recorded,
    WrongRevision,
    time_of,
)
from tests.kit.following import following
from tests.kit.logs import Both, events

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Appends.


async def test_an_append_to_a_missing_stream_begins_it(both: Both) -> None:
    appended = await both.store.append(both.stream(), events(1), expected=NO_STREAM)
    assert appended.revision == 0
    assert appended.position > 0


async def test_appended_events_are_read_unchanged(both: Both) -> None:
    event = NewEvent(uuid4(), "MoneyDeposited", b'{"note":"n\xc3\xa1jem"}', b'{"$correlationId":"x"}')
    appended = await both.store.append(both.stream(), [event], expected=NO_STREAM)
    (recorded,) = await both.store.read_stream(both.stream())
    assert abs(time_of(recorded) - datetime.now(UTC)) < timedelta(seconds=30)
    assert recorded == Recorded(
        stream=both.stream(),
        revision=0,
        position=appended.position,
        event_id=str(event.id),
        type="MoneyDeposited",
        data=event.data,
        metadata=event.metadata,
        created=recorded.created,
    )


async def test_the_answer_has_the_place_of_a_batchs_last_event(both: Both) -> None:
    appended = await both.store.append(both.stream(), events(3), expected=NO_STREAM)
    read = await both.store.read_stream(both.stream())
    assert (appended.revision, appended.position) == (read[-1].revision, read[-1].position)
    assert [record.revision for record in read] == [0, 1, 2]


async def test_positions_rise_across_streams(both: Both) -> None:
    positions = [
        (await both.store.append(both.stream(str(n)), events(1), expected=NO_STREAM)).position
        for n in range(4)
    ]
    assert sorted(set(positions)) == positions


@pytest.mark.parametrize(("written", "expected"), [(0, 0), (0, 5), (1, 3), (2, NO_STREAM), (3, 1)])
async def test_an_append_at_another_revision_is_refused_with_the_real_one(
    both: Both, written: int, expected: int
) -> None:
    if written:
        await both.store.append(both.stream(), events(written), expected=NO_STREAM)
    with pytest.raises(WrongRevision) as caught:
        await both.store.append(both.stream(), events(1), expected=expected)
    assert (caught.value.stream, caught.value.expected) == (both.stream(), expected)
    assert caught.value.current == written - 1
    assert len(await both.store.read_stream(both.stream())) == written


async def test_only_one_of_several_writers_at_one_revision_succeeds(both: Both) -> None:
    await both.store.append(both.stream(), events(1), expected=NO_STREAM)
    answers = await asyncio.gather(
        *(both.store.append(both.stream(), events(1), expected=0) for _ in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, WrongRevision) for answer in answers) == 19
    assert len(await both.store.read_stream(both.stream())) == 2


async def test_many_appends_at_once_each_get_their_own_answer(both: Both) -> None:
    batches = [events(1 + n % 3) for n in range(100)]
    answers = await asyncio.gather(
        *(
            both.store.append(both.stream(str(n)), batch, expected=NO_STREAM)
            for n, batch in enumerate(batches)
        )
    )
    assert [answer.revision for answer in answers] == [len(batch) - 1 for batch in batches]
    assert len({answer.position for answer in answers}) == 100


async def test_an_append_states_a_revision_and_holds_events(both: Both) -> None:
    with pytest.raises(ValueError, match=messages.INCOMPLETE_APPEND):
        await both.store.append(both.stream(), [], expected=NO_STREAM)
    with pytest.raises(ValueError, match=messages.INCOMPLETE_APPEND):
        await both.store.append(both.stream(), events(1), expected=-2)


# Repetitions.


@pytest.mark.parametrize("later", [0, 1, 5])
async def test_a_repeated_append_gets_the_original_answer(both: Both, later: int) -> None:
    await both.store.append(both.stream(), events(2), expected=NO_STREAM)
    batch = events(2)
    first = await both.store.append(both.stream(), batch, expected=1)
    if later:
        await both.store.append(both.stream(), events(later), expected=3)
    assert await both.store.append(both.stream(), batch, expected=1) == first
    assert len(await both.store.read_stream(both.stream())) == 4 + later


async def test_repeating_the_beginning_of_a_stream_gets_the_original_answer(both: Both) -> None:
    batch = events(2)
    first = await both.store.append(both.stream(), batch, expected=NO_STREAM)
    assert await both.store.append(both.stream(), batch, expected=NO_STREAM) == first


async def test_a_repetition_that_differs_anywhere_is_a_conflict(both: Both) -> None:
    batch = events(3)
    await both.store.append(both.stream(), batch, expected=NO_STREAM)
    for other in (batch[::-1], [*batch, *events(1)], batch[1:], [*batch[:2], *events(1)]):
        with pytest.raises(WrongRevision):
            await both.store.append(both.stream(), other, expected=NO_STREAM)
    assert len(await both.store.read_stream(both.stream())) == 3


async def test_the_same_ids_on_another_stream_are_other_events(both: Both) -> None:
    batch = events(1)
    await both.store.append(both.stream("1"), batch, expected=NO_STREAM)
    await both.store.append(both.stream("2"), batch, expected=NO_STREAM)
    assert len(await both.store.read_stream(both.stream("2"))) == 1


# Reads.


async def test_a_stream_that_does_not_exist_reads_as_empty(both: Both) -> None:
    assert await both.store.read_stream(both.stream()) == []
    assert await both.store.read_stream(both.stream(), backwards=True) == []
    assert await both.store.read_stream(both.stream(), start=5) == []


@pytest.mark.parametrize(
    ("start", "limit", "backwards", "revisions"),
    [
        (None, None, False, [0, 1, 2, 3, 4]),
        (None, 2, False, [0, 1]),
        (3, None, False, [3, 4]),
        (1, 3, False, [1, 2, 3]),
        (5, None, False, []),
        (None, None, True, [4, 3, 2, 1, 0]),
        (None, 2, True, [4, 3]),
        (3, None, True, [3, 2, 1, 0]),
        (0, 5, True, [0]),
        (2, 2, True, [2, 1]),
    ],
)
async def test_a_stream_is_read_from_anywhere_in_both_directions(
    both: Both, start: int | None, limit: int | None, backwards: bool, revisions: list[int]
) -> None:
    await both.store.append(both.stream(), events(5), expected=NO_STREAM)
    read = await both.store.read_stream(both.stream(), start=start, limit=limit, backwards=backwards)
    assert [record.revision for record in read] == revisions


async def test_the_newest_events_of_all_streams_are_read_page_by_page(both: Both) -> None:
    for n in range(5):
        await both.store.append(both.stream(str(n)), events(2), expected=NO_STREAM)
    pages = []
    before = None
    while page := await both.store.read_all(prefixes=[f"{both.prefix}-"], before=before, limit=3):
        pages.append(page)
        before = page[-1].position
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    positions = [record.position for page in pages for record in page]
    assert positions == sorted(set(positions), reverse=True)


async def test_all_streams_are_read_by_the_beginning_of_their_names(both: Both) -> None:
    for name in ("account-1", "user-1", "transfer-1"):
        await both.store.append(both.stream(name), events(1), expected=NO_STREAM)
    prefixes = [both.stream("account-"), both.stream("user-")]
    read = await both.store.read_all(prefixes=prefixes, limit=10)
    assert [record.stream for record in read] == [both.stream("user-1"), both.stream("account-1")]


async def test_the_head_is_the_last_events_position(both: Both) -> None:
    appended = await both.store.append(both.stream(), events(2), expected=NO_STREAM)
    assert await both.store.head() == appended.position
    assert both.log.head(prefixes=[both.prefix]) == appended.position
    assert both.log.end() == appended.position


async def test_the_head_of_some_streams_is_not_the_logs_end(both: Both) -> None:
    appended = await both.store.append(both.stream(), events(1), expected=NO_STREAM)
    other = await both.store.append(f"other-{both.prefix}", events(1), expected=NO_STREAM)
    servers_own = await both.store.append(f"${both.prefix}", events(1), expected=NO_STREAM)
    assert both.log.head(prefixes=[both.prefix]) == appended.position
    assert await both.store.head() == other.position
    assert both.log.end() == servers_own.position


async def test_no_checkpoint_is_beyond_the_end_of_the_log(both: Both) -> None:
    await both.store.append(both.stream(), events(1), expected=NO_STREAM)
    await both.store.append(f"${both.prefix}", events(300), expected=NO_STREAM)
    with following(both.log.subscribe(prefixes=[both.prefix], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
    checkpoints = [each.position for each in follower.messages if isinstance(each, Checkpoint)]
    assert await both.store.head() < checkpoints[-1] <= both.log.end()


async def test_an_empty_log_has_its_head_at_zero(empty: Both) -> None:
    assert await empty.store.head() == 0
    assert empty.log.head(prefixes=["t"]) == 0
    assert await empty.store.read_all(prefixes=["t"], limit=5) == []
    assert list(empty.log.read(prefixes=["t"], after=None)) == []


# Subscriptions.


async def test_an_event_is_found_at_its_position_and_nothing_at_another(both: Both) -> None:
    (event,) = events(1)
    appended = await both.store.append(both.stream(), [event], expected=NO_STREAM)
    assert both.log.at(appended.position) == str(event.id)
    assert both.log.at(appended.position + 1) is None
    assert both.log.at(appended.position + 10**9) is None


async def test_the_first_event_of_some_streams_is_found(both: Both) -> None:
    assert await both.store.first(prefixes=[both.prefix]) is None
    await both.store.append(both.stream("other-1"), events(1), expected=NO_STREAM)
    (event, *more) = events(3)
    ours = await both.store.append(both.stream("account-1"), [event], expected=NO_STREAM)
    await both.store.append(both.stream("account-2"), more, expected=NO_STREAM)
    for start in (None, ours.position):
        first = await both.store.first(prefixes=[both.stream("account-")], start=start)
        assert first is not None
        assert (first.event_id, first.position) == (str(event.id), ours.position)


async def test_a_subscription_catches_up_says_so_and_is_live(both: Both) -> None:
    batch = events(3)
    await both.store.append(both.stream(), batch[:2], expected=NO_STREAM)
    with following(both.log.subscribe(prefixes=[both.prefix], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        assert [record.revision for record in follower.recorded] == [0, 1]
        await both.store.append(both.stream(), batch[2:], expected=1)
        follower.until(lambda it: len(it.recorded) == 3)
    assert follower.recorded == await both.store.read_stream(both.stream())
    assert follower.failure is None


async def test_a_subscription_continues_after_a_position(both: Both) -> None:
    first = await both.store.append(both.stream(), events(2), expected=NO_STREAM)
    await both.store.append(both.stream(), events(2), expected=1)
    with following(both.log.subscribe(prefixes=[both.prefix], after=first.position)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
    assert [record.revision for record in follower.recorded] == [2, 3]


async def test_a_subscription_from_the_head_holds_only_what_comes(both: Both) -> None:
    last = await both.store.append(both.stream(), events(2), expected=NO_STREAM)
    with following(both.log.subscribe(prefixes=[both.prefix], after=last.position)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        await both.store.append(both.stream(), events(1), expected=1)
        follower.until(lambda it: len(it.recorded) == 1)


async def test_a_subscription_holds_only_streams_with_its_prefixes(both: Both) -> None:
    names = ["account-1", "user-1", "transfer-1", "account-2"]
    for name in names:
        await both.store.append(both.stream(name), events(1), expected=NO_STREAM)
    prefixes = [both.stream("account-"), both.stream("transfer-")]
    with following(both.log.subscribe(prefixes=prefixes, after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        for name in names:
            await both.store.append(both.stream(name), events(1), expected=0)
        follower.until(lambda it: len(it.recorded) == 6)
    wanted = [both.stream(name) for name in names if not name.startswith("user")]
    assert [record.stream for record in follower.recorded] == wanted * 2


async def test_a_subscription_goes_without_some_types_and_its_checkpoints_pass_them(both: Both) -> None:
    """Of the log's own types only those come by which a stream is deleted or limited."""

    def of(name: str, count: int = 1) -> list[NewEvent]:
        return [replace(each, type=name) for each in events(count)]

    account, other = both.stream("account-1"), both.stream("other-1")
    first = await both.store.append(
        other, of("Rare"), expected=NO_STREAM
    )  # an empty log gives no checkpoints
    subscription = both.log.subscribe(
        prefixes=[both.prefix, f"$${both.prefix}"], after=first.position, without={"Usual", "Frequent"}
    )
    kept = ["Rare", "UsualNot", "NotUsual", "Rare"]
    with following(subscription) as follower:
        for name in ["Usual", *kept[:3], "Frequent", "$Own", kept[3]]:
            await both.store.append(account, of(name), expected=await _revision(both, account))
        await both.store.append(f"$${account}", of("$metadata"), expected=NO_STREAM)
        await both.store.append(f"elsewhere-{both.prefix}", of("Rare"), expected=NO_STREAM)
        await both.store.append(other, of("Usual", 300), expected=0)
        follower.until(lambda it: any(isinstance(each, Checkpoint) for each in it.messages[-2:]))
        last = await both.store.append(other, of("Rare"), expected=300)
        follower.until(lambda it: bool(it.recorded) and it.recorded[-1].position == last.position)
    assert [record.type for record in follower.recorded] == [*kept, "$metadata", "Rare"]
    assert [record.stream for record in follower.recorded] == [account] * 4 + [f"$${account}", other]
    before, own = follower.recorded[-2].position, [m for m in follower.messages if isinstance(m, Checkpoint)]
    assert any(before < checkpoint.position <= last.position for checkpoint in own)


async def _revision(both: Both, stream: str) -> int:
    return len(await both.store.read_stream(stream)) - 1


async def test_a_log_with_nothing_of_ours_gives_no_position_and_then_what_comes(empty: Both) -> None:
    """EventStoreDB answers with a checkpoint that is none."""
    await empty.store.append("other-1", events(3), expected=NO_STREAM)
    with following(empty.log.subscribe(prefixes=["account-"], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        assert all(m.position <= empty.log.end() for m in follower.messages if isinstance(m, Checkpoint))
        await empty.store.append("account-1", events(2), expected=NO_STREAM)
        follower.until(lambda it: len(it.recorded) == 2)


async def test_a_checkpoint_says_up_to_where_nothing_matched(both: Both) -> None:
    first = (await both.store.append(both.stream("other-0"), events(1), expected=NO_STREAM)).position
    for n in range(1, 4):
        await both.store.append(both.stream(f"other-{n}"), events(100), expected=NO_STREAM)
    head = await both.store.head()
    with following(both.log.subscribe(prefixes=[both.stream("account-")], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        assert follower.recorded == []
        checkpoints = [m.position for m in follower.messages if isinstance(m, Checkpoint)]
        assert checkpoints == sorted(checkpoints)
        assert first < checkpoints[-1] <= head
        await both.store.append(both.stream("other-9"), events(300), expected=NO_STREAM)
        follower.until(lambda it: any(isinstance(m, Checkpoint) and m.position > head for m in it.messages))
    resumed = both.log.subscribe(prefixes=[both.stream("account-")], after=checkpoints[-1])
    await both.store.append(both.stream("account-1"), events(1), expected=NO_STREAM)
    with following(resumed) as follower:
        follower.until(lambda it: len(it.recorded) == 1)


async def test_a_checkpoint_never_passes_an_event_that_was_not_sent(both: Both) -> None:
    async def write(name: str) -> None:
        for n in range(150):
            await both.store.append(both.stream(name), events(1), expected=n - 1)

    with following(both.log.subscribe(prefixes=[both.stream("account-")], after=None)) as follower:
        await asyncio.gather(write("account-1"), write("other-1"), write("account-2"))
        follower.until(lambda it: len(it.recorded) == 300)
    passed = 0
    for message in follower.messages:
        if isinstance(message, CaughtUp):
            continue
        assert message.position > passed or isinstance(message, Checkpoint)
        passed = max(passed, message.position)


async def test_a_slow_subscriber_misses_nothing(both: Both) -> None:
    subscription = both.log.subscribe(prefixes=[both.prefix], after=None)
    for n in range(10):
        await both.store.append(both.stream(), events(200), expected=200 * n - 1)
    time.sleep(0.2)  # noqa: ASYNC251  the subscriber is the one that sleeps
    seen = []
    for message in subscription:
        if isinstance(message, Recorded):
            seen.append(message.revision)
        if len(seen) == 2000:
            subscription.stop()
    assert seen == list(range(2000))


async def test_two_subscriptions_get_the_same(both: Both) -> None:
    with (
        following(both.log.subscribe(prefixes=[both.prefix], after=None)) as one,
        following(both.log.subscribe(prefixes=[both.prefix], after=None)) as other,
    ):
        for n in range(20):
            await both.store.append(both.stream(), events(1), expected=n - 1)
        one.until(lambda it: len(it.recorded) == 20)
        other.until(lambda it: len(it.recorded) == 20)
    assert one.recorded == other.recorded


async def test_a_read_of_the_log_ends_at_its_end(both: Both) -> None:
    first = await both.store.append(both.stream("1"), events(2), expected=NO_STREAM)
    await both.store.append(both.stream("2"), events(2), expected=NO_STREAM)
    read = list(both.log.read(prefixes=[both.prefix], after=None))
    assert [m.stream for m in read if isinstance(m, Recorded)] == [both.stream("1")] * 2 + [
        both.stream("2")
    ] * 2
    rest = list(both.log.read(prefixes=[both.prefix], after=first.position))
    assert rest == read[2:]


# The end of a subscription.


@pytest.mark.parametrize("pause", [0.0, 0.2])
async def test_a_subscription_is_stopped_from_another_thread(both: Both, pause: float) -> None:
    subscription = both.log.subscribe(prefixes=[both.prefix], after=None)
    with following(subscription) as follower:
        await asyncio.sleep(pause)
        subscription.stop()
        follower.until(lambda it: it.ended)
    assert follower.failure is None


async def test_a_stopped_subscription_yields_nothing(both: Both) -> None:
    await both.store.append(both.stream(), events(1), expected=NO_STREAM)
    subscription = both.log.subscribe(prefixes=[both.prefix], after=None)
    subscription.stop()
    subscription.stop()
    assert list(subscription) == []


async def test_a_subscription_can_be_stopped_while_events_pour_in(both: Both) -> None:
    subscription = both.log.subscribe(prefixes=[both.prefix], after=None)
    with following(subscription) as follower:
        for n in range(20):
            await both.store.append(both.stream(), events(100), expected=100 * n - 1)
            if n == 10:
                subscription.stop()
        follower.until(lambda it: it.ended)
    assert follower.failure is None
    assert [record.revision for record in follower.recorded] == list(range(len(follower.recorded)))
