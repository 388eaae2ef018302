"""Files, and the pages of imports as a browser without JavaScript uses them."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

import httpx

from domain.imports.report import Listed, Report
from tests.kit.projector import until
from tests.web.accounts.test_forms import Visitor, fields_of

HEADER = "account,date,amount,note\n"


class Importer(Visitor):
    def form(self, path: str = "/import", form_id: str = "file-form") -> dict[str, str]:
        """As it is sent if nothing is chosen."""
        fields = super().form(path, form_id)
        return {name: text for name, text in fields.items() if name not in ("file", "shorten_notes")}

    def post(self, fields: dict[str, str], content: str | bytes, name: str = "bank.csv") -> httpx.Response:
        return self.http.post("/import", data=fields, files={"file": (name, content)})

    def check(self, content: str, name: str = "bank.csv", **chosen: str) -> str:
        """The address of the import when the file was checked, or could not be."""
        answer = self.post({**self.form(), "format": "csv", **chosen}, content, name)
        assert answer.status_code == 303, answer.text
        return self.followed(answer)

    def buttons(self, page: str) -> dict[str, str]:
        """What every button of the page sends."""
        hidden = re.findall(r'form="import-form" name="(key|revision)" value="([^"]*)"', page)
        return {**fields_of(page, "import-form"), **dict(hidden)}

    def press(self, address: str, **name: str) -> httpx.Response:
        return self.send(address, self.buttons(self.http.get(address).text) | name)

    def book(self, address: str, **name: str) -> str:
        answer = self.press(address, **name)
        assert answer.status_code == 303, answer.text
        return self.followed(answer)

    def followed(self, answer: httpx.Response) -> str:
        """The page that the answer leads to waits until the read models have the start."""
        location = str(answer.headers["location"])
        assert self.http.get(location).status_code == 200
        return self.ended(location.partition("?")[0])

    def ended(self, address: str) -> str:
        until(lambda: self.has_ended(address))
        return address

    def has_ended(self, address: str) -> bool:
        about = self.about(address)
        return about["state"] != "under-way" and not about["settling"]

    def about(self, address: str) -> dict[str, Any]:
        return dict(self.http.get(f"/api{address}").json())

    def text(self, address: str) -> str:
        return text_of(self.http.get(address).text)


def text_of(html: str) -> str:
    """What a reader sees, with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def statement(account: str, *notes: str, day: int = 1) -> str:
    """A line for each note, on days that follow each other, with amounts from -1.00 down."""
    lines = (f"{account},2026-03-{day + n:02},-{n + 1}.00,{note}" for n, note in enumerate(notes))
    return HEADER + "".join(f"{line}\n" for line in lines)


def fresh_key() -> str:
    return str(uuid4())


def finding(**more: Any) -> Report:
    """A report of two lines on one account, which are to be booked."""
    listed = Listed(
        recognised=0, held=0, missing=0, conflicts=0, openings=0, differences=0, stopped=0, refused=0
    )
    about: dict[str, Any] = {
        "first_day": date(2026, 3, 1),
        "last_day": date(2026, 3, 2),
        "transactions": 2,
        "accounts": 1,
        "to_book": 2,
        "is_fine": True,
        "listed": listed,
    }
    zeros = {
        name: 0
        for name in Report.__struct_fields__
        if name not in about and name not in Report.__struct_fields__[-8:]
    }
    return Report(**{**zeros, **about, **more})
