"""What changed between two flushes is bounded."""

from web.live.batch import MOST, Batch


def test_a_batch_keeps_the_newest_value_of_each_member() -> None:
    batch = Batch()
    batch.add(1, {"rows": [("anna", 1), ("carl", 2)]})
    batch.add(2, {"rows": [("anna", 3)]})
    assert batch.position == 2
    assert batch.newest("rows") == {"anna": 3, "carl": 2}
    assert batch.all("rows", "anna") == [1, 3]
    assert sorted(batch.all("rows")) == [1, 2, 3]


def test_a_batch_concerns_the_members_that_changed() -> None:
    batch = Batch()
    batch.add(1, {"rows": [("anna", 1)], "items": []})
    assert batch.concerns({"rows"}, "")
    assert batch.concerns({"rows", "items"}, "anna")
    assert not batch.concerns({"rows"}, "carl")
    assert not batch.concerns({"items"}, "")
    assert not batch.concerns({"others"}, "")


def test_of_a_channel_that_overflows_only_the_fact_is_kept() -> None:
    batch = Batch()
    batch.add(1, {"items": [("x", 0)]})
    for position in range(1, 5 * MOST):
        batch.add(position, {"rows": [(f"a{position}", position)]})
    assert batch.position == 5 * MOST - 1
    assert batch.is_cut("rows")
    assert batch.all("rows") == []
    assert batch.concerns({"rows"}, "anybody")
    assert batch.all("items") == [0]
    assert batch.rows == MOST


def test_the_more_rows_the_longer_the_next_flush_gathers() -> None:
    batch = Batch()
    assert batch.rows == 0
    batch.add(1, {"rows": [("anna", 1)], "items": [("x", 1), ("y", 1)]})
    assert batch.rows == 2
    batch.add(2, {}, resync=True)
    assert batch.rows == MOST
