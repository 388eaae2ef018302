"""Places for live pages: when all are taken, a new address gets one from the address that holds the most."""

from web.live.places import Places
from web.live.waiting import Client


def client(address: str) -> Client:
    return Client(frozenset({"feed"}), address)


def taken(places: Places, *addresses: str) -> list[Client]:
    made = [client(address) for address in addresses]
    for each in made:
        assert places.has_one_for(each.address)
        places.take(each)
    return made


def test_a_new_address_gets_the_oldest_place_of_the_one_with_the_most() -> None:
    places = Places(most=4)
    first, second, third, _ = taken(places, "a", "a", "a", "b")
    (new,) = taken(places, "c")
    assert [each.closed for each in (first, second, third, new)] == [True, False, False, False]
    assert set(places) >= {second, third, new}
    assert first not in set(places)


def test_the_address_with_the_most_gets_no_more_places() -> None:
    places = Places(most=4)
    taken(places, "a", "a", "a", "b")
    assert not places.has_one_for("a")
    taken(places, "b")
    assert not places.has_one_for("b")
    assert not places.has_one_for("a")
    taken(places, "c")
    assert sorted(each.address for each in places) == ["a", "b", "b", "c"]


def test_who_leaves_leaves_a_place_and_may_leave_twice() -> None:
    places = Places(most=2)
    first, _ = taken(places, "a", "a")
    assert not places.has_one_for("a")
    places.leave(first)
    places.leave(first)
    taken(places, "a")
    assert not places.has_one_for("a")
    assert len(list(places)) == 2
