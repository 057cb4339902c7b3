"""What a check module promises, read from its signature and docstring."""

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import ModuleType
from typing import Annotated, Any, get_args, get_type_hints

from audit.checks.engine_facts import SECOND_FACTS
from audit.errors import SettingsError

#: Meters that count only events with a person profile.
IDENTIFIED_METERS = ("enhanced_persons", "group_analytics")

#: Columns of a usage row that a ``cut`` may ask for.
USAGE_COLUMNS = (
    "meter",
    "event",
    "library",
    "host_class",
    "identified",
    "known_person",
    "is_referenced",
)

#: What the remedy of this very check would save alone; lets a rule ask for dollars at stake.
SAVING_FACT = "saving_alone_usd"

#: Modules of this package that are no checks.
NO_CHECKS = ("contract", "engine_facts")

SECTIONS = ("What it finds", "Why it costs", "What to do", "Trade-off", "Known limits", "Source")


class Severity(StrEnum):
    """How much it matters: the audit prompt's red and yellow, then what is good to know."""

    NEEDS_ACTION = "needs_action"
    WORTH_ATTENTION = "worth_attention"
    OPPORTUNITY = "opportunity"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Effort(StrEnum):
    """What the remedy takes."""

    SETTING = "setting"
    BILLING_PAGE = "billing_page"
    CODE_CHANGE = "code_change"
    CONVERSATION = "conversation"


class Area(StrEnum):
    """Part of the product or of the account that a check speaks of.

    Source: handbook, onboarding/onboarding-conversations-playbook (the sixteen areas of the
    account audit prompt, up to ``not_used_yet``). The last three are ours.
    """

    INSTRUMENTATION = "instrumentation"
    PRODUCT_ANALYTICS = "product_analytics"
    WEB_ANALYTICS = "web_analytics"
    SESSION_REPLAY = "session_replay"
    HEATMAPS = "heatmaps"
    FEATURE_FLAGS = "feature_flags"
    EXPERIMENTS = "experiments"
    SURVEYS = "surveys"
    ERROR_TRACKING = "error_tracking"
    LLM_OBSERVABILITY = "llm_observability"
    DATA_WAREHOUSE = "data_warehouse"
    CDP_AND_WORKFLOWS = "cdp_and_workflows"
    PLATFORM = "platform"
    REVENUE = "revenue"
    COHORTS = "cohorts"
    NOT_USED_YET = "not_used_yet"
    BILLING = "billing"
    HEALTH = "health"
    LIFECYCLE = "lifecycle"


class Audience(StrEnum):
    """Who reads a finding. What is for the team never stands on a customer's page."""

    CUSTOMER = "customer"
    TEAM = "team"


@dataclass(frozen=True)
class Bounds:
    """Values a threshold may take, both ends included."""

    low: float
    high: float


Percent = Annotated[float, Bounds(0, 100)]
Usd = Annotated[float, Bounds(0, 1_000_000)]
Count = Annotated[float, Bounds(0, 10**15)]
PerSession = Annotated[float, Bounds(0, 10_000)]
Days = Annotated[float, Bounds(0, 3_660)]
Months = Annotated[float, Bounds(0, 120)]
Seconds = Annotated[float, Bounds(0, 86_400)]
Ratio = Annotated[float, Bounds(0, 10_000)]
Score = Annotated[float, Bounds(0, 10)]

#: What the name of a threshold ends in.
UNITS = ("percent", "usd", "count", "per_session", "days", "months", "seconds", "ratio", "score")


@dataclass(frozen=True)
class Threshold:
    """A number a policy pack or audit.toml may set, with its default and bounds."""

    name: str
    default: float
    bounds: Bounds


@dataclass(frozen=True)
class Check:
    """One check, as its module declares it."""

    name: str
    module: ModuleType
    title: str
    sections: Mapping[str, str]
    severity: Severity
    effort: Effort
    docs: str
    area: Area
    audience: Audience
    rules: tuple[str, ...]
    remedy: str
    facts: tuple[str, ...]
    cut_facts: tuple[str, ...]
    cut_columns: tuple[str, ...]
    severity_facts: tuple[str, ...]
    thresholds: Mapping[str, Threshold]

    @property
    def flag(self) -> Callable[..., Any]:
        return self.module.flag

    def function(self, name: str) -> Callable[..., Any] | None:
        """``cut``, ``message`` or ``severity`` of the module, if it has one."""
        return getattr(self.module, name, None)

    @property
    def version(self) -> str:
        """Changes with the module's text: what a finding of an older run was judged by."""
        return hashlib.sha256(inspect.getsource(self.module).encode()).hexdigest()[:12]

    @property
    def is_second(self) -> bool:
        """Judged after the others, because it asks what they found."""
        return any(fact in SECOND_FACTS for fact in self.all_facts)

    @property
    def cuts(self) -> bool:
        return self.function("cut") is not None

    @property
    def all_facts(self) -> tuple[str, ...]:
        """Facts of ``flag``, ``cut`` and ``severity``. A missing one of ``flag`` leaves a row not
        evaluated, one of ``cut`` leaves its finding without a price, and one that only
        ``severity`` asks for counts as 0 or false there."""
        return tuple(dict.fromkeys((*self.facts, *self.cut_facts, *self.severity_facts)))


