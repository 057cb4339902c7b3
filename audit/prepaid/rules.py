"""The rule sets a prepaid plan is priced by: data of the policy packs, dated, with their sources.

``flat``: one saving for everybody ("an annual plan saves 20%"). ``net_spend``: a table by what is
spent in a year after the discount. ``levers``: volume by the credit that is bought at list value,
then points for length, cash and forecastability that add up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from audit.checks import load_checks
from audit.errors import InputError, SettingsError, unknown_name
from audit.policy import Policy, load_policy, policy_names

FLAT = "flat"
NET_SPEND = "net_spend"
LEVERS = "levers"

#: The packs' ``tier_basis`` of the rule sets that have a table.
BASIS = {NET_SPEND: "post_discount", LEVERS: "credit_purchase"}
RULE_SETS = (FLAT, *BASIS)

READINGS = ("stricter", "original", "remaining")


@dataclass(frozen=True)
class Band:
    """A volume discount for one year. ``from_usd``: USD of a year, as credit at list value, or as
    spend after the discount where the rule set says so. ``percent`` None: agreed case by case."""

    from_usd: float
    percent: float | None


@dataclass(frozen=True)
class Rules:
    """One rule set of one pack. Percentages 0-100 of list value; points add to the volume percent.

    ``after_discount``: whether ``bands`` start at spend after the discount. ``has_levers``: false
    for the flat rule, which knows nothing but its percent. ``late_payment_percent`` and
    ``late_step_days`` None: the pack names no points for later payment. ``rollover_reading``: what
    ``rollover_percent`` is a share of: the first order, what remains, or the lesser of both.
    ``sources``: by key of the pack's [contract].
    """

    name: str
    pack: str
    title: str
    first_day: date | None
    bands: tuple[Band, ...]
    after_discount: bool
    two_years_percent: float
    three_years_percent: float
    custom_years: int
    upfront_percent: float
    payment_days: int
    late_payment_percent: float | None
    late_step_days: int | None
    committed_percent: float
    committed_days: int | None
    self_serve_percent: float
    self_serve_from_usd: float
    self_serve_below_usd: float
    self_serve_invoices: int
    self_serve_mean_usd: float
    drip_months: int
    tranche_months: int
    non_profit_percent: float
    non_profit_points: float
    non_profit_below_usd: float
    startup_free_months: int
    top_up_percent: float
    free_cover_months: int
    rollover_percent: float
    rollover_reading: str
    sources: Mapping[str, str]

    @property
    def has_levers(self) -> bool:
        return self.name != FLAT

    @property
    def in_words(self) -> str:
        """Its name and date, as every report prints them."""
        since = f" in force {self.first_day}" if self.first_day else ""
        return f"rule set {self.name} of policy {self.pack} ({self.title}{since and ','}{since})"


def rules_of(policy: Policy, name: str = "") -> Rules:
    """The rule set ``name``; without one, what the policy prices plans by.

    A set whose table the policy does not hold comes from the newest pack that does; ``pack`` and
    ``first_day`` say which.

    Raises: InputError for an unknown rule set, naming the known ones; SettingsError for a pack
    whose bands do not grow.
    """
    name = name or policy.word("contract.rule_set")
    if name not in RULE_SETS:
        raise InputError(unknown_name("rule set", name, RULE_SETS))
    basis = BASIS.get(name)
    if basis is not None and policy.word("contract.tier_basis") != basis:
        policy = _newest(basis)
    return _read(policy, name)


def _newest(basis: str) -> Policy:
    for pack in reversed(policy_names()):
        policy = load_policy(pack, load_checks())
        if policy.word("contract.tier_basis") == basis:
            return policy
    raise SettingsError(f"No policy pack has a table of discounts by {basis}.")


def _read(policy: Policy, name: str) -> Rules:
    def number(key: str) -> float:
        return float(policy.number(f"contract.{key}"))

    def whole(key: str) -> int:
        value = number(key)
        if value != int(value):
            raise SettingsError(f"policy {policy.name}: contract.{key} = {value} is not whole.")
        return int(value)

    def known(key: str) -> float | None:
        value = policy.value(f"contract.{key}")
        return float(value) if isinstance(value, int | float) else None

    late_step, committed_days = known("late_step_days"), known("committed_days")
    return Rules(
        name=name,
        pack=policy.name,
        title=policy.title,
        first_day=policy.first_day,
        bands=_bands(policy, name),
        after_discount=name == NET_SPEND,
        two_years_percent=number("two_years_percent"),
        three_years_percent=number("three_years_percent"),
        custom_years=whole("custom_years_count"),
        upfront_percent=number("upfront_percent"),
        payment_days=whole("payment_days"),
        late_payment_percent=known("late_payment_percent") if late_step else None,
        late_step_days=int(late_step) if late_step else None,
        committed_percent=number("committed_percent"),
        committed_days=None if committed_days is None else int(committed_days),
        self_serve_percent=number("self_serve_percent"),
        self_serve_from_usd=known("self_serve_from_usd") or 0.0,
        self_serve_below_usd=number("annual_credit_usd"),
        self_serve_invoices=whole("self_serve_invoices_count"),
        self_serve_mean_usd=number("self_serve_mean_usd"),
        drip_months=_positive(policy, "drip_months", whole("drip_months")),
        tranche_months=_positive(policy, "tranche_months", whole("tranche_months")),
        non_profit_percent=number("non_profit_percent"),
        non_profit_points=number("non_profit_tier_percent"),
        non_profit_below_usd=number("non_profit_tier_to_usd"),
        startup_free_months=whole("startup_free_months"),
        top_up_percent=number("top_up_percent"),
        free_cover_months=whole("free_cover_months"),
        rollover_percent=number("rollover_percent"),
        rollover_reading=policy.word("contract.rollover_reading"),
        sources={
            path.removeprefix("contract."): entry.source
            for path, entry in policy.entries.items()
            if path.startswith("contract.")
        },
    )


def _positive(policy: Policy, key: str, months: int) -> int:
    if months < 1:
        raise SettingsError(f"policy {policy.name}: contract.{key} = {months} is not a month.")
    return months


def _bands(policy: Policy, name: str) -> tuple[Band, ...]:
    if name == FLAT:
        from_usd = float(policy.number("contract.flat_from_usd"))
        return (Band(from_usd, float(policy.number("contract.annual_saving_percent"))),)
    bands = tuple(
        Band(float(tier.from_usd), None if tier.percent is None else float(tier.percent))
        for tier in policy.tiers()
    )
    priced = [band.percent for band in bands if band.percent is not None]
    if sorted(set(priced)) != priced or any(band.percent is None for band in bands[:-1]):
        raise SettingsError(
            f"policy {policy.name}: contract.tiers: each percent is above the one before, and only "
            "the last tier may be custom."
        )
    if priced and priced[-1] >= 100:
        raise SettingsError(
            f"policy {policy.name}: contract.tiers: {priced[-1]:g} percent is free."
        )
    return bands
