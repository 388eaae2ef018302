"""The pages of imports: a file is checked, and booked when somebody says so."""

import re
from uuid import uuid4

import pytest
from markupsafe import escape

from domain.imports import messages as on_imports
from tests.kit.web import Api
from tests.web.imports.kit import HEADER, Importer, statement, text_of
from web import messages_on_imports as messages


def balance(api: Api, account: str) -> str | None:
    answer = api.http.get(f"/api/accounts/{account}")
    return str(answer.json()["balance"]) if answer.status_code == 200 else None


def test_nothing_is_booked_before_somebody_says_so(visitor: Importer, api: Api, name: str) -> None:
    address = visitor.check(statement(name, "rent", "food"))
    page = visitor.text(address)
    assert "checked" in page
    assert "To book 2" in page
    assert balance(api, name) is None
    visitor.book(address)
    page = visitor.text(address)
    assert "Booked 2" in page
    assert "Book 2 lines" not in page
    api.shown(name, visitor.about(address)["position"])
    assert balance(api, name) == "-3.00"


def test_a_form_that_is_sent_twice_starts_one_import(visitor: Importer, name: str) -> None:
    form = visitor.form() | {"format": "csv"}
    first, again = (visitor.post(form, statement(name, "rent")) for _ in range(2))
    assert first.status_code == again.status_code == 303
    address = first.headers["location"].partition("?")[0]
    assert again.headers["location"].partition("?")[0] == address
    visitor.book(visitor.ended(address))
    before = visitor.about(address)
    later = visitor.post(form, statement(name, "rent"))
    assert later.headers["location"] == first.headers["location"]
    assert (before["state"], visitor.about(address)) == ("booked", before)


def test_another_file_in_the_same_form_is_another_import(visitor: Importer, name: str) -> None:
    form = visitor.form() | {"format": "csv"}
    sent = [visitor.post(form, statement(name, note)).headers["location"] for note in ("rent", "food")]
    assert len({address.partition("?")[0] for address in sent}) == 2


def test_a_line_that_is_held_back_is_next_to_the_entry_that_it_resembles(
    visitor: Importer, name: str
) -> None:
    visitor.book(visitor.check(statement(name, "rent & <b>more</b>")))
    address = visitor.check(statement(name, "Rent paid", "food"))
    page = visitor.http.get(address).text
    held = page[page.index('id="held"') :].partition("</section>")[0]
    for note in ("Rent paid", str(escape("rent & <b>more</b>"))):
        assert f"<bdi>{note}</bdi>" in held
    entry = re.findall(rf'href="(/accounts/{name}/entries/[^"]*)"', held)
    assert visitor.http.get(entry[0]).status_code == 303
    assert "Book 1 line" in text_of(page)
    visitor.book(address)
    assert "Book what was held back (1 line)" in visitor.text(address)
    visitor.book(address, book_similar="1")
    about = visitor.about(address)
    assert (about["book_similar"], about["report"]["held_back"]) == (True, 0)
    assert "Book " not in visitor.text(address).partition("SHA-256")[2].partition("Position")[0]


def test_held_lines_can_be_booked_with_the_others(visitor: Importer, name: str) -> None:
    visitor.book(visitor.check(statement(name, "rent")))
    address = visitor.check(statement(name, "Rent paid", "food"))
    assert "Book them too (1 line)" in visitor.text(address)
    visitor.book(address, book_similar="1")
    assert visitor.about(address)["report"]["booked"] == 2


def test_a_file_whose_lines_are_all_known_can_be_booked_again(visitor: Importer, api: Api, name: str) -> None:
    content = statement(name, "rent", "food")
    visitor.book(visitor.check(content))
    address = visitor.check(content)
    page = visitor.text(address)
    assert "Every line of this file is booked already" in page
    assert "Book every line again" in page
    visitor.book(address, all_new="1")
    about = visitor.about(address)
    assert (about["all_new"], about["report"]["booked"]) == (True, 2)
    api.shown(name, about["position"])
    assert balance(api, name) == "-6.00"


def test_a_file_that_cannot_be_read_says_why_line_by_line(visitor: Importer) -> None:
    address = visitor.check(HEADER + "577,soon,1,rent\n577,2026-03-01,much,rent\n")
    page = visitor.text(address)
    assert "failed" in page
    assert "line 2" in page
    assert "line 3" in page
    visitor.book(address, again="1")
    about = visitor.about(address)
    assert (about["state"], about["only_check"]) == ("failed", True)


def test_a_button_counts_only_for_the_state_that_its_page_showed(visitor: Importer, name: str) -> None:
    address = visitor.check(statement(name, "rent"))
    shown = visitor.buttons(visitor.http.get(address).text)
    visitor.book(address)
    before = visitor.about(address)
    answer = visitor.send(address, shown | {"key": str(uuid4()), "all_new": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert visitor.about(address) == before


def test_a_button_that_is_pressed_twice_starts_one_run(visitor: Importer, name: str) -> None:
    address = visitor.check(statement(name, "rent"))
    shown = visitor.buttons(visitor.http.get(address).text)
    assert [visitor.send(address, shown).status_code for _ in range(2)] == [303, 303]
    visitor.ended(address)
    assert visitor.about(address)["report"]["booked"] == 1


def test_an_import_has_its_digest_and_who_started_it_and_when(visitor: Importer, name: str) -> None:
    address = visitor.check(statement(name, "rent"), name='C:\\new\\<i>"März".csv')
    about, page = visitor.about(address), visitor.http.get(address).text
    assert about["file"] == '<i>"März".csv'
    assert f"<bdi>{escape(about['file'])}</bdi>" in page
    assert f'title="{about["digest"]}"' in page
    assert f'datetime="{about["started"]}"' in page
    assert "by web" in text_of(page)


def test_the_list_has_the_newest_import_on_top(visitor: Importer, name: str) -> None:
    addresses = [visitor.check(statement(name, note), name=f"{note}.csv") for note in ("one", "two")]
    page = visitor.http.get("/import").text
    second, first = (page.index(f'href="{address}"') for address in reversed(addresses))
    assert second < first
    assert "1 to book, 0 held back" in text_of(page)


@pytest.mark.parametrize("wanted", [str(uuid4()), "nope", "a" * 200])
def test_an_import_that_does_not_exist_is_not_found(visitor: Importer, wanted: str) -> None:
    form = {**visitor.form(), "revision": "0"}
    for answer in (visitor.http.get(f"/imports/{wanted}"), visitor.send(f"/imports/{wanted}", form)):
        assert answer.status_code == 404
        assert str(escape(on_imports.unknown_import(wanted[:80]))) in answer.text


def test_unknown_parameters_and_revisions_are_refused(visitor: Importer, name: str) -> None:
    assert visitor.http.get("/import?sort=name").status_code == 422
    assert visitor.http.get("/import?after=x").status_code == 422
    address = visitor.check(statement(name, "rent"))
    for revision in ("", "x", "-1", "9" * 30):
        assert visitor.press(address, revision=revision).status_code == 422


def test_the_menu_leads_to_the_import(visitor: Importer) -> None:
    assert '<a href="/import">Import</a>' in visitor.http.get("/").text
    page = visitor.http.get("/import").text
    assert '<a href="/import" aria-current="page">Import</a>' in page
    assert str(escape(messages.FORMATS["berka"])) in page
