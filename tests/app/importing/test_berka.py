import lzma
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

import domain.messages
from app.importing import berka
from app.importing.statement import Malformed, Transaction
from app.messages import importing as messages
from app.messages.importing import column, named_column, transaction
from domain.money import LIMIT, format_amount
from tests.kit.messages import pattern_of

SMALL = Path(__file__).parent / "data" / "small.asc"


def test_transactions_come_in_the_order_in_which_the_balances_follow_from_one_another() -> None:
    references = [each.reference for each in berka.read(SMALL)]
    assert references == [transaction(f"{n}") for n in (101, 102, 106, 105, 104, 107, 108, 109, 110)]


def test_a_day_is_put_in_order_whatever_the_order_of_its_lines(tmp_path: Path) -> None:
    header, *lines = SMALL.read_text().splitlines()
    shuffled = tmp_path / "shuffled.asc"
    shuffled.write_text("\n".join([header, *reversed(lines)]))
    assert _by_reference(shuffled) == _by_reference(SMALL)
    first = [t.reference for t in berka.read(shuffled) if t.command.account_id == "1"]
    assert first == [t.reference for t in berka.read(SMALL) if t.command.account_id == "1"]


def _by_reference(file: Path) -> dict[str, Transaction]:
    """Wherever their lines are."""
    return {each.reference: msgspec.structs.replace(each, line=0) for each in berka.read(file)}


def test_every_transaction_knows_its_line() -> None:
    lines = {each.line: each.reference for each in berka.read(SMALL)}
    first, *_, last = sorted(lines)
    assert (first, lines[first], last, lines[last]) == (2, transaction("101"), 10, transaction("110"))


def test_a_line_is_a_recorded_entry_with_its_date_sign_and_meaning() -> None:
    transactions = {each.reference: each for each in berka.read(SMALL)}
    pension, card = transactions[transaction("102")], transactions[transaction("110")]
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
    with pytest.raises(Malformed, match=pattern_of(messages.file_damaged, file=str(damaged))):
        berka.read(damaged)


def test_text_beyond_ascii_is_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "latin.asc"
    file.write_bytes(SMALL.read_bytes().replace(b'"AB"', b'"\xe9B"'))
    assert len(berka.read(file)) == 9


_HEADER = SMALL.read_text().splitlines()[0].replace('"', "")
_TOO_MUCH = format_amount(LIMIT, "CZK")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('"trans_id";', "", column(1, 1), messages.wrong_header(_HEADER)),
        ("107;1;", "1;", column(7, 10), messages.wrong_number_of_columns(9, 10, _HEADER)),
        ('"UROK";;', '"UROK";;;', column(7, 11), messages.wrong_number_of_columns(11, 10, _HEADER)),
        ("107;1;", "x7;1;", named_column(7, 1, "trans_id"), messages.not_a_new_number("x7")),
        ("107;1;", "101;1;", named_column(7, 1, "trans_id"), messages.not_a_new_number("101")),
        (
            "107;1;",
            "107;a b;",
            named_column(7, 2, "account_id"),
            domain.messages.not_an_account_id("a b", 64),
        ),
        ("107;1;", "107;;", named_column(7, 2, "account_id"), domain.messages.not_an_account_id("", 64)),
        (
            "107;1;930131",
            "107;1;930231",
            named_column(7, 3, "date"),
            messages.not_a_date_of_the_bank("930231"),
        ),
        (
            "107;1;930131",
            "107;1;93131",
            named_column(7, 3, "date"),
            messages.not_a_date_of_the_bank("93131"),
        ),
        (
            '930131;"PRIJEM"',
            '930131;"PRIJIMA"',
            named_column(7, 4, "type"),
            messages.not_one_of("PRIJIMA", ["PRIJEM", "VYDAJ", "VYBER"]),
        ),
        (
            '930131;"PRIJEM";""',
            '930131;"PRIJEM";"X"',
            named_column(7, 5, "operation"),
            messages.not_one_of("X", ["VKLAD", "VYBER", "VYBER KARTOU", "PREVOD Z UCTU", "PREVOD NA UCET"]),
        ),
        (
            "3.40;888.90",
            "3,40;888.90",
            named_column(7, 6, "amount"),
            domain.messages.not_an_amount("3,40"),
        ),
        ("3.40;888.90", "-3.40;888.90", named_column(7, 6, "amount"), messages.not_above_zero("-3.40")),
        ("3.40;888.90", "0.00;888.90", named_column(7, 6, "amount"), messages.not_above_zero("0.00")),
        (
            "3.40;888.90",
            "3.401;888.90",
            named_column(7, 6, "amount"),
            domain.messages.too_many_decimals("3.401", 3, "CZK", 2),
        ),
        (
            "3.40;888.90",
            f"{_TOO_MUCH};888.90",
            named_column(7, 6, "amount"),
            domain.messages.amount_too_large(_TOO_MUCH, _TOO_MUCH, "CZK"),
        ),
        ("3.40;888.90", "3.40;", named_column(7, 7, "balance"), domain.messages.not_an_amount("")),
        (
            '"UROK"',
            '"UROKY"',
            named_column(7, 8, "k_symbol"),
            messages.not_one_of(
                "UROKY", ["UROK", "SIPO", "SLUZBY", "POJISTNE", "DUCHOD", "UVER", "SANKC. UROK"]
            ),
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, place: str, reason: str
) -> None:
    file = _changed(tmp_path, old, new)
    refusal = messages.malformed(str(file), place, reason.removesuffix("."))
    with pytest.raises(Malformed, match=re.escape(refusal)):
        berka.read(file)


def test_a_quote_that_does_not_end_is_refused_with_its_line(tmp_path: Path) -> None:
    file = _changed(tmp_path, '"UROK"', '"UROK')
    with pytest.raises(Malformed, match=pattern_of(messages.malformed, file=str(file), place=column(7, 1))):
        berka.read(file)


def _changed(folder: Path, old: str, new: str) -> Path:
    text = SMALL.read_text()
    assert old in text
    file = folder / "bank.asc"
    file.write_text(text.replace(old, new, 1))
    return file
