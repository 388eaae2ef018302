"""The correlation id of a request: sent, or that of the trace, or a new one. Rules of W3C Trace Context."""

import re
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web.http.correlation import Correlation, correlation_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{SPAN}-01"
NAMES = (b"x-correlation-id", b"traceparent")


def found(*, sent: list[str] | None = None, traceparents: list[str] | None = None) -> Correlation:
    named = [(b"x-correlation-id", each) for each in sent or []]
    named += [(b"traceparent", each) for each in traceparents or []]
    return correlation_of([(name, value.encode()) for name, value in named])


def is_new(identifier: str) -> bool:
    return str(UUID(identifier)) == identifier


def test_an_id_that_was_sent_comes_before_the_trace_id_and_that_before_a_new_one() -> None:
    both = found(sent=["order-7"], traceparents=[TRACEPARENT])
    assert (both.id, both.trace, both.refused) == ("order-7", (TRACE, SPAN), False)
    assert found(traceparents=[TRACEPARENT]).id == TRACE
    assert is_new(found().id)
    assert found().id != found().id
    assert (found().trace, found().refused) == (None, False)


@pytest.mark.parametrize("sent", ["x", "x" * 128, "!~", '{"a":1}', " x ", "\tx\t"])
def test_visible_ascii_of_up_to_128_characters_is_a_correlation_id(sent: str) -> None:
    correlation = found(sent=[sent])
    assert (correlation.id, correlation.refused) == (sent.strip(), False)


@pytest.mark.parametrize("sent", [[""], [" "], ["x" * 129], ["a b"], ["\x7f"], ["\x00"], ["č"], ["a", "a"]])
def test_another_correlation_id_is_refused_and_replaced(sent: list[str]) -> None:
    correlation = found(sent=sent, traceparents=[TRACEPARENT])
    assert (correlation.id, correlation.refused) == (TRACE, True)
    assert is_new(found(sent=sent).id)


@pytest.mark.parametrize(
    "traceparent",
    [
        TRACEPARENT,
        f" {TRACEPARENT}\t",
        f"00-{TRACE}-{SPAN}-00",
        f"00-{TRACE}-{SPAN}-ff",
        f"01-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-what the future will be like",
        f"cc-{TRACE}-{SPAN}-01-",
    ],
)
def test_a_traceparent_of_this_or_a_later_version_is_read_and_answered(traceparent: str) -> None:
    correlation = found(traceparents=[traceparent])
    assert correlation.trace == (TRACE, SPAN)
    assert (b"traceparent", traceparent.strip()[:55].encode()) in correlation.headers()


@pytest.mark.parametrize(
    "traceparents",
    [
        [""],
        ["00"],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"0-{TRACE}-{SPAN}-01"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE.upper()}-{SPAN}-01"],
        [f"00-{TRACE[:-1]}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-1"],
        [f"00-{TRACE}-{SPAN}-0x"],
        [f"00-{TRACE}-{SPAN}-01-more"],
        [f"00-{TRACE}-{SPAN}-01-"],
        [f"cc-{TRACE}-{SPAN}-01.more"],
        [f"00_{TRACE}_{SPAN}_01"],
        [TRACEPARENT, TRACEPARENT],
    ],
)
def test_a_traceparent_that_is_not_valid_is_ignored(traceparents: list[str]) -> None:
    correlation = found(traceparents=traceparents)
    assert (correlation.trace, correlation.refused) == (None, False)
    assert is_new(correlation.id)
    assert [name for name, _ in correlation.headers()] == [b"x-correlation-id"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=140)), max_size=4))
@example([(b"traceparent", TRACEPARENT.encode() + b"\n")])
@example([(b"x-correlation-id", b"x\n")])
def test_whatever_is_sent_the_id_is_visible_ascii(headers: list[tuple[bytes, bytes]]) -> None:
    correlation = correlation_of(headers)
    assert re.fullmatch(r"[!-~]{1,128}", correlation.id)
    assert all(re.fullmatch(rb"[!-~]{1,128}", value) for _, value in correlation.headers())
