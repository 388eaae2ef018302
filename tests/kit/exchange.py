"""Two accounts "a" and "b" of a log that other tests use too, transfers between them, and who carries them on."""

from typing import Any
from uuid import UUID, uuid4

from commands.accounts import Accounts, Receipt
from commands.deciding import NO_TERMS, Terms
from commands.transfers import Order, TransferReceipt, Transfers
from commands.users import Users
from domain.accounts import AccountCommand, Deposit, FreezeAccount
from domain.accounts import Existing as Account
from domain.identifiers import AccountId
from domain.money import Amount
from domain.transfers import TRANSFERS, Existing, TransferRequested
from eventstore.codec import Fact, decode
from eventstore.store import EventStore
from reactors.reactor import Tools
from reactors.transfers import carry_on
from tests.kit.accounts import DAY
from tests.kit.contexts import context_for, context_of
from tests.kit.users import fresh_keys


class Exchange:
    """`a` has 5.00 CZK, `b` has 1.00. Both are at revision 1."""

    def __init__(self, store: EventStore, prefix: str) -> None:
        self.a, self.b = AccountId(f"{prefix}-a"), AccountId(f"{prefix}-b")
        self.accounts = Accounts(store)
        self.transfers = Transfers(store, self.accounts)
        self._store = store
        self._tools = Tools(
            store=store,
            accounts=self.accounts,
            users=Users(store, fresh_keys()),
            transfers=self.transfers,
        )

    async def open(self) -> None:
        await self.pay_in(self.a, 500)
        await self.pay_in(self.b, 100)

    async def pay_in(self, account: AccountId, amount: int, currency: str = "CZK") -> Receipt:
        """Opens the account if it does not exist."""
        return await self.give(
            Deposit(
                account_id=account,
                command_id=uuid4(),
                amount=Amount(amount, 2),
                currency=currency,
                opens_in=currency,
                booked_on=DAY,
            )
        )

    async def give(self, command: AccountCommand) -> Receipt:
        return await self.accounts.handle(command, context_of(command))

    async def freeze(self, account: AccountId) -> None:
        await self.give(FreezeAccount(account_id=account, command_id=uuid4()))

    def order(self, amount: int = 200, **changes: Any) -> Order:
        """From `a` to `b`, in minor units."""
        given: dict[str, Any] = {"from_account": self.a, "to_account": self.b, "booked_on": DAY}
        return Order(**given | {"amount": Amount(amount, 2)} | changes)

    async def request(
        self, order: Order | None = None, *, key: UUID | None = None, terms: Terms = NO_TERMS
    ) -> TransferReceipt:
        return await self.transfers.request(order or self.order(), context_for(key or uuid4()), terms)

    async def reverse(
        self, transfer_id: UUID, *, key: UUID | None = None, terms: Terms = NO_TERMS
    ) -> TransferReceipt:
        return await self.transfers.reverse(transfer_id, DAY, context_for(key or uuid4()), terms)

    async def end(self, transfer_id: UUID) -> str:
        """Carries the transfer on until it has ended; the state in which it is then."""
        fact = await self.first(transfer_id)
        assert await carry_on(fact, self._tools)
        return await self.state(transfer_id)

    async def completed(self, amount: int = 200) -> UUID:
        transfer_id = (await self.request(self.order(amount))).transfer_id
        assert await self.end(transfer_id) == "completed"
        return transfer_id

    async def state(self, transfer_id: UUID) -> str:
        found = await self.transfers.state(transfer_id)
        return found.standing.state if isinstance(found, Existing) else "unrequested"

    async def first(self, transfer_id: UUID) -> Fact[TransferRequested]:
        """Its request, as it is in the log."""
        recorded = await self._store.read_stream(TRANSFERS.stream(str(transfer_id)), limit=1)
        fact: Fact[Any] = decode(recorded[0])
        return fact

    async def balances(self) -> tuple[int, int]:
        """Of `a` and of `b`, in minor units."""
        first, second = [await self.accounts.state(each) for each in (self.a, self.b)]
        assert isinstance(first, Account)
        assert isinstance(second, Account)
        return first.standing.balance, second.standing.balance
