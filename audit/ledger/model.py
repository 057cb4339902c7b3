"""A suppression: the decision to live with a fault, by somebody, for a reason, until a day."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from audit.errors import InputError

#: Far beyond any bill; what is more was meant as something else.
HIGHEST_CAP_USD = Decimal(10**12)

#: So many decisions about one organization nobody can mean.
MOST_KEPT = 1_000

CENT = Decimal("0.01")
LONGEST_REASON = 2_000
LONGEST_OWNER = 200
LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Suppression:
    """One decision. ``id`` is 0 until the ledger has it.

    It covers the findings of ``check`` in ``organization_id``, in all projects and products
    unless one is named. It holds through ``until``, that day included, and only while a
    finding's saving alone is at most ``up_to_usd`` (USD a billing month, whole cents; None: no
    cap). A lifted one is history. ``reason`` and ``owner`` are people's text: escape them
    before showing.
    """

    id: int
    check: str
    organization_id: str
    project_id: str
    product: str
    reason: str
    owner: str
    created_on: date
    until: date
    up_to_usd: Decimal | None
    lifted_on: date | None = None
    lifted_by: str = ""
    lift_reason: str = ""

    @property
    def is_everywhere(self) -> bool:
        """True when it covers the organization, and not one project or product."""
        return not (self.project_id or self.product)

    def holds_on(self, day: date) -> bool:
        """Whether it is neither lifted nor over on a day. A day before ``created_on`` is no
        matter: decisions are made after the pull that they are about."""
        return self.lifted_on is None and day <= self.until

    def covers(
        self, check: str, organization_id: str, project_id: str | None, product: str | None
    ) -> bool:
        """Whether a finding there is one it speaks of, at whatever saving."""
        return (
            self.check == check
            and self.organization_id == organization_id
            and self.project_id in ("", project_id)
            and self.product in ("", product)
        )

    def overlaps(self, other: "Suppression") -> bool:
        """Whether some finding could be covered by both."""
        return (
            self.check == other.check
            and self.organization_id == other.organization_id
            and _meet(self.project_id, other.project_id)
            and _meet(self.product, other.product)
        )


def suppression(
    *,
    check: str,
    organization_id: str,
    project_id: str = "",
    product: str = "",
    reason: str,
    owner: str,
    until: date,
    on: date,
    up_to_usd: Decimal | int | str | None = None,
) -> Suppression:
    """A new one, decided ``on`` a day.

    Raises: InputError without a check, organization, reason or owner, for an end before ``on``
    or a cap that is no amount of whole cents from 0.
    """
    if until < on:
        raise InputError(
            f"until {until} is before {on}: the suppression would never hold. Name the last day "
            "on which the finding is accepted."
        )
    if project_id and product:
        raise InputError(
            f"A finding is in a project or of a product, never both: project {project_id!r} and "
            f"product {product!r}. Name one of the two."
        )
    return Suppression(
        id=0,
        check=_text(check, "check", LONGEST_NAME),
        organization_id=_text(organization_id, "organization", LONGEST_NAME),
        project_id=_text(project_id, "project", LONGEST_NAME, required=False),
        product=_text(product, "product", LONGEST_NAME, required=False),
        reason=_text(reason, "reason", LONGEST_REASON),
        owner=_text(owner, "owner", LONGEST_OWNER),
        created_on=on,
        until=until,
        up_to_usd=None if up_to_usd is None else cap(up_to_usd),
    )


def cap(amount: Decimal | int | str) -> Decimal:
    """A cap in whole cents.

    >>> cap("200")
    Decimal('200.00')

    Raises: InputError for what is no amount from 0, or finer than a cent.
    """
    wrong = f"up_to_usd is USD a billing month in whole cents from 0, such as 200, got {amount!s}."
    try:
        given = Decimal(amount)
    except InvalidOperation:
        raise InputError(wrong) from None
    if not given.is_finite() or not 0 <= given <= HIGHEST_CAP_USD:
        raise InputError(wrong)
    whole = given.quantize(CENT)
    if whole != given:
        raise InputError(wrong)
    return abs(whole)  # -0 is 0


def kept_text(text: str, what: str) -> str:
    """Text of a lift's owner or reason, which may be empty. Raises: InputError."""
    return _text(text, what, LONGEST_OWNER if what == "owner" else LONGEST_REASON, required=False)


