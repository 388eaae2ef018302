"""What a file is that is not one of ours, by how it begins."""

import re
from collections.abc import Mapping
from typing import Final

LOOKS_AT: Final = 4_096
"""Bytes of a file's beginning."""

_BOM: Final = rb"(\xef\xbb\xbf)?"
_PATTERNS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "OFX": re.compile(rb"%b\s*(OFXHEADER|<\??OFX|<.*?<OFX>)" % _BOM, re.DOTALL | re.IGNORECASE),
    "CAMT (ISO 20022)": re.compile(rb"%b\s*<.*?(iso:20022:tech:xsd:camt|BkToCstmr)" % _BOM, re.DOTALL),
    "MT940": re.compile(rb"\s*(\{1:F\d\d|:20:|:940:)"),
    "QIF": re.compile(rb"\s*!(Type|Account|Option):", re.IGNORECASE),
    "a gzip archive": re.compile(rb"\x1f\x8b"),
    "a zip archive, or a spreadsheet": re.compile(rb"PK\x03\x04"),
    "an old spreadsheet (XLS)": re.compile(rb"\xd0\xcf\x11\xe0"),
    "PDF": re.compile(rb"%PDF"),
    "UTF-16 text": re.compile(rb"\xff\xfe|\xfe\xff|[^\x00]\x00[^\x00]\x00|\x00[^\x00]\x00[^\x00]"),
    "JSON": re.compile(rb"%b\s*[\[{]" % _BOM),
    "XML": re.compile(rb"%b\s*<\?xml" % _BOM),
}


def recognised(beginning: bytes) -> str | None:
    """The name of the format, None if it is none of these."""
    for name, pattern in _PATTERNS.items():
        if pattern.match(beginning):
            return name
    return None
