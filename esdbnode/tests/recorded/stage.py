"""Many conversations at once, each with its own node while it runs, so that none sees another's events.

Waiting costs nothing, so there are more nodes than cores.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue

import grpc

from esdbnode.testing import Node, start_node
from tests.recorded.answers import Json
from tests.recorded.player import play
from tests.recorded.requests import Headers

NODES = 6
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

Connect = Callable[[Node], grpc.Channel]
Playing = dict[str, Future[list[Json]]]
"""A conversation's title -> its future answers."""


def title(case: Json) -> str:
    return f"{case['area']}: {case['case']}"


def connect(node: Node) -> grpc.Channel:
    return grpc.insecure_channel(node.address, _OPTIONS)


def connect_with(certificate: bytes) -> Connect:
    credentials = grpc.ssl_channel_credentials(certificate)
    return lambda node: grpc.secure_channel(f"localhost:{node.port}", credentials, _OPTIONS)


@contextmanager
def playing(
    cases: Sequence[Json],
    options: Sequence[str] = (),
    connect: Connect = connect,
    admin: Headers | None = None,
) -> Iterator[Playing]:
    """`options` are for the nodes' command line."""
    channels: SimpleQueue[grpc.Channel] = SimpleQueue()

    def play_alone(case: Json) -> list[Json]:
        channel = channels.get()
        try:
            return play(case, channel, admin)
        finally:
            channels.put(channel)

    with ExitStack() as ending:
        nodes = min(NODES, len(cases))
        for _ in range(nodes):
            node = ending.enter_context(start_node(None, *options))
            channels.put(ending.enter_context(connect(node)))
        pool = ThreadPoolExecutor(nodes)
        ending.callback(pool.shutdown, cancel_futures=True)
        yield {title(case): pool.submit(play_alone, case) for case in cases}
