"""The documents that are made from the code are up to date, and a stale one is found and repaired."""

from pathlib import Path

import pytest

from app import documents
from app.messages import verbs as messages
from app.setup.environment import ROOT


def test_the_documents_are_what_the_code_says() -> None:
    assert documents.outdated() == [], "run ./daybook check --fix"


@pytest.mark.parametrize("before", [None, "stale"])
def test_a_stale_or_missing_document_is_found_and_made_again(
    before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "events.md"
    if before is not None:
        document.write_text(before)
    monkeypatch.setattr(documents, "DOCUMENTS", {document: documents.events})
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    assert documents.main([]) == 1
    assert documents.main(["--fix"]) == 0
    assert documents.main([]) == 0
    said = [messages.document_outdated("events.md"), messages.document_written("events.md")]
    assert capsys.readouterr().out.splitlines() == said
    assert document.read_text(encoding="utf-8") == (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
