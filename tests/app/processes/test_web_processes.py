"""Several web processes on one port: which one answers makes no difference, and any of them may end at any time."""

import http.client
import re
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.kit.stack import Stack, connected, stack
from tests.kit.stream import Event, Stream, by_id, opened, rows_of, shown_in

HTML = {"accept": "text/html"}
RACERS = 1_000
PROCESSES = 2
SILENT_SECONDS = 60.0
"""More than between two heartbeats."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("shared"), "--web", str(PROCESSES)) as running:
        yield running


@pytest.fixture
def both(shared: Stack) -> Iterator[list[httpx.Client]]:
    """A client of each web process."""
    with ExitStack() as opened_clients:
        yield [
            opened_clients.enter_context(connected(shared.url, process.pid))
            for process in shared.parts("app web")
        ]


def until_two(running: Stack, ended: int) -> None:
    deadline = time.monotonic() + 20
    while len(found := {each.pid for each in running.parts("app web")} - {ended}) < PROCESSES:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_each_process_names_its_part_and_number(shared: Stack) -> None:
    lines = [" ".join(process.cmdline()) for process in shared.parts("app web")]
    assert [re.findall(r"app web .*--number (\d)", line) for line in lines] == [["1"], ["2"]]


def test_pages_of_all_processes_name_the_same_static_files(both: list[httpx.Client]) -> None:
    versions = [re.findall(r"/static/\w+/js/main\.js", client.get("/", headers=HTML).text) for client in both]
    assert versions[0]
    assert versions[0] == versions[1]


@pytest.mark.parametrize("sender", [0, 1])
def test_a_form_of_one_process_may_be_sent_to_the_other(both: list[httpx.Client], sender: int) -> None:
    account = f"form-{uuid4().hex[:8]}"
    both[0].post(f"/api/accounts/{account}/deposits", json={"amount": "1"})
    page = both[1 - sender].get(f"/accounts/{account}", headers=HTML)
    fields = dict(re.findall(r'name="(_csrf_token|key)" value="([^"]+)"', page.text))
    cookies = dict(page.cookies)
    assert cookies
    sent = {**fields, "amount": "6", "kind": "deposit"}
    origin = {**HTML, "origin": str(both[sender].base_url).rstrip("/")}
    both[sender].cookies.clear()
    both[sender].cookies.update(cookies)
    answer = both[sender].post(f"/accounts/{account}/entries", data=sent, headers=origin)
    assert answer.status_code in (200, 303), answer.text
    refused = both[sender].post(
        f"/accounts/{account}/entries", data=sent | {"_csrf_token": "0" * 128}, headers=origin
    )
    assert refused.status_code == 403


def test_racing_duplicates_at_two_processes_book_one(shared: Stack) -> None:
    account, key = f"race-{uuid4().hex[:8]}", str(uuid4())

    def race(pid: int) -> Counter[tuple[int, str]]:
        with connected(shared.url, pid) as client:
            answers = (
                client.post(
                    f"/api/accounts/{account}/deposits",
                    json={"amount": "5"},
                    headers={"Idempotency-Key": key},
                )
                for _ in range(RACERS // 20)
            )
            return Counter((answer.status_code, answer.json().get("entry_id", "")) for answer in answers)

    pids = [process.pid for process in shared.parts("app web")] * 10
    with ThreadPoolExecutor(len(pids)) as threads:
        answered = sum(threads.map(race, pids), Counter[tuple[int, str]]())
    assert answered.total() == RACERS
    assert len(answered) == 1, answered
    position = deposit(shared.url, account, "2")
    found = httpx.get(f"{shared.url}/api/accounts/{account}", params={"min_position": position}).json()
    assert found["balance"] == "7.00"


def test_a_frozen_process_gets_no_new_connections(shared: Stack) -> None:
    frozen, alive = shared.parts("app web")
    frozen.suspend()
    try:
        answers = [httpx.get(f"{shared.url}/health/live", timeout=5).json()["pid"] for _ in range(20)]
    finally:
        frozen.resume()
    assert set(answers) == {alive.pid}


def test_connections_that_wait_survive_the_end_of_all_processes(tmp_path: Path) -> None:
    with stack(tmp_path, "--web", str(PROCESSES)) as running:
        address = urlsplit(running.url)
        processes = running.parts("app web")
        for process in processes:
            process.suspend()
        waiting = [socket.create_connection((address.hostname, address.port), 20) for _ in range(8)]
        for connection in waiting:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for process in processes:
            process.kill()
        for connection in waiting:
            with connection:
                assert connection.recv(100).startswith(b"HTTP/1.1 200")
        everyone = psutil.Process(running.process.pid).children(recursive=True)
        assert running.stop(signal.SIGINT) == 0
        assert not any(process.is_running() for process in everyone)


class Page:
    """A browser's live page: it reconnects to whichever process accepts, with the last id that it got."""

    def __init__(self, url: str, first: http.client.HTTPConnection) -> None:
        self.events: list[Event] = []
        self.reconnects = 0
        self._url, self._connection = url, first
        self._last = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        assert not self._thread.is_alive()
        self._connection.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen(opened(self._connection, "/live?topics=accounts,feed", self._last))
            except (EOFError, OSError, http.client.HTTPException):
                self.reconnects += not self._stopped.is_set()
                self._connection.close()
                self._connection = connection_to(self._url)

    def _listen(self, stream: Stream) -> None:
        with stream.response:
            while not self._stopped.is_set():
                self.events.append(stream.next(SILENT_SECONDS))
                self._last = stream.id or self._last


