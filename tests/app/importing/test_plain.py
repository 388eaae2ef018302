"""Plain CSV files as people have them: what is read, what is mended, and what is refused with its place."""

import re
from datetime import date
from pathlib import Path

import pytest

import domain.messages
from app.importing import plain
from app.importing.statement import Line, Statement
from app.importing.table import MOST_FAULTS, Malformed
from app.messages import importing as messages
from app.messages.importing import column, line, named_column
from domain.marks import FLAGS
from domain.notes import NOTE_LENGTH, check_note

SMALL = Path(__file__).parent / "data" / "small.csv"
TODAY = date(2026, 11, 26)
HEADER = "account,date,amount,note"


def read(file: Path = SMALL, currency: str = "CZK", *, shorten_notes: bool = False) -> Statement:
    return plain.read(file, currency, today=TODAY, shorten_notes=shorten_notes)


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "plain.csv"
    file.write_text("\n".join([header, *rows]))
    return file


def only(folder: Path, row: str, header: str = HEADER) -> Line:
    (found,) = read(written(folder, row, header=header)).lines
    return found


def test_lines_are_in_the_order_of_their_dates() -> None:
    assert [
        (each.account, each.day, each.amount, each.note, each.number) for each in read(SMALL, "EUR").lines
    ] == [
        ("rent", date(2026, 1, 2), 300_000, "opening", 4),
        ("salary", date(2026, 1, 3), 250_050, "", 3),
        ("rent", date(2026, 1, 5), -120_000, 'January, "flat 3"', 2),
        ("coffee", date(2026, 1, 6), -240, "kávička", 5),
        ("coffee", date(2026, 1, 6), -240, "kávička", 6),
    ]


def test_a_file_with_the_newest_line_first_is_read_backwards(tmp_path: Path) -> None:
    rows = ["a,2026-01-03,3,third", "a,2026-01-02,2,second", "a,2026-01-02,1,first", "a,2026-01-01,9,zero"]
    notes = [each.note for each in read(written(tmp_path, *rows)).lines]
    assert notes == ["zero", "first", "second", "third"]


def test_balances_give_the_order_within_a_day(tmp_path: Path) -> None:
    rows = ["a,2026-01-02,1,second,101", "a,2026-01-02,100,first,100", "a,2026-01-03,5,third,106"]
    file = written(tmp_path, *rows, header=f"{HEADER},balance")
    assert [(each.note, each.balance) for each in read(file).lines] == [
        ("first", 100_00),
        ("second", 101_00),
        ("third", 106_00),
    ]


def test_a_balance_may_be_missing(tmp_path: Path) -> None:
    assert only(tmp_path, "a,2026-01-02,1,x,", f"{HEADER},balance").balance is None


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "windows.csv"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert read(file).lines == read().lines


def test_a_file_with_only_a_header_has_no_lines(tmp_path: Path) -> None:
    found = read(written(tmp_path))
    assert (list(found.lines), found.days) == ([], None)


@pytest.mark.parametrize(
    "header",
    [
        "Date, Account ,AMOUNT,Note,Category",
        "date;account;amount;note;category",
        "date\taccount\tamount\tnote\tcategory",
        '"date","account","amount","note","category"',
    ],
)
def test_columns_may_be_in_any_order_and_case_with_others_between(tmp_path: Path, header: str) -> None:
    delimiter = next(mark for mark in ",;\t" if mark in header)
    row = delimiter.join(["2026-03-02", "a", "10.00", "x", "food"])
    found = only(tmp_path, row, header)
    assert (found.account, found.day, found.amount, found.note) == ("a", date(2026, 3, 2), 10_00, "x")


def test_lines_about_zero_are_skipped_and_counted(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a,2026-01-02,0.00,no fees", "a,2026-01-02,1,x"))
    assert (len(found.lines), found.skipped) == (1, 1)


@pytest.mark.parametrize(
    ("text", "amount"), [("9.3700", 9_37), ("9.000000000", 9_00), ("-0.10", -10), (" 5 ", 5_00)]
)
def test_zeros_beyond_the_digits_of_the_currency_are_taken(tmp_path: Path, text: str, amount: int) -> None:
    assert only(tmp_path, f"a,2026-01-02,{text},x").amount == amount


def test_notes_are_made_bookable_and_counted(tmp_path: Path) -> None:
    rows = ["a,2026-01-02,1,Shop\tPraha", 'a,2026-01-02,1,"Lunch\nwith team"', "a,2026-01-02,1, plain "]
    found = read(written(tmp_path, *rows))
    assert [each.note for each in found.lines] == ["Shop Praha", "Lunch with team", "plain"]
    assert found.cleaned == 2


def test_long_notes_are_shortened_if_that_is_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, f"a,2026-01-02,1,{'x' * 300}", f"a,2026-01-02,1,{'y' * NOTE_LENGTH}")
    found = read(file, shorten_notes=True)
    assert [len(each.note) for each in found.lines] == [NOTE_LENGTH, NOTE_LENGTH]
    assert (found.lines[0].note[-2:], found.shortened) == ("x…", 1)


