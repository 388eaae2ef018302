"""Why a Redis cannot keep read models, in plain words. Its own words are in the projector's log."""

from collections.abc import Mapping
from typing import Any, Final

from redis.exceptions import NoPermissionError, RedisError, ResponseError

from projections import messages
from projections.engine import keys
from projections.engine.clients import Redis, plain

OLDEST: Final = (7, 0)
"""The oldest Redis. Each Valkey speaks as Redis 7.2."""

_REFUSALS: Final = {
    "OOM": messages.REDIS_FULL,
    "READONLY": messages.REDIS_READ_ONLY,
    "MISCONF": messages.REDIS_CANNOT_SAVE,
    "NOREPLICAS": messages.REDIS_WITHOUT_REPLICAS,
}
"""By the first word of Redis's answer to a write."""


def too_old(info: Mapping[str, Any]) -> str | None:
    """`info`: INFO's section `server`."""
    version = str(info.get("redis_version", ""))
    if not version or tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
        return None
    return messages.redis_too_old(version, ".".join(map(str, OLDEST)))


def drops_keys(info: Mapping[str, Any]) -> str | None:
    """`info`: INFO's section `memory`."""
    policy = info.get("maxmemory_policy", "noeviction")
    if not info.get("maxmemory") or policy == "noeviction":
        return None
    return messages.redis_drops_keys(policy)


def refusal(error: RedisError) -> str | None:
    """None if the error is no refusal of a server that cannot write now."""
    code = getattr(error, "status_code", None) or str(error).partition(" ")[0]
    return _REFUSALS.get(code)


async def trouble(redis: Redis, *, try_writing: bool) -> str | None:
    """None if this Redis can keep read models. Raises RedisError."""
    info = await _info(redis)
    found = too_old(info) or drops_keys(info)
    return found or (await _write(redis) if try_writing else None)


async def _info(redis: Redis) -> Mapping[str, Any]:
    """Empty if Daybook's user may not know."""
    try:
        found: Mapping[str, Any] = await redis.info()
        return found
    except NoPermissionError:
        return {}


async def _write(redis: Redis) -> str | None:
    try:
        await redis.set(keys.TRIED, "", px=1)
    except ResponseError as error:
        return refusal(error)
    return None


def refused_at_start(url: str) -> str | None:
    """Why the server at `url` cannot be used at all. None if it can, or if it does not answer: it is waited for."""
    try:
        with plain(url) as client:
            return too_old(client.info("server"))
    except RedisError:
        return None
