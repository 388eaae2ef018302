"""Correlation ids and traces through a real web process: into events and log lines, and back in the answer."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.kit.projector import until
from tests.kit.valkey import valkey
from tests.kit.web import Api, Served, served
from tests.web.kit import problem_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{SPAN}-01"
LINE = re.compile(r"[A-Z]+ [\w.]+( \[[!-~]{1,128}( [^\n]*)?\])?: [^\n]*\n|Web is up at [^\n]*\n")
SECONDS = 10.0


@pytest.fixture(scope="module", params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def logged(form: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web process that logs all that it can, with a log and a Redis of its own."""
    folder = tmp_path_factory.mktemp("web")
    with valkey() as server, served(server.url, folder, "--log", form) as process:
        yield process


@pytest.fixture
def client(logged: Served) -> Iterator[Api]:
    made = Api(logged.url)
    yield made
    made.http.close()


def deposit(client: Api, name: str, headers: dict[str, str]) -> httpx.Response:
    return client.http.post(f"/api/accounts/{name}/deposits", json={"amount": "1"}, headers=headers)


def metadata(client: Api, name: str) -> list[dict[str, str]]:
    """Of the account's events, oldest first."""
    events = client.http.get("/api/events", params={"stream": f"account-{name}"}).json()["events"]
    return [event["metadata"] for event in reversed(events)]


def test_ids_that_were_sent_are_in_all_events_of_the_command_and_in_the_answer(
    client: Api, name: str
) -> None:
    key = str(uuid4())
    sent = {"X-Correlation-ID": "order-7/line:3", "traceparent": TRACEPARENT, "Idempotency-Key": key}
    answer = deposit(client, name, sent)
    assert answer.status_code == 201
    assert answer.headers["x-correlation-id"] == "order-7/line:3"
    assert answer.headers["traceparent"] == TRACEPARENT
    written = metadata(client, name)
    assert len(written) == 2
    for about in written:
        assert about["$correlationId"] == "order-7/line:3"
        assert (about["$traceId"], about["$spanId"]) == (TRACE, SPAN)
        assert about["$causationId"] == about["command_id"] == key


def test_without_an_id_it_is_that_of_the_trace_or_a_new_one(client: Api, name: str) -> None:
    traced = deposit(client, name, {"traceparent": TRACEPARENT})
    assert traced.headers["x-correlation-id"] == TRACE
    untraced = deposit(client, name, {"traceparent": "00-none"})
    assert untraced.headers["x-correlation-id"] == str(UUID(untraced.headers["x-correlation-id"]))
    assert "traceparent" not in untraced.headers
    *_, first, second = metadata(client, name)
    assert (first["$correlationId"], first["$traceId"], first["$spanId"]) == (TRACE, TRACE, SPAN)
    assert second["$correlationId"] == untraced.headers["x-correlation-id"]
    assert not {"$traceId", "$spanId"} & second.keys()


def test_a_repeated_command_keeps_the_ids_of_the_first_request(client: Api, name: str) -> None:
    key = str(uuid4())
    for sent in ("first", "second"):
        answer = deposit(client, name, {"X-Correlation-ID": sent, "Idempotency-Key": key})
        assert (answer.status_code, answer.headers["x-correlation-id"]) == (201, sent)
    assert [about["$correlationId"] for about in metadata(client, name)] == ["first", "first"]


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "č", "a, b"])
def test_an_id_that_cannot_be_used_is_refused_by_name_and_nothing_is_booked(
    client: Api, name: str, sent: str
) -> None:
    path, named = f"/api/accounts/{name}/deposits", {b"X-Correlation-ID": sent.encode()}
    answer = client.http.post(path, json={"amount": "1"}, headers=named)
    problem = problem_of(answer, 400, "invalid-correlation-id")
    (error,) = problem["errors"]
    assert (error["field"], error["code"]) == ("X-Correlation-ID", "invalid-correlation-id")
    assert "X-Correlation-ID" in problem["detail"]
    assert answer.headers["x-correlation-id"] not in (sent, "")
    assert "content-security-policy" in answer.headers
    assert metadata(client, name) == []
    assert client.http.get(problem["type"], headers={"accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api/nothing", "/static/nothing", "/health/live", "/accounts/x", "/settled"]
)
def test_pages_and_errors_answer_with_the_id_too(client: Api, path: str) -> None:
    sent = {"X-Correlation-ID": "seen", "traceparent": TRACEPARENT, "accept": "text/html"}
    answer = client.http.get(path, headers=sent)
    assert (answer.headers["x-correlation-id"], answer.headers["traceparent"]) == ("seen", TRACEPARENT)
    foreign = client.http.post("/entries", headers=sent | {"sec-fetch-site": "cross-site"})
    assert (foreign.status_code, foreign.headers["x-correlation-id"]) == (403, "seen")


def test_a_form_that_books_is_correlated_too(client: Api, name: str) -> None:
    page = client.http.get("/").text
    fields = dict(re.findall(r'name="(_csrf_token|key)" value="([^"]+)"', page))
    typed = {**fields, "account_id": name, "amount": "5", "currency": "CZK", "kind": "deposit"}
    answer = client.http.post("/entries", data=typed, headers={"X-Correlation-ID": "form-1"})
    assert answer.status_code == 303
    assert [about["$correlationId"] for about in metadata(client, name)] == ["form-1", "form-1"]


def test_every_line_about_a_request_has_its_id(form: str, tmp_path: Path) -> None:
    with valkey() as server, served(server.url, tmp_path, "--log", form) as process:
        server.kill()
        sent = {"X-Correlation-ID": "order-7", "traceparent": TRACEPARENT}
        assert httpx.get(f"{process.url}/api/accounts/anna", headers=sent).status_code == 503
        until(lambda: any("order-7" in line for line in process.lines))
        (line,) = [line for line in process.lines if "order-7" in line]
    if form == "text":
        assert re.match(
            r"ERROR daybook.web \[order-7 [0-9a-f]{16} GET /api/accounts/{account_id}\]: 503 ", line
        )
        return
    found = json.loads(line)
    assert (found["correlation"], found["trace"], found["span"]) == ("order-7", TRACE, SPAN)


values = st.binary(max_size=200) | st.text(max_size=150).map(str.encode)


@given(correlation=values, traceparent=values, other=values)
@example(b"a\nERROR daybook.web: forged", b"", b"")
@example(b"a\r\nX-Correlation-ID: b", TRACEPARENT.encode() + b"\x85", b"\xe2\x80\xa8")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_headers_lead_to_a_failure_or_break_a_line(
    form: str, logged: Served, correlation: bytes, traceparent: bytes, other: bytes
) -> None:
    host, _, port = logged.url.removeprefix("http://").partition(":")
    end = f"end-{uuid4()}"
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        connection.sendall(
            b"GET /api/accounts/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"X-Correlation-ID: %s\r\ntraceparent: %s\r\nReferer: %s\r\n\r\n"
            % (end.encode(), correlation, traceparent, other)
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert re.match(rb"HTTP/1.1 [2-4]\d\d ", answer)
    httpx.get(f"{logged.url}/health/live", headers={"X-Correlation-ID": end})
    until(lambda: any(end in line for line in logged.lines[-3:]))
    for line in logged.lines:
        assert json.loads(line) if form == "json" and line[0] == "{" else LINE.fullmatch(line), line
