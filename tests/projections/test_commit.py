"""The commit script on a real Valkey: all of a batch, or nothing."""

from typing import Any

import msgspec
import pytest
import redis as redis_py

from projections.engine import generations
from projections.engine.commit import Answer, Commit, commit
from projections.engine.generations import Generation
from projections.engine.writes import Argument

pytestmark = pytest.mark.every_server

HASH: list[Argument] = ["HSET", "rows", 0, 2, "anna", "1"]
COUNT: list[Argument] = ["HINCRBY", "totals", 0, 2, "n", 1]


@pytest.fixture
def generation(client: redis_py.Redis) -> Generation:
    return generations.create(client, "balances", 1)


def a_commit(generation: Generation, writes: list[Argument], **other: Any) -> Commit:
    given = {"expected": 0, "checkpoint": 100, "token": 1} | other
    return Commit(name=generation.name, generation=generation.number, writes=writes, **given)


def everything(client: redis_py.Redis, generation: Generation) -> dict[bytes, bytes]:
    keys = [key for batch in generations.key_names(client, "balances", generation.number) for key in batch]
    return {key: client.dump(key) for key in keys}  # type: ignore[misc]


def test_a_batch_is_written_and_the_checkpoint_moves(client: redis_py.Redis, generation: Generation) -> None:
    assert commit(client, [a_commit(generation, HASH + COUNT)]) == [Answer("done", 100, 1)]
    assert client.hget(f"{generation.prefix}rows", "anna") == b"1"
    assert client.hget(f"{generation.prefix}meta", "checkpoint") == b"100"


def test_the_script_is_loaded_again_after_the_server_forgot_it(
    client: redis_py.Redis, generation: Generation
) -> None:
    commit(client, [a_commit(generation, COUNT)])
    client.script_flush()
    both = [a_commit(generation, COUNT, expected=100, checkpoint=200)]
    assert [answer.outcome for answer in commit(client, both)] == ["done"]
    assert client.hget(f"{generation.prefix}totals", "n") == b"2"


@pytest.mark.parametrize("small", [1_000, 0])
def test_each_of_several_commits_is_made_or_refused_by_itself(
    client: redis_py.Redis, generation: Generation, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """In one call of the script or in several."""
    monkeypatch.setattr("projections.engine.commit.SMALL", small)
    other, gone = generations.create(client, "feed", 1), generations.create(client, "trace", 1)
    client.delete(f"{gone.prefix}meta")
    wrong: list[Argument] = ["SET", "rows", 0, 1, "x"]
    client.config_resetstat()
    answers = commit(
        client,
        [
            a_commit(generation, wrong),
            a_commit(gone, HASH),
            a_commit(other, HASH + COUNT, changes=b"told"),
            a_commit(generation, COUNT + COUNT),
        ],
    )
    assert [answer.outcome for answer in answers] == [
        "invalid: unknown write: SET",
        "missing",
        "done",
        "done",
    ]
    assert client.hgetall(f"{other.prefix}rows") == {b"anna": b"1"}
    assert client.hgetall(f"{generation.prefix}totals") == {b"n": b"2"}
    assert not client.exists(f"{generation.prefix}rows", f"{gone.prefix}rows")
    calls = client.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert calls in ((1, 2) if small else (4, 5))  # one more if the server did not know the script


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, "elsewhere"),
        ({"expected": 50}, "elsewhere"),
        ({"expected": 100, "checkpoint": 200, "token": 1}, "fenced"),
    ],
)
def test_a_batch_that_is_not_due_changes_nothing(
    client: redis_py.Redis, generation: Generation, given: dict[str, Any], outcome: str
) -> None:
    commit(client, [a_commit(generation, HASH + COUNT, token=2)])
    before = everything(client, generation)
    (answer,) = commit(client, [a_commit(generation, HASH + COUNT, **{"token": 2, **given})])
    assert answer == Answer(outcome, 100, 2)
    assert everything(client, generation) == before


def test_a_removed_generation_stays_removed(client: redis_py.Redis, generation: Generation) -> None:
    client.flushall()
    assert commit(client, [a_commit(generation, HASH)]) == [Answer("missing", None, None)]
    assert client.dbsize() == 0


def test_a_superseded_generation_accepts_no_more_writes(
    client: redis_py.Redis, generation: Generation
) -> None:
    generations.publish(client, generation)
    after = generations.create(client, "balances", 1)
    assert generations.publish(client, after, instead_of=generation)
    (answer,) = commit(client, [a_commit(generation, HASH)])
    assert answer.outcome == "superseded"
    assert not client.exists(f"{generation.prefix}rows")


