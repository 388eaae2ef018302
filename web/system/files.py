"""Static files over HTTP."""

from typing import Any, Final

from litestar import Response, get
from litestar.exceptions import NotFoundException

from web import messages
from web.http.answers import AnyRequest
from web.http.assets import Assets

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"


@get("/static/{name:path}", include_in_schema=False)
async def static(request: AnyRequest, assets: Assets, name: str) -> Response[Any]:
    """During an upgrade, a page of another version gets this version's files, which its browser does not keep."""
    path = name.lstrip("/")
    version, _, rest = path.partition("/")
    asset = assets.files.get(path) or assets.files.get(rest)
    if asset is None:
        raise NotFoundException(messages.unknown_file(f"/static{name}"))
    etag = f'"{asset.digest}"'
    kept = _FOR_GOOD if version == assets.version else _ASK_AGAIN
    headers = {"ETag": etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
