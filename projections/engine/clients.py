"""Clients of Redis, with deadlines. None retries by itself: only the caller knows what may be repeated."""

from typing import Final

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

Redis = redis.asyncio.Redis

COMMIT_DEADLINE: Final = 10.0
"""Seconds; a batch of 20,000 events takes about 0.2 s."""
QUERY_DEADLINE: Final = 2.0


def writer(url: str) -> redis.Redis:
    """For the projector and rebuilds."""
    return redis.Redis.from_url(
        url,
        socket_timeout=COMMIT_DEADLINE,
        socket_connect_timeout=QUERY_DEADLINE,
        retry=Retry(NoBackoff(), 0),
        protocol=3,
    )


def own_connection(client: redis.Redis) -> redis.Redis:
    """`client` with one connection, until it is closed, for one thread: none is fetched and tried for each command."""
    return client.client()  # type: ignore[no-any-return, no-untyped-call]


def plain(url: str) -> redis.Redis:
    """For a short question to a server of any age."""
    return redis.Redis.from_url(
        url,
        socket_timeout=QUERY_DEADLINE,
        socket_connect_timeout=QUERY_DEADLINE,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def reader(url: str, connections: int = 64) -> Redis:
    """For queries: at most `connections` at once; others wait until one is free."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=QUERY_DEADLINE,
        socket_timeout=QUERY_DEADLINE,
        socket_connect_timeout=QUERY_DEADLINE,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
        protocol=3,
    )
    return Redis.from_pool(pool)
