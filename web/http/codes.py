"""Codes of field errors: stable names for programs, which do not read sentences."""

from enum import StrEnum
from typing import Final

from domain import errors


class FieldCode(StrEnum):
    MISSING = "missing"
    REPEATED = "repeated"
    NOT_UTF_8 = "not-utf-8"
    UNKNOWN_FIELD = "unknown-field"
    UNKNOWN_PARAMETER = "unknown-parameter"
    INVALID_PARAMETER = "invalid-parameter"
    INVALID_CORRELATION_ID = "invalid-correlation-id"
    NOT_A_STRING = "not-a-string"
    NOT_A_DATE = "not-a-date"
    NOT_A_TIME = "not-a-time"
    NOT_A_UUID = "not-a-uuid"
    INVALID_KEY = "invalid-key"
    NOT_A_LIST_OF_REVISIONS = "not-a-list-of-revisions"
    NOT_AN_OPTION = "not-an-option"
    NOT_A_STREAM_OF_ACCOUNTS = "not-a-stream-of-accounts"
    NOT_FROM_A_PAGE = "not-from-a-page"
    BEYOND_THE_LOG = "beyond-the-log"
    INVALID_AMOUNT = "invalid-amount"
    INVALID_LIMIT = "invalid-limit"
    INVALID_ACCOUNT_ID = "invalid-account-id"
    INVALID_USER_ID = "invalid-user-id"
    INVALID_NOTE = "invalid-note"
    INVALID_REFERENCE = "invalid-reference"
    INVALID_VALUE_DATE = "invalid-value-date"
    INVALID_EXPIRY = "invalid-expiry"
    INVALID_NAME = "invalid-name"
    INVALID_EMAIL = "invalid-email"
    INVALID_PHONE = "invalid-phone"
    NOTHING_TO_CHANGE = "nothing-to-change"
    SAME_ACCOUNT = "same-account"
    UNKNOWN_CURRENCY = "unknown-currency"


CODES: Final[dict[type[errors.InvalidInput], FieldCode]] = {
    errors.InvalidAmount: FieldCode.INVALID_AMOUNT,
    errors.InvalidLimit: FieldCode.INVALID_LIMIT,
    errors.InvalidAccountId: FieldCode.INVALID_ACCOUNT_ID,
    errors.InvalidUserId: FieldCode.INVALID_USER_ID,
    errors.InvalidNote: FieldCode.INVALID_NOTE,
    errors.InvalidReference: FieldCode.INVALID_REFERENCE,
    errors.InvalidValueDate: FieldCode.INVALID_VALUE_DATE,
    errors.InvalidExpiry: FieldCode.INVALID_EXPIRY,
    errors.InvalidName: FieldCode.INVALID_NAME,
    errors.InvalidEmail: FieldCode.INVALID_EMAIL,
    errors.InvalidPhone: FieldCode.INVALID_PHONE,
    errors.NothingToChange: FieldCode.NOTHING_TO_CHANGE,
    errors.SameAccount: FieldCode.SAME_ACCOUNT,
    errors.UnknownCurrency: FieldCode.UNKNOWN_CURRENCY,
}
"""The code of each refusal of a field in the domain."""
