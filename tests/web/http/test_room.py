"""A server that is full: the connection for which it has waited longest makes room."""

import resource
import subprocess
import sys
from contextlib import ExitStack

from tests.kit.edge import HOST, Edge, Plug, answer_to, get, post
from tests.kit.web import PROJECT


def opened(stack: ExitStack, small: Edge, *parts: bytes) -> Plug:
    return stack.enter_context(Plug(small.url)).send(*parts)


def test_silent_connections_shut_nobody_out(small: Edge) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            opened(stack, small)
        assert answer_to(small.url, get()).status == 200


def test_half_requests_shut_nobody_out(small: Edge) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            opened(stack, small, b"GET / HTTP/1.1\r\n" + HOST)
            opened(stack, small, post(b"a", b"Content-Length: 900\r\n"))
        assert answer_to(small.url, get()).status == 200


def test_idle_connections_go_in_the_order_in_which_they_were_used(small: Edge) -> None:
    with ExitStack() as stack:
        plugs = [opened(stack, small) for _ in range(4)]
        for plug in (plugs[2], plugs[0], plugs[3], plugs[1]):
            assert plug.send(get()).answer().status == 200
        opened(stack, small), opened(stack, small)
        assert plugs[2].rest() == b""
        assert plugs[0].rest() == b""
        for plug in (plugs[3], plugs[1]):
            assert plug.send(get()).answer().status == 200


def test_whoever_gets_an_answer_stays(small: Edge) -> None:
    with ExitStack() as stack:
        live = [opened(stack, small, get("/live")) for _ in range(3)]
        for plug in live:
            plug.line()
        for _ in range(20):
            assert answer_to(small.url, get()).status == 200
        for plug in live:
            assert [plug.line() for _ in range(20)]


def test_a_server_that_is_busy_with_all_says_so_until_one_leaves(small: Edge) -> None:
    with ExitStack() as stack:
        live = [opened(stack, small, get("/live")) for _ in range(4)]
        for plug in live:
            plug.line()
        for _ in range(10):
            answer = answer_to(small.url, get())
            assert answer.status == 503
            assert answer.headers["retry-after"]
            assert "content-security-policy" in answer.headers
        live[0].__exit__()
        while (answer := answer_to(small.url, get())).status == 503:
            pass
        assert answer.status == 200


def test_a_process_that_may_open_few_files_takes_as_many_connections_as_it_can() -> None:
    program = (
        "import resource; from web.http.limits import Limits;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}));"
        "print(Limits().within_open_files().connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for allowed, expected in ((hard, "4000 5280"), (3000, "1720 3000"), (300, "150 300")):
        words = [sys.executable, "-c", program.format(hard=allowed)]
        assert subprocess.check_output(words, cwd=PROJECT, text=True).strip() == expected
