"""Live regions: one transfer; and `transfers`, for the list, which reloads itself."""

from typing import Final

from projections.readmodels.transfers import REVERSALS, ROWS
from web.live.regions import Region
from web.transfers import view

REGIONS: Final = (
    Region(topic="transfers", channels=frozenset({ROWS})),
    Region(
        topic="transfer:",
        is_key=view.is_id,
        channels=frozenset({ROWS, REVERSALS}),
        fragments={"transfer": "transfers/_transfer.html"},
        context=view.one,
    ),
)
