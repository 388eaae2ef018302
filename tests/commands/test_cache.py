from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commands.cache import WEIGHED_EVERY, Cache, Loaded, weigh


def loaded(size: int) -> Loaded[bytes]:
    return Loaded(bytes(size), 0, "")


def weight(size: int) -> int:
    return weigh(loaded(size))


def test_the_least_recently_kept_state_goes_first() -> None:
    cache = Cache(2 * weight(100))
    for stream in ("a", "b", "a", "c"):
        cache.put(stream, loaded(100))
    assert [cache.get(stream) is not None for stream in "abc"] == [True, False, True]


def test_a_state_that_is_read_counts_as_used() -> None:
    cache = Cache(2 * weight(100))
    for stream in ("a", "b"):
        cache.put(stream, loaded(100))
    cache.get("a")
    cache.put("c", loaded(100))
    assert [cache.get(stream) is not None for stream in "abc"] == [True, False, True]


def test_a_state_larger_than_the_bound_is_kept_alone() -> None:
    cache = Cache(1_000)
    cache.put("a", loaded(10))
    cache.put("b", loaded(10_000))
    assert (cache.get("a"), cache.get("b")) == (None, loaded(10_000))
    cache.put("c", loaded(10))
    assert (cache.get("b"), cache.get("c")) == (None, loaded(10))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(0, 3_000)))))
def test_what_is_kept_exceeds_the_bound_only_if_it_is_a_single_state(steps: list[Any]) -> None:
    cache, sizes = Cache(4_000), dict[str, int]()
    for stream, size in steps:
        if size is None:
            cache.drop(stream)
        else:
            cache.put(stream, loaded(size))
            sizes[stream] = size
        kept = [weight(sizes[each]) for each in sizes if cache.get(each) is not None]
        assert cache.bytes == sum(kept)
        assert cache.bytes <= 4_000 or len(kept) == 1
    cache.clear()
    assert cache.bytes == 0


def test_a_state_that_grows_by_an_event_at_a_time_is_weighed_from_time_to_time() -> None:
    cache, states = Cache(), [Loaded(bytes(n), n, "") for n in range(100, 140)]
    for state in states:
        cache.put("a", state)
        assert 0 <= weigh(state) - cache.bytes < WEIGHED_EVERY
        assert cache.get("a") == state
    cache.put("a", states[0])
    assert cache.bytes == weigh(states[0])
