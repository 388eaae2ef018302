from datetime import date
from pathlib import Path

import pytest

from app.importing import plain
from app.importing.statement import Malformed

SMALL = Path(__file__).parent / "data" / "small.csv"


def test_lines_are_entries_in_order_of_their_dates() -> None:
    assert [
        (c.account_id, c.booked_on, c.amount, c.currency, c.note, transaction.reference)
        for transaction in plain.read(SMALL, "EUR")
        for c in [transaction.command]
    ] == [
        ("rent", date(2026, 1, 2), 300_000, "EUR", "opening", "line 4"),
        ("salary", date(2026, 1, 3), 250_050, "EUR", "", "line 3"),
        ("rent", date(2026, 1, 5), -120_000, "EUR", 'January, "flat 3"', "line 2"),
        ("coffee", date(2026, 1, 6), -240, "EUR", "kávička", "line 5"),
        ("coffee", date(2026, 1, 6), -240, "EUR", "kávička", "line 6"),
    ]


def test_lines_that_are_alike_are_two_transactions_and_the_same_two_next_time() -> None:
    ids = [transaction.command.command_id for transaction in plain.read(SMALL, "CZK")]
    assert len(set(ids)) == 5
    assert [transaction.command.command_id for transaction in plain.read(SMALL, "CZK")] == ids


def test_a_line_keeps_its_id_when_others_are_added_before_it(tmp_path: Path) -> None:
    header, *lines = SMALL.read_text().splitlines()
    more = tmp_path / "more.csv"
    more.write_text("\n".join([header, "rent,2026-01-01,1,", *lines]))
    ids = {transaction.command.command_id for transaction in plain.read(SMALL, "CZK")}
    assert ids < {transaction.command.command_id for transaction in plain.read(more, "CZK")}


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "windows.csv"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert plain.read(file, "CZK") == plain.read(SMALL, "CZK")


def test_a_file_with_only_a_header_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    file.write_text("account,date,amount,note\n")
    assert plain.read(file, "CZK") == []


_HEADER = "account,date,amount,note"


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("", "line 1, column 1", f"the header has to be '{_HEADER}'"),
        ("rent,2026-01-01,1,x", "line 1, column 1", "the header has to be"),
        ("Account,Date,Amount,Note", "line 1, column 1", "the header has to be"),
        (f"{_HEADER}\nrent,2026-01-01,1", "line 2, column 4", "the line has 3 columns, not the 4"),
        (f"{_HEADER}\n\nrent,2026-01-01,1,x,y", "line 3, column 5", "the line has 5 columns, not the 4"),
        (
            f"{_HEADER}\nrent rent,2026-01-01,1,",
            r"line 2, column 1 \(account\)",
            "'rent rent' is not a valid account id",
        ),
        (f"{_HEADER}\nrent,01.02.2026,1,", r"line 2, column 2 \(date\)", "not a date; write YYYY-MM-DD"),
        (f"{_HEADER}\nrent,2026-02-30,1,", r"line 2, column 2 \(date\)", "'2026-02-30' is not a date"),
        (f"{_HEADER}\nrent,20260201,1,", r"line 2, column 2 \(date\)", "'20260201' is not a date"),
        (f"{_HEADER}\nrent,2026-02-01,1e3,", r"line 2, column 3 \(amount\)", "'1e3' is not an amount"),
        (
            f"{_HEADER}\nrent,2026-02-01,0.00,",
            r"line 2, column 3 \(amount\)",
            "an entry of zero|An entry of zero",
        ),
        (f"{_HEADER}\nrent,2026-02-01,1.234,", r"line 2, column 3 \(amount\)", "3 decimals, but CZK has 2"),
        (f"{_HEADER}\nrent,2026-02-01,1,{'x' * 201}", r"line 2, column 4 \(note\)", "at most 200 characters"),
        (f'{_HEADER}\nrent,2026-02-01,1,"two\nlines"', r"line 2, column 4 \(note\)", "one line"),
        (
            f'{_HEADER}\nrent,2026-02-01,1,"a\nb"\nrent,2026-02-01,x,',
            r"line 2, column 4 \(note\)",
            "one line",
        ),
        (f'{_HEADER}\nrent,2026-02-01,1,"open', "line 2, column 1", "unexpected end of data"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, content: str, place: str, reason: str
) -> None:
    file = tmp_path / "plain.csv"
    file.write_text(content)
    with pytest.raises(Malformed, match=rf"plain.csv, {place}: .*({reason}).* nothing was booked\."):
        plain.read(file, "CZK")


def test_text_that_is_not_utf_8_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(f"{_HEADER}\nrent,2026-01-01,1,nájem".encode("latin-1"))
    with pytest.raises(Malformed, match="line 2, column 20: this is not UTF-8 text"):
        plain.read(file, "CZK")
