"""The participants of the demo. To extend the story, add a line to a table.

Amounts are minor units of the party's currency. The tables follow two rules, which the tests check: a salary pays for
the rent and for PAYMENTS times the most expensive thing in the shops, and no account ever holds enough for a wish. What
people keep pays for favours.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from domain.identifiers import AccountId

PEOPLE: Final = 14
PAYMENTS: Final = 7
"""How many card payments a person makes in a month."""


class Range(NamedTuple):
    lowest: int
    highest: int
    step: int = 1

    def pick(self, chance: Random) -> int:
        return chance.randrange(self.lowest, self.highest + 1, self.step)


class Party(NamedTuple):
    """`keeps`: the balance at the end of a month. A surplus is paid out and a deficit paid in, with these notes."""

    account_id: AccountId
    currency: str
    keeps: Range
    surplus: str
    shortage: str


class Employer(NamedTuple):
    """`earns` is the note of its income, which is `margin` percent of the salaries."""

    party: Party
    earns: str
    salaries: Range
    margin: Range = Range(108, 135)


class Landlord(NamedTuple):
    party: Party
    rents: Range


class Shop(NamedTuple):
    """`sells`: notes and prices."""

    party: Party
    sells: Mapping[str, Range]


class Person(NamedTuple):
    party: Party
    employer: Employer
    landlord: Landlord
    salary: int
    rent: int


class Cast(NamedTuple):
    employers: Sequence[Employer]
    landlords: Sequence[Landlord]
    shops: Sequence[Shop]
    people: Sequence[Person]

    @property
    def parties(self) -> Sequence[Party]:
        return [member.party for group in self for member in group]


def _firm(account_id: str, currency: str, keeps: Range) -> Party:
    return Party(AccountId(account_id), currency, keeps, "Suppliers and taxes", "Owner's deposit")


_CZK: Final = Range(32_000_000, 41_000_000)
_EUR: Final = Range(1_700_000, 2_400_000)
_TILL_CZK: Final = Range(2_800_000, 3_300_000)
_TILL_EUR: Final = Range(140_000, 170_000)

EMPLOYERS: Final = (
    Employer(_firm("vltava-engineering", "CZK", _CZK), "Invoice paid", Range(4_100_000, 6_400_000, 100)),
    Employer(_firm("hospital-na-kopci", "CZK", _CZK), "Health insurance", Range(3_900_000, 6_900_000, 100)),
    Employer(_firm("school-jizni", "CZK", _CZK), "City budget", Range(3_700_000, 5_200_000, 100)),
    Employer(_firm("linden-software", "EUR", _EUR), "Licences", Range(260_000, 430_000, 50)),
)
"""The first one has to stay first: its account shows how many months of a story the log holds."""

LANDLORDS: Final = (
    Landlord(_firm("dvorak-flats", "CZK", _CZK), Range(950_000, 1_450_000, 10_000)),
    Landlord(_firm("riverside-homes", "EUR", _EUR), Range(62_000, 98_000, 1_000)),
)
SHOPS: Final = (
    Shop(
        _firm("bakery-u-lipy", "CZK", _TILL_CZK),
        {"Bread": Range(3_900, 18_500, 10), "Coffee": Range(5_500, 13_900, 10)},
    ),
    Shop(
        _firm("market-zelny-trh", "CZK", _TILL_CZK),
        {"Groceries": Range(21_000, 184_000, 10), "Fruit": Range(8_700, 46_000, 10)},
    ),
    Shop(
        _firm("city-transport", "CZK", _TILL_CZK),
        {"Tram ticket": Range(2_500, 4_000, 500), "Monthly pass": Range(55_000, 75_000, 5_000)},
    ),
    Shop(
        _firm("cinema-aurora", "CZK", _TILL_CZK),
        {"Cinema tickets": Range(18_900, 75_600, 100), "Popcorn": Range(8_900, 15_900, 100)},
    ),
    Shop(
        _firm("cafe-donau", "EUR", _TILL_EUR),
        {"Coffee": Range(320, 890, 10), "Lunch": Range(1_150, 2_890, 10)},
    ),
    Shop(
        _firm("supermarket-am-platz", "EUR", _TILL_EUR),
        {"Groceries": Range(1_480, 11_900), "Pharmacy": Range(499, 4_250)},
    ),
)
NAMES: Final = (
    *("adam-benes", "anna-kralova", "daniel-fiala", "elena-vesela", "eva-sedlakova", "filip-urban"),
    *("hana-ruzickova", "ivan-pokorny", "jan-svoboda", "jana-horakova", "karel-cerny", "klara-blazkova"),
    *("lucie-markova", "marek-zeman", "marta-novak", "milan-kolar", "nina-hajkova", "ondrej-kucera"),
    *("pavel-dolezal", "petra-vankova", "tomas-jelinek"),
)
KEEPS: Final = {"CZK": Range(600_000, 2_400_000), "EUR": Range(25_000, 120_000)}
"""The range of a person's balance at the end of a month."""

WISHES: Final = {
    "CZK": {
        "Used car": Range(14_900_000, 24_900_000, 10_000),
        "Kitchen": Range(12_900_000, 19_900_000, 10_000),
    },
    "EUR": {"Used car": Range(690_000, 1_190_000, 1_000), "Sailing boat": Range(850_000, 1_450_000, 1_000)},
}
"""Notes and prices of the withdrawals that are refused."""

FAVOURS: Final = {
    "CZK": {"Concert tickets": Range(39_000, 89_000, 1_000), "Lunch": Range(14_000, 27_000, 100)},
    "EUR": {"Train tickets": Range(1_900, 4_900, 100), "Half of the bill": Range(900, 2_900, 10)},
}
"""Notes and amounts of what people pay back to each other, once a month each, by transfer."""


def cast_of(seed: int) -> Cast:
    """The same people, jobs, salaries and rents for the same seed."""
    chance = Random(f"{seed} cast")
    names = chance.sample(NAMES, PEOPLE)
    people = [_person(name, EMPLOYERS[n % len(EMPLOYERS)], chance) for n, name in enumerate(names)]
    return Cast(EMPLOYERS, LANDLORDS, SHOPS, people)


def _person(name: str, employer: Employer, chance: Random) -> Person:
    currency = employer.party.currency
    landlord = next(each for each in LANDLORDS if each.party.currency == currency)
    return Person(
        Party(AccountId(name), currency, KEEPS[currency], "To savings", "From savings"),
        employer,
        landlord,
        salary=employer.salaries.pick(chance),
        rent=landlord.rents.pick(chance),
    )
