"""Small amounts as people read them."""

from decimal import Decimal

#: Digits that count of an amount under a dollar.
DIGITS = 3


def small(amount: Decimal | None) -> str:
    """Dollars and cents; under a dollar three digits that count.

    >>> small(Decimal("0.0329712")), small(Decimal("9.149")), small(Decimal("0.002626"))
    ('$0.0330', '$9.15', '$0.00263')
    """
    if amount is None:
        return "unknown"
    if amount >= 1 or amount <= 0:
        return f"${amount:,.2f}"
    return f"${amount:.{DIGITS - 1 - amount.adjusted()}f}"
