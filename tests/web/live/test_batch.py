"""The changes between two flushes are bounded."""

from web.live.batch import MOST, Batch


def test_a_batch_keeps_the_newest_value_of_each_member() -> None:
    batch = Batch()
    batch.add(1, {"rows": [("anna", b"1"), ("carl", b"2")]})
    batch.add(2, {"rows": [("anna", b"3")]})
    assert batch.position == 2
    assert batch.newest("rows") == {"anna": b"3", "carl": b"2"}
    assert batch.all("rows", "anna") == [b"1", b"3"]
    assert sorted(batch.all("rows")) == [b"1", b"2", b"3"]


def test_a_batch_concerns_the_members_that_changed() -> None:
    batch = Batch()
    batch.add(1, {"rows": [("anna", b"1")], "items": []})
    assert batch.concerns({"rows"}, "")
    assert batch.concerns({"rows", "items"}, "anna")
    assert not batch.concerns({"rows"}, "carl")
    assert not batch.concerns({"items"}, "")
    assert not batch.concerns({"others"}, "")


def test_of_a_channel_with_too_many_changes_only_its_name_is_kept() -> None:
    batch = Batch()
    batch.add(1, {"items": [("x", b"0")]})
    for position in range(1, 5 * MOST):
        batch.add(position, {"rows": [(f"a{position}", b"1")]})
    assert batch.position == 5 * MOST - 1
    assert batch.is_cut("rows")
    assert batch.all("rows") == []
    assert batch.concerns({"rows"}, "anybody")
    assert batch.all("items") == [b"0"]
    assert batch.rows == MOST


def test_the_more_rows_the_longer_the_next_flush_gathers() -> None:
    batch = Batch()
    assert batch.rows == 0
    batch.add(1, {"rows": [("anna", b"1")], "items": [("x", b"1"), ("y", b"1")]})
    assert batch.rows == 2
    batch.add(2, {}, resync=True)
    assert batch.rows == MOST
