"""Money: an integer of minor units (cents, haléřů) and an ISO 4217 currency; decimal strings at the edges.

Never a float. |amount| < 2^53, so that every consumer, including JavaScript, holds it exactly.
"""

import re
from typing import Final

import msgspec

from domain import messages
from domain.errors import InvalidAmount, UnknownCurrency

LIMIT: Final = 2**53

# ISO 4217 (list one): minor-unit digits. A code that is removed there stays here: logs hold it, and an event whose
# currency is not known cannot be read.
_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENT: Final = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
SUCCESSORS: Final = {"ANG": "XCG", "BGN": "EUR", "HRK": "EUR"}
"""Currencies that are not in use any more, and what replaced them. Only a bank's file opens an account in one."""
CURRENCIES: Final = tuple(sorted(_EXPONENT))
IN_USE: Final = tuple(sorted(_EXPONENT.keys() - SUCCESSORS))

SPACES: Final = " \t\u00a0\u2009\u202f"
"""Those that people paste together with an amount, or between its groups of digits."""
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,4}))?", re.ASCII)


class Amount(msgspec.Struct, frozen=True):
    """A decimal number as it was written: `units / 10^decimals`.

    How many minor units it is depends on the currency, which is the account's if the command does not state one.
    """

    units: int
    decimals: int

    def __str__(self) -> str:
        return _decimal(self.units, self.decimals)


def exponent(currency: str) -> int:
    """Digits after the point: 2 for CZK, 0 for JPY, 3 for KWD. Raises UnknownCurrency."""
    try:
        return _EXPONENT[currency]
    except KeyError:
        raise UnknownCurrency(messages.unknown_currency(currency)) from None


def check_in_use(currency: str) -> None:
    """Raises UnknownCurrency."""
    exponent(currency)
    if currency in SUCCESSORS:
        raise UnknownCurrency(messages.currency_replaced(currency, SUCCESSORS[currency]))


def parse_decimal(text: str) -> Amount:
    """`"1234.5"`, `"-3"` or `"+7.00"`; a sign is kept, zero allowed. Raises InvalidAmount."""
    match = _DECIMAL.fullmatch(text.strip(SPACES))
    if match is None:
        raise InvalidAmount(messages.not_an_amount(text))
    sign, whole, fraction = match[1], match[2], match[3] or ""
    units = int(whole + fraction)
    return Amount(-units if sign == "-" else units, len(fraction))


def minor_units(amount: Amount, currency: str) -> int:
    """Raises InvalidAmount if `amount` has more decimals than the currency or is too large, UnknownCurrency."""
    digits = exponent(currency)
    if amount.decimals > digits:
        raise InvalidAmount(messages.too_many_decimals(str(amount), amount.decimals, currency, digits))
    minor = int(amount.units * 10 ** (digits - amount.decimals))
    if abs(minor) >= LIMIT:
        raise InvalidAmount(messages.amount_too_large(str(amount), format_amount(LIMIT, currency), currency))
    return minor


def parse_amount(text: str, currency: str) -> int:
    """Text -> minor units, the inverse of `format_amount`. Raises InvalidAmount, UnknownCurrency."""
    exponent(currency)
    return minor_units(parse_decimal(text), currency)


def format_amount(minor: int, currency: str) -> str:
    """Minor units -> a plain decimal string, for example `-1234.50`."""
    return _decimal(minor, exponent(currency))


def _decimal(units: int, decimals: int) -> str:
    sign = "-" if units < 0 else ""
    if decimals == 0:
        return f"{sign}{abs(units)}"
    whole, fraction = divmod(abs(units), 10**decimals)
    return f"{sign}{whole}.{fraction:0{decimals}d}"
