"""Static files, read once at the start. An address has a digest of the content: browsers may keep it for good."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from web.http.rendering import ROOT

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
    return Asset(content, packed, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:16])
