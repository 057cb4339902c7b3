"""The measured figures as tables for a page."""

from forecast_windows import METHODS, OURS, THIRDS


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def words(name: str) -> str:
    return name.replace("_", " ")


def markdown(result: dict) -> str:
    found = result["accuracy"]
    seen = list(found)
    parts = [
        f"{result['series']} series of {len(result['sources'])} sources "
        f"({', '.join(result['sources'])}), {result['windows']:,} periods of 30 days.",
        "Median absolute error of the period's total, percent, by days seen:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [[words(m), *(f"{found[k]['points'][m]['median']:.2f}" for k in seen)] for m in METHODS]
            + [["ours : run rate", *(f"{found[k]['points'][OURS]['ratio']:.2f}" for k in seen)]],
        ),
        "Mean absolute error, and the median signed error of ours, percent:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [
                [words(m), *(f"{found[k]['points'][m]['mean']:.1f}" for k in seen)]
                for m in ("run_rate", OURS)
            ]
            + [["bias of ours", *(f"{found[k]['points'][OURS]['bias']:+.1f}" for k in seen)]],
        ),
        "Ranges: share of totals inside, and median width over the total, percent. Left out: "
        "the shocks calibrated on the other sources, mean and worst source:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [
                [
                    "80%: inside, width",
                    *(
                        f"{found[k]['ranges']['covered_80']:.1f}, "
                        f"{found[k]['ranges']['width_80']:.0f}"
                        for k in seen
                    ),
                ],
                [
                    "95%: inside, width",
                    *(
                        f"{found[k]['ranges']['covered_95']:.1f}, "
                        f"{found[k]['ranges']['width_95']:.0f}"
                        for k in seen
                    ),
                ],
                *(
                    [
                        f"{p}%, left out",
                        *(
                            f"{found[k]['ranges'][f'left_out_{p}']['mean']:.0f}, "
                            f"{found[k]['ranges'][f'left_out_{p}']['worst']:.0f}"
                            for k in seen
                        ),
                    ]
                    for p in ("80", "95")
                ),
                [
                    "80%: calm, middle, jumpy",
                    *(
                        ", ".join(f"{found[k]['thirds'][t]['covered_80']:.0f}" for t in THIRDS)
                        for k in seen
                    ),
                ],
            ],
        ),
        "By source, day 10: median error of ours, its ratio to run rate, 80% inside and width:",
        table(
            ["source", "periods", "error", "ratio", "inside", "width"],
            [
                [
                    source,
                    str(row["windows"]),
                    f"{row['median']:.1f}",
                    f"{row['ratio']:.2f}",
                    f"{row['covered_80']:.0f}",
                    f"{row['width_80']:.0f}",
                ]
                for source, row in found[10]["sources"].items()
            ],
        ),
        "With less history, day 10: median error, percent; 80% inside and width of ours:",
        table(
            ["days before the period", *(words(m) for m in METHODS), "inside", "width"],
            [
                [
                    str(kept),
                    *(f"{row[m]['median']:.1f}" for m in METHODS),
                    f"{row[OURS]['covered_80']:.0f}",
                    f"{row[OURS]['width_80']:.0f}",
                ]
                for kept, row in result["young"].items()
            ],
        ),
    ]
    parts += [
        "By days without use before the period, day 10: the same:",
        table(
            ["days without use", "periods", *(words(m) for m in METHODS), "inside", "width"],
            [
                [
                    f"up to {100 * share:.0f}%",
                    str(row["windows"]),
                    *(f"{row[m]['median']:.1f}" for m in METHODS),
                    f"{row[OURS]['covered_80']:.0f}",
                    f"{row[OURS]['width_80']:.0f}",
                ]
                for share, row in result["idle"].items()
            ],
        ),
    ]
    for k, part in result["added"].items():
        parts += [
            f"Added to {part['windows']} calm periods, day {k}: median error, percent (in "
            "brackets the median signed error):",
            table(
                ["added", *(words(m) for m in METHODS), "if it stays", "80% inside", "two totals"],
                [
                    [
                        name,
                        *(f"{row[m]['median']:.1f}" for m in METHODS[:-1]),
                        f"{row[OURS]['median']:.1f} ({row[OURS]['bias']:+.1f})",
                        f"{row[OURS]['if_it_stays']:.1f}",
                        f"{row[OURS]['covered_80']:.0f}",
                        f"{row[OURS]['jumped']:.0f}",
                    ]
                    for name, row in part["rows"].items()
                ],
            ),
        ]
    return "\n\n".join(parts)
