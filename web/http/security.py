"""The guard of every request, whatever its route: hosts, origins, correlation ids; and the headers of every answer.

Against DNS rebinding, requests are answered only for known host names and for IP addresses, which no foreign page can
have as its name. Against forged requests, a request from another site may not change anything; the browser says where
a request comes from (`Sec-Fetch-Site`, `Origin`). Forms also have a token.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from web import messages
from web import messages_on_input as on_input
from web.http import correlation, requests
from web.http.answers import send_problem
from web.http.codes import FieldCode
from web.http.inputs import BadCorrelation, FieldError
from web.http.problems import Problem, http_problem, problem_of

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""The server adds them, also to what it answers by itself."""
LOCAL_HOSTS: Final = frozenset({"localhost"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def guarded(app: ASGIApp, hosts: Collection[str]) -> ASGIApp:
    """`app` behind the guard; `hosts` are names without a port, `*` means any."""
    names = None if "*" in hosts else LOCAL_HOSTS | {host.lower() for host in hosts}

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        problem = _refusal(scope, names)
        if problem is not None:
            requests.refused(problem.detail)
            await send_problem(send, problem)
            return
        await app(scope, receive, send)

    return guard


def _refusal(scope: HTTPScope, names: frozenset[str] | None) -> Problem | None:
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    if names is not None and not _is_known(_without_port(host), names):
        return http_problem(421, messages.UNKNOWN_HOST, messages.unknown_host(host))
    if scope["method"] not in SAFE_METHODS and _is_foreign(headers, host):
        return http_problem(403, *messages.FROM_ANOTHER_SITE)
    if requests.correlation().refused:
        error = FieldError(
            correlation.HEADER, FieldCode.INVALID_CORRELATION_ID, on_input.NOT_A_CORRELATION_ID
        )
        return problem_of(BadCorrelation((error,)))
    return None


def _is_known(host: str, names: frozenset[str]) -> bool:
    return host in names or _is_address(host)


@lru_cache(maxsize=64)
def _is_address(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_foreign(headers: Mapping[bytes, bytes], host: str) -> bool:
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    return origin is not None and origin.decode("latin-1").partition("://")[2] != host


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
