"""What windows need that share a stream: topics in messages, and answers to one that missed something."""

import httpx
import pytest

from tests.kit.stream import Stream, listening
from tests.kit.web import Api, Served


def position_of(site: Served) -> int:
    return int(httpx.get(f"{site.url}/api/projections").json()["position"])


def answered(site: Served, topic: str, after: int) -> Stream:
    """The whole answer to a page that asks once."""
    with listening(site.url, topics=topic, after=after, once=True) as stream, pytest.raises(EOFError):
        stream.drain(10)
    return stream


def names(stream: Stream) -> set[str]:
    return {event.name for event in stream.seen}


def test_each_message_names_its_topic(site: Served, api: Api, name: str) -> None:
    topics = {"accounts", "changed", "feed", "status", "totals", f"account:{name}"}
    with listening(site.url, topics=",".join(topics), after=position_of(site)) as stream:
        booked = api.deposit(name, "1")
        stream.until(lambda event: event.own_id and int(event.id) >= booked["position"])
        general = {event.name for event in stream.seen if not event.topic}
        assert general - {"resync"} == {"beat"}
        assert {event.topic for event in stream.seen} - {""} == topics
        assert {event.topic for event in stream.seen if event.name == "changed"} == {"changed"}


def test_a_page_without_a_stream_gets_what_it_missed(site: Served, api: Api, name: str) -> None:
    topic, seen = f"account:{name}", position_of(site)
    with listening(site.url, topics=topic, after=seen) as other:
        other.until(lambda event: event.name == "beat" and '"state":"live"' in event.data)
        booked = api.deposit(name, "1", note="missed")
        other.until(lambda event: event.own_id and int(event.id) >= booked["position"])
        answer = answered(site, topic, seen)
    assert any("missed" in event.data for event in answer.seen)
    assert int(answer.id) > seen
    assert names(answered(site, topic, int(answer.id))) == {"beat"}


def test_a_page_without_a_stream_that_missed_more_than_is_remembered_gets_it_whole(
    site: Served, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1", note="missed")["position"])
    answer = answered(site, f"account:{name}", 1)
    assert names(answer) == {"beat", "resync", "message"}
    assert any("missed" in event.data for event in answer.seen)
