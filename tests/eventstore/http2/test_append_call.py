"""Appends over a connection to a server that does what real ones seldom do."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest
import trustme

from esdbnode.http2 import frames
from esdbnode.http2.frames import Setting
from eventstore import messages
from eventstore.append_call import AppendCall, open_call
from eventstore.cluster import Cluster
from eventstore.connection import node_at
from eventstore.http2.call import WINDOW
from eventstore.store import AccessRefused, OutcomeUnknown, StoreUnavailable
from tests.eventstore.http2.server import SECONDS, Served, answer, append, calling, data, start_server

MANY = 50


async def test_appends_of_one_turn_leave_together_and_answers_may_come_in_any_order() -> None:
    async with calling() as (call, served):
        appends = [append(call, number) for number in range(1, MANY + 1)]
        requests = await served.requests(MANY)
        assert len(served.sizes) == 1
        served.begin()
        numbers = [each.correlation_id.structured.least_significant_bits for each in requests]
        assert numbers == list(range(1, MANY + 1))
        served.send(data(*(answer(number, revision=number) for number in reversed(numbers))))
        answers = await asyncio.gather(*appends)
        assert [each.success.current_revision for each in answers] == numbers


async def test_requests_say_who_asks_for_what() -> None:
    async with calling() as (_, served):
        fields = await served.fields()
    assert fields[":path"] == "/event_store.client.streams.Streams/BatchAppend"
    assert (fields[":method"], fields[":scheme"], fields["te"]) == ("POST", "http", "trailers")
    assert fields["requires-leader"] == "true"
    assert "authorization" not in fields


async def test_an_answer_may_come_in_single_bytes() -> None:
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        block = served.block([(":status", "200"), ("x-" + "y" * 100, "z")])
        whole = frames.header_frames(1, block, 0, 7) + data(answer(1))
        for at in range(len(whole)):
            served.send(whole[at : at + 1])
            await asyncio.sleep(0)
        assert (await appending).HasField("success")


async def test_a_message_may_be_split_over_frames_with_padding() -> None:
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        served.begin()
        for byte in data(answer(1))[frames.HEAD_SIZE :]:
            served.send(frames.frame(frames.DATA, frames.PADDED, 1, bytes((2, byte, 0, 0))))
        assert (await appending).HasField("success")


async def test_requests_wait_for_windows_that_are_tiny() -> None:
    async with calling({Setting.INITIAL_WINDOW_SIZE: 10}) as (call, served):
        appends = [append(call, number) for number in range(1, 4)]
        feeding = asyncio.create_task(served.requests(3))
        while not feeding.done():
            served.send(frames.window_update(1, 7))
            await asyncio.sleep(0.001)
        assert len(await feeding) == 3
        assert max(served.sizes[1:]) <= 10 * 7
        served.begin()
        served.send(data(*map(answer, range(1, 4))))
        await asyncio.gather(*appends)


async def test_frames_are_as_large_as_the_server_allows() -> None:
    async with calling({Setting.INITIAL_WINDOW_SIZE: 2**20, Setting.MAX_FRAME_SIZE: 20_000}) as (
        call,
        served,
    ):
        appending = append(call, size=50_000)
        await served.requests(1)
        assert max(served.sizes) == 20_000
        served.begin()
        served.send(data(answer(1)))
        await appending


async def test_the_server_may_send_any_amount_in_time() -> None:
    """It is allowed more before its windows are used up."""
    async with calling() as (call, served):
        allowed = {0: WINDOW, 1: WINDOW}
        served.begin()
        appending = append(call)
        await served.requests(1)
        filler = data(*[answer(99)] * 800)
        for _ in range(100):
            served.send(filler)
            for stream in allowed:
                allowed[stream] -= len(filler) - frames.HEAD_SIZE
            while min(allowed.values()) < WINDOW // 4:
                _, _, stream, payload = await served.until(frames.WINDOW_UPDATE)
                allowed[stream] += int.from_bytes(payload, "big")
        served.send(data(answer(1)))
        await appending


async def test_pings_and_settings_are_acknowledged_at_any_time() -> None:
    async with calling() as (_, served):
        await served.until(frames.SETTINGS, frames.ACK)
        served.send(frames.frame(frames.PING, 0, 0, b"whatelse"))
        assert (await served.until(frames.PING, frames.ACK))[3] == b"whatelse"
        served.send(frames.settings({Setting.MAX_FRAME_SIZE: 2**15}))
        await served.until(frames.SETTINGS, frames.ACK)
        served.send(
            frames.frame(99, 0, 7, b"a kind that is not known yet"), frames.frame(frames.PING, 0, 0, bytes(8))
        )
        await served.until(frames.PING, frames.ACK)


async def test_an_append_that_is_given_up_before_it_could_leave_is_never_sent() -> None:
    async with calling({Setting.INITIAL_WINDOW_SIZE: 0}) as (call, served):
        first, second = append(call, 1), append(call, 2)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        served.send(frames.window_update(1, 10_000))
        requests = await served.requests(1)
        assert [each.correlation_id.structured.least_significant_bits for each in requests] == [2]
        served.begin()
        served.send(data(answer(2)))
        await second


# How a call ends.


async def test_a_server_that_leaves_answers_what_it_has_and_gets_nothing_more() -> None:
    async with calling() as (call, served):
        appends = [append(call, number) for number in (1, 2)]
        await served.requests(2)
        served.begin()
        served.send(data(answer(1)), frames.goaway(1, frames.ErrorCode.NO_ERROR, "bye"))
        served.send(frames.frame(frames.PING, 0, 0, bytes(8)))
        await served.until(frames.PING, frames.ACK)
        await appends[0]
        assert not call.is_usable
        assert not call.finished.is_set()
        served.send(data(answer(2)))
        await appends[1]
        await call.finished.wait()
        with pytest.raises(StoreUnavailable) as caught:
            await append(call, 3)
        assert type(caught.value) is StoreUnavailable
        assert messages.APPENDS_ENDED in caught.value.inner


async def test_a_server_that_leaves_while_nothing_is_asked_is_left_at_once() -> None:
    async with calling() as (call, served):
        served.send(frames.goaway(2**31 - 1, frames.ErrorCode.NO_ERROR, ""))
        async with asyncio.timeout(SECONDS):
            await call.finished.wait()
        assert not call.is_usable


async def failure_of(call: AppendCall, served: Served, *sent: bytes, count: int = 1) -> Exception:
    """What `count` appends fail with if the server answers them with `sent`."""
    appends = [append(call, number + 1) for number in range(count)]
    await served.requests(count)
    served.send(*sent)
    failures = await asyncio.gather(*appends, return_exceptions=True)
    assert len({type(failure) for failure in failures}) == 1
    assert len(set(map(id, failures))) == count
    assert isinstance(failures[0], Exception)
    assert await served.is_closed()
    return failures[0]


@pytest.mark.parametrize(
    "sent",
    [
        frames.reset(1, frames.ErrorCode.REFUSED_STREAM),
        frames.goaway(0, frames.ErrorCode.ENHANCE_YOUR_CALM, "too much"),
    ],
)
async def test_appends_that_the_server_has_not_looked_at_are_certainly_not_recorded(sent: bytes) -> None:
    async with calling() as (call, served):
        failure = await failure_of(call, served, sent, count=2)
    assert type(failure) is StoreUnavailable


BEGUN = frames.frame(frames.HEADERS, frames.END_HEADERS, 1, b"\x88")  # :status 200


@pytest.mark.parametrize(
    "sent",
    [
        frames.reset(1, frames.ErrorCode.CANCEL),
        BEGUN + frames.frame(frames.DATA, 0, 1, b"\1\0\0\0\1x"),
        BEGUN + frames.frame(frames.DATA, 0, 1, b"\0\xff\xff\xff\xff"),
        BEGUN + data(b"\xff"),
        BEGUN + data(answer(9)[:2] + b"\x00"),
        BEGUN + frames.frame(frames.DATA, frames.END_STREAM, 1),
        frames.frame(frames.DATA, frames.PADDED, 1, b"\x09"),
        frames.frame(frames.DATA, 0, 3, b""),
        frames.frame(frames.HEADERS, frames.END_HEADERS, 1, b"\xff" * 9),
        frames.frame(frames.HEADERS, 0, 1, b"\x88") + frames.frame(frames.PING, 0, 0, bytes(8)),
        frames.frame(frames.CONTINUATION, frames.END_HEADERS, 1, b"\x88"),
        frames.frame(5, frames.END_HEADERS, 1, bytes(4)),
        frames.frame(frames.SETTINGS, 0, 0, b"odd"),
        frames.window_update(1, 0),
        frames.window_update(0, 2**31 - 1),
        frames.frame(frames.RST_STREAM, 0, 1, b""),
        frames.frame(frames.DATA, 0, 1, bytes(frames.DEFAULT_FRAME_SIZE + 1)),
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    ],
)
async def test_whatever_else_the_server_sends_leaves_the_outcome_unknown(sent: bytes) -> None:
    async with calling() as (call, served):
        failure = await failure_of(call, served, sent)
        assert not call.is_usable
    assert isinstance(failure, OutcomeUnknown)


async def test_a_closed_connection_leaves_the_outcome_unknown() -> None:
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        served.writer.close()
        with pytest.raises(OutcomeUnknown) as caught:
            await appending
    assert "connection lost" in caught.value.inner


async def test_headers_without_end_are_not_collected_for_ever() -> None:
    more = frames.frame(frames.CONTINUATION, 0, 1, bytes(frames.DEFAULT_FRAME_SIZE))
    async with calling() as (call, served):
        failure = await failure_of(call, served, frames.frame(frames.HEADERS, 0, 1, b""), *[more] * 100)
    assert isinstance(failure, OutcomeUnknown)


OK = (":status", "200")


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        ((OK, ("grpc-status", "7"), ("grpc-message", "Denied%E2%80%A6")), AccessRefused, "Denied…"),
        ((OK, ("grpc-status", "14"), ("grpc-message", "Server Is Not Ready")), StoreUnavailable, "Not Ready"),
        (((":status", "401"),), AccessRefused, "UNAUTHENTICATED"),
        (((":status", "503"),), OutcomeUnknown, "503"),
        ((OK, ("grpc-status", "99")), OutcomeUnknown, "UNKNOWN"),
        ((OK, ("grpc-status", "0")), OutcomeUnknown, ""),
    ],
)
@pytest.mark.parametrize("size", [1, frames.DEFAULT_FRAME_SIZE])
async def test_the_status_of_a_call_says_what_its_end_means(
    fields: tuple[tuple[str, str], ...], kind: type[Exception], said: str, size: int
) -> None:
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        served.end(*fields, size=size)
        with pytest.raises(kind) as caught:
            await appending
    assert type(caught.value) is kind
    assert said in getattr(caught.value, "inner", "")


STATUSES: list[tuple[tuple[str, str], ...]] = [
    (("grpc-status", "3"),),
    (("grpc-status", "9"),),
    (("grpc-status", "12"),),
    (("grpc-status", "9"), ("exception", "stream-deleted"), ("stream-name", "account-1")),
    (("grpc-status", "14"), ("grpc-message", "Server Is Not Ready")),
    (
        ("grpc-status", "5"),
        ("leader-endpoint-host", "example.test"),
        ("leader-endpoint-port", "2113"),
    ),
]
DENIALS: list[tuple[tuple[str, str], ...]] = [(("grpc-status", "7"),), (("grpc-status", "16"),)]


@pytest.mark.parametrize("fields", STATUSES)
async def test_a_refusal_is_certain_for_the_only_append(fields: tuple[tuple[str, str], ...]) -> None:
    async with calling() as (call, served):
        failure = await failure_of(call, served, served.trailers(OK, *fields))
    assert not isinstance(failure, OutcomeUnknown)


@pytest.mark.parametrize("fields", STATUSES)
async def test_a_refusal_leaves_the_outcome_of_several_appends_unknown(
    fields: tuple[tuple[str, str], ...],
) -> None:
    async with calling() as (call, served):
        failure = await failure_of(call, served, served.trailers(OK, *fields), count=2)
    assert type(failure) is OutcomeUnknown
    assert failure.inner


@pytest.mark.parametrize("fields", STATUSES + DENIALS)
async def test_a_refusal_after_an_answer_leaves_the_outcome_unknown(
    fields: tuple[tuple[str, str], ...],
) -> None:
    async with calling() as (call, served):
        first = append(call, 9)
        await served.requests(1)
        served.begin()
        served.send(data(answer(9)))
        await first
        failure = await failure_of(call, served, served.trailers(*fields))
    assert type(failure) is OutcomeUnknown
    assert failure.inner


async def test_a_refusal_may_be_about_an_append_that_was_given_up() -> None:
    async with calling() as (call, served):
        given_up = append(call, 9)
        await served.requests(1)
        given_up.cancel()
        failure = await failure_of(call, served, served.trailers(OK, ("grpc-status", "3")))
    assert type(failure) is OutcomeUnknown


@pytest.mark.parametrize("fields", DENIALS)
async def test_a_caller_that_is_denied_before_any_answer_has_certainly_recorded_nothing(
    fields: tuple[tuple[str, str], ...],
) -> None:
    async with calling() as (call, served):
        failure = await failure_of(call, served, served.trailers(OK, *fields), count=2)
    assert type(failure) is AccessRefused


async def test_a_page_for_people_is_no_message() -> None:
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        head = frames.header_frames(1, served.block([(":status", "403")]), 0, frames.DEFAULT_FRAME_SIZE)
        served.send(head, frames.frame(frames.DATA, frames.END_STREAM, 1, b"<html>"))
        with pytest.raises(AccessRefused):
            await appending


async def test_the_leader_is_read_from_the_trailers() -> None:
    leader = [("leader-endpoint-host", "example.test"), ("leader-endpoint-port", "2113")]
    async with calling() as (call, served):
        appending = append(call)
        await served.requests(1)
        served.begin()
        served.end(("grpc-status", "5"), ("grpc-message", "Leader info available"), *leader, size=20)
        with pytest.raises(StoreUnavailable) as caught:
            await appending
        assert not isinstance(caught.value, OutcomeUnknown)
        assert call.leader == "example.test:2113"


async def test_a_cancelled_wait_for_the_end_of_a_connection_does_not_disturb_it() -> None:
    async with calling() as (call, served):
        waiting = asyncio.create_task(call.wait_closed())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        call.drop()
        await call.wait_closed()
        assert await served.is_closed()


# How long answers are waited for.


async def test_an_append_ends_at_its_own_deadline_while_others_are_answered() -> None:
    async with calling(patience=0.3) as (call, served):
        served.begin()
        slow = append(call, 1, seconds=0.6)
        number = 1
        while not slow.done():
            number += 1
            other = append(call, number)
            await served.requests(1)
            served.send(data(answer(number)))
            await other
            await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):
            await slow
        assert call.is_usable


@pytest.mark.parametrize("seconds", [(0.0004, 0.0003), (0.0003, 0.0004), (0.0, -1.0)])
async def test_deadlines_that_are_almost_due_end_appends_of_one_turn(seconds: tuple[float, float]) -> None:
    async with calling() as (call, served):
        last = append(call, 3)
        await served.requests(1)
        due = [append(call, number, seconds=each) for number, each in enumerate(seconds, 1)]
        failures = await asyncio.gather(*due, return_exceptions=True)
        assert {type(failure) for failure in failures} == {TimeoutError}
        served.begin()
        served.send(data(answer(3)))
        await last


async def test_an_append_may_begin_while_the_deadline_of_another_is_due() -> None:
    async with calling() as (call, served):
        due = append(call, 1, seconds=0.001)
        await asyncio.sleep(0)
        time.sleep(0.005)  # noqa: ASYNC251  the event loop has no turn until the deadline has passed
        other = append(call, 2, seconds=0.0003)
        last = append(call, 3)
        failures = await asyncio.gather(due, other, return_exceptions=True)
        assert {type(failure) for failure in failures} == {TimeoutError}
        served.begin()
        served.send(frames.goaway(1, frames.ErrorCode.NO_ERROR, ""), data(answer(3)))
        await last
        async with asyncio.timeout(SECONDS):
            await call.finished.wait()


async def test_a_server_that_answers_nothing_is_given_up() -> None:
    async with calling(patience=0.2) as (call, _):
        appends = [append(call, number) for number in (1, 2)]
        for appending in appends:
            with pytest.raises(OutcomeUnknown, match="did not answer appends for"):
                await appending
        assert not call.is_usable


async def test_a_server_that_does_not_greet_gets_no_request() -> None:
    async with start_server(greets=False) as server:
        node = node_at(f"esdb://127.0.0.1:{server.port}?Tls=false", leader=True)
        with pytest.raises(TimeoutError):
            await AppendCall(node.target, 1).open(node, 0.2)
        served = await server.next()
        assert await served.is_closed()


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 400 Bad Request\r\n\r\n", frames.goaway(0, frames.ErrorCode.NO_ERROR, "")]
)
async def test_a_server_that_greets_otherwise_gets_no_request(sent: bytes) -> None:
    async with start_server(greets=False) as server:
        node = node_at(f"esdb://127.0.0.1:{server.port}?Tls=false", leader=True)
        opening = asyncio.create_task(AppendCall(node.target, 1).open(node, SECONDS))
        served = await server.next()
        served.send(sent)
        with pytest.raises(ConnectionResetError, match=messages.NOT_HTTP2):
            await opening


# TLS.


async def test_a_client_shows_its_certificate_and_signs_in(tmp_path: Path) -> None:
    ours = trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    issued = ours.issue_cert("clerk@example.test")
    issued.private_key_pem.write_to_path(str(tmp_path / "clerk.key"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "clerk.crt"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("localhost").configure_cert(tls)
    ours.configure_trust(tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.set_alpn_protocols(["h2"])
    async with start_server(tls=tls) as server:
        files = (
            f"tlsCaFile={tmp_path}/ca.crt&userCertFile={tmp_path}/clerk.crt&userKeyFile={tmp_path}/clerk.key"
        )
        node = node_at(f"esdb://admin:changeit@localhost:{server.port}?{files}", leader=True)
        call = AppendCall(node.target, SECONDS)
        await call.open(node, SECONDS)
        served = await server.next()
        fields = await served.fields()
        assert fields["authorization"] == "Basic YWRtaW46Y2hhbmdlaXQ="
        assert fields[":scheme"] == "https"
        certificate = served.writer.get_extra_info("peercert")
        assert certificate["subjectAltName"] == (("email", "clerk@example.test"),)
        assert served.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        call.drop()
        await call.wait_closed()


async def test_a_certificate_of_the_client_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "clerk.crt").write_text("")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    files = f"tlsCaFile={tmp_path}/ca.crt&userCertFile={tmp_path}/clerk.crt&userKeyFile={tmp_path}/clerk.crt"
    with pytest.raises(AccessRefused, match=r"clerk\.crt"):
        node_at(f"esdb://admin:changeit@localhost:1?{files}", leader=True)


@pytest.mark.parametrize(
    ("authority", "host", "meaning"),
    [
        ("theirs", "localhost", messages.UNKNOWN_AUTHORITY),
        ("ours", "elsewhere", messages.CERTIFICATE_FOR_ANOTHER_HOST),
        ("ours", None, messages.LOG_WITHOUT_TLS),
    ],
)
async def test_what_is_wrong_with_tls_is_said(
    tmp_path: Path, authority: str, host: str | None, meaning: str
) -> None:
    authorities = {"ours": trustme.CA(), "theirs": trustme.CA()}
    authorities[authority].cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if host:
        authorities["ours"].issue_cert(host).configure_cert(tls)
    async with start_server(tls=tls if host else None) as server:
        uri = f"esdb://admin:changeit@localhost:{server.port}?tlsCaFile={tmp_path}/ca.crt"
        with pytest.raises(AccessRefused) as caught:
            await open_call(Cluster(uri, leader=True), SECONDS)
        assert str(caught.value) == meaning
