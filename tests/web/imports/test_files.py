"""What a form with a file may be: refusals at the field, bounds, tokens, and bodies that are no forms."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from markupsafe import escape

from tests.kit.web import Served
from tests.web.accounts.test_forms import fields_of
from tests.web.imports.kit import HEADER, Importer, fresh_key, statement
from web import messages_on_imports as messages
from web.imports.form import MEGABYTES
from web.imports.upload import LARGEST_FORM, LONGEST_DROP, cleaned

MEGABYTE = 1024 * 1024
BOUNDARY = "b0undary"


def body(fields: dict[str, str], file: str = "bank.csv") -> bytes:
    """A form up to where the bytes of its file begin."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    begin = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file}"\r\n\r\n'
    return "".join([*parts, begin]).encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


def send(visitor: Importer, content: bytes | Iterator[bytes], length: int | None = None) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    if length is not None:
        headers["Content-Length"] = str(length)
    return visitor.http.post("/import", content=content, headers=headers)


def zeros(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield bytes(MEGABYTE)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [("", "", messages.NO_FILE), ("", "empty.csv", messages.EMPTY_FILE)],
)
def test_a_form_without_a_file_is_refused_at_the_field(
    visitor: Importer, content: str, name: str, said: str
) -> None:
    fields = visitor.form() | {"format": "berka", "currency": "EUR", "shorten_notes": "1"}
    answer = send(visitor, body(fields, name) + content.encode() + END)
    assert answer.status_code == 422
    assert f'id="file-error">{said}' in answer.text
    assert '<option value="berka" selected>' in answer.text
    assert 'value="EUR"' in answer.text
    assert " checked>" in answer.text
    assert visitor.post(visitor.form(), HEADER).status_code == 303


@pytest.mark.parametrize(
    ("field", "text"),
    [("currency", ""), ("currency", "XYZ"), ("format", "ofx"), ("key", "k" * 256), ("key", "")],
)
def test_a_wrong_field_is_named(visitor: Importer, field: str, text: str) -> None:
    answer = visitor.post(visitor.form() | {"format": "csv", field: text}, HEADER)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert (f'id="{field}-error"' in answer.text) == (field != "key")


def test_a_refused_form_can_be_corrected_and_sent(visitor: Importer, name: str) -> None:
    answer = visitor.post(visitor.form() | {"format": "csv", "currency": "XYZ"}, statement(name, "rent"))
    assert answer.status_code == 422
    form = visitor.form() | {"format": "csv"}
    again = fields_of(answer.text, "file-form")
    assert (again["_csrf_token"], again["currency"]) == (form["_csrf_token"], "XYZ")
    assert visitor.post(form | {"key": again["key"]}, statement(name, "rent")).status_code == 303


def test_the_currency_of_a_berka_file_is_its_own(visitor: Importer) -> None:
    address = visitor.check("nonsense", format="berka", currency="EUR")
    about = visitor.about(address)
    assert (about["format"], about["currency"]) == ("berka", "CZK")


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_a_form_without_its_token_is_refused_before_its_file_is_kept(
    visitor: Importer, token: str | None
) -> None:
    fields = {name: text for name, text in visitor.form().items() if name != "_csrf_token"}
    answer = visitor.post(fields if token is None else fields | {"_csrf_token": token}, HEADER)
    assert answer.status_code == 403


def test_a_token_that_this_server_has_not_signed_is_refused(visitor: Importer) -> None:
    form = visitor.form()
    [cookie] = visitor.http.cookies
    forged = "0" * len(form["_csrf_token"])
    visitor.http.cookies.clear()
    visitor.http.cookies.set(cookie, forged)
    assert visitor.post(form | {"_csrf_token": forged}, HEADER).status_code == 403
    visitor.http.cookies.clear()
    assert visitor.post(form, HEADER).status_code == 403


def test_a_token_that_comes_after_the_file_is_too_late(visitor: Importer) -> None:
    token = visitor.form()["_csrf_token"]
    late = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="_csrf_token"\r\n\r\n{token}'.encode()
    assert send(visitor, body({"key": fresh_key()}) + HEADER.encode() + late + END).status_code == 403


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        b"--b0undary",
        f"--{BOUNDARY}\r\nno header\r\n".encode(),
        body({"key": "x" * 5000}) + END,
    ],
)
def test_a_body_that_is_no_form_is_refused_in_words(visitor: Importer, content: bytes) -> None:
    answer = send(visitor, content)
    assert answer.status_code == 400
    assert str(escape(messages.NOT_A_FORM)) in answer.text


def test_a_form_that_breaks_off_or_is_not_text_is_refused(visitor: Importer) -> None:
    form = visitor.form()
    broken = send(visitor, body(form) + HEADER.encode())
    assert (broken.status_code, str(escape(messages.NOT_A_FORM)) in broken.text) == (400, True)
    latin = send(visitor, body(form | {"format": "?"}).replace(b"?", b"\xe9") + END)
    assert (latin.status_code, str(escape(messages.NOT_A_FORM)) in latin.text) == (400, True)
    other = visitor.http.post("/import", data=form)
    assert other.status_code == 400


def test_a_file_that_is_too_large_is_read_and_refused_with_the_command_to_use(visitor: Importer) -> None:
    begin = body(visitor.form())
    for length in (len(begin) + 70 * MEGABYTE + len(END), None):
        answer = send(visitor, joined(begin, zeros(70)), length)
        assert answer.status_code == 413
        assert str(escape(messages.too_large(MEGABYTES))) in answer.text
        assert "./daybook import FILE --check" in answer.text


def joined(begin: bytes, middle: Iterator[bytes]) -> Iterator[bytes]:
    yield begin
    yield from middle
    yield END


def test_a_body_beyond_all_bounds_is_refused_at_once(visitor: Importer) -> None:
    assert LONGEST_DROP > LARGEST_FORM
    where = urlsplit(str(visitor.http.base_url))
    head = [
        "POST /import HTTP/1.1",
        f"Host: {where.netloc}",
        "Accept: text/html",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {LONGEST_DROP + 1}",
    ]
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        answer = connection.recv(100)
    assert b" 413 " in answer


def test_a_large_file_takes_little_memory(own_site: Served) -> None:
    visitor = Importer(own_site.url)
    begin = body(visitor.form() | {"currency": "XYZ"})
    process = psutil.Process(own_site.process.pid)
    before, seen = process.memory_info().rss, list[int]()

    def watched() -> Iterator[bytes]:
        for chunk in zeros(60):
            yield chunk
            seen.append(process.memory_info().rss)

    answer = send(visitor, joined(begin, watched()), len(begin) + 60 * MEGABYTE + len(END))
    seen.append(process.memory_info().rss)
    visitor.http.close()
    assert (answer.status_code, 'id="currency-error"' in answer.text) == (422, True)
    assert max(seen) - before < 20 * MEGABYTE


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("bank.csv", "bank.csv"),
        ("C:\\Users\\jana\\bank.csv", "bank.csv"),
        ("/home/jana/bank.csv", "bank.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\u202etxt.csv\x00\n", "a txt.csv"),
        ("folder/", "file"),
        ("x" * 300, "x" * 255),
    ],
)
def test_the_name_of_a_file_has_no_folders_and_nothing_invisible(sent: str, name: str) -> None:
    assert cleaned(sent) == name
