"""What a statement's lines and the log's entries are to each other, kept for the report."""

from array import array
from contextlib import suppress
from datetime import date
from functools import partial
from typing import assert_never
from uuid import UUID

from app.importing.matching import Compared, Conflicting, Known, Match, New, Similar
from app.importing.packed import Listing, Texts
from app.importing.reading import read
from app.importing.report import Conflict, Entry, Held, Recognised
from domain.accounts import Entry as Event
from domain.money import format_amount
from eventstore.codec import UnreadableEvent, decode
from eventstore.store import EventLog, EventStore, Recorded


class Findings:
    """`missing` are by account. The notes of its entries are empty until `look_up_notes` has read them."""

    def __init__(self, currency: str) -> None:
        self.recognised: Listing[Recognised] = Listing("IIIq16s", self._recognised)
        self.conflicts: Listing[Conflict] = Listing("IIIqq", self._conflict)
        self.held: Listing[Held] = Listing("IIIqII", self._held)
        self.missing: Listing[Entry] = Listing("IIIq16s", self._missing)
        self._texts, self._money = Texts(), partial(format_amount, currency=currency)
        self._no_note = self._texts.add("")
        self._notes = array("I")
        """Of each missing entry."""
        self._firsts: dict[str, int] = {}
        """The place of the first missing entry of each account."""

    def add(self, account: str, compared: Compared, *, book_similar: bool) -> None:
        """Of one account."""
        name, first = self._texts.add(account), len(self.missing)
        places = {entry.entry_id: place for place, entry in enumerate(compared.missing, first)}
        for entry in compared.missing:
            place = places[entry.entry_id]
            self.missing.add(place, name, entry.day.toordinal(), entry.amount, entry.entry_id.bytes)
            self._notes.append(self._no_note)
        if places:
            self._firsts[account] = first
        for match in compared.matches:
            self._add(name, match, places, book_similar=book_similar)

    def _add(self, account: int, match: Match, missing: dict[UUID, int], *, book_similar: bool) -> None:
        line = match.line
        about = (line.number, account, line.day.toordinal(), line.amount)
        match match:
            case Known():
                self.recognised.add(*about, match.entry.entry_id.bytes)
            case Conflicting():
                self.conflicts.add(
                    line.number, account, self._texts.add(line.key), line.amount, match.entry.amount
                )
            case Similar() if not book_similar:
                self.held.add(*about, self._texts.add(line.note), missing[match.entry.entry_id])
            case New() | Similar():
                pass
            case _:
                assert_never(match)

    async def look_up_notes(self, store: EventStore, event_log: EventLog) -> None:
        """Raises StoreError."""
        if self._firsts:
            await read(store, event_log, self._firsts, self._firsts.copy, self._take_note, lambda _: None)

    def _take_note(self, nexts: dict[str, int], account: str, recorded: Recorded) -> None:
        """`nexts`: the place of the missing entry of each account that comes next in its stream."""
        with suppress(UnreadableEvent):
            event, place = decode(recorded).event, nexts[account]
            if isinstance(event, Event) and self.missing.row(place)[-1] == event.entry_id.bytes:
                self._notes[place] = self._texts.add(event.note)
                nexts[account] = min(place + 1, len(self.missing) - 1)

    def sort(self) -> None:
        """By line."""
        for each in (self.recognised, self.conflicts, self.held):
            each.sort()

    def _recognised(self, line: int, account: int, day: int, amount: int, entry_id: bytes) -> Recognised:
        return Recognised(
            line=line,
            account=self._texts[account],
            date=date.fromordinal(day),
            amount=self._money(amount),
            entry_id=str(UUID(bytes=entry_id)),
        )

    def _conflict(self, line: int, account: int, key: int, amount: int, booked: int) -> Conflict:
        return Conflict(
            line=line,
            account=self._texts[account],
            id=self._texts[key],
            amount=self._money(amount),
            booked=self._money(booked),
        )

    def _held(self, line: int, account: int, day: int, amount: int, note: int, entry: int) -> Held:
        return Held(
            line=line,
            account=self._texts[account],
            date=date.fromordinal(day),
            amount=self._money(amount),
            note=self._texts[note],
            resembles=self.missing[entry],
        )

    def _missing(self, place: int, account: int, day: int, amount: int, entry_id: bytes) -> Entry:
        return Entry(
            account=self._texts[account],
            entry_id=str(UUID(bytes=entry_id)),
            date=date.fromordinal(day),
            amount=self._money(amount),
            note=self._texts[self._notes[place]],
        )
