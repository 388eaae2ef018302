"""What the HTTP server answers by itself when a request cannot be given to a route."""

from collections.abc import Iterable
from http import HTTPStatus

from web import messages_on_connections as messages
from web.http import correlation, requests
from web.http.answers import PROBLEM_JSON, encode_problem
from web.http.limits import Limits
from web.http.problems import RETRY_AFTER, http_problem
from web.messages import Explanation

Header = tuple[bytes, bytes]


class Refused(Exception):
    """The request is answered with `status`, and the connection ends."""

    def __init__(self, status: int, explanation: Explanation) -> None:
        super().__init__(explanation.title)
        self.status = status
        self.explanation = explanation


def head_too_large(limits: Limits) -> Refused:
    allowed = messages.size_of_heads(limits.head_bytes // 1024, limits.headers)
    return Refused(431, Explanation(messages.HEAD_TOO_LARGE, allowed))


def identified(request: str, correlation_id: str) -> list[Header]:
    """The headers by which the request can be found in the log."""
    return [
        (requests.HEADER, request.encode()),
        (correlation.HEADER.lower().encode(), correlation_id.encode()),
    ]


def answer(refused: Refused, headers: Iterable[Header]) -> bytes:
    """The whole answer; `headers` are those of every answer."""
    body = encode_problem(http_problem(refused.status, *refused.explanation))
    own = [
        (b"content-type", PROBLEM_JSON.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
        own.append((b"retry-after", RETRY_AFTER.encode()))
    lines = [f"HTTP/1.1 {refused.status} {HTTPStatus(refused.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in (*headers, *own)]
    return b"\r\n".join([*lines, b"", body])
