"""``audit health``: the published health score of one organization, as an approximation."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, say, show_table, words

if TYPE_CHECKING:
    from audit.health import Health

EXAMPLES = """\b
Examples:
  audit health "Rowan Labs Oy"
  audit health "Rowan Labs Oy" --minimum-coverage-percent 70
  audit health --account account.zip --json

\b
The vendor publishes weights and bands, not points; its own number differs. A measure that is
not known leaves its weight out and lowers the coverage. docs/health.md has the rules."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        short_help="How an organization is doing, by the published score.", epilog=EXAMPLES
    )(health)


def health(
    context: typer.Context,
    organization: options.Organization = "",
    minimum_coverage_percent: Annotated[
        float | None,
        typer.Option(
            min=0, max=100, metavar="PERCENT", help="Give no score below this. Default: 50, ours."
        ),
    ] = None,
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> None:
    """Score an organization: each measure with its band and contribution, what is missing, and the
    risk and opportunity indicators."""
    from audit.cli.judge import named

    named(organization, account)
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.findings.examine import examine
    from audit.health import document, of

    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project="",
    )
    # The indicators are judged by checks for the team.
    audit = examine(loaded, **(asked | {"audience": "team"}), draws=0)
    found = of(audit, minimum_coverage_percent=minimum_coverage_percent)
    if json:
        emit_json(document(found))
    else:
        say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
        _show(found)


def _show(of: "Health") -> None:
    say(of.in_words)
    titles = {component.name: component.title for component in of.published.components}
    known = [part for part in of.parts if part.is_known]
    if known:
        say()
        show_table(
            ("component", "measure", "value", "band", "weight", "contributes"),
            [
                (
                    titles[part.measure.component],
                    part.title,
                    part.value_in_words,
                    part.band or "",
                    f"{part.weight_percent}%",
                    "" if part.contribution is None else part.contribution,
                )
                for part in known
            ],
            right=("weight", "contributes"),
        )
    if of.missing:
        say()
        show_table(
            ("not known", "weight", "it would come from"),
            [(p.title, f"{p.weight_percent}%", p.measure.comes_from) for p in of.missing],
            right=("weight",),
        )
    from audit.health import load_rules

    for kind, title in load_rules().kinds.items():
        say()
        show_table(
            (title.lower(), "", ""),
            [
                (sign.rule.title, words(sign.state), sign.words)
                for sign in of.signs
                if sign.rule.kind == kind
            ],
        )
    say()
    points = ", ".join(f"{band} {points}" for band, points in of.published.points.items())
    say(f"Source: {of.published.source}. Ours: points ({points}); {of.published.split}.")
