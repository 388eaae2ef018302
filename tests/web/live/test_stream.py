"""Live updates, as a raw client gets them. Whatever happens, the result is equal to a fresh page."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis as redis_py

from tests.kit.stream import Stream, about, by_id, listening, rows_of, shown_in
from tests.kit.valkey import Valkey, valkey
from tests.kit.web import Api, Served, served
from tests.web.kit import codes_of, problem_of
from web.http.rendering import MOST_TOPICS

HTML = {"accept": "text/html"}


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
def alone(own_valkey: Valkey, tmp_path: Path) -> Iterator[Served]:
    with served(own_valkey.url, tmp_path) as process:
        yield process


def position_of(site: Served) -> int:
    return int(httpx.get(f"{site.url}/api/projections").json()["position"])


def region(html: str, name: str) -> str:
    """The content of the page's element with this id."""
    tag = re.search(rf'<(\w+)[^>]*\bid="{name}"[^>]*>', html)
    assert tag
    return html[tag.end() :].partition(f"</{tag[1]}>")[0]


def test_a_page_that_shows_nothing_yet_gets_everything(site: Served, api: Api, name: str) -> None:
    booked = api.deposit(name, "77.10")
    api.shown(name, booked["position"])
    with listening(site.url) as stream:
        stream.until(lambda event: event.name == "resync")
        sent = [stream.next() for _ in range(4)]
        assert f'id="account-{name}"' in sent[0].data
        assert 'hx-swap="innerMorph"' in sent[0].data
        assert int(sent[-1].id) >= booked["position"]


def test_a_deposit_is_sent_on_every_topic_that_shows_it(site: Served, api: Api, name: str) -> None:
    with listening(site.url, after=position_of(site)) as stream:
        stream.until(lambda event: event.name == "beat")
        booked = api.deposit(name, "1234.50")
        row = stream.until(lambda event: about(event, f"account-{name}", 'hx-target="#accounts"'))
        assert 'class="fresh"' in row.data
        assert '<data value="1234.50">' in row.data
        stream.until(lambda event: about(event, f'/accounts/{name}"', 'hx-target="#feed"'))
        stream.until(lambda event: about(event, 'hx-target="#status"'))
        stream.until(lambda event: about(event, 'hx-target="#figures"'))
        assert int(stream.id) >= booked["position"]
        assert not any(event.name == "resync" for event in stream.seen)


def test_sent_fragments_are_equal_to_those_of_the_page(site: Served, api: Api, name: str) -> None:
    with listening(site.url, topics=f"accounts,account:{name}", after=position_of(site)) as stream:
        api.shown(name, api.deposit(name, "5", note="from the page")["position"])
        sent = stream.until(lambda event: about(event, f'id="account-{name}"')).data
        entries = next(event.data for event in stream.seen if "#account-head" in event.data)
        assert rows_of(sent)[0] in rows_of(httpx.get(site.url, headers=HTML).text)
        page = httpx.get(f"{site.url}/accounts/{name}", headers=HTML).text
        assert rows_of(entries) == rows_of(page)
        head = entries.partition('#account-head" hx-swap="innerMorph">')[2].partition("</hx-partial>")[0]
        assert head.split() == region(page, "account-head").split()


def test_ids_are_positions_and_rise(site: Served, api: Api, name: str) -> None:
    with listening(site.url, after=position_of(site)) as stream:
        positions = [api.deposit(name, "1")["position"] for _ in range(5)]
        stream.until(lambda event: event.own_id and int(event.id) >= positions[-1])
        ids = [int(event.id) for event in stream.seen if event.own_id]
    assert ids == sorted(ids)
    assert set(positions) & set(ids)


def test_the_topic_of_an_account_is_about_that_account_only(site: Served, api: Api, name: str) -> None:
    with listening(site.url, topics=f"account:{name}", after=position_of(site)) as stream:
        api.deposit(f"{name}-other", "1")
        api.deposit(name, "2", note="mine")
        sent = stream.until(lambda event: about(event, 'hx-target="#history"'))
        assert "mine" in sent.data
        assert not any("-other" in event.data for event in stream.seen)


def test_a_page_that_reconnects_gets_only_what_it_missed(site: Served, api: Api, name: str) -> None:
    with listening(site.url, after=position_of(site)) as stream:
        stream.until(lambda event: event.name == "beat" and '"state":"live"' in event.data)
        seen = api.deposit(f"{name}-0", "1")["position"]
        stream.until(lambda event: event.own_id and int(event.id) >= seen)
        last = stream.id
    for number in (1, 2, 3):
        booked = api.deposit(f"{name}-{number}", "1")
        time.sleep(0.25)
    with listening(site.url, last_event_id=last) as stream:
        stream.until(lambda event: event.own_id and int(event.id) >= booked["position"])
        sent = " ".join(event.data for event in stream.seen)
        assert all(f'id="account-{name}-{number}"' in sent for number in (1, 2, 3))
        assert f'id="account-{name}-0"' not in sent
        assert not any(event.name == "resync" for event in stream.seen)


