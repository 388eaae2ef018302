"""A refusal or a failure is one line of the log, with its request. Nothing that a client sends writes another one."""

import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.kit.edge import answer_to
from tests.kit.projector import until
from tests.kit.valkey import valkey
from tests.kit.web import Served, served
from web import messages

FORGED = "\n\x1b[31mERROR daybook.web: forged\u202e"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
Line = dict[str, Any]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with valkey() as server, served(server.url, tmp_path_factory.mktemp("web"), "--log", "json") as process:
        yield process


def lines_in(process: Served) -> list[Line]:
    return [json.loads(line) for line in [*process.lines] if line.startswith("{")]


def lines_of(process: Served, correlation: str) -> list[Line]:
    return [line for line in lines_in(process) if line.get("correlation") == correlation]


def lines_after(process: Served, correlation: str) -> list[Line]:
    until(lambda: bool(lines_of(process, correlation)))
    return lines_of(process, correlation)


REFUSED: dict[str, tuple[str, str, dict[str, str], bytes, int, str]] = {
    "a field": ("POST", "/api/accounts/a/deposits", JSON, b'{"amount":"x"}', 422, "amount"),
    "a rule": ("POST", "/api/accounts/nobody/freeze", JSON, b"{}", 404, "nobody"),
    "a body": ("POST", "/api/accounts/a/deposits", JSON, b"{", 400, "JSON"),
    "a body that is too large": ("POST", "/api/accounts", JSON, b" " * 70_000, 413, ""),
    "a page": ("GET", "/accounts/nobody!", {"accept": "text/html"}, b"", 422, "nobody!"),
    "a parameter": ("GET", f"/users?{quote(FORGED)}=1", {"accept": "text/html"}, b"", 422, "forged"),
    "an address": ("GET", f"/{quote(FORGED)}", {}, b"", 404, ""),
    "a file": ("GET", f"/static/{quote(FORGED)}", {}, b"", 404, "forged"),
    "a method": ("PUT", "/api/accounts", {}, b"", 405, ""),
    "a form without its token": ("POST", "/entries", FORM, b"amount=1", 403, ""),
    "a form in parts": (
        "POST",
        "/entries",
        {"content-type": "multipart/form-data; boundary=q"},
        b"--q",
        415,
        "",
    ),
    "another host": ("GET", "/", {"host": "evil.example"}, b"", 421, "evil.example"),
    "another site": ("POST", "/entries", {"sec-fetch-site": "cross-site"}, b"", 403, ""),
    "a topic": ("GET", "/live?topics=nothing", {}, b"", 400, ""),
    "a type of problem": ("GET", "/problems/nothing", {}, b"", 404, ""),
    "a key": ("POST", "/api/accounts", {"idempotency-key": "k" * 256}, b"", 400, "Idempotency-Key"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_is_one_line_with_its_request_and_route(logged: Served, what: str) -> None:
    method, path, headers, body, status, said = REFUSED[what]
    correlation = f"{uuid4()}"
    sent = {**headers, "x-correlation-id": correlation}
    answer = httpx.request(method, logged.url + path, headers=sent, content=body)
    assert answer.status_code == status
    (line,) = lines_after(logged, correlation)
    assert (line["level"], line["logger"]) == ("info", "daybook.web")
    assert line["request"] == answer.headers["x-request-id"]
    assert line["route"].startswith(f"{method} /")
    assert line["message"].startswith(f"{status} after ")
    assert said in line["message"]


def test_a_form_that_is_refused_on_its_page_is_one_line_too(logged: Served) -> None:
    with httpx.Client(base_url=logged.url, headers={"accept": "text/html"}) as client:
        token = client.get("/users").text.partition('name="_csrf_token" value="')[2].partition('"')[0]
        correlation = f"{uuid4()}"
        typed = {"_csrf_token": token, "key": f"{uuid4()}", "name": FORGED}
        answer = client.post("/users", data=typed, headers={"x-correlation-id": correlation})
    assert answer.status_code == 422
    (line,) = lines_after(logged, correlation)
    assert (line["level"], line["route"]) == ("info", "POST /users")
    assert "U+000A" in line["message"]


def test_a_failure_is_one_line_that_says_what_failed(tmp_path: Path) -> None:
    with valkey() as server, served(server.url, tmp_path, "--log", "json") as process:
        server.kill()
        answer = httpx.get(f"{process.url}/accounts/a", headers={"x-correlation-id": "order-7"})
        (line,) = lines_after(process, "order-7")
    assert answer.status_code == 503
    assert (line["level"], line["route"]) == ("error", "GET /accounts/{account_id}")
    assert line["message"].startswith("503 after ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_input_ends_a_line_or_commands_a_terminal(tmp_path: Path, form: str) -> None:
    forged = quote(FORGED)
    with valkey() as server, served(server.url, tmp_path, "--log", form) as process:
        for path in (
            f"/{forged}",
            f"/static/{forged}",
            f"/?{forged}=1",
            f"/accounts/{forged}",
            f"/trace/{forged}",
        ):
            httpx.get(process.url + path)
        httpx.post(f"{process.url}/api/accounts/a/deposits", json={"amount": FORGED, FORGED: "1"})
        httpx.get(f"{process.url}/api/accounts/end")
        until(lambda: any("GET /api/accounts/{account_id}" in line for line in process.lines))
        lines = [line.removesuffix("\n") for line in process.lines]
    assert sum("forged" in line for line in lines) == 6
    assert all(line.isprintable() for line in lines)
    assert not any(line.lstrip().startswith(("ERROR", "\x1b")) for line in lines)


def test_a_refusal_of_the_server_itself_has_the_ids_that_its_line_has(logged: Served) -> None:
    answer = answer_to(logged.url, b"GET / HTTP/1.1\r\n\r\n")
    (line,) = lines_after(logged, answer.headers["x-correlation-id"])
    assert (answer.status, line["level"], line["request"]) == (400, "info", answer.headers["x-request-id"])


LEAVING = {
    "in a body of JSON": ("POST /api/accounts/a/deposits", "application/json", b'{"amount'),
    "in a form": ("POST /entries", "application/x-www-form-urlencoded", b"amount="),
    "in a body that is not read": ("POST /users/x", "multipart/form-data; boundary=q", b"--q"),
}


@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize("where", LEAVING)
def test_a_client_that_leaves_while_its_request_is_read_is_not_an_error(
    logged: Served, where: str, abruptly: bool
) -> None:
    start, kind, body = LEAVING[where]
    correlation = f"{uuid4()}"
    head = (
        f"{start} HTTP/1.1\r\nHost: localhost\r\nX-Correlation-ID: {correlation}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: 900\r\n\r\n"
    )
    _say(logged, head.encode() + body, abruptly=abruptly)
    (line,) = lines_after(logged, correlation)
    if "not read" in where:
        assert line["message"].startswith("415 after ")
    else:
        assert (line["level"], line["message"]) == ("debug", messages.CLIENT_LEFT)


def test_a_client_that_leaves_while_its_answer_is_written_is_not_an_error(logged: Served) -> None:
    for path in ("/", "/api/events?limit=500", "/live", "/api/schema"):
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Correlation-ID: gone\r\n\r\n"
        _say(logged, 20 * head.encode(), abruptly=True)
    httpx.get(f"{logged.url}/health/live", headers={"x-correlation-id": "gone-all"})
    lines_after(logged, "gone-all")
    assert {line["level"] for line in lines_of(logged, "gone")} <= {"debug"}


def _say(process: Served, data: bytes, *, abruptly: bool) -> None:
    address = urlsplit(process.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as plug:
        if abruptly:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plug.sendall(data)


def test_nothing_in_the_whole_log_was_an_error_or_came_without_its_request(logged: Served) -> None:
    about = [line for line in lines_in(logged) if line["logger"].startswith("daybook.web")]
    assert about
    assert [line for line in about if line["level"] not in ("debug", "info")] == []
    assert all(line.keys() >= {"request", "correlation"} for line in about)
    assert all("route" in line for line in about if not line["message"].startswith("Refused a request"))
