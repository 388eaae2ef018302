"""Subscriptions through every client: existing events, then new ones, each once and in order."""

from tests.clients.driver import Driver
from tests.clients.kit import kinds, one, positions, refused, revisions, some


def test_a_stream_is_caught_up_and_then_live(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", some(3))
    client.subscribe(stream, include_caught_up=True)
    caught = client.take(4)
    assert kinds(caught) == ["event", "event", "event", "caught up"]
    assert caught[:3] == client.read_stream(stream)
    client.append(stream, 2, some(2))
    client.append(stream, 4, one())
    assert client.take(3) == client.read_stream(stream)[3:]


def test_a_stream_is_followed_behind_the_revision_given(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", some(5))
    client.subscribe(stream, stream_position=2)
    assert revisions(client.take(2)) == [3, 4]
    client.append(stream, 4, one())
    assert revisions(client.take(1)) == [5]


def test_a_subscription_from_a_streams_end_gets_only_new_events(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", some(5))
    client.subscribe(stream, from_end=True, include_caught_up=True)
    assert kinds(client.take(1)) == ["caught up"]
    client.append(stream, 4, some(2))
    assert revisions(client.take(2)) == [5, 6]


def test_a_stream_that_is_not_there_yet_can_be_followed(client: Driver, stream: str) -> None:
    client.subscribe(stream)
    client.append(stream, "NO_STREAM", some(2))
    assert revisions(client.take(2)) == [0, 1]


def test_links_are_followed_to_their_events(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", some(3))
    client.append(f"{stream}-links", "NO_STREAM", one("$>", f"1@{stream}"))
    client.subscribe(f"{stream}-links", resolve_links=True)
    client.append(f"{stream}-links", 0, one("$>", f"2@{stream}"))
    assert client.take(2) == [
        {**event, "link": link}
        for event, link in zip(
            client.read_stream(stream)[1:], client.read_stream(f"{stream}-links"), strict=True
        )
    ]


def test_a_tombstone_is_the_last_that_a_subscriber_is_given(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", one())
    client.subscribe(stream)
    assert revisions(client.take(1)) == [0]
    client.tombstone(stream, 0)
    assert client.take(1)[0]["type"] == "$streamDeleted"
    with refused("StreamIsDeleted"):
        client.take(1)


def test_all_is_followed_behind_the_position_given(client: Driver, stream: str) -> None:
    began = client.append(stream, "NO_STREAM", one())
    client.append(f"{stream}-a", "NO_STREAM", some(2))
    client.subscribe(commit_position=began, include_caught_up=True)
    assert kinds(client.take(3)) == ["event", "event", "caught up"]
    client.append(f"{stream}-b", "NO_STREAM", some(2))
    client.append(f"{stream}-a", 1, one())
    live = client.take(3)
    assert [(item["stream"], item["revision"]) for item in live] == [
        (f"{stream}-b", 0),
        (f"{stream}-b", 1),
        (f"{stream}-a", 2),
    ]


def test_a_subscription_from_the_end_of_all_gets_only_new_events(client: Driver, stream: str) -> None:
    client.append(stream, "NO_STREAM", some(3))
    client.subscribe(from_end=True, include_caught_up=True)
    assert kinds(client.take(1)) == ["caught up"]
    at = client.append(stream, 2, one())
    assert positions(client.take(1)) == [at]


def test_all_is_followed_through_a_filter_by_the_beginning_of_a_streams_name(
    client: Driver, stream: str
) -> None:
    client.append(f"{stream}-a", "NO_STREAM", one())
    client.append(f"{stream}-b", "NO_STREAM", one())
    client.subscribe(prefix=f"{stream}-a", filter_by_stream_name=True)
    client.append(f"{stream}-b", 0, one())
    client.append(f"{stream}-a", 0, one())
    assert [(item["stream"], item["revision"]) for item in client.take(2)] == [
        (f"{stream}-a", 0),
        (f"{stream}-a", 1),
    ]


def test_all_is_followed_through_a_filter_by_an_expression_for_a_type(client: Driver, stream: str) -> None:
    client.subscribe(from_end=True, filter_include=["(Open|Clos)ed"])
    client.append(stream, "NO_STREAM", [one("Opened"), one("Reopened"), one("Closed"), one("Happened")])
    client.append(stream, 3, one("Opened"))
    assert revisions(client.take(3)) == [0, 2, 4]


def test_checkpoints_give_the_progress_when_nothing_matches(client: Driver, stream: str) -> None:
    client.subscribe(
        from_end=True,
        filter_include=["Never"],
        include_checkpoints=True,
        window_size=5,
        checkpoint_interval_multiplier=2,
        include_caught_up=True,
    )
    assert kinds(client.take(1)) == ["caught up"]
    client.append(stream, "NO_STREAM", some(25))
    marks = client.take(2)
    assert kinds(marks) == ["checkpoint", "checkpoint"]
    assert positions(marks) == positions(client.read_stream(stream))[9:20:10]


def test_catching_up_through_a_filter_ends_with_a_checkpoint_and_then_caught_up(
    client: Driver, stream: str
) -> None:
    began = client.append(stream, "NO_STREAM", one())
    last = client.append(stream, 0, [one("Wanted"), *some(3)])
    client.subscribe(
        commit_position=began, filter_include=["Wanted"], include_checkpoints=True, include_caught_up=True
    )
    seen = client.take(3)
    assert kinds(seen) == ["event", "checkpoint", "caught up"]
    assert seen[1]["position"] <= last


def test_a_subscriber_from_any_checkpoint_misses_nothing_and_sees_nothing_twice(
    client: Driver, stream: str
) -> None:
    began = client.append(stream, "NO_STREAM", one())
    client.append(stream, 0, [one("Wanted" if number % 7 == 0 else "Other") for number in range(40)])
    client.subscribe(
        commit_position=began,
        filter_include=["Wanted"],
        include_checkpoints=True,
        window_size=3,
        checkpoint_interval_multiplier=1,
    )
    seen = client.take(12)
    wanted = [item for item in client.read_stream(stream) if item["type"] == "Wanted"]
    marks = [item for item in seen if item["kind"] == "checkpoint"]
    assert len(marks) > 3
    for mark in marks:
        before = [item for item in seen[: seen.index(mark)] if item["kind"] == "event"]
        assert before == wanted[: len(before)]
        client.subscribe(commit_position=mark["position"], filter_include=["Wanted"])
        assert client.take(len(wanted) - len(before)) == wanted[len(before) :]
