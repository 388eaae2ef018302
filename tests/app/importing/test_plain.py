import re
from datetime import date
from pathlib import Path

import pytest

import domain.messages
from app.importing import plain
from app.importing.statement import Malformed
from app.messages import importing as messages
from app.messages.importing import column, line, named_column
from domain.notes import NOTE_LENGTH
from tests.kit.messages import pattern_of

SMALL = Path(__file__).parent / "data" / "small.csv"


def test_lines_are_entries_in_order_of_their_dates() -> None:
    assert [
        (c.account_id, c.booked_on, c.amount, c.currency, c.note, line(transaction.line))
        for transaction in plain.read(SMALL, "EUR")
        for c in [transaction.command]
    ] == [
        ("rent", date(2026, 1, 2), 300_000, "EUR", "opening", line(4)),
        ("salary", date(2026, 1, 3), 250_050, "EUR", "", line(3)),
        ("rent", date(2026, 1, 5), -120_000, "EUR", 'January, "flat 3"', line(2)),
        ("coffee", date(2026, 1, 6), -240, "EUR", "kávička", line(5)),
        ("coffee", date(2026, 1, 6), -240, "EUR", "kávička", line(6)),
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
        ("", column(1, 1), messages.wrong_header(_HEADER)),
        ("rent,2026-01-01,1,x", column(1, 1), messages.wrong_header(_HEADER)),
        ("Account,Date,Amount,Note", column(1, 1), messages.wrong_header(_HEADER)),
        (
            f"{_HEADER}\nrent,2026-01-01,1",
            column(2, 4),
            messages.wrong_number_of_columns(3, 4, _HEADER),
        ),
        (
            f"{_HEADER}\n\nrent,2026-01-01,1,x,y",
            column(3, 5),
            messages.wrong_number_of_columns(5, 4, _HEADER),
        ),
        (
            f"{_HEADER}\nrent rent,2026-01-01,1,",
            named_column(2, 1, "account"),
            domain.messages.not_an_account_id("rent rent", 64),
        ),
        (
            f"{_HEADER}\nrent,01.02.2026,1,",
            named_column(2, 2, "date"),
            messages.not_a_date("01.02.2026"),
        ),
        (
            f"{_HEADER}\nrent,2026-02-30,1,",
            named_column(2, 2, "date"),
            messages.not_a_date("2026-02-30"),
        ),
        (
            f"{_HEADER}\nrent,20260201,1,",
            named_column(2, 2, "date"),
            messages.not_a_date("20260201"),
        ),
        (
            f"{_HEADER}\nrent,2026-02-01,1e3,",
            named_column(2, 3, "amount"),
            domain.messages.not_an_amount("1e3"),
        ),
        (
            f"{_HEADER}\nrent,2026-02-01,0.00,",
            named_column(2, 3, "amount"),
            domain.messages.ENTRY_OF_ZERO,
        ),
        (
            f"{_HEADER}\nrent,2026-02-01,1.234,",
            named_column(2, 3, "amount"),
            domain.messages.too_many_decimals("1.234", 3, "CZK", 2),
        ),
        (
            f"{_HEADER}\nrent,2026-02-01,1,{'x' * 201}",
            named_column(2, 4, "note"),
            domain.messages.not_a_note(NOTE_LENGTH),
        ),
        (
            f'{_HEADER}\nrent,2026-02-01,1,"two\nlines"',
            named_column(2, 4, "note"),
            domain.messages.not_a_note(NOTE_LENGTH),
        ),
        (
            f'{_HEADER}\nrent,2026-02-01,1,"a\nb"\nrent,2026-02-01,x,',
            named_column(2, 4, "note"),
            domain.messages.not_a_note(NOTE_LENGTH),
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, content: str, place: str, reason: str
) -> None:
    file = tmp_path / "plain.csv"
    file.write_text(content)
    refusal = messages.malformed(str(file), place, reason.removesuffix("."))
    with pytest.raises(Malformed, match=re.escape(refusal)):
        plain.read(file, "CZK")


def test_a_quote_that_does_not_end_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text(f'{_HEADER}\nrent,2026-02-01,1,"open')
    with pytest.raises(Malformed, match=pattern_of(messages.malformed, file=str(file), place=column(2, 1))):
        plain.read(file, "CZK")


def test_text_that_is_not_utf_8_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(f"{_HEADER}\nrent,2026-01-01,1,nájem".encode("latin-1"))
    refusal = messages.malformed(str(file), column(2, 20), messages.not_text("UTF-8"))
    with pytest.raises(Malformed, match=re.escape(refusal)):
        plain.read(file, "CZK")
