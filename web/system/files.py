"""Static files over HTTP."""

from typing import Any, Final

from litestar import Response, get
from litestar.exceptions import NotFoundException

from web.http.answers import AnyRequest
from web.http.assets import Assets

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"


@get("/static/{name:path}", include_in_schema=False)
async def static(request: AnyRequest, assets: Assets, name: str) -> Response[Any]:
    asset = assets.files.get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException(f"There is no file /static{name}.")
    named = request.query_params.get("v") == asset.digest
    etag = f'"{asset.digest}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_GOOD if named else _ASK_AGAIN, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