def counted(number: float, one: str, many: str = "") -> str:
    """A whole number with its noun, for messages.

    >>> counted(1, "flag"), counted(2_000, "flag"), counted(2, "flag was", "flags were")
    ('1 flag', '2,000 flags', '2 flags were')
    """
    return f"{number:,.0f} {one if round(number) == 1 else many or one + 's'}"


@lru_cache(maxsize=1)
def load_checks() -> Mapping[str, Check]:
    """All checks by name, found by file name. Raises: SettingsError for a broken module."""
    package = importlib.import_module("audit.checks")
    names = sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if m.name not in NO_CHECKS
    )
    return {name: read_check(importlib.import_module(f"audit.checks.{name}")) for name in names}


def read_check(module: ModuleType) -> Check:
    """The check a module declares. Raises: SettingsError naming what is missing."""
    name = module.__name__.rpartition(".")[2]
    for needed in ("SEVERITY", "EFFORT", "DOCS", "AREA", "RULES", "flag"):
        if not hasattr(module, needed):
            raise SettingsError(f"checks/{name}.py has no {needed}. See docs/checks.md.")
    title, sections = _page(name, module.__doc__ or "")
    facts, thresholds = _signature(name, module.flag)
    cut_facts: tuple[str, ...] = ()
    cut_columns: tuple[str, ...] = ()
    severity_facts: tuple[str, ...] = ()
    if hasattr(module, "cut"):
        asked, more = _signature(name, module.cut)
        thresholds = {**thresholds, **more}
        cut_columns = tuple(a for a in asked if a in USAGE_COLUMNS)
        cut_facts = tuple(a for a in asked if a not in USAGE_COLUMNS)
    if hasattr(module, "severity"):
        severity_facts, more = _signature(name, module.severity)
        thresholds = {**thresholds, **more}
    return Check(
        name=name,
        module=module,
        title=title,
        sections=sections,
        severity=module.SEVERITY,
        effort=module.EFFORT,
        docs=module.DOCS,
        area=module.AREA,
        audience=getattr(module, "AUDIENCE", Audience.CUSTOMER),
        rules=tuple(module.RULES),
        remedy=getattr(module, "REMEDY", name),
        facts=facts,
        cut_facts=cut_facts,
        cut_columns=cut_columns,
        severity_facts=severity_facts,
        thresholds=thresholds,
    )


def _page(name: str, doc: str) -> tuple[str, Mapping[str, str]]:
    paragraphs = [" ".join(p.split()) for p in inspect.cleandoc(doc).split("\n\n")]
    sections = {}
    for paragraph in paragraphs[1:]:
        head, _, body = paragraph.partition(": ")
        if head in SECTIONS:
            sections[head] = body
    absent = [s for s in SECTIONS if s not in sections]
    if absent or not paragraphs[0].startswith("Flag "):
        raise SettingsError(
            f"checks/{name}.py: the docstring starts with 'Flag ...' and has the paragraphs "
            f"{', '.join(SECTIONS)}; missing: {', '.join(absent) or 'Flag'}."
        )
    title = paragraphs[0].removeprefix("Flag ").rstrip(".")
    return title[0].upper() + title[1:], sections


def _signature(
    name: str, function: Callable[..., Any]
) -> tuple[tuple[str, ...], dict[str, Threshold]]:
    hints = get_type_hints(function, include_extras=True)
    facts = []
    thresholds = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            facts.append(parameter.name)
            continue
        bounds = [a for a in get_args(hints.get(parameter.name)) if isinstance(a, Bounds)]
        if not bounds or parameter.default is inspect.Parameter.empty:
            raise SettingsError(
                f"checks/{name}.py: threshold {parameter.name!r} needs a bounded type (Percent, "
                "Usd, Count, ...) and a default."
            )
        if not parameter.name.endswith(tuple(f"_{unit}" for unit in UNITS)):
            raise SettingsError(
                f"checks/{name}.py: threshold {parameter.name!r} does not end in its unit "
                f"(_{', _'.join(UNITS)})."
            )
        thresholds[parameter.name] = Threshold(parameter.name, float(parameter.default), bounds[0])
    return tuple(facts), thresholds
