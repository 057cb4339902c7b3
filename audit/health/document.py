"""Health as plain values, for ``audit health --json``."""

from typing import Any

from audit.health.one import Health


def document(health: Health) -> dict[str, Any]:
    """Everything the value says. Scores and contributions are text with two decimals; a value,
    band or contribution that is not known is null."""
    return {
        "organization_id": health.organization_id,
        "organization_name": health.organization_name,
        "score": None if health.score is None else str(health.score),
        "label": None if health.label is None else str(health.label),
        "is_approximation": True,
        "coverage_percent": health.coverage_percent,
        "minimum_coverage_percent": health.minimum_coverage_percent,
        "reason": health.reason,
        "published": health.published.name,
        "source": health.published.source,
        "split": health.published.split,
        "measures": [
            {
                "name": part.measure.name,
                "title": part.title,
                "component": part.measure.component,
                "weight_percent": str(part.weight_percent),
                "value": part.value,
                "unit": part.measure.unit,
                "band": None if part.band is None else str(part.band),
                "bands": {
                    "poor": part.measure.bands.poor.published,
                    "concerning": part.measure.bands.concerning,
                    "healthy": part.measure.bands.healthy.published,
                },
                "points": part.points,
                "contribution": None if part.contribution is None else str(part.contribution),
                "lost": None if part.lost is None else str(part.lost),
                "comes_from": part.measure.comes_from,
                "ours": part.measure.ours,
            }
            for part in health.parts
        ],
        "signs": [
            {
                "kind": sign.rule.kind,
                "title": sign.rule.title,
                "state": str(sign.state),
                "words": sign.words,
                "check": sign.rule.check or None,
            }
            for sign in health.signs
        ],
    }
