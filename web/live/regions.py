"""The registry of regions: the parts of pages that are updated live.

A page uses it for its first content, and the hub for later updates: both come from the same `context` and the same
fragments. A message is either a part (changed rows, put in place by id) or whole (the region as on a fresh page).
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Final

import msgspec

from web.http.rendering import TemplateContext
from web.live.batch import Batch
from web.live.sse_text import Message, message, replace, signal
from web.messages import no_region
from web.services import Services

Partials = tuple[str, ...]
ContextOf = Callable[[Services, str], Awaitable[TemplateContext]]
PartOf = Callable[[Services, str, Batch], Awaitable[Partials | None]]
ContextIn = Callable[[Services, Batch], TemplateContext | None]


async def _nothing(services: Services, key: str) -> TemplateContext:
    return {}


async def _always_whole(services: Services, key: str, batch: Batch) -> None:
    return None


def _never_told(services: Services, batch: Batch) -> None:
    return None


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a page, by the topic under which it is sent.

    `topic` is a name; or it ends with a colon and a key follows it, for example `account:576`. `is_key` checks a key.
    For a plain topic the key is "".
    `channels` are the channels of the read models whose changes concern it (with a key: changes of the member with that
    name); None: every commit concerns it.
    `fragments` maps the id of each element to the template of its content, which shows what `context` has read. Without
    fragments the region is a signal: an event with the name of the topic.
    `part` makes the partials for the changes; None if the whole region has to be sent.
    `told` is the context as the changes say it: then all of it is sent without reading. None if they do not.

    `context` raises ReadModelUnavailable if Redis does not answer. If only a read model that it needs is missing, it
    says so in its own fragments.
    """

    topic: str
    channels: frozenset[str] | None
    fragments: Mapping[str, str] = {}
    context: ContextOf = _nothing
    part: PartOf = _always_whole
    told: ContextIn = _never_told
    is_key: Callable[[str], bool] = bool

    def key_of(self, topic: str) -> str | None:
        """The key in `topic`; None if the topic does not belong to this region."""
        if not self.topic.endswith(":"):
            return "" if topic == self.topic else None
        key = topic.removeprefix(self.topic)
        return key if topic.startswith(self.topic) and self.is_key(key) else None


def _concerned(region: Region, batch: Batch, topics: Collection[str]) -> Iterable[str]:
    channels = region.channels
    if not region.topic.endswith(":"):
        concerns = channels is None or batch.concerns(channels, "")
        return [region.topic] if concerns and region.topic in topics else []
    if channels is None or any(map(batch.is_cut, channels)):
        return [topic for topic in topics if topic.startswith(region.topic)]
    changed = (f"{region.topic}{member}" for channel in channels for member in batch.members(channel))
    return (topic for topic in changed if topic in topics)


class Regions:
    def __init__(self, services: Services, regions: Iterable[Region]) -> None:
        self._services = services
        self._regions: Final = {region.topic: region for region in regions}

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(f"{topic}ID" if topic.endswith(":") else topic for topic in self._regions)

    def knows(self, topic: str) -> bool:
        return self._find(topic) is not None

    async def context(self, *topics: str) -> TemplateContext:
        """The context of the templates of these regions, read in this order. Raises ReadModelUnavailable."""
        context: TemplateContext = {}
        for topic in topics:
            region, key = self._named(topic)
            context |= await region.context(self._services, key)
        return context

    async def whole(self, topic: str) -> Message:
        """The region as on a fresh page. Raises ReadModelUnavailable."""
        region, key = self._named(topic)
        if not region.fragments:
            return signal(topic)
        return self._shown(topic, region, await region.context(self._services, key))

    def _shown(self, topic: str, region: Region, context: TemplateContext) -> Message:
        contents = {
            element: self._services.render(template, **context)
            for element, template in region.fragments.items()
        }
        return message(topic, (replace(*each) for each in contents.items()), whole=True)

    def concerned(self, batch: Batch, topics: Collection[str]) -> list[str]:
        """Those of `topics` that the changes concern. They are found from the changes, so the others cost nothing."""
        if batch.resync:
            return list(topics)
        found = (topic for region in self._regions.values() for topic in _concerned(region, batch, topics))
        return list(dict.fromkeys(found))

    async def of(self, topic: str, batch: Batch) -> Message:
        """The message for the changes, which concern the topic. Raises ReadModelUnavailable."""
        region, key = self._named(topic)
        if batch.resync or any(map(batch.is_cut, region.channels or ())):
            return await self.whole(topic)
        told = region.told(self._services, batch)
        if told is not None:
            return self._shown(topic, region, told)
        partials = await region.part(self._services, key, batch)
        return await self.whole(topic) if partials is None else message(topic, partials, whole=False)

    def _named(self, topic: str) -> tuple[Region, str]:
        found = self._find(topic)
        if found is None:
            raise KeyError(no_region(topic))
        return found

    def _find(self, topic: str) -> tuple[Region, str] | None:
        name, colon, _ = topic.partition(":")
        region = self._regions.get(name + colon)
        key = None if region is None else region.key_of(topic)
        return None if region is None or key is None else (region, key)
