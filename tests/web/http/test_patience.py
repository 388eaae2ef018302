"""For how long the server waits for clients, with short limits: one that waited for ever would fail by a time-out."""

import time

from tests.kit.edge import CHUNKED, HOST, Edge, Plug, answer_to, get, post
from tests.kit.edge_server import BEAT_SECONDS, BLOCK, BLOCKS

LENGTH = b"Content-Length: 900\r\n"


def test_silence_before_a_request_ends_the_connection(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.rest() == b""


def test_half_a_head_is_refused(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.send(b"GET / HTTP/1.1\r\n" + HOST).answer().status == 408
        assert plug.rest() == b""


def test_a_head_that_trickles_in_is_refused(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        for byte in [b"GET / HTTP/1.1\r\nX: "] + [b"a"] * 40:
            plug.send(byte)
            time.sleep(0.05)
        assert plug.answer().status == 408


def test_empty_lines_are_no_sign_of_life(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        for _ in range(40):
            plug.send(b"\r\n")
            time.sleep(0.05)
        assert plug.rest() == b""


def test_a_later_head_has_its_time_too(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.send(get()).answer().status == 200
        assert plug.send(b"GET / HTTP/1.1\r\n").answer().status == 408


def test_an_idle_connection_ends(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.send(get()).answer().status == 200
        assert plug.rest() == b""


def test_empty_lines_do_not_keep_a_connection_alive(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.send(get()).answer().status == 200
        for _ in range(40):
            plug.send(b"\r\n")
            time.sleep(0.05)
        assert plug.rest() == b""


def test_half_a_body_is_refused(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        answer = plug.send(post(b"a", LENGTH)).answer()
        assert answer.status == 408
        assert "content-security-policy" in answer.headers
        assert plug.rest() == b""


def test_a_body_that_trickles_in_is_refused(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(post(b"", CHUNKED))
        for _ in range(60):
            plug.send(b"1\r\na\r\n")
            time.sleep(0.05)
        assert plug.answer().status == 408


def test_a_slow_but_steady_upload_is_taken(hurried: Edge) -> None:
    pieces = 30
    with Plug(hurried.url) as plug:
        plug.send(post(b"", f"Content-Length: {pieces * 1024}\r\n".encode()))
        for _ in range(pieces):
            plug.send(bytes(1024))
            time.sleep(0.1)
        assert plug.answer().json()["bytes"] == pieces * 1024


def test_a_body_after_an_early_answer_has_its_time_too(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(post(b"", CHUNKED, path="/early"))
        assert plug.answer().status == 413
        for _ in range(60):
            plug.send(b"1000\r\n" + bytes(4096) + b"\r\n")
            time.sleep(0.05)
        assert plug.rest() == b""


def test_live_updates_live_on(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(get("/live"))
        beats = [line for line in (plug.line() for _ in range(400)) if line.startswith(b"event")]
        assert len(beats) * BEAT_SECONDS > 3


def test_an_answer_may_take_its_time(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(get("/held/a"))
        time.sleep(2)
        assert answer_to(hurried.url, get("/release/a")).status == 200
        assert plug.answer().status == 200


def test_a_client_does_not_pay_for_an_application_that_does_not_read(hurried: Edge) -> None:
    size = 4_000_000
    with Plug(hurried.url) as plug, Plug(hurried.url) as asking:
        asking.send(post(b"", b"Expect: 100-continue\r\nContent-Length: 5\r\n", path="/held-body/b"))
        plug.send(post(b"", f"Content-Length: {size}\r\n".encode(), path="/held-body/b"), bytes(100_000))
        time.sleep(2)
        assert answer_to(hurried.url, get("/release/b")).status == 200
        plug.send(bytes(size - 100_000))
        assert plug.answer().json()["bytes"] == size
        assert asking.answer().status == 100
        assert asking.send(b"hello").answer().json()["bytes"] == 5


def test_an_answer_that_nobody_reads_ends_the_connection(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(get("/large"))
        time.sleep(4)
        assert len(plug.rest()) < BLOCKS * len(BLOCK)


def test_a_large_answer_may_be_read_slowly(hurried: Edge) -> None:
    size = BLOCKS * len(BLOCK)
    with Plug(hurried.url) as plug:
        plug.send(get("/large"))
        read = 0
        while read < size and (block := plug.read(size // 20)):
            read += len(block)
            time.sleep(0.2)
        assert read >= size


def test_nobody_goes_on_sending_after_a_refusal(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        assert plug.send(b"BAD\r\n\r\n").answer().status == 400
        plug.send_until_it_ends()


def test_a_refusal_that_nobody_reads_ends_too(hurried: Edge) -> None:
    with Plug(hurried.url) as plug:
        plug.send(get("/large") + b"BAD\r\n\r\n").send_until_it_ends()
