"""Lines of a file against the entries of earlier imports: known, new, conflicting, similar; and what is missing."""

from datetime import date, timedelta
from uuid import UUID, uuid4, uuid5

import pytest

from app.importing.berka import command_id
from app.importing.matching import (
    DAYS_APART,
    Compared,
    Conflicting,
    Known,
    Match,
    New,
    Similar,
    as_new,
    compare,
)
from app.importing.statement import Line
from app.importing.surveying import Booked, digest_of
from domain.accounts import effect_of
from domain.identifiers import AccountId

DAY = date(2026, 3, 2)
MONTH = (date(2026, 3, 1), date(2026, 3, 31))
OLD_LINES = UUID("5b0c6a0e-6f1d-5c34-8a55-0d9f2f6a7c11")
"""The namespace in which the version before made ids, from the exact text."""


def line(number: int, note: str, amount: int = -65_00, day: date = DAY, key: str = "") -> Line:
    return Line(number, AccountId("a"), day, amount, note, key)


def entry(
    note: str, amount: int = -65_00, day: date = DAY, *, imported: bool = True, entry_id: UUID | None = None
) -> Booked:
    return Booked(entry_id or uuid4(), imported, day, amount, digest_of(note))


def kinds(compared: Compared) -> list[type[Match]]:
    return [type(each) for each in compared.matches]


def booked(compared: Compared) -> list[Booked]:
    """What the log has after the new lines were booked."""
    return [
        entry(each.line.note, each.line.amount, each.line.day, entry_id=effect_of(each.command_id, "a"))
        for each in compared.matches
        if isinstance(each, New)
    ]


def test_a_line_that_was_booked_is_known_whatever_its_case_and_spaces() -> None:
    compared = compare([line(2, " COFFEE  shop")], [entry("Coffee shop")], MONTH)
    assert kinds(compared) == [Known]
    assert compared.missing == []


def test_what_the_version_before_booked_is_known() -> None:
    """Its ids were made from the exact text; the entries say the rest."""
    content = '["a","2026-03-02",-6500,"CZK"," Coffee"] 1'
    old = entry(" Coffee", entry_id=uuid5(uuid5(OLD_LINES, content), "a"))
    assert kinds(compare([line(2, " Coffee")], [old], MONTH)) == [Known]


def test_equal_lines_are_counted() -> None:
    two = [line(2, "Coffee"), line(3, "Coffee")]
    assert kinds(compare(two, [], MONTH)) == [New, New]
    assert kinds(compare(two, [entry("Coffee")], MONTH)) == [Known, New]
    assert kinds(compare(two, [entry("Coffee")] * 1 + [entry("coffee")], MONTH)) == [Known, Known]


def test_the_ids_of_equal_lines_are_the_same_in_every_run() -> None:
    three = [line(n, "Coffee") for n in (2, 3, 4)]
    first = compare(three, [], MONTH)
    ids = [each.command_id for each in first.matches if isinstance(each, New)]
    assert len(set(ids)) == 3
    for interrupted_after in range(4):
        again = compare(three, booked(first)[:interrupted_after], MONTH)
        assert kinds(again) == [Known] * interrupted_after + [New] * (3 - interrupted_after)
        assert [each.command_id for each in again.matches if isinstance(each, New)] == ids[interrupted_after:]


def test_what_a_teller_booked_is_not_taken_for_a_line() -> None:
    compared = compare([line(2, "Coffee")], [entry("Coffee", imported=False)], MONTH)
    assert kinds(compared) == [New]
    assert compared.missing == []


def test_an_entry_that_the_file_does_not_have_is_missing() -> None:
    one, other = entry("Coffee"), entry("Coffee")
    compared = compare([line(2, "Coffee")], [one, other], MONTH)
    assert compared.missing == [other]


def test_only_entries_of_the_days_of_the_file_are_missing() -> None:
    earlier = entry("Coffee", day=date(2026, 2, 28))
    assert compare([line(2, "Coffee")], [earlier], MONTH).missing == []


def test_a_new_line_that_resembles_a_missing_entry_is_similar() -> None:
    pending = entry("PENDING Coffee")
    compared = compare([line(2, "Coffee Praha 1")], [pending], MONTH)
    (match,) = compared.matches
    assert isinstance(match, Similar)
    assert match.entry == pending
    assert compared.missing == [pending]


@pytest.mark.parametrize(("days", "kind"), [(0, Similar), (DAYS_APART, Similar), (DAYS_APART + 1, New)])
def test_similar_lines_are_at_most_some_days_apart(days: int, kind: type[Match]) -> None:
    for apart in (timedelta(days), -timedelta(days)):
        moved = entry("Coffee Praha", day=date(2026, 3, 15) + apart)
        assert kinds(compare([line(2, "Coffee", day=date(2026, 3, 15))], [moved], MONTH)) == [kind]


def test_another_amount_is_not_similar() -> None:
    assert kinds(compare([line(2, "Coffee", -66_00)], [entry("PENDING Coffee")], MONTH)) == [New]


def test_each_missing_entry_holds_one_line_back_the_nearest() -> None:
    entries = [entry("x", day=date(2026, 3, 4)), entry("y", day=date(2026, 3, 2))]
    lines = [
        line(2, "a", day=date(2026, 3, 2)),
        line(3, "b", day=date(2026, 3, 3)),
        line(4, "c", day=date(2026, 3, 3)),
    ]
    held = [each.entry for each in compare(lines, entries, MONTH).matches if isinstance(each, Similar)]
    assert held == [entries[1], entries[0]]


def test_daily_equal_payments_are_no_duplicates() -> None:
    days = [date(2026, 3, n) for n in (2, 3, 4)]
    before = [entry("Coffee", day=day) for day in days[:2]]
    lines = [line(n, "Coffee", day=day) for n, day in enumerate(days, 2)]
    assert kinds(compare(lines, before, (days[0], days[-1]))) == [Known, Known, New]


def test_a_line_with_an_id_of_the_bank_is_known_by_it() -> None:
    known = entry("other text", day=date(2026, 3, 9), entry_id=effect_of(command_id("7"), "a"))
    assert kinds(compare([line(2, "Coffee", key="7")], [known], MONTH)) == [Known]


def test_a_known_id_with_another_amount_is_a_conflict() -> None:
    known = entry("Coffee", -64_00, entry_id=effect_of(command_id("7"), "a"))
    compared = compare([line(2, "Coffee", key="7")], [known], MONTH)
    assert kinds(compared) == [Conflicting]
    assert compared.missing == []


def test_as_new_books_what_is_known_once_for_each_file() -> None:
    lines, before = [line(2, "Coffee"), line(3, "Coffee")], [entry("Coffee"), entry("Coffee")]
    first = as_new(lines, before, "digest")
    assert kinds(first) == [New, New]
    assert kinds(as_new(lines, [*before, *booked(first)], "digest")) == [Known, Known]
    assert kinds(as_new(lines, [*before, *booked(first)], "other digest")) == [New, New]
