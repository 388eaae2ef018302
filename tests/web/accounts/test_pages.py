"""Pages and their contents, also if they are empty or something is wrong."""

from collections.abc import Iterator

import httpx
import pytest

from tests.kit.web import Api, Served
from web import messages

HTML = {"accept": "text/html"}


@pytest.fixture
def http(site: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=10, headers=HTML, trust_env=False) as made:
        yield made


def test_an_account_that_does_not_exist_yet_explains_itself(http: httpx.Client, name: str) -> None:
    page = http.get(f"/accounts/{name}")
    assert page.status_code == 200
    assert "does not exist yet" in page.text
    assert f'action="/accounts/{name}/open"' in page.text
    assert 'id="entry-form"' not in page.text
    assert f"Nothing is booked on {name} yet" in page.text


def test_empty_lists_say_what_would_fill_them(own_site: Served) -> None:
    page = httpx.get(own_site.url, headers=HTML).text
    assert "No accounts yet" in page
    assert "Nothing has been booked yet" in page


def test_the_dashboard_shows_what_was_booked(http: httpx.Client, api: Api, name: str) -> None:
    booked = api.deposit(name, "12345.60")
    api.shown(name, booked["position"])
    page = http.get("/").text
    assert f'id="account-{name}"' in page
    assert '<data value="12345.60">12\u2009345.60</data>' in page
    assert "#" + f"{booked['position']:,}".replace(",", "\u2009") in page


def test_a_negative_balance_has_a_minus_sign(http: httpx.Client, site: Served, api: Api) -> None:
    site.burst(400)
    api.shown("acc-1", api.deposit("acc-1", "0.01", currency="EUR")["position"])
    page = http.get("/", params={"balance_below": "0", "currency": "EUR", "q": "acc-"}).text
    assert "\u2212" in page


def test_accounts_are_paged_by_their_last_change(
    http: httpx.Client, site: Served, api: Api, name: str
) -> None:
    for number in range(52):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-51", booked["position"])
    first = http.get("/", params={"q": name}).text
    assert first.count("<tr id=") == 50
    link = first.partition('rel="next"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = http.get(link).text
    assert second.count("<tr id=") == 2
    assert f'id="account-{name}-0"' in second


def test_history_is_paged_by_position(http: httpx.Client, api: Api, name: str) -> None:
    for number in range(1, 53):
        booked = api.deposit(name, str(number))
    api.shown(name, booked["position"])
    first = http.get(f"/accounts/{name}").text
    assert first.count("<tr id=") == 50
    link = first.partition('id="history-pager"')[2].partition("?before=")[2].partition('">Older')[0]
    assert link
    before = first.partition(f'href="/accounts/{name}?before=')[2].partition('"')[0]
    older = http.get(f"/accounts/{name}", params={"before": before}).text
    assert older.count("<tr id=") == 2
    for region in ('id="history"', 'id="history-pager"'):  # live updates put the newest page in these
        assert region in first
        assert region not in older


def test_search_goes_to_the_account_or_lists_accounts_that_match(
    http: httpx.Client, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    assert http.get("/search", params={"q": f" {name} "}).headers["location"] == f"/accounts/{name}"
    listed = http.get("/search", params={"q": name[:-1]}).headers["location"]
    assert f'id="account-{name}"' in http.get(listed).text
    nobody, senseless = (http.get("/", params={"q": wanted}).text for wanted in ("nobody", "no/body"))
    assert "No account id contains “<bdi>nobody</bdi>”" in nobody
    assert 'You can open this account: <a href="/accounts/nobody">' in nobody
    assert "No account id contains “<bdi>no/body</bdi>”" in senseless
    assert "You can open" not in senseless


@pytest.mark.parametrize(
    "query", [{"balance_below": "x"}, {"balance_below": "1", "currency": "??"}, {"currency": "??"}]
)
def test_a_filter_that_cannot_be_read_says_so_on_the_page(http: httpx.Client, query: dict[str, str]) -> None:
    page = http.get("/", params=query)
    assert page.status_code == 422
    assert 'class="panel error"' in page.text


def test_the_list_is_of_one_currency_with_and_without_a_balance(
    http: httpx.Client, api: Api, name: str
) -> None:
    api.deposit(f"{name}-czk", "1")
    api.shown(f"{name}-eur", api.deposit(f"{name}-eur", "1", currency="EUR")["position"])
    for below in ({}, {"balance_below": ""}, {"balance_below": "5"}):
        page = http.get("/", params={"currency": "eur", "q": name, **below}).text
        assert f'id="account-{name}-eur"' in page
        assert f'id="account-{name}-czk"' not in page
        assert f"/accounts.csv?q={name}&amp;" in page
        assert "currency=EUR" in page
    assert (
        f"found by “<bdi>{name}</bdi>” is in SEK" in http.get("/", params={"currency": "SEK", "q": name}).text
    )
    everything = http.get("/", params={"currency": "", "balance_below": "", "q": name}).text
    assert everything.count('<tr id="account-') == 2


def test_the_next_page_of_a_filtered_list_has_all_its_filters(
    http: httpx.Client, api: Api, name: str
) -> None:
    for number in range(51):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-50", booked["position"])
    query = {"balance_below": "5", "currency": "CZK", "q": name}
    link = (
        http.get("/", params=query).text.partition('rel="next"')[2].partition('href="')[2].partition('"')[0]
    )
    assert http.get(link.replace("&amp;", "&")).text.count("<tr id=") == 1


def test_a_filter_reads_amounts_as_pages_write_them(http: httpx.Client) -> None:
    assert 'class="panel error"' not in http.get("/", params={"balance_below": "1\u2009000"}).text


def test_the_address_of_a_refused_form_leads_to_a_page(http: httpx.Client) -> None:
    assert http.get("/accounts/x/entries").headers["location"] == "/accounts/x"
    assert http.get("/entries").headers["location"] == "/"


def test_error_pages_say_what_to_do_next(http: httpx.Client) -> None:
    missing = http.get("/nope")
    assert missing.status_code == 404
    assert messages.HTTP[404].advice in missing.text
    assert http.get("/accounts/-bad").status_code == 422
    assert http.get("/?after=x'").status_code == 422


def test_a_parameter_that_a_page_does_not_have_is_refused(http: httpx.Client, name: str) -> None:
    for path in ("/", "/search", f"/accounts/{name}", f"/accounts/{name}/freeze"):
        page = http.get(path, params={"colour": "red"})
        assert (page.status_code, "colour" in page.text) == (422, True), path


def test_a_page_has_one_h1_and_its_landmarks(http: httpx.Client, name: str) -> None:
    for path in ("/", f"/accounts/{name}", "/nope"):
        page = http.get(path).text
        assert page.count("<h1") == 1
        assert all(f"<{part}" in page for part in ("header", "nav", "main", "footer"))
        assert '<html lang="en">' in page


def test_the_dashboard_leads_to_the_account_that_its_address_names_and_refuses_an_id_that_is_none(
    http: httpx.Client, api: Api, name: str
) -> None:
    position = api.deposit(name, "1")["position"]
    api.shown(name, position)
    page = http.get("/", params={"q": name, "booked": position, "opened": name}).text
    assert f'<a href="/accounts/{name}">Go to account {name}</a>' in page
    assert f'hx-get="/?q={name}"' in page
    assert http.get("/", params={"booked": position, "opened": "no/id"}).status_code == 422
