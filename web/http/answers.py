"""How answers are written: JSON, problems, pages."""

import traceback
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, Final, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, InternalServerException, MethodNotAllowedException
from litestar.response import Template
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import escape

from commands.deciding import WrongVersion
from eventstore.store import NO_STREAM, in_full
from web import messages
from web.http import requests
from web.http.codes import FieldCode
from web.http.conditions import etag
from web.http.inputs import FieldError
from web.http.problems import RETRY_AFTER, Problem, http_problem, problem_of, type_named

PROBLEM_JSON: Final = "application/problem+json"
_encoder: Final = msgspec.json.Encoder()

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")


def encode_problem(problem: Problem) -> bytes:
    return _encoder.encode(problem)


def is_for_people(request: AnyRequest) -> bool:
    """Whether the client wants a page and not JSON."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def is_fragment(request: AnyRequest) -> bool:
    """Whether the request comes from htmx, which puts the answer into the page."""
    return request.headers.get("hx-request") == "true"


def on_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """Litestar's handler for every exception that leaves a route."""
    if isinstance(error, InternalServerException) and requests.is_left():
        return Response(b"", status_code=400)  # nobody reads it
    problem = problem_of(error) or _http_problem(request, error)
    requests.refused(_reason(error, problem))
    headers = _headers(request, error, problem)
    if is_fragment(request):
        return _note(request, problem, headers)
    if is_for_people(request):
        return problem_page(request, problem, headers)
    return Response(
        encode_problem(problem), status_code=problem.status, media_type=PROBLEM_JSON, headers=headers
    )


def problem_for(error: Exception) -> Problem | None:
    """As `problem_of`, for an answer that shows the problem in a form. The log gets it too."""
    problem = problem_of(error)
    if problem is not None:
        requests.refused(_reason(error, problem))
    return problem


def unfailing(app: ASGIApp) -> ASGIApp:
    """`app`, of which no exception leaves: those are failures of answers that had begun, or of error handling."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            if scope["type"] != ScopeType.HTTP:
                raise
            if not requests.is_left():
                cause = error.__cause__  # Litestar says only that the answer had begun
                requests.refused(_failure(cause if isinstance(cause, Exception) else error))
            if not requests.broken_off():
                await send_problem(send, http_problem(500, *messages.HTTP[500]))

    return answer


async def send_problem(send: Send, problem: Problem, *headers: tuple[bytes, bytes]) -> None:
    """Without Litestar."""
    await _send(send, problem.status, PROBLEM_JSON, encode_problem(problem), headers)


class Receipted(Response[T]):
    """The answer to a command, in JSON. `repeated`: an earlier answer is given again.

    It is written without the copies that Litestar makes of a response, and has neither cookies nor background tasks.
    Headers of the route are added: they have other names.
    """

    def __init__(self, answer: T, status: int, key: str, location: str, *, repeated: bool) -> None:
        self.content, self._status = answer, status
        self.headers = {"Idempotency-Key": key, "Location": location}
        if repeated:
            self.headers["Idempotent-Replayed"] = "true"

    def to_asgi_response(self, *_: Any, headers: Mapping[str, str] | None = None, **__: Any) -> Any:
        """`headers` are those of the route."""
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        if headers:
            lines += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            await _send(send, self._status, MediaType.JSON, _encoder.encode(self.content), lines)

        return answer


async def _send(
    send: Send, status: int, media_type: str, body: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    own = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _headers(request: AnyRequest, error: Exception, problem: Problem) -> dict[str, str]:
    if isinstance(error, MethodNotAllowedException):
        return {"Allow": request.app.state.methods.allowed(request.url.path)}
    if isinstance(error, WrongVersion):
        return {"ETag": etag(error.revision)} if error.revision != NO_STREAM else {}
    if isinstance(error, HTTPException) and error.headers:
        return dict(error.headers)
    return {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}


def _note(request: AnyRequest, problem: Problem, headers: dict[str, str]) -> Response[Any]:
    """A note next to the buttons of a sent form, which keeps what was typed. For other requests nothing is replaced."""
    placed = {"HX-Retarget": "find .message", "HX-Reswap": "innerHTML"} if request.method == "POST" else {}
    return Response(
        f'<p class="error">{escape(problem.detail)}</p>',
        status_code=problem.status,
        media_type=MediaType.HTML,
        headers={"HX-Reswap": "none"} | placed | headers,
    )


def problem_page(request: AnyRequest, problem: Problem, headers: dict[str, str] | None = None) -> Template:
    _, advice = messages.HTTP.get(problem.status, messages.OTHER_REFUSAL)
    retry = str(request.url.path) if request.method == "GET" and problem.status >= 500 else None
    return Template(
        "system/error.html",
        context={
            "problem": problem,
            "advice": "" if type_named(problem.name) or advice == problem.detail else advice,
            "retry": retry,
            "place": "",
        },
        status_code=problem.status,
        headers=headers,
        media_type=MediaType.HTML,
    )


def _http_problem(request: AnyRequest, error: Exception) -> Problem:
    """Litestar's own refusals (unknown route, bad query...), and unexpected errors."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    title, advice = messages.HTTP.get(status, messages.OTHER_REFUSAL)
    if status == 404 and not is_for_people(request):
        title, advice = messages.UNKNOWN_ROUTE
    if not isinstance(error, HTTPException) or status >= 500:
        return http_problem(status, title, advice or title)
    wrong = _wrong_parameters(error)
    named = "; ".join(f"{one.field}: {one.detail}" for one in wrong)
    return http_problem(status, title, named or _detail(error) or advice or title, wrong)


def _wrong_parameters(error: HTTPException) -> tuple[FieldError, ...]:
    """Every bad parameter that Litestar names, in its words."""
    extra = error.extra if isinstance(error.extra, list) else []
    return tuple(
        FieldError(str(item.get("key", "")), FieldCode.INVALID_PARAMETER, str(item.get("message", "")))
        for item in extra
        if isinstance(item, dict)
    )


def _detail(error: HTTPException) -> str:
    """Litestar's words, which may repeat what was sent. Those about a form token do not help anyone."""
    generic = error.status_code == 403 or error.detail == HTTPStatus(error.status_code).phrase
    return "" if generic else error.detail


def _reason(error: Exception, problem: Problem) -> str:
    """For the log."""
    if problem.status < 500:
        return problem.detail
    return in_full(error) if problem.status == 503 else _failure(error)


def _failure(error: Exception) -> str:
    """An exception with the places that it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    return f"{type(error).__name__}: {in_full(error)} ({where})"
