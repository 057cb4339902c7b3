"""Metabase, as dashboards and saved questions answer.

It refuses unknown keys, caps what is not exported, and drops a filter in silence where a mapping
does not say which card it is for, as the real one does.

Source: Metabase source code and API documentation; metabase/metabase issue 77693.
"""

import re
from collections.abc import Sequence
from typing import Any

from audit.testing.server import Answer, Asked, Fake

CAP = 2000
#: All that a query's body may hold.
QUERY_KEYS = {"parameters", "ignore_cache", "dashboard_load_id", "format_rows", "pivot_results"}


class FakeMetabase(Fake):
    """Cards with rows of many organizations, and dashboards that show them filtered."""

    name = "metabase"
    own_limits = ()

    def __init__(self, *, user: str = "", password: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.user, self.password = user, password
        self.session = "session-0123456789"
        self.cards: dict[int, dict[str, Any]] = {}
        self.dashboards: dict[int, dict[str, Any]] = {}
        #: Cards whose query fails, with what it says.
        self.failing: dict[int, str] = {}

    def add_card(
        self, number: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """A saved question; one of its columns is organization_id, unless it has none to check."""
        self.cards[number] = {"id": number, "name": name, "columns": columns, "rows": rows}

    def add_dashboard(self, number: int, cards: Sequence[int], *, mapped: bool = True) -> None:
        """A dashboard with the filter organization_id; not ``mapped`` leaves card_id out."""
        target = ["variable", ["template-tag", "organization_id"]]
        self.dashboards[number] = {
            "id": number,
            "name": "Customer usage breakdown",
            "parameters": [
                {"id": "p1", "slug": "organization_id", "type": "string/="},
                {"id": "p2", "slug": "lookback_days", "type": "number/="},
            ],
            "dashcards": [
                {
                    "id": 1000 + card,
                    "card_id": card,
                    "card": {"id": card, "name": self.cards[card]["name"]},
                    "parameter_mappings": [
                        {"parameter_id": "p1", "target": target}
                        | ({"card_id": card} if mapped else {})
                    ],
                }
                for card in cards
            ],
        }

    def knows(self, asked: Asked) -> bool:
        if asked.path in ("/api/session", "/api/health"):
            return True
        return (
            asked.headers.get("x-api-key") == self.key
            or asked.headers.get("x-metabase-session") == self.session
        )

    def unknown_key(self) -> Answer:
        return Answer("Unauthenticated", 401)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/api/session":
            given = (asked.body["username"], asked.body["password"])
            if not self.user or given != (self.user, self.password):
                return Answer({"errors": {"password": "did not match stored password"}}, 401)
            return Answer({"id": self.session})
        if found := re.fullmatch(r"/api/dashboard/(\d+)", asked.path):
            dashboard = self.dashboards.get(int(found[1]))
            return Answer("Not found.", 404) if dashboard is None else Answer(dashboard)
        query = re.fullmatch(
            r"/api/(?:dashboard/(\d+)/dashcard/(\d+)/)?card/(\d+)/query(?:/(api|json))?", asked.path
        )
        if query is None or int(query[3]) not in self.cards:
            return Answer("Not found.", 404)
        unknown = set(asked.body) - QUERY_KEYS
        if unknown or not isinstance(asked.body.get("parameters"), list):
            return Answer({"errors": dict.fromkeys(unknown, "disallowed key")}, 400)
        return self._rows(int(query[3]), query[1], asked.body["parameters"], capped=not query[4])

    def _rows(
        self, number: int, dashboard: str | None, given: list[Any], *, capped: bool
    ) -> Answer:
        if number in self.failing:
            return Answer({"status": "failed", "error": self.failing[number], "data": {}}, 202)
        card = self.cards[number]
        rows, wanted = list(card["rows"]), self._wanted(number, dashboard, given)
        if wanted is not None and "organization_id" in card["columns"]:
            place = list(card["columns"]).index("organization_id")
            rows = [row for row in rows if row[place] == wanted]
        shown = rows[:CAP] if capped else rows
        data: dict[str, Any] = {
            "rows": shown,
            "cols": [{"name": name, "display_name": name} for name in card["columns"]],
        }
        if len(shown) < len(rows):
            data["rows_truncated"] = CAP
        return Answer({"data": data, "status": "completed", "row_count": len(shown)}, 202)

    def _wanted(self, number: int, dashboard: str | None, given: list[Any]) -> Any:
        for one in given:
            value = one.get("value")
            value = value[0] if isinstance(value, list) else value
            if dashboard is None and "organization_id" in str(one.get("target")):
                return value
            for card in self.dashboards.get(int(dashboard or 0), {}).get("dashcards", []):
                for mapping in card["parameter_mappings"]:
                    if mapping["parameter_id"] == one.get("id") and (
                        mapping.get("card_id") == number
                    ):
                        return value
        return None
