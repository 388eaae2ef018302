"""Why a Redis cannot keep read models, in plain words. Its own words are in the projector's log."""

from collections.abc import Mapping
from typing import Any, Final

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

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
    "WRONGTYPE": messages.REDIS_DAMAGED,
}
"""By the first word of Redis's answer."""


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


def refusal(error: Exception) -> str | None:
    """What a server that is up refuses, and what to do. None: it is something else, for example no connection."""
    if isinstance(error, AuthenticationError):
        return messages.REDIS_SIGN_IN_REFUSED
    if isinstance(error, NoPermissionError):
        return messages.REDIS_WITHOUT_RIGHT
    if "CERTIFICATE_VERIFY_FAILED" in str(error) or "SSL" in str(error):
        return messages.REDIS_TLS
    code = getattr(error, "status_code", None) or str(error).partition(" ")[0]
    return _REFUSALS.get(code)


def needs_somebody(error: Exception) -> bool:
    """Whether time does not heal it: somebody has to give what is missing."""
    lasting = (messages.REDIS_SIGN_IN_REFUSED, messages.REDIS_WITHOUT_RIGHT, messages.REDIS_TLS)
    return refusal(error) in lasting


async def trouble(redis: Redis, *, try_writing: bool) -> str | None:
    """None if this Redis can keep read models, and the projector is not refused by its log. Raises RedisError."""
    async with redis.pipeline(transaction=False) as pipeline:
        pipeline.info("server")
        pipeline.info("memory")
        pipeline.get(keys.TROUBLE)
        *sections, told = await pipeline.execute(raise_on_error=False)
    server, memory = map(_known, sections)
    if isinstance(told, RedisError):
        raise told
    found = too_old(server) or drops_keys(memory) or (told and told.decode())
    return found or (await _write(redis) if try_writing else None)


def _known(section: Any) -> Mapping[str, Any]:
    """Empty if Daybook's user may not know. Raises RedisError."""
    if isinstance(section, NoPermissionError):
        return {}
    if isinstance(section, RedisError):
        raise section
    found: Mapping[str, Any] = section
    return found


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
            client.ping()
            return too_old(client.info("server"))
    except NoPermissionError:
        return None
    except RedisError as error:
        return refusal(error) if needs_somebody(error) else None
