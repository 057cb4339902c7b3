"""Billing limits: that cut data, that are near, that are anybody's default."""

from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

CUTS = "billing_limit_cuts_data"
SET = "billing_limit_set"
PRODUCTS = ("product_analytics", "session_replay", "feature_flags")


def paid_product(one: Customer) -> str:
    """A product that costs something."""
    paid = [product for product in PRODUCTS if one.cost(product)]
    if not paid:
        raise UnsuitableError("pays nothing")
    return one.pick(paid)


def _limited(one: Customer, product: str, used_share: float, *, usd: int, cut: bool) -> Truth:
    one.fixed.add("limits")
    usage = max(one.quantities().get(product, 0), 1_000)
    one.limit(product, usd, usage=usage, usage_limit=round(usage / used_share), data_was_cut=cut)
    return Truth(CUTS, product=product, implied=(SET,))


@fault(CUTS, group="limits")
def data_was_dropped(one: Customer) -> Truth:
    return _limited(one, paid_product(one), 1.0, usd=round(one.between(20, 300)), cut=True)


@fault(CUTS)
def nine_tenths_of_a_limit_is_used(one: Customer) -> Truth:
    return _limited(one, paid_product(one), one.between(0.84, 0.99), usd=40_000, cut=False)


@inside(CUTS)
def just_over_four_fifths(one: Customer) -> Truth:
    return _limited(one, paid_product(one), one.between(0.803, 0.82), usd=40_000, cut=False)


@outside(CUTS)
def just_under_four_fifths(one: Customer) -> Truth:
    return _limited(one, paid_product(one), one.between(0.77, 0.797), usd=40_000, cut=False)


@lookalike(CUTS)
def nine_tenths_of_the_vendors_own_default(one: Customer) -> Truth:
    product, usd = one.pick((("data_warehouse", 500), ("posthog_ai", 150)))
    if not one.quantities().get(product):
        one.use(one.project(), product, 500)
    return _limited(one, product, one.between(0.82, 0.97), usd=usd, cut=False)
