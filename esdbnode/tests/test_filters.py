"""Filters decide by a name: prefixes, or a regular expression that may match anywhere in it."""

import re

import pytest
from esdbclient.protos.Grpc import streams_pb2
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.call import RpcError, Status
from esdbnode.streams.filters import matcher
from esdbnode.wording import calls
from tests.messages import pattern_of

Expression = streams_pb2.ReadReq.Options.FilterOptions.Expression
names = st.text("abcd-$", max_size=8)


@given(st.lists(names, max_size=3), names)
def test_prefixes_match_the_beginning_of_a_name(prefixes: list[str], name: str) -> None:
    expected = any(name[: len(prefix)] == prefix for prefix in prefixes)
    assert matcher(Expression(prefix=prefixes))(name) is expected


@given(names.filter(bool), names)
def test_a_regular_expression_matches_anywhere(part: str, name: str) -> None:
    assert matcher(Expression(regex=re.escape(part)))(name) is (part in name)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^(?!(?:\$.+|Snap)$).*", "Happened", "$metadata"),
        (r"^a-\d+$", "a-12", "a-1b"),
        (r"(?i)opened", "OPENED", "closed"),
        (r"(?<kind>Opened|Closed)$", "AccountClosed", "Closed2"),
        (r"(?<=a)b", "ab", "cb"),
    ],
)
def test_expressions_of_clients_mean_the_same_as_on_the_real_server(
    pattern: str, matching: str, other: str
) -> None:
    matches = matcher(Expression(regex=pattern))
    assert matches(matching)
    assert not matches(other)


def test_an_invalid_expression_is_refused_with_a_reason() -> None:
    with pytest.raises(RpcError, match=pattern_of(calls.invalid_expression)) as refused:
        matcher(Expression(regex="("))
    assert refused.value.status is Status.INVALID_ARGUMENT
