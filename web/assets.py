"""Static files, read once at the start. An address has a digest of the content: browsers may keep it for good."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException

from web.answers import AnyRequest
from web.rendering import ROOT, digest

STATIC: Final = ROOT / "static"
REQUIRED: Final = (
    "app.css",
    "live.js",
    "favicon.svg",
    "vendor/htmx.js",
    "vendor/inter-latin-wght-normal.woff2",
)
_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"


class Asset(msgspec.Struct, frozen=True):
    content: bytes
    packed: bytes | None
    media_type: str
    digest: str


class Assets(msgspec.Struct, frozen=True):
    """`addresses` has a name for every file that is there, such as vendor/htmx.js."""

    files: Mapping[str, Asset]
    addresses: Mapping[str, str]


class _Addresses(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"/static/{name}"


def load(folder: Path = STATIC) -> Assets:
    files = {
        path.relative_to(folder).as_posix(): _asset(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES and "node_modules" not in path.parts
    }
    addresses = {name: f"/static/{name}?v={asset.digest}" for name, asset in files.items()}
    return Assets(files, _Addresses(addresses))


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = None if path.suffix == ".woff2" else gzip.compress(content, 9, mtime=0)
    return Asset(content, packed, _TYPES[path.suffix], digest(content))


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
