"""Lists as files, without a server: how a value is written, and what a file looks like when reading fails."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.exceptions import LitestarException
from litestar.response import Stream

from web.http.exports import Export, Format, Rows, answer, harmless
from web.http.requests import identified


class Line(msgspec.Struct, frozen=True, kw_only=True):
    amount: str | None
    note: str
    accounts: tuple[str, ...] = ()


LINES = Export(name="lines", row=Line)


async def parts(*listed: Sequence[Line], broken: bool = False) -> Rows:
    for part in listed:
        yield part
    if broken:
        raise OSError("gone")


async def written(form: Format, rows: Rows) -> str:
    found = (await answer(LINES, form, rows, "lines")).iterator
    assert isinstance(found, AsyncIterator)
    return b"".join([part if isinstance(part, bytes) else part.encode() async for part in found]).decode()


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


async def test_csv_has_a_header_and_lines_that_end_with_cr_and_lf() -> None:
    text = await written("csv", parts([Line(amount="-1.50", note='a "b", c', accounts=("x", "y"))]))
    assert text == 'amount,note,accounts\r\n-1.50,"a ""b"", c",x y\r\n'


@pytest.mark.parametrize(
    "note", ["=1+1", "+420", "-1", "@a", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠a", "﹣1"]
)
async def test_a_text_that_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(note: str) -> None:
    text = await written("csv", parts([Line(amount="-1.50", note=note)]))
    assert table(text)[1] == ["-1.50", f"'{note}", ""]


@given(st.text())
def test_a_harmless_text_never_begins_as_a_formula(text: str) -> None:
    assert not harmless(text).startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
    assert harmless(text).endswith(text)


async def test_without_rows_a_file_is_still_complete() -> None:
    assert await written("csv", parts()) == "amount,note,accounts\r\n"
    assert json.loads(await written("json", parts())) == {"lines": []}
    assert json.loads(await written("json", parts([], []))) == {"lines": []}


async def test_json_has_all_parts_in_one_document() -> None:
    rows = [Line(amount=str(number), note="é\n") for number in range(5)]
    found = json.loads(await written("json", parts(rows[:2], [], rows[2:])))
    assert [each["amount"] for each in found["lines"]] == ["0", "1", "2", "3", "4"]


async def test_a_failure_before_the_first_row_is_answered_as_usual() -> None:
    with pytest.raises(OSError, match="gone"):
        await answer(LINES, "csv", parts(broken=True), "lines")


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_a_failure_after_it_ends_the_writing(form: Format) -> None:
    with pytest.raises(OSError, match="gone"):
        await written(form, parts([Line(amount="1", note="")], broken=True))


@pytest.mark.parametrize(("method", "read"), [("GET", 4), ("HEAD", 1)])
async def test_a_head_reads_only_the_first_part(method: str, read: int) -> None:
    seen: list[str] = []

    async def rows() -> Rows:
        for amount in ("1", "2", "3", "4"):
            seen.append(amount)
            yield [Line(amount=amount, note="")]

    @get("/lines.csv")
    async def lines() -> Stream:
        return await answer(LINES, "csv", rows(), "lines")

    app = identified(Litestar([lines], openapi_config=None, logging_config=None))
    transport = httpx.ASGITransport(cast(Any, app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        found = await client.request(method, "/lines.csv")
    assert (found.status_code, found.headers["content-type"][:8]) == (200, "text/csv")
    assert (len(seen), bool(found.content)) == (read, method == "GET")


async def test_the_answer_has_no_end_when_reading_fails_so_that_the_server_closes_the_connection() -> None:
    @get("/lines.csv")
    async def lines() -> Stream:
        return await answer(LINES, "csv", parts([Line(amount="1", note="")], broken=True), "lines")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return await asyncio.sleep(60, {"type": "http.disconnect"})

    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/lines.csv",
        "raw_path": b"/lines.csv",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("a", 1),
    }
    with pytest.raises(LitestarException, match="after response started"):
        await Litestar([lines], openapi_config=None, logging_config=None)(scope, receive, send)
    assert [message["type"] for message in sent][:2] == ["http.response.start", "http.response.body"]
    assert all(message["more_body"] for message in sent[1:])