def _text(text: str, what: str, most: int, *, required: bool = True) -> str:
    kept = text.strip()
    if required and not kept:
        raise InputError(
            f"A suppression needs a {what}. It says what is accepted, why, who answers for it "
            "and when it ends."
        )
    if len(kept) > most:
        raise InputError(f"The {what} has {len(kept):,} characters; at most {most:,} are kept.")
    for character in kept:
        # Neither database can keep these two: the null and half of a surrogate pair.
        if character == "\0" or unicodedata.category(character) == "Cs":
            raise InputError(
                f"The {what} holds the character U+{ord(character):04X}, which cannot be kept. "
                "Leave it out."
            )
    return kept


def as_plain(one: Suppression) -> dict[str, Any]:
    """Plain values, as an account file carries them beside a report."""
    return {
        "id": one.id,
        "check": one.check,
        "organization_id": one.organization_id,
        "project_id": one.project_id,
        "product": one.product,
        "reason": one.reason,
        "owner": one.owner,
        "created_on": one.created_on.isoformat(),
        "until": one.until.isoformat(),
        "up_to_usd": None if one.up_to_usd is None else f"{one.up_to_usd:.2f}",
        "lifted_on": one.lifted_on.isoformat() if one.lifted_on else None,
        "lifted_by": one.lifted_by,
        "lift_reason": one.lift_reason,
    }


def from_plain(values: Any) -> Suppression:
    """What :func:`as_plain` gave. Raises: InputError for anything else."""
    if not isinstance(values, Mapping):
        raise InputError(f"A suppression is an object of named values, got {values!r:.80}.")
    try:
        texts = {name: values[name] for name in _TEXTS}
        wrong = [name for name, value in texts.items() if not isinstance(value, str)]
        number, most = values["id"], values["up_to_usd"]
        if wrong or type(number) is not int or not isinstance(most, str | None):
            raise TypeError(f"{(wrong or ['id or up_to_usd'])[0]} is of the wrong kind")
        lifted = values["lifted_on"]
        return Suppression(
            id=number,
            created_on=date.fromisoformat(values["created_on"]),
            until=date.fromisoformat(values["until"]),
            up_to_usd=None if most is None else cap(most),
            lifted_on=None if lifted is None else date.fromisoformat(lifted),
            **texts,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"A kept suppression cannot be read ({error!r:.120}).") from None


def kept(
    values: Sequence[Suppression | Mapping[str, Any]] | str | None, organization_id: str
) -> tuple[Suppression, ...]:
    """The suppressions of one organization that are not lifted, by id, from themselves, their
    plain values or those as JSON text.

    Raises: InputError for what is none of these, twice the same id, or more than anybody wrote.
    """
    if isinstance(values, str):
        try:
            values = json.loads(values) if values else []
        except ValueError as error:
            raise InputError(f"The suppressions are not JSON ({error}).") from None
    if not isinstance(values, Sequence | None):
        raise InputError(f"Suppressions are a list, got {values!r:.80}.")
    found = [one if isinstance(one, Suppression) else from_plain(one) for one in values or ()]
    mine = [one for one in found if one.organization_id == organization_id and not one.lifted_on]
    if len({one.id for one in mine}) < len(mine) or len(mine) > MOST_KEPT:
        raise InputError(
            f"The {len(mine):,} suppressions of {organization_id!r} name an id twice, or are more "
            f"than {MOST_KEPT:,}. Take them from the ledger."
        )
    return tuple(sorted(mine, key=lambda one: one.id))


_TEXTS = (
    "check",
    "organization_id",
    "project_id",
    "product",
    "reason",
    "owner",
    "lifted_by",
    "lift_reason",
)


def _meet(one: str, other: str) -> bool:
    return one == other or not one or not other
