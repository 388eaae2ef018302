"""The catalogue's page shows every event, and answers as other pages do."""

import html

from projections.catalogue import catalogue
from tests.kit.web import Api
from web.catalogue.view import breakable, with_code

HTML = {"accept": "text/html"}


def test_the_page_shows_all_that_the_catalogue_says(api: Api) -> None:
    answer = api.http.get("/catalogue", headers=HTML)
    assert answer.headers["content-type"].startswith("text/html")
    shown = html.unescape(answer.text)
    for event in catalogue():
        said = (
            event.name,
            html.unescape(with_code(event.meaning)),
            event.stream,
            event.example,
            event.schema,
        )
        assert [text for text in said if text not in shown] == []
        assert f'id="{event.name}"' in shown
        assert all(f"<code>{name}</code>" in shown for name in (*event.commands, *event.read_models))
        assert all(html.unescape(with_code(field.meaning)) in shown for field in event.fields)
        assert all(html.unescape(with_code(change.what)) in shown for change in event.changes)


def test_every_page_leads_to_it(api: Api) -> None:
    assert 'href="/catalogue"' in api.http.get("/", headers=HTML).text


def test_it_answers_like_every_page(api: Api) -> None:
    head = api.http.head("/catalogue", headers=HTML)
    assert (head.status_code, head.content) == (200, b"")
    assert "GET" in api.http.options("/catalogue").headers["allow"]
    assert api.http.get("/catalogue?type=x", headers=HTML).status_code == 422
    assert api.http.post("/catalogue", headers=HTML).status_code in (403, 405)


def test_a_name_may_continue_on_the_next_line_between_its_words() -> None:
    assert breakable("OverdraftLimitChanged") == "Overdraft<wbr>Limit<wbr>Changed"
    assert breakable("value_date") == "value_<wbr>date"
    assert breakable("note<b>") == "note&lt;b&gt;"


def test_words_between_backticks_are_code_and_nothing_else_is_markup() -> None:
    assert with_code("called `user_id` <b>") == "called <code>user_id</code> &lt;b&gt;"
