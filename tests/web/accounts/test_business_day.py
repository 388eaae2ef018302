"""The value date of an entry that states none is today in the zone of the settings, not in UTC."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from eventstore.memory import MemoryStore, Records
from tests.kit.importing import no_imports
from tests.kit.memory_redis import MemoryRedis
from tests.kit.stack import stack
from tests.kit.users import fresh_keys
from web import services
from web.app import services_of


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        ("Europe/Prague", "2026-07-01T22:30", "2026-07-02"),
        ("Europe/Prague", "2026-01-01T22:30", "2026-01-01"),
        ("America/New_York", "2026-01-01T03:30", "2025-12-31"),
        ("UTC", "2026-01-01T23:59", "2026-01-01"),
    ],
)
def test_a_business_day_begins_at_midnight_in_its_zone(
    monkeypatch: pytest.MonkeyPatch, zone: str, utc: str, day: str
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(services, "datetime", Clock)
    made = services_of(
        MemoryStore(Records()), MemoryRedis().client, fresh_keys(), no_imports(), "CZK", {}, ZoneInfo(zone)
    )
    assert made.today().isoformat() == day


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
def test_a_deposit_has_the_day_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """One of the two zones has another day than UTC at any time."""
    monkeypatch.setenv("DAYBOOK_TIMEZONE", zone)
    with stack(tmp_path / "var") as running, httpx.Client(base_url=running.url, timeout=10) as http:
        before = datetime.now(ZoneInfo(zone)).date()
        booked = http.post("/api/accounts/anna/deposits", json={"amount": "1.00"}).json()
        http.get("/api/accounts/anna", params={"min_position": booked["position"]})
        (entry,) = http.get("/api/accounts/anna/history").json()["entries"]
        after = datetime.now(ZoneInfo(zone)).date()
        assert entry["value_date"] in {str(before), str(after)}
