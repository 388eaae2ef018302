"""What every store of keys does, in a file and on a server."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventstore.personal.keys import KEY_BYTES, KeyDestroyed, KeyStore
from tests.kit.keys import Other, Place

PEOPLE = [f"person-{number}" for number in range(40)]


def create_all(keys: KeyStore) -> dict[str, bytes]:
    return {user_id: keys.create(user_id) for user_id in PEOPLE}


def assert_gone(keys: KeyStore, user_id: str) -> None:
    assert keys.get(user_id) is None
    with pytest.raises(KeyDestroyed):
        keys.create(user_id)


def test_a_person_has_one_key_from_the_first_request_on(keys: KeyStore) -> None:
    assert keys.get("anna") is None
    made = keys.create("anna")
    assert len(made) == KEY_BYTES
    assert keys.create("anna") == keys.get("anna") == made


def test_each_person_has_another_key(keys: KeyStore) -> None:
    assert len(set(create_all(keys).values())) == len(PEOPLE)


def test_many_keys_come_in_the_order_in_which_they_are_asked_for(keys: KeyStore) -> None:
    anna, boris = keys.create("anna"), keys.create("boris")
    assert keys.get_all(["boris", "nobody", "anna", "boris"]) == [boris, None, anna, boris]
    assert keys.get_all([]) == []


def test_a_destroyed_key_is_never_made_again(keys: KeyStore) -> None:
    anna, boris = keys.create("anna"), keys.create("boris")
    keys.destroy("anna")
    assert_gone(keys, "anna")
    assert keys.get_all(["anna", "boris"]) == [None, boris]
    assert anna != boris


def test_a_person_without_a_key_gets_none_after_the_destruction(keys: KeyStore) -> None:
    keys.destroy("anna")
    assert_gone(keys, "anna")


def test_destroying_again_changes_nothing(keys: KeyStore) -> None:
    for user_id in ("anna", "boris", "anna"):
        keys.destroy(user_id)
    assert keys.destroyed_after(0) == (2, ["anna", "boris"])


def test_destructions_are_told_once_to_each_who_asks(keys: KeyStore) -> None:
    assert keys.destroyed_after(0) == (0, [])
    keys.destroy("anna")
    keys.destroy("boris")
    assert keys.destroyed_after(1) == (2, ["boris"])
    assert keys.destroyed_after(2) == (2, [])


def test_a_store_of_an_older_copy_tells_all_destructions(keys: KeyStore) -> None:
    keys.destroy("anna")
    assert keys.destroyed_after(7) == (1, ["anna"])


def test_keys_and_destructions_outlive_whoever_made_them(keys: KeyStore, place: Place) -> None:
    anna = keys.create("anna")
    keys.destroy("boris")
    keys.close()
    again = place.open()
    assert again.get("anna") == anna
    assert_gone(again, "boris")
    again.close()


def test_two_who_have_it_open_see_the_same(keys: KeyStore, place: Place) -> None:
    other = place.open()
    assert other.get("anna") is None
    anna = keys.create("anna")
    assert other.get("anna") == anna
    other.destroy("anna")
    assert_gone(keys, "anna")
    assert keys.destroyed_after(0) == (1, ["anna"])
    other.close()


def test_threads_share_one_store(keys: KeyStore) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(keys.create, PEOPLE * 4))
        assert made == keys.get_all(PEOPLE) * 4
        list(pool.map(keys.destroy, PEOPLE))
    assert sorted(keys.destroyed_after(0)[1]) == sorted(PEOPLE)


@pytest.mark.parametrize("seed", range(2))
def test_no_file_holds_a_destroyed_key(keys: KeyStore, place: Place, seed: int) -> None:
    chance = random.Random(seed)
    made: dict[str, bytes] = {}
    for number in range(300):
        user_id = f"{'p' * chance.randrange(60)}-{number}"
        made[user_id] = keys.create(user_id)
    gone = chance.sample(sorted(made), 8)
    assert place.holds(list(made.values())) == list(made.values())
    for user_id in gone:
        keys.destroy(user_id)
        assert place.holds([made[user_id]]) == []
    assert place.holds([made[user_id] for user_id in gone]) == []
    kept = [user_id for user_id in made if user_id not in gone]
    assert keys.get_all(kept) == [made[user_id] for user_id in kept]


def test_processes_that_create_at_the_same_time_get_the_same_keys(keys: KeyStore, place: Place) -> None:
    others = [Other(place, "create") for _ in range(3)]
    for other in others:
        other.begin(PEOPLE)
    printed = [other.rest() for other in others]
    assert printed[0] == printed[1] == printed[2]
    assert [line.split()[1] for line in printed[0]] == [(key or b"").hex() for key in keys.get_all(PEOPLE)]


def test_a_creation_that_races_a_destruction_leaves_no_key(keys: KeyStore, place: Place) -> None:
    creates, destroys = Other(place, "create"), Other(place, "destroy")
    creates.begin(PEOPLE)
    destroys.begin(PEOPLE)
    made = [line.split()[1] for line in creates.rest()]
    assert len(made) == len(destroys.rest()) == len(PEOPLE)
    for user_id in PEOPLE:
        assert_gone(keys, user_id)
    assert place.holds([bytes.fromhex(key) for key in made if key != "destroyed"]) == []


@pytest.mark.parametrize("after", [1, 8])
def test_a_process_that_is_killed_while_it_destroys_leaves_no_half_of_it(place: Place, after: int) -> None:
    keys = place.open()
    made = create_all(keys)
    keys.close()
    other = Other(place, "destroy")
    other.begin(PEOPLE)
    done = [other.line().split()[0] for _ in range(after)]
    done += [line.split()[0] for line in other.kill()]

    keys = place.open()
    gone = keys.destroyed_after(0)[1]
    assert PEOPLE[: len(gone)] == gone
    assert len(gone) - len(done) in (0, 1)
    assert place.holds([made[user_id] for user_id in gone]) == []
    assert keys.get_all(PEOPLE) == [None] * len(gone) + [made[each] for each in PEOPLE[len(gone) :]]
    keys.close()
