"""The token of a form whose route Litestar's middleware does not check, because that would read its whole body first.

The rule is Litestar's: the form and the cookie have the same token, and this server has signed it.
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
    config, cookie = _config(request), of(request)
    signature = hmac.new(config.secret.encode(), cookie[:_TOKEN].encode(), hashlib.sha256).hexdigest()
    is_signed = hmac.compare_digest(cookie[_TOKEN:].encode(), signature.encode())
    if not (is_signed and hmac.compare_digest(token.encode(), cookie.encode())):
        raise PermissionDeniedException


def _config(request: AnyRequest) -> CSRFConfig:
    config: CSRFConfig = request.app.state.form_tokens
    return config
