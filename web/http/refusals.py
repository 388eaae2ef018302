"""What the HTTP server answers by itself when a request cannot be given to a route."""

from collections.abc import Iterable
from http import HTTPStatus

from web import messages_on_connections as messages
from web.http import correlation
from web.http.answers import PROBLEM_JSON, encode_problem
from web.http.limits import Limits
from web.http.problems import RETRY_AFTER, http_problem
from web.messages import Explanation


class Refused(Exception):
    """The request is answered with `status`, and the connection ends."""

    def __init__(self, status: int, explanation: Explanation) -> None:
        super().__init__(explanation.title)
        self.status = status
        self.explanation = explanation


def head_too_large(limits: Limits) -> Refused:
    allowed = messages.size_of_heads(limits.head_bytes // 1024, limits.headers)
    return Refused(431, Explanation(messages.HEAD_TOO_LARGE, allowed))


def answer(refused: Refused, headers: Iterable[tuple[bytes, bytes]], request_id: str) -> bytes:
    """The whole answer; `headers` are those of every answer."""
    body = encode_problem(http_problem(refused.status, *refused.explanation))
    own = [
        (b"content-type", PROBLEM_JSON.encode()),
        (b"content-length", str(len(body)).encode()),
        (correlation.HEADER.lower().encode(), request_id.encode()),
        (b"connection", b"close"),
    ]
    if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
        own.append((b"retry-after", RETRY_AFTER.encode()))
    lines = [f"HTTP/1.1 {refused.status} {HTTPStatus(refused.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in (*headers, *own)]
    return b"\r\n".join([*lines, b"", body])
