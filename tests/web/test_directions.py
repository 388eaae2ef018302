"""What people typed is in a <bdi> on every page and in every live fragment: its direction of writing ends with it."""

from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from tests.kit.projector import until
from tests.kit.web import Api

NAME, NOTE, REFERENCE, EMAIL = "שלום כהן", "חשבון 17 (ינואר)", "מספר-17", "שלום@דוגמה.example"
TYPED = (NAME, NOTE, REFERENCE, EMAIL)


class Reader(HTMLParser):
    """Finds typed text that is not directly in a <bdi>, but for the title of the page, which is plain text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found = 0
        self.bare: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "br", "wbr", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "title" and any(text in data for text in TYPED):
            self.found += 1
            if self.open[-1] != "bdi":
                self.bare.append(data.strip())


@pytest.fixture(scope="module")
def places(api: Api) -> dict[str, str]:
    """Addresses of pages that show the texts."""
    for user, account in (("bdi-1", "bdi-a"), ("bdi-2", "bdi-b")):
        body = {"name": NAME, "email": EMAIL, "user_id": user}
        assert api.post("/api/users", body).status_code == 201
        api.post("/api/accounts", {"account_id": account, "currency": "CZK", "user_id": user})
    paid = api.booked("bdi-a/deposits", amount="100", note=NOTE, reference=REFERENCE)
    order = {"from": "bdi-a", "to": "bdi-b", "amount": "1", "note": NOTE, "reference": REFERENCE}
    sent = api.post("/api/transfers", order).json()
    api.http.get(f"/api/transfers/{sent['transfer_id']}", params={"min_position": sent["position"]})
    until(lambda: NAME in api.http.get("/").text)
    return {
        "dashboard": "/",
        "search": f"/?q={quote('שלום')}",
        "account": "/accounts/bdi-a",
        "action": "/accounts/bdi-a/freeze",
        "reversal": f"/accounts/bdi-a/entries/{paid['entry_id']}/reversal",
        "people": "/users",
        "people found": f"/users?q={quote('שלום')}",
        "person": "/users/bdi-1",
        "transfers": "/transfers?account=bdi-a",
        "transfer": f"/transfers/{sent['transfer_id']}",
        "receiving account": f"/accounts/bdi-a/transfer?q={quote('שלום')}",
        "transfer form": "/accounts/bdi-a/transfer?to=bdi-b",
    }


@pytest.mark.parametrize(
    "place",
    [
        *("dashboard", "search", "account", "action", "reversal", "people", "people found", "person"),
        *("transfers", "transfer", "receiving account", "transfer form"),
    ],
)
def test_what_people_typed_is_isolated(api: Api, places: dict[str, str], place: str) -> None:
    answer = api.http.get(places[place], headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert _reader(answer.text).found > 0


@pytest.mark.parametrize("q", [NAME, "אין"])
def test_a_search_that_finds_nothing_repeats_its_words_isolated(
    api: Api, places: dict[str, str], q: str
) -> None:
    for path in ("/", "/users", "/accounts/bdi-a/transfer"):
        page = api.http.get(path, params={"q": f"{q} אחר"}, headers={"accept": "text/html"}).text
        assert f"<bdi>{q} אחר</bdi>" in page
        _reader(page)


def test_live_fragments_are_the_same(api: Api, places: dict[str, str]) -> None:
    heard = ""
    with api.http.stream("GET", "/live?topics=accounts,feed,account:bdi-a&after=0") as stream:
        api.deposit("bdi-a", "1", note=NOTE, reference=REFERENCE)
        for text in stream.iter_text():
            heard += text
            if heard.count(NOTE) >= 2 and NAME in heard:
                break
    reader = _reader(heard)
    assert reader.found >= 3


def _reader(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.bare == []
    return reader
