"""Requests that the server refuses before any route has them, over real connections."""

import pytest

from tests.kit.edge import CHUNKED, HOST, Edge, Plug, answer_to, edge, get, post
from web.http.limits import Limits

LIMITS = Limits()
ONE_CHUNK = b"5\r\nhello\r\n0\r\n"

REFUSED = {
    "without a host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "HTTP/1.0 without a host": (b"GET / HTTP/1.0\r\n\r\n", 400),
    "two hosts": (get("/", HOST), 400),
    "two different hosts": (get("/", b"Host: evil.example\r\n"), 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/0.9 with a host": (b"GET / HTTP/0.9\r\n" + HOST + b"\r\n", 400),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", 400),
    "HTTP/2 without asking": (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 400),
    "TLS": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(160), 400),
    "a folded header": (get("/", b"X: a\r\n b\r\n"), 400),
    "a header that begins with a space": (b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", 400),
    "NUL in a header": (get("/", b"X: a\0b\r\n"), 400),
    "NUL in the name of a header": (get("/", b"X\0: a\r\n"), 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a control character in a header": (get("/", b"X: a\x01b\r\n"), 400),
    "a carriage return in a header": (get("/", b"X: a\rb\r\n"), 400),
    "line feeds alone": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
    "a space before the colon": (get("/", b"X : a\r\n"), 400),
    "a header without a colon": (get("/", b"X\r\n"), 400),
    "a header without a name": (get("/", b": a\r\n"), 400),
    "Content-Length and Transfer-Encoding": (post(ONE_CHUNK, b"Content-Length: 3\r\n", CHUNKED), 400),
    "Transfer-Encoding and Content-Length": (post(ONE_CHUNK, CHUNKED, b"Content-Length: 3\r\n"), 400),
    "two lengths": (post(b"abcd", b"Content-Length: 3\r\n", b"Content-Length: 4\r\n"), 400),
    "a length with a sign": (post(b"abc", b"Content-Length: +3\r\n"), 400),
    "a negative length": (post(b"abc", b"Content-Length: -3\r\n"), 400),
    "a list of lengths": (post(b"abc", b"Content-Length: 3, 3\r\n"), 400),
    "an unknown coding": (post(b"abc", b"Transfer-Encoding: identity\r\n"), 501),
    "a coding that only begins as chunked": (post(ONE_CHUNK, b"Transfer-Encoding: chunkedx\r\n"), 501),
    "a compressed body": (post(ONE_CHUNK, b"Transfer-Encoding: gzip, chunked\r\n"), 501),
    "a compressed body in two headers": (post(ONE_CHUNK, b"Transfer-Encoding: gzip\r\n", CHUNKED), 501),
    "chunked in HTTP/1.0": (
        post(ONE_CHUNK, CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0"),
        501,
    ),
    "chunked twice": (post(ONE_CHUNK, CHUNKED, CHUNKED), 400),
    "a chunk without a size": (post(b"\r\nhello\r\n", CHUNKED), 400),
    "a chunk whose size is not a number": (post(b"xyz\r\n", CHUNKED), 400),
    "a chunk of negative size": (post(b"-5\r\nhello\r\n", CHUNKED), 400),
    "a chunk with a prefix": (post(b"0x5\r\nhello\r\n", CHUNKED), 400),
    "a chunk of more than 64 bits": (post(b"f" * 17 + b"\r\nhello", CHUNKED), 400),
    "a chunk that is longer than its size": (post(b"2\r\nhello\r\n0\r\n\r\n", CHUNKED), 400),
    "chunks with line feeds alone": (post(b"5\nhello\n0\n\n", CHUNKED), 400),
    "a target with another host": (b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a target with a user": (b"GET http://me@localhost/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a target that is an authority": (b"CONNECT evil.example:80 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a target without a slash": (b"GET health HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a target with a space": (get("/a b"), 400),
    "a request line of 1 MB": (get("/" + "a" * 1_000_000), 431),
    "a header of 1 MB": (get("/", b"X: " + b"a" * 1_000_000 + b"\r\n"), 431),
    "a name of 1 MB": (get("/", b"a" * 1_000_000 + b": X\r\n"), 431),
    "a header just above the limit": (get("/", b"X: " + b"a" * LIMITS.head_bytes + b"\r\n"), 431),
    "headers that are too large together": (
        get("/", *(b"X: " + b"a" * 1000 + b"\r\n" for _ in range(33))),
        431,
    ),
    "101 headers": (get("/", *(b"X: a\r\n" for _ in range(100))), 431),
    "5,000 headers": (get("/", *(b"X: a\r\n" for _ in range(5000))), 431),
    "150 trailers": (post(ONE_CHUNK + b"X: a\r\n" * 150, CHUNKED), 431),
    "a trailer of 1 MB": (post(ONE_CHUNK + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", CHUNKED), 431),
    "a length in a trailer": (post(ONE_CHUNK + b"Content-Length: 17\r\n\r\n", CHUNKED), 400),
    "a chunk with 1 MB of extensions": (
        post(b"5;" + b"a" * 1_000_000 + b"\r\nhello\r\n0\r\n\r\n", CHUNKED),
        431,
    ),
    "a body with Upgrade": (
        post(b"abc", b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n"),
        400,
    ),
}


@pytest.mark.parametrize(("request_", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(patient: Edge, request_: bytes, status: int) -> None:
    with Plug(patient.url) as plug:
        answer = plug.send(request_).answer()
        assert answer.status == status, answer
        assert plug.rest() == b""


@pytest.mark.parametrize("name", ["without a host", "101 headers", "a compressed body", "TLS"])
def test_a_refusal_is_a_problem_with_the_headers_of_every_answer(patient: Edge, name: str) -> None:
    answer = answer_to(patient.url, REFUSED[name][0])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-correlation-id"]
    assert answer.json()["status"] == answer.status
    assert answer.json()["title"]
    assert answer.json()["detail"]


TAKEN = {
    "a host in HTTP/1.0": (b"GET / HTTP/1.0\r\n" + HOST + b"\r\n", "/"),
    "a target with the same host": (b"GET http://LOCALHOST/a HTTP/1.1\r\n" + HOST + b"\r\n", "/a"),
    "an empty header": (b"GET / HTTP/1.1\r\nX:\r\n" + HOST + b"\r\n", "/"),
    "empty lines before": (b"\r\n\r\n" + get("/a"), "/a"),
    "99 headers besides the host": (get("/", *(b"X: a\r\n" for _ in range(99))), "/"),
    "a header just below the limit": (get("/", b"X: " + b"a" * (LIMITS.head_bytes - 50) + b"\r\n"), "/"),
    "another protocol, which it does not speak": (get("/", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), "/"),
    "two slashes, which name no host": (get("//evil.example/a"), "//evil.example/a"),
}


@pytest.mark.parametrize(("request_", "path"), TAKEN.values(), ids=TAKEN)
def test_it_is_taken(patient: Edge, request_: bytes, path: str) -> None:
    answer = answer_to(patient.url, request_)
    assert (answer.status, answer.json()["path"]) == (200, path)


def test_a_request_may_come_byte_by_byte(patient: Edge) -> None:
    request = post(b"5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n", CHUNKED, path="/a")
    answer = answer_to(patient.url, *(request[at : at + 1] for at in range(len(request))))
    assert (answer.status, answer.json()["path"], answer.json()["bytes"]) == (200, "/a", 5)


@pytest.mark.parametrize("piece", [1_000, 10_000, 200_000])
def test_headers_are_bounded_in_pieces_of_any_size(patient: Edge, piece: int) -> None:
    with Plug(patient.url) as plug:
        plug.send(b"GET / HTTP/1.1\r\n" + HOST + b"X: ", *(b"a" * piece for _ in range(100)))
        assert plug.answer().status == 431


@pytest.mark.parametrize("before", [b"", get("/a"), post(b"hello", b"Content-Length: 5\r\n", path="/a")])
def test_headers_are_bounded_on_a_connection_in_use_too(patient: Edge, before: bytes) -> None:
    """The end of one request and the beginning of the next arrive together."""
    first, second = b"X: " + b"a" * 20_000 + b"\r\n", b"Y: " + b"a" * 20_000 + b"\r\n\r\n"
    with Plug(patient.url) as plug:
        plug.send(before + b"GET /b HTTP/1.1\r\n" + HOST + first)
        if before:
            assert plug.answer().json()["path"] == "/a"
        assert plug.send(second).answer().status == 431


@pytest.mark.parametrize("name", ["Host", "Sec-Fetch-Site", "Idempotency-Key", "Cookie"])
def test_a_trailer_is_no_header(patient: Edge, name: str) -> None:
    body = ONE_CHUNK + name.encode() + b": 17\r\n\r\n"
    with Plug(patient.url) as plug:
        answer = plug.send(post(body, CHUNKED)).answer()
        assert dict(answer.json()["headers"]) == {"host": "localhost", "transfer-encoding": "chunked"}
        assert plug.send(get("/after")).answer().json()["path"] == "/after"


def test_a_trailer_is_no_header_either_when_it_comes_before_the_application_looks(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(post(ONE_CHUNK, CHUNKED, path="/held-body/a"), b"Host: evil.example\r\n\r\n")
        assert answer_to(patient.url, get("/release/a")).status == 200
        assert dict(plug.answer().json()["headers"])["host"] == "localhost"


def test_a_client_that_asks_first_is_told_to_continue(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(post(b"", b"Expect: 100-continue\r\nContent-Length: 5\r\n"))
        assert plug.answer().status == 100
        assert plug.send(b"hello").answer().json()["bytes"] == 5


def test_a_connection_ends_after_it_asked_for_another_protocol(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(get("/a", b"Connection: Upgrade\r\nUpgrade: websocket\r\n") + get("/b"))
        assert plug.answer().headers["connection"] == "close"
        assert plug.rest() == b""


def test_pipelined_requests_are_answered_in_order(patient: Edge) -> None:
    paths = [f"/{number}" for number in range(20)]
    with Plug(patient.url) as plug:
        plug.send(b"".join(get(path) for path in paths))
        assert [plug.answer().json()["path"] for _ in paths] == paths


def test_a_refusal_waits_for_the_answers_before_it(patient: Edge) -> None:
    good = get("/a") + post(b"hello", b"Content-Length: 5\r\n", path="/b")
    for bad in (b"BAD\r\n\r\n", get("/", HOST), post(b"xyz\r\n", CHUNKED)):
        with Plug(patient.url) as plug:
            plug.send(good + bad)
            assert [plug.answer().json()["path"] for _ in range(2)] == ["/a", "/b"]
            assert plug.answer().status == 400
            assert plug.rest() == b""


def test_not_too_many_requests_may_wait_on_one_connection(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(b"".join(get(f"/{number}") for number in range(500)))
        answers = [plug.answer() for _ in range(LIMITS.waiting + 2)]
        assert [answer.status for answer in answers] == [200] * (LIMITS.waiting + 1) + [429]
        assert plug.rest() == b""


def test_a_body_that_breaks_off_reaches_no_end(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(post(b"5\r\nhello\r\n", CHUNKED)).send(b"no size\r\n")
        assert plug.answer().status == 400
        assert plug.rest() == b""


def test_what_still_comes_after_an_early_answer_is_no_request(patient: Edge) -> None:
    with Plug(patient.url) as plug:
        plug.send(post(b"", b"Content-Length: 60\r\n", path="/early"))
        assert plug.answer().status == 413
        plug.send(get("/inner").ljust(60), get("/after"))
        assert plug.answer().json()["path"] == "/after"


def test_an_answer_that_breaks_off_has_no_end_and_is_one_line_of_the_log() -> None:
    with edge(LIMITS) as own:
        with Plug(own.url) as plug:
            assert plug.send(get("/broken")).rest().endswith(b"\r\n1\r\na\r\n")
        own.stop()
        (line,) = [line for line in own.log.splitlines() if line.startswith("ERROR")]
        assert line.startswith("ERROR:daybook.web:The answer breaks off: OSError: gone")
