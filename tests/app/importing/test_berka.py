import lzma
import re
from datetime import date
from pathlib import Path

import pytest

import domain.messages
from app.importing import berka
from app.importing.statement import Line
from app.importing.table import Malformed
from app.messages import importing as messages
from app.messages.importing import line, named_column
from domain.money import LIMIT, format_amount
from tests.kit.messages import pattern_of

SMALL = Path(__file__).parent / "data" / "small.asc"


def lines(file: Path = SMALL) -> list[Line]:
    return list(berka.read(file).lines)


def keys(file: Path = SMALL) -> list[str]:
    return [each.key for each in lines(file)]


def test_lines_come_in_the_order_in_which_the_balances_follow_from_one_another() -> None:
    assert keys() == ["101", "102", "106", "105", "104", "107", "108", "109", "110"]


def test_a_day_is_put_in_order_whatever_the_order_of_its_lines(tmp_path: Path) -> None:
    header, *rows = SMALL.read_text().splitlines()
    shuffled = tmp_path / "shuffled.asc"
    shuffled.write_text("\n".join([header, *reversed(rows)]))
    for account in ("1", "2", "3"):
        assert _of(account, shuffled) == _of(account, SMALL)


def _of(account: str, file: Path) -> list[str]:
    return [each.key for each in lines(file) if each.account == account]


def test_every_line_knows_its_number() -> None:
    numbers = {each.number: each.key for each in lines()}
    assert (min(numbers), numbers[2], max(numbers), numbers[10]) == (2, "101", 10, "110")


def test_a_line_has_its_date_sign_and_meaning() -> None:
    found = {each.key: each for each in lines()}
    pension, card = found["102"], found["110"]
    assert berka.read(SMALL).currency == "CZK"
    assert (pension.account, pension.amount, pension.day, pension.balance) == (
        "2",
        50_050,
        date(1993, 1, 2),
        50_050,
    )
    assert (card.amount, card.day) == (-5_000, date(1994, 2, 28))
    assert [each.note for each in lines()] == [
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


def test_a_file_packed_with_xz_is_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "small.csv.xz"
    packed.write_bytes(lzma.compress(SMALL.read_bytes()))
    assert lines(packed) == lines()
    assert berka.read(packed).digest != berka.read(SMALL).digest


def test_a_damaged_xz_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.xz"
    damaged.write_bytes(lzma.compress(SMALL.read_bytes())[:-20])
    with pytest.raises(Malformed, match=pattern_of(messages.file_damaged, file=str(damaged))):
        berka.read(damaged)


def test_text_beyond_ascii_is_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "latin.asc"
    file.write_bytes(SMALL.read_bytes().replace(b'"AB"', b'"\xe9B"'))
    assert len(lines(file)) == 9


_HEADER = SMALL.read_text().splitlines()[0]
_WANTED = "trans_id;account_id;date;type;operation;amount;balance;k_symbol"
_TOO_MUCH = format_amount(LIMIT, "CZK")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('"trans_id";', "", line(1), messages.wrong_header(_HEADER.replace('"trans_id";', ""), _WANTED)),
        ("107;1;", "1;", line(7), messages.wrong_number_of_columns(9, 10)),
        ('"UROK";;', '"UROK";;;', line(7), messages.wrong_number_of_columns(11, 10)),
        ("107;1;", "x7;1;", named_column(7, "trans_id"), messages.not_a_new_number("x7")),
        ("107;1;", "101;1;", named_column(7, "trans_id"), messages.not_a_new_number("101")),
        (
            "107;1;",
            "107;a b;",
            named_column(7, "account_id"),
            domain.messages.not_an_account_id("a b", 64),
        ),
        ("107;1;", "107;;", named_column(7, "account_id"), domain.messages.not_an_account_id("", 64)),
        (
            "107;1;930131",
            "107;1;930231",
            named_column(7, "date"),
            messages.not_a_date_of_the_bank("930231"),
        ),
        (
            "107;1;930131",
            "107;1;93131",
            named_column(7, "date"),
            messages.not_a_date_of_the_bank("93131"),
        ),
        (
            '930131;"PRIJEM"',
            '930131;"PRIJIMA"',
            named_column(7, "type"),
            messages.not_one_of("PRIJIMA", ["PRIJEM", "VYDAJ", "VYBER"]),
        ),
        (
            '930131;"PRIJEM";""',
            '930131;"PRIJEM";"X"',
            named_column(7, "operation"),
            messages.not_one_of("X", ["VKLAD", "VYBER", "VYBER KARTOU", "PREVOD Z UCTU", "PREVOD NA UCET"]),
        ),
        (
            "3.40;888.90",
            "3,40;888.90",
            named_column(7, "amount"),
            domain.messages.not_an_amount("3,40"),
        ),
        ("3.40;888.90", "-3.40;888.90", named_column(7, "amount"), messages.not_above_zero("-3.40")),
        ("3.40;888.90", "0.00;888.90", named_column(7, "amount"), messages.not_above_zero("0.00")),
        (
            "3.40;888.90",
            "3.401;888.90",
            named_column(7, "amount"),
            domain.messages.too_many_decimals("3.401", 3, "CZK", 2),
        ),
        (
            "3.40;888.90",
            f"{_TOO_MUCH};888.90",
            named_column(7, "amount"),
            domain.messages.amount_too_large(_TOO_MUCH, _TOO_MUCH, "CZK"),
        ),
        ("3.40;888.90", "3.40;", named_column(7, "balance"), domain.messages.not_an_amount("")),
        (
            '"UROK"',
            '"UROKY"',
            named_column(7, "k_symbol"),
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
    refusal = messages.malformed(str(file), [messages.fault(place, reason.removesuffix("."))], 0)
    with pytest.raises(Malformed, match=re.escape(refusal)):
        berka.read(file)


def test_a_quote_that_does_not_end_is_refused_with_its_line(tmp_path: Path) -> None:
    file = _changed(tmp_path, '"UROK"', '"UROK')
    with pytest.raises(Malformed, match=re.escape(f"{line(7)}: ")):
        berka.read(file)


def _changed(folder: Path, old: str, new: str) -> Path:
    text = SMALL.read_text()
    assert old in text
    file = folder / "bank.asc"
    file.write_text(text.replace(old, new, 1))
    return file
