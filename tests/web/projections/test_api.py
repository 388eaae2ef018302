"""The read models in the JSON API."""

from projections.readmodels import NAMES
from tests.kit.web import Api


def test_each_projection_has_its_position(api: Api, name: str) -> None:
    booked = api.deposit(name, "5")
    api.shown(name, booked["position"])
    found = api.http.get("/api/projections").json()
    assert found["position"] >= booked["position"]
    assert {one["name"] for one in found["projections"]} == set(NAMES)
    assert all(one["state"] == "live" for one in found["projections"])
