"""Sentences about requests that the HTTP server refuses by itself, before any route has them."""

from typing import Final

from web.messages import Explanation

NOT_HTTP: Final = Explanation(
    "This request cannot be read", "It is not HTTP/1.1 as RFC 9112 describes it. Nothing was booked."
)
OTHER_VERSION: Final = Explanation(
    "This version of HTTP is not supported", "Send HTTP/1.1 or HTTP/1.0. A proxy in front can speak HTTP/2."
)
NOT_ONE_HOST: Final = Explanation("The Host header is not clear", "Send exactly one Host header.")
OTHER_TARGET: Final = Explanation(
    "The request names two hosts", "The host in the request line has to be the one in the Host header."
)
OTHER_CODING: Final = Explanation(
    "This Transfer-Encoding is not supported", "Send the body with Content-Length, or chunked in HTTP/1.1."
)
UPGRADE_WITH_BODY: Final = Explanation(
    "This server does not change the protocol", "Leave out the Upgrade header of requests that have a body."
)
TOO_SLOW: Final = Explanation(
    "The request did not arrive in time", "If it was a command, send it again: nothing is booked twice."
)
TOO_MANY_AT_ONCE: Final = Explanation(
    "Too many requests at once on one connection", "Send more only when some of them are answered."
)
FULL: Final = Explanation("Too many people are connected", "Try again in a moment.")


HEAD_TOO_LARGE: Final = "The headers are too large"


def size_of_heads(kilobytes: int, headers: int) -> str:
    return (
        f"The request line and headers may have {kilobytes} KB together, and there may be {headers} headers."
    )


def refused(client: str, status: int, title: str) -> str:
    """In the log."""
    return f"Refused a request from {client}: {title} ({status})"
