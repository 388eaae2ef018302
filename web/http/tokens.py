"""Tokens of forms. As with Litestar, the form and the cookie have the same token, which this server has signed.

Litestar's middleware asks `agree` before a route is chosen. A route whose body is not read as a whole calls `check`.
"""

import hashlib
import hmac
from typing import Final

from litestar.config.csrf import CSRFConfig
from litestar.exceptions import PermissionDeniedException

from web.http.answers import AnyRequest

UNCHECKED: Final = {"exclude_from_csrf": True}
"""For `opt` of such a route."""
FIELD: Final = "_csrf_token"
_TOKEN: Final = 64
"""Characters of a token. Its signature follows them."""


def of(request: AnyRequest) -> str:
    """The token of the client's cookie, for its next form; "" without one."""
    return request.cookies.get(_config(request).cookie_name, "")


def check(request: AnyRequest, token: str) -> None:
    """Raises PermissionDeniedException."""
    if not agree(_config(request).secret, token, of(request)):
        raise PermissionDeniedException


def agree(secret: str, token: str, cookie: str) -> bool:
    """Whether the token of a form is that of the cookie, which `secret` has signed. Either may be any text."""
    signature = hmac.new(secret.encode(), cookie[:_TOKEN].encode(), hashlib.sha256).hexdigest()
    is_signed = hmac.compare_digest(cookie[_TOKEN:].encode(), signature.encode())
    return is_signed and hmac.compare_digest(token.encode(), cookie.encode())


def _config(request: AnyRequest) -> CSRFConfig:
    config: CSRFConfig = request.app.state.form_tokens
    return config