@pytest.mark.parametrize(
    "bad",
    [
        ["SADD", "rows", 0, 1, "x"],
        ["HSET", "rows", 0, 1, "a field without a value"],
        ["HSET", "rows", 0, 4, "too", "few"],
        ["HSET", "rows", 0, 0],
        ["HINCRBY", "totals", 0, 2, "n", "1.5"],
        ["HINCRBY", "totals", 0, 2, "n", 10**18],
        ["HINCRBY", "text", 0, 2, "n", 1],
        ["ZADD", "by_change", 0, 2, 2**53, "anna"],
        ["ZADD", "by_change", 0, 2, "nan", "anna"],
        ["RPUSH", "a_hash", 0, 1, "x"],
        ["RPUSH", "entries:x", 0],
    ],
)
def test_a_batch_with_a_write_that_cannot_be_applied_writes_nothing_at_all(
    client: redis_py.Redis, generation: Generation, bad: list[Argument]
) -> None:
    client.hset(f"{generation.prefix}text", "n", "words")
    client.hset(f"{generation.prefix}a_hash", "n", "1")
    before = everything(client, generation)
    (answer,) = commit(client, [a_commit(generation, HASH + COUNT + bad, changes=b"x")])
    assert answer.outcome.startswith("invalid: ")
    assert everything(client, generation) == before


def test_all_sums_are_published_as_the_writes_leave_them(
    client: redis_py.Redis, generation: Generation
) -> None:
    client.hset(f"{generation.prefix}totals", mapping={"n": 2**56, "other": "-7"})
    (answer,) = commit(client, [a_commit(generation, HASH + COUNT, changes=b"told", sums="totals")])
    assert answer.outcome == "done"
    published: Any = client.xrange(f"{generation.prefix}changes")
    ((_, entry),) = published
    name, sums = msgspec.msgpack.decode(entry[b"sums"])
    assert (name, dict(zip(sums[::2], sums[1::2], strict=True))) == (
        "totals",
        {"n": str(2**56 + 1), "other": "-7"},
    )


def test_very_many_sums_are_not_published(client: redis_py.Redis, generation: Generation) -> None:
    client.hset(f"{generation.prefix}totals", mapping={f"sum {n}": n for n in range(64)})
    (answer,) = commit(client, [a_commit(generation, COUNT, changes=b"told", sums="totals")])
    assert answer.outcome == "done"
    published: Any = client.xrange(f"{generation.prefix}changes")
    assert published[0][1] == {b"changes": b"told", b"resync": b"1"}


def test_sums_of_another_type_are_refused(client: redis_py.Redis, generation: Generation) -> None:
    client.rpush(f"{generation.prefix}list", "x")
    before = everything(client, generation)
    (answer,) = commit(client, [a_commit(generation, HASH, changes=b"told", sums="list")])
    assert answer.outcome == f"invalid: {generation.prefix}list is of another type"
    assert everything(client, generation) == before


def test_a_checkpoint_never_moves_back(client: redis_py.Redis, generation: Generation) -> None:
    commit(client, [a_commit(generation, HASH)])
    (answer,) = commit(client, [a_commit(generation, HASH, expected=100, checkpoint=99)])
    assert answer.outcome.startswith("invalid: ")


def test_integers_near_2_to_the_53_stay_exact(client: redis_py.Redis, generation: Generation) -> None:
    large = 2**53 + 1
    count: list[Argument] = ["HINCRBY", "totals", 0, 2, "n", large]
    commit(client, [a_commit(generation, [*count, "ZADD", "by_balance", 0, 2, 2**53 - 1, "anna"])])
    commit(client, [a_commit(generation, count, expected=100, checkpoint=2**53 - 2)])
    assert client.hget(f"{generation.prefix}totals", "n") == str(2 * large).encode()
    assert client.zscore(f"{generation.prefix}by_balance", "anna") == 2**53 - 1
    (answer,) = commit(client, [a_commit(generation, count, expected=2**53 - 2, checkpoint=2**53 - 1)])
    assert answer == Answer("done", 2**53 - 1, 1)


def test_more_values_than_lua_can_unpack_are_written_whole(
    client: redis_py.Redis, generation: Generation
) -> None:
    values: list[Argument] = list(range(30_000))
    commit(
        client,
        [
            a_commit(
                generation,
                ["HSET", "rows", 0, 30_000, *values, "RPUSH", "items", 1_000, 30_000, *values],
            )
        ],
    )
    assert client.hlen(f"{generation.prefix}rows") == 15_000
    kept: Any = client.lrange(f"{generation.prefix}items", 0, -1)
    assert [int(value) for value in kept] == list(range(29_000, 30_000))


def test_the_change_feeds_ids_are_commit_positions_and_it_is_capped(
    client: redis_py.Redis, generation: Generation
) -> None:
    for number in range(1, 400):
        published = {
            "expected": 100 * (number - 1),
            "checkpoint": 100 * number,
            "changes": msgspec.msgpack.encode([]),
        }
        commit(client, [a_commit(generation, HASH, kept=20, **published)])
    entries: Any = client.xrange(f"{generation.prefix}changes")
    assert entries[-1][0] == b"39900-0"
    assert 20 <= len(entries) < 200
