"""Forms as they are sent: urlencoded everywhere, in parts only where files are taken, and never a failure."""

from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar, post

from tests.kit.web import Api, Served
from tests.web.kit import problem_of
from web import messages_on_input as on_input
from web.http.answers import AnyRequest
from web.http.sent import SentForm

PARTS = {"content-type": "multipart/form-data; boundary=q"}
HEAD = b'--q\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return HEAD % (name, more, value)


BROKEN = {
    "nothing": b"",
    "no parts": b"junk",
    "no end": part(b"amount", b"1"),
    "bytes that are not text": part(b"amount", b"\xff") + b"--q--\r\n",
    "an unknown encoding": part(b"amount", b"1", b"\r\nContent-Type: text/plain; charset=klingon")
    + b"--q--\r\n",
    "no name": b"--q\r\nContent-Disposition: form-data\r\n\r\n1\r\n--q--\r\n",
    "no headers": b"--q\r\n\r\n1\r\n--q--\r\n",
    "the token as a file": part(b"_csrf_token", b"abc", b'; filename="x"') + b"--q--\r\n",
    "a field twice": 2 * part(b"amount", b"1") + b"--q--\r\n",
    "2,000 parts": b"".join(part(b"f%d" % number, b"") for number in range(2000)) + b"--q--\r\n",
}


WHOLE = {"an unknown encoding", "no name", "the token as a file", "a field twice"}
"""Those whose parts can be read, but are not what a form needs."""


@pytest.mark.parametrize("path", ["/entries", "/users", "/accounts/a/entries", "/transfers/x/reversal"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_form_without_files_is_not_sent_in_parts(api: Api, path: str, what: str) -> None:
    answer = api.http.post(path, content=BROKEN[what], headers=PARTS)
    assert problem_of(answer, 415, "http-415")["detail"] == on_input.FORM_WITHOUT_FILES
    page = api.http.post(path, content=BROKEN[what], headers={**PARTS, "accept": "text/html"})
    assert page.status_code == 415
    assert on_input.FORM_WITHOUT_FILES in page.text


@pytest.mark.parametrize("what", BROKEN)
def test_broken_parts_are_refused_where_files_are_taken(site: Served, what: str) -> None:
    with httpx.Client(base_url=site.url, headers={"accept": "text/html"}) as visitor:
        page = visitor.get("/import").text
        token = page.partition('name="_csrf_token" value="')[2].partition('"')[0]
        sent = part(b"_csrf_token", token.encode()) + BROKEN[what]
        answer = visitor.post("/import", content=sent, headers=PARTS)
    assert answer.status_code == (422 if what in WHOLE else 400)


@pytest.mark.parametrize("token", [f"{'0' * 64}ě", "ě", "0" * 128, f"{'0' * 127}é"])
@pytest.mark.parametrize("cookie", [b"%C4%9B", b"0" * 64 + b"%C4%9B", b"\xc4\x9b"])
def test_a_token_or_cookie_of_other_characters_is_refused_like_any_wrong_one(
    api: Api, token: str, cookie: bytes
) -> None:
    api.http.cookies.clear()
    name = api.http.get("/").headers["set-cookie"].partition("=")[0].encode()
    api.http.cookies.clear()
    headers = [(b"cookie", name + b"=" + cookie), (b"accept", b"application/json")]
    form = api.http.post("/entries", data={"_csrf_token": token}, headers=headers)
    header = api.http.post("/entries", headers=[*headers, (b"x-csrftoken", token.encode())])
    assert (form.status_code, header.status_code) == (403, 403)


async def test_a_form_is_read_once_for_all_who_ask_for_it() -> None:
    @post("/")
    async def route(request: AnyRequest) -> bool:
        return await request.form() is await SentForm(request.scope, request.receive).form()

    app = Litestar([route], request_class=SentForm, openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(cast(Any, app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.post("/", data={"amount": "5"})).json() is True


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [("note=%ff", "note", "not-utf-8"), ("amount=6", "amount", "repeated"), ("%ff=1", "\ufffd", "not-utf-8")],
)
def test_a_form_that_is_not_text_or_has_a_field_twice_books_nothing(
    api: Api, name: str, more: str, field: str, code: str
) -> None:
    sent = f"account_id={name}&amount=5&currency=CZK&key={uuid4()}&{more}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = api.http.post("/entries", content=sent, headers=headers)
    (error,) = problem_of(answer, 422, "invalid-input")["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert api.http.get(f"/api/accounts/{name}").status_code == 404
