"""Files of other kinds are recognised by how they begin."""

import gzip

import pytest

from app.importing.formats import recognised


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"OFXHEADER:100\nDATA:OFXSGML\n", "OFX"),
        (b"<ofx><signonmsgsrsv1>", "OFX"),
        (b'<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><OFX>', "OFX"),
        (
            b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">',
            "CAMT (ISO 20022)",
        ),
        (b"<Document><BkToCstmrStmt>", "CAMT (ISO 20022)"),
        (b":20:STARTUMS\r\n:25:123/456\r\n", "MT940"),
        (b"{1:F01BANKXXX}{2:O940}", "MT940"),
        (b"!Type:Bank\nD1/2'26\n", "QIF"),
        (gzip.compress(b"account"), "a gzip archive"),
        (b"PK\x03\x04", "a zip archive, or a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old spreadsheet (XLS)"),
        (b"%PDF-1.7", "PDF"),
        ("account,date".encode("utf-16"), "UTF-16 text"),
        ("account,date".encode("utf-16-le"), "UTF-16 text"),
        ("account,date".encode("utf-16-be"), "UTF-16 text"),
        (b'[{"amount": 1}]', "JSON"),
        (b'<?xml version="1.0"?><statement>', "XML"),
    ],
)
def test_a_file_of_another_kind_has_a_name(content: bytes, name: str) -> None:
    assert recognised(content) == name


@pytest.mark.parametrize(
    "content",
    [
        b"account,date,amount,note\n",
        b"\xef\xbb\xbfaccount,date,amount,note\n",
        b"",
        b'"trans_id";"account_id"\n',
        b"account,date,amount,note\na,2026-01-01,1.00,<OFX>\na,2026-01-01,1.00,<BkToCstmr\n",
    ],
)
def test_our_own_formats_are_not_taken_for_another_kind(content: bytes) -> None:
    assert recognised(content) is None
