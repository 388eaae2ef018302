"""What browsers send with a form, and the token in it. Both are read more strictly than Litestar reads them."""

from typing import Any, Final

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.middleware.csrf import CSRFMiddleware

from web import messages_on_input as on_input
from web.http import tokens
from web.http.bodies import UnsupportedMediaType
from web.http.pairs import decoded

_READ: Final = "form"
"""Of the state of a request. The middleware and the route make a `Request` each, and the form is read once."""


class SentForm(Request[Any, Any, Any]):
    """A request whose form is strict. Litestar asks for the form as soon as a route is chosen, for the token.

    A form in parts is refused: a route that takes files reads them from the stream (web.imports.upload).
    """

    async def form(self) -> FormMultiDict:
        """Raises BadInput, UnsupportedMediaType."""
        form: FormMultiDict | None = self.state.get(_READ)
        if form is None:
            form = self.state[_READ] = await self._form_sent()
        return form

    async def _form_sent(self) -> FormMultiDict:
        content_type, _ = self.content_type
        if content_type == RequestEncodingType.MULTI_PART:
            raise UnsupportedMediaType(on_input.FORM_WITHOUT_FILES)
        if content_type != RequestEncodingType.URL_ENCODED:
            return FormMultiDict()
        return FormMultiDict(decoded(await self.body()))


class FormTokens(CSRFMiddleware):
    """Litestar compares tokens by a function that fails for text that is not ASCII."""

    def _csrf_tokens_match(self, request_csrf_token: str, cookie_csrf_token: str) -> bool:
        return tokens.agree(self.config.secret, request_csrf_token, cookie_csrf_token)
