import lzma
from datetime import date
from pathlib import Path

import pytest

from app.importing import berka
from app.importing.statement import Malformed
from domain.money import LIMIT, format_amount

SMALL = Path(__file__).parent / "data" / "small.asc"


def test_transactions_come_in_the_order_in_which_the_balances_follow_from_one_another() -> None:
    references = [transaction.reference.split()[1] for transaction in berka.read(SMALL)]
    assert references == ["101", "102", "106", "105", "104", "107", "108", "109", "110"]


def test_a_day_is_put_in_order_whatever_the_order_of_its_lines(tmp_path: Path) -> None:
    header, *lines = SMALL.read_text().splitlines()
    shuffled = tmp_path / "shuffled.asc"
    shuffled.write_text("\n".join([header, *reversed(lines)]))
    assert {t.reference: t for t in berka.read(shuffled)} == {t.reference: t for t in berka.read(SMALL)}
    first = [t.reference for t in berka.read(shuffled) if t.command.account_id == "1"]
    assert first == [t.reference for t in berka.read(SMALL) if t.command.account_id == "1"]


def test_a_line_is_a_recorded_entry_with_its_date_sign_and_meaning() -> None:
    transactions = {each.reference: each for each in berka.read(SMALL)}
    pension, card = transactions["transaction 102"], transactions["transaction 110"]
    assert (pension.command.account_id, pension.command.amount, pension.command.currency) == (
        "2",
        50_050,
        "CZK",
    )
    assert (pension.command.booked_on, pension.balance) == (date(1993, 1, 2), 50_050)
    assert (card.command.amount, card.command.booked_on) == (-5_000, date(1994, 2, 28))
    assert [each.command.note for each in transactions.values()] == [
        "cash deposit",
        "pension",
        "fee",
        "household",
        "cash deposit",
        "interest",
        "cash withdrawal",
        "penalty interest",
        "card",
    ]


def test_a_transaction_has_the_same_id_in_every_file(tmp_path: Path) -> None:
    header, first, *_ = SMALL.read_text().splitlines()
    alone = tmp_path / "alone.asc"
    alone.write_text(f"{header}\n{first}\n")
    assert berka.read(alone)[0].command.command_id == berka.read(SMALL)[0].command.command_id
    assert len({transaction.command.command_id for transaction in berka.read(SMALL)}) == 9


def test_a_file_packed_with_xz_is_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "small.csv.xz"
    packed.write_bytes(lzma.compress(SMALL.read_bytes()))
    assert berka.read(packed) == berka.read(SMALL)


def test_a_damaged_xz_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.xz"
    damaged.write_bytes(lzma.compress(SMALL.read_bytes())[:-20])
    with pytest.raises(Malformed, match=r"damaged.xz is damaged: .* nothing was booked"):
        berka.read(damaged)


def test_text_beyond_ascii_is_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "latin.asc"
    file.write_bytes(SMALL.read_bytes().replace(b'"AB"', b'"\xe9B"'))
    assert len(berka.read(file)) == 9


_TOO_MUCH = format_amount(LIMIT, "CZK")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('"trans_id";', "", "line 1, column 1", "the header has to be 'trans_id;account_id;"),
        ("107;1;", "1;", "line 7, column 10", "the line has 9 columns, not the 10"),
        ('"UROK";;', '"UROK";;;', "line 7, column 11", "the line has 11 columns, not the 10"),
        ("107;1;", "x7;1;", r"line 7, column 1 \(trans_id\)", "'x7' is not a number"),
        (
            "107;1;",
            "101;1;",
            r"line 7, column 1 \(trans_id\)",
            "'101' is not a number, or an earlier line has it too",
        ),
        ("107;1;", "107;a b;", r"line 7, column 2 \(account_id\)", "'a b' is not a valid account id"),
        ("107;1;", "107;;", r"line 7, column 2 \(account_id\)", "'' is not a valid account id"),
        (
            "107;1;930131",
            "107;1;930231",
            r"line 7, column 3 \(date\)",
            "'930231' is not a date; write YYMMDD",
        ),
        ("107;1;930131", "107;1;93131", r"line 7, column 3 \(date\)", "'93131' is not a date"),
        (
            '930131;"PRIJEM"',
            '930131;"PRIJIMA"',
            r"line 7, column 4 \(type\)",
            "'PRIJIMA' is not one of PRIJEM",
        ),
        (
            '930131;"PRIJEM";""',
            '930131;"PRIJEM";"X"',
            r"line 7, column 5 \(operation\)",
            "'X' is not one of VKLAD",
        ),
        ("3.40;888.90", "3,40;888.90", r"line 7, column 6 \(amount\)", "'3,40' is not an amount"),
        ("3.40;888.90", "-3.40;888.90", r"line 7, column 6 \(amount\)", "'-3.40' is not above zero"),
        ("3.40;888.90", "0.00;888.90", r"line 7, column 6 \(amount\)", "'0.00' is not above zero"),
        ("3.40;888.90", "3.401;888.90", r"line 7, column 6 \(amount\)", "has 3 decimals, but CZK has 2"),
        ("3.40;888.90", f"{_TOO_MUCH};888.90", r"line 7, column 6 \(amount\)", "too large"),
        ("3.40;888.90", "3.40;", r"line 7, column 7 \(balance\)", "'' is not an amount"),
        ('"UROK"', '"UROKY"', r"line 7, column 8 \(k_symbol\)", "'UROKY' is not one of UROK"),
        ('"UROK"', '"UROK', "line 7, column 1", "';' expected after|unexpected end of data"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, place: str, reason: str
) -> None:
    text = SMALL.read_text()
    assert old in text
    file = tmp_path / "bank.asc"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(
        Malformed, match=rf"bank.asc, {place}: .*({reason}).*[Cc]orrect it .* nothing was booked\."
    ):
        berka.read(file)