def test_a_note_that_is_cut_in_a_flag_can_be_booked(tmp_path: Path) -> None:
    file = written(tmp_path, f"a,2026-01-02,1,{'x' * (NOTE_LENGTH - 4)}{FLAGS[0]}")
    (line,) = read(file, shorten_notes=True).lines
    check_note(line.note)
    assert line.note[-2:] == "\U0001f3f4…"


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    one = read(written(tmp_path, "a,2026-01-02,1,x")).digest
    assert read(written(tmp_path, "a,2026-01-02,1,x")).digest == one
    assert read(written(tmp_path, "a,2026-01-02,1, x")).digest != one


@pytest.mark.parametrize(
    "header",
    [
        "",
        "rent,2026-01-01,1,x",
        "Buchungstag;Betrag",
        "account,date,amount",
        "account,date,amount,note,amount",
    ],
)
def test_a_header_that_does_not_fit_is_shown(tmp_path: Path, header: str) -> None:
    file = written(tmp_path, header=header)
    with pytest.raises(Malformed, match=re.escape(messages.wrong_header(header, HEADER))):
        read(file)


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        ("rent,2026-01-01,1", line(2), messages.wrong_number_of_columns(3, 4)),
        ("rent,2026-01-01,1,x,y", line(2), messages.wrong_number_of_columns(5, 4)),
        (
            "rent rent,2026-01-01,1,",
            named_column(2, "account"),
            domain.messages.not_an_account_id("rent rent", 64),
        ),
        ("rent,01.02.2026,1,", named_column(2, "date"), messages.not_a_date("01.02.2026")),
        ("rent,2026-02-30,1,", named_column(2, "date"), messages.not_a_date("2026-02-30")),
        ("rent,20260201,1,", named_column(2, "date"), messages.not_a_date("20260201")),
        ("rent,2026-02-01,1e3,", named_column(2, "amount"), domain.messages.not_an_amount("1e3")),
        (
            "rent,2026-02-01,1.2340,",
            named_column(2, "amount"),
            domain.messages.too_many_decimals("1.234", 3, "CZK", 2),
        ),
        (
            f"rent,2026-02-01,1,{'x' * 201}",
            named_column(2, "note"),
            messages.note_too_long(201, NOTE_LENGTH),
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, row: str, place: str, reason: str
) -> None:
    file = written(tmp_path, row)
    refusal = messages.malformed(str(file), [messages.fault(place, reason.removesuffix("."))], 0)
    with pytest.raises(Malformed, match=re.escape(refusal)):
        read(file)


def test_a_day_that_cannot_be_booked_is_noted_since_an_earlier_version_may_have_booked_it(
    tmp_path: Path,
) -> None:
    rows = ["a,1899-12-31,1,x", "a,2026-01-02,1,x", "a,9999-12-31,1,x", "a,2027-11-27,1,x"]
    assert read(written(tmp_path, *rows)).far == {2, 4}


def test_a_day_that_cannot_be_booked_is_named_with_the_other_bad_lines(tmp_path: Path) -> None:
    faults = [
        messages.fault(named_column(2, "date"), messages.day_out_of_range("9999-12-31", "1900-01-01")),
        messages.fault(named_column(3, "amount"), domain.messages.not_an_amount("ten").removesuffix(".")),
    ]
    file = written(tmp_path, "a,9999-12-31,1,x", "a,2026-01-02,ten,x")
    with pytest.raises(Malformed, match=re.escape(messages.malformed(str(file), faults, 0))):
        read(file)


def test_all_bad_lines_are_named_up_to_a_number_and_counted(tmp_path: Path) -> None:
    rows = ["a,2026-01-02,1,x", *["a,2026-01-02,eleven,x"] * (MOST_FAULTS + 5)]
    with pytest.raises(Malformed) as caught:
        read(written(tmp_path, *rows))
    named = re.findall(r"line (\d+) \(amount\)", str(caught.value))
    assert named == [str(n) for n in range(3, 3 + MOST_FAULTS)]
    assert "5 more lines" in str(caught.value)


def test_a_line_keeps_its_number_after_a_note_of_several_lines(tmp_path: Path) -> None:
    rows = ['a,2026-01-02,1,"two\nlines"', "a,2026-01-02,eleven,x"]
    with pytest.raises(Malformed, match=re.escape(named_column(4, "amount"))):
        read(written(tmp_path, *rows))


def test_a_quote_that_does_not_end_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=re.escape(f"{line(2)}: ")):
        read(written(tmp_path, 'rent,2026-02-01,1,"open'))


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "export.ofx"
    file.write_text("OFXHEADER:100\nDATA:OFXSGML\n")
    with pytest.raises(Malformed, match=re.escape(messages.other_format(str(file), "OFX"))):
        read(file)


def test_text_that_is_not_utf_8_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(f"{HEADER}\nrent,2026-01-01,1,nájem".encode("latin-1"))
    fault = messages.fault(column(2, 20), messages.not_text("UTF-8"))
    refusal = messages.malformed(str(file), [fault], 0)
    with pytest.raises(Malformed, match=re.escape(refusal)):
        read(file)