def connection_to(url: str) -> http.client.HTTPConnection:
    address = urlsplit(url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)


@contextmanager
def page_at(url: str, pid: int) -> Iterator[Page]:
    """A page whose first connection is to the process with this pid."""
    while True:
        connection = connection_to(url)
        connection.request("GET", "/health/live")
        if f'"pid":{pid}' in connection.getresponse().read().decode():
            break
        connection.close()
    page = Page(url, connection)
    try:
        yield page
    finally:
        page.stop()


def deposit(url: str, account: str, amount: str = "1") -> str:
    """The position, after as many tries as it takes while a process ends."""
    key = str(uuid4())
    for _ in range(50):
        try:
            answer = httpx.post(
                f"{url}/api/accounts/{account}/deposits",
                json={"amount": amount},
                headers={"Idempotency-Key": key},
            )
            if answer.status_code == 201:
                return str(answer.json()["position"])
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the deposit could not be booked")


def test_live_pages_go_on_with_another_process_and_miss_nothing(shared: Stack) -> None:
    accounts = [f"live-{number:02}" for number in range(12)]
    killed, other = shared.parts("app web")
    with page_at(shared.url, killed.pid) as leaving, page_at(shared.url, other.pid) as staying:
        appended = []
        for number in range(60):
            if number == 20:
                killed.kill()
            appended.append(deposit(shared.url, accounts[number % len(accounts)]))
            time.sleep(0.02)
        last = int(appended[-1])
        pages = (leaving, staying)
        deadline = time.monotonic() + 20
        while not all(any(e.own_id and int(e.id) >= last for e in page.events) for page in pages):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        fresh = httpx.get(shared.url, headers=HTML).text
    assert (leaving.reconnects > 0, staying.reconnects) == (True, 0)
    rows = by_id(rows_of(fresh))
    for page in pages:
        assert set(appended) <= positions_in(page.events)
        shown = shown_in(page.events, "accounts")
        assert [shown[f"account-{name}"] for name in accounts] == [
            rows[f"account-{name}"] for name in accounts
        ]
    until_two(shared, killed.pid)


def positions_in(events: list[Event]) -> set[str]:
    return {
        found
        for event in events
        for found in re.findall(r'id="event-[^"]+" data-position="(\d+)"', event.data)
    }
