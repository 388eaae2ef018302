"""Static files, read once at the start. Browsers may keep them forever.

The version, a digest of all of them, is a folder in the address. So addresses that are relative to a file (a module's
imports, the font in the style sheet) have the version too, and files of two versions are never mixed.
"""

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
    "js/main.js",
    "js/live/main.js",
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
    """`files` and `addresses` are by name, for example vendor/htmx.js."""

    version: str
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
    version = _digest("".join(f"{name} {asset.digest}\n" for name, asset in files.items()).encode())
    addresses = {name: f"/static/{version}/{name}" for name in files}
    return Assets(version, files, _Addresses(addresses))


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = None if path.suffix == ".woff2" else gzip.compress(content, 9, mtime=0)
    return Asset(content, packed, _TYPES[path.suffix], _digest(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