@pytest.mark.parametrize("last", ["1", "99999999999999"])
def test_a_page_that_missed_more_than_is_remembered_gets_it_all_again(
    site: Served, api: Api, name: str, last: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    topics = f"account:{name},accounts"
    with listening(site.url, topics=topics, last_event_id=last) as stream:
        stream.until(lambda event: event.name == "resync")
        assert f'id="account-{name}"' in stream.until(lambda event: about(event, "#accounts")).data


def test_every_page_gets_regular_heartbeats(site: Served) -> None:
    with listening(site.url, after=position_of(site)) as stream:
        stream.until(lambda event: event.name == "beat")
        beat = stream.until(lambda event: event.name == "beat", seconds=14)
        assert '"state":"live"' in beat.data
        assert beat.own_id


def test_after_a_burst_all_is_as_on_a_fresh_page(own_site: Served) -> None:
    with (
        listening(own_site.url, after=0) as stream,
        httpx.Client(base_url=own_site.url, headers=HTML) as http,
    ):
        own_site.burst(6_000)
        last = 100 * 6_000
        stream.until(lambda event: event.own_id and int(event.id) >= last, seconds=30)
        stream.drain(0.5)
        page = http.get("/").text
        for target in ("accounts", "feed"):
            fresh = by_id(rows_of(region(page, target)))
            shown = shown_in(stream.seen, target)
            assert {row_id: shown.get(row_id) for row_id in fresh} == fresh, target
        figures = [event.data for event in stream.seen if about(event, '#figures"')]
        assert (
            region(page, "figures").split()
            == re.split(r"#figures[^>]*>|</hx-partial>", figures[-1])[1].split()
        )
        assert len(stream.seen) < 400


def test_when_redis_was_wiped_pages_get_a_resync_and_then_all_again(
    alone: Served, own_valkey: Valkey
) -> None:
    api = Api(alone.url)
    for number in range(3):
        booked = api.deposit(f"a{number}", "10")
    api.shown("a2", booked["position"])
    with listening(alone.url, after=position_of(alone)) as stream:
        stream.until(lambda event: event.name == "beat")
        with redis_py.Redis.from_url(own_valkey.url) as client:
            client.flushall()
        stream.until(lambda event: event.name == "resync", seconds=20)
        stream.until(lambda event: about(event, "#figures", 'value="30.00"'), seconds=20)
        assert not any(about(event, "#figures", 'value="0.00"') for event in stream.seen)
    api.http.close()


def test_while_redis_is_away_pages_learn_that_they_are_stale(alone: Served, own_valkey: Valkey) -> None:
    api = Api(alone.url)
    booked = api.deposit("a", "10")
    api.shown("a", booked["position"])
    with listening(alone.url, after=position_of(alone)) as stream:
        stream.until(lambda event: event.name == "beat" and '"live"' in event.data, seconds=10)
        own_valkey.kill()
        stream.until(lambda event: event.name == "beat" and '"stale"' in event.data, seconds=10)
        answer = api.http.get("/api/accounts/a")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert api.http.get("/", headers=HTML).status_code == 503
        assert api.http.get("/health/ready").status_code == 503
        again = api.deposit("a", "5")
        own_valkey.start()
        stream.until(lambda event: event.name == "beat" and '"live"' in event.data, seconds=30)
        _until_sent(stream, "15.00", int(again["position"]))
    api.http.close()


def _until_sent(stream: Stream, balance: str, position: int) -> None:
    if not any(about(event, "#accounts", f'value="{balance}"') for event in stream.seen):
        stream.until(lambda event: about(event, "#accounts", f'value="{balance}"'), seconds=20)
    if int(stream.id) < position:
        stream.until(lambda event: int(event.id) >= position)


def test_on_sigterm_live_streams_end_and_the_process_ends_in_time(own_site: Served) -> None:
    with listening(own_site.url, after=0) as one, listening(own_site.url, after=0) as other:
        one.next()
        began = time.monotonic()
        assert own_site.stop() == 0
        assert time.monotonic() - began < 3
        for stream in (one, other):
            with pytest.raises(EOFError):
                stream.drain(2)
    assert not [line for line in own_site.lines if "Traceback" in line or "ERROR" in line]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        *(
            (f"after={wrong}", "after", "invalid-parameter")
            for wrong in ("x", "-1", "1.5", "9" * 19, "9" * 300)
        ),
        *((f"once={wrong}", "once", "not-an-option") for wrong in ("2", "yes")),
        ("after=1&after=2", "after", "repeated"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_by_name(
    site: Served, query: str, field: str, code: str
) -> None:
    answer = httpx.get(f"{site.url}/live?{query}")
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {field: code}


def test_empty_parameters_are_as_none_and_so_is_an_id_that_is_not_from_here(site: Served) -> None:
    answer = httpx.get(f"{site.url}/live?topics=&after=&once=1", headers={"last-event-id": "x"})
    assert (answer.status_code, "event: resync" in answer.text) == (200, True)


def test_only_known_topics_are_streamed_and_no_cookie_is_set(site: Served) -> None:
    for query in (
        "topics=nope",
        "topics=account:../x",
        "topics=" + ",".join(f"account:{n}" for n in range(MOST_TOPICS + 1)),
    ):
        answer = httpx.get(f"{site.url}/live?{query}")
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
    assert httpx.post(f"{site.url}/live").status_code == 405
    with listening(site.url) as stream:
        headers = stream.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["cache-control"] == "no-store"
        assert headers["set-cookie"] is None
        assert "default-src 'none'" in headers["content-security-policy"]
