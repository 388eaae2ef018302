"""The headers of every answer, and the requests that are not answered."""

import re
import socket
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.kit.edge import CHUNKED, Plug
from tests.kit.web import Api, Served

PATHS = [
    "/",
    "/accounts/someone",
    "/nope",
    "/api/accounts",
    "/api/nope",
    "/static/app.css",
    "/health/live",
    "/api/schema",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_a_strict_policy(site: Served, path: str) -> None:
    headers = httpx.get(site.url + path).headers
    (policy,) = headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/accounts/someone", "/nope", "/api/schema"])
def test_pages_hold_nothing_that_the_policy_forbids(site: Served, path: str) -> None:
    page = httpx.get(site.url + path, headers={"accept": "text/html"}).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:|\bjs:", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PATHS)
def test_a_head_is_answered_as_a_get_without_the_body(site: Served, path: str) -> None:
    asked, got = httpx.head(site.url + path), httpx.get(site.url + path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert got.headers["content-type"].count("charset") <= 1


@pytest.mark.parametrize("path", ["/static/app.css", "/health/live", "/api/accounts", "/api/schema"])
def test_only_pages_set_a_cookie(site: Served, path: str) -> None:
    assert "set-cookie" not in httpx.get(site.url + path).headers


def test_the_cookie_is_only_for_this_site_and_hidden_from_scripts(site: Served) -> None:
    cookie = httpx.get(site.url).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "localhost@evil"]
)
def test_an_unknown_host_is_not_answered(site: Served, host: str) -> None:
    assert httpx.get(site.url, headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:80", "LOCALHOST:80", "192.0.2.7:8000"])
def test_local_names_and_addresses_are_answered(site: Served, host: str) -> None:
    assert httpx.get(site.url, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_nothing_is_booked_from_another_site(api: Api, name: str, headers: dict[str, str]) -> None:
    path = f"/api/accounts/{name}/deposits"
    answer = api.http.post(path, json={"amount": "1"}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.http.get(f"/api/accounts/{name}").status_code == 404


def test_this_site_itself_may_book(api: Api, site: Served, name: str) -> None:
    headers = {"origin": site.url, "sec-fetch-site": "same-origin"}
    answer = api.http.post(f"/api/accounts/{name}/deposits", json={"amount": "1"}, headers=headers)
    assert answer.status_code == 201


def test_a_request_is_not_read_beyond_its_limit(api: Api, name: str) -> None:
    answer = api.http.post(f"/api/accounts/{name}/deposits", json={"amount": "1", "note": "x" * 70_000})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_chunked_request_is_not_read_beyond_its_limit(site: Served) -> None:
    address = urlsplit(site.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as plug:
        head = "POST /api/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        plug.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            plug.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")
        assert b" 413 " in plug.recv(4096)


@pytest.mark.parametrize(
    ("line", "trailer", "status"),
    [
        (b"Host: evil.example", b"Host: localhost", 421),
        (b"Host: localhost\r\nSec-Fetch-Site: cross-site", b"Sec-Fetch-Site: same-origin", 403),
        (b"Host: localhost\r\nOrigin: http://evil.example", b"Origin: http://localhost", 403),
    ],
)
def test_a_trailer_takes_nothing_back(site: Served, line: bytes, trailer: bytes, status: int) -> None:
    with Plug(site.url) as plug:
        plug.send(_deposit("bd", line, CHUNKED.strip()) + _chunked(trailer))
        assert plug.answer().status == status


def test_a_key_in_a_trailer_is_no_key(site: Served, name: str) -> None:
    key = str(uuid4()).encode()
    with Plug(site.url) as plug:
        plug.send(_deposit(name, b"Host: localhost", CHUNKED.strip()) + _chunked(b"Idempotency-Key: " + key))
        first = plug.answer()
        assert (first.status, first.headers["idempotency-key"] == key.decode()) == (201, False)
        lines = (b"Host: localhost", b"Idempotency-Key: " + key, b"Content-Length: 14")
        plug.send(_deposit(name, *lines) + b'{"amount":"2"}')
        assert plug.answer().status == 201


def _deposit(account: str, *lines: bytes) -> bytes:
    first = f"POST /api/accounts/{account}/deposits HTTP/1.1".encode()
    return b"\r\n".join([first, b"Content-Type: application/json", *lines, b"", b""])


def _chunked(trailer: bytes) -> bytes:
    return b'e\r\n{"amount":"1"}\r\n0\r\n' + trailer + b"\r\n\r\n"


def test_static_files_are_cached_forever_under_their_version_and_not_otherwise(site: Served) -> None:
    page = httpx.get(site.url).text
    address = re.search(r'src="(/static/\w+)/js/main\.js"', page)
    assert address
    for name in ("js/main.js", "js/feed.js", "app.css", "vendor/inter-latin-wght-normal.woff2"):
        named = httpx.get(f"{site.url}{address[1]}/{name}")
        assert "immutable" in named.headers["cache-control"]
    older = httpx.get(f"{site.url}/static/0123456789abcdef/app.css")
    assert (older.status_code, "no-cache" in older.headers["cache-control"]) == (200, True)
    plain = httpx.get(site.url + "/static/app.css")
    assert "no-cache" in plain.headers["cache-control"]
    again = httpx.get(site.url + "/static/app.css", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/../web/app.py", "/static/%2e%2e/pyproject.toml", "/static/package.json", "/static/"]
)
def test_only_static_files_are_served_as_such(site: Served, path: str) -> None:
    address = urlsplit(site.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as plug:
        plug.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in plug.recv(4096)
