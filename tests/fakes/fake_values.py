"""Canonical values as the vendor writes them in JSON, and its error envelope."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from werkzeug import Response


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, dict(headers or {}), content_type="application/json")


def error(status: int, code: str, detail: str, kind: str = "invalid_request") -> Response:
    return answer({"type": kind, "code": code, "detail": detail, "attr": None}, status)


def plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def text(value: Any) -> str | None:
    return None if plain(value) is None else str(value)


def moment(value: Any) -> str | None:
    return None if plain(value) is None else pd.Timestamp(value).isoformat() + "Z"


def quoted(value: Any) -> str:
    """A text as a literal of ClickHouse."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
