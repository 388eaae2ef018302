"""The live regions of imports: one import, and a signal for the list, which reloads itself."""

from typing import Final

from projections.readmodels.imports import ROWS, row_of
from web.imports import view
from web.live.batch import Batch
from web.live.regions import Partials, Region
from web.live.sse_text import replace
from web.services import Services


async def _part(services: Services, import_id: str, batch: Batch) -> Partials | None:
    """Of progress alone, which comes every second, the report is not sent again."""
    rows = [row_of(blob) for blob in batch.all(ROWS, import_id)]
    if not rows or not all(row.state == "under-way" and row.doing for row in rows):
        return None
    context = await view.one(services, import_id)
    if context["settling"] or context["row"].state != "under-way":
        return None
    return (replace("import-now", services.render("imports/_now.html", **context)),)


REGIONS: Final = (
    Region(topic="imports", channels=frozenset({ROWS})),
    Region(
        topic="import:",
        is_key=view.is_id,
        channels=frozenset({ROWS}),
        fragments={"import": "imports/_import.html"},
        context=view.one,
        part=_part,
    ),
)
