"""``audit doctor``: what is configured, reachable and readable, and what each gap costs."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, progress, say, show_table
from audit.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.settings import Settings
    from audit.sources.posthog import Probe

EXAMPLES = """\b
Examples:
  audit doctor
  audit doctor --host eu
  audit doctor --json

\b
The host is asked only when there is a key or --host is given. The key is never printed.
Exit code 2: settings or store are broken; 4: the host or the key does not work; 3: with
--strict, a scope is missing."""

DISTRIBUTION = "account-audit"
REACH_SECONDS = 10.0
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSED, MISSING, BROKEN = "ok", "missing", "broken"


@dataclass(frozen=True)
class Item:
    """One thing looked at. ``code`` is the exit code it asks for."""

    name: str
    state: str
    what: str
    code: int = 0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What is configured, reachable, readable.", epilog=EXAMPLES)(doctor)


def doctor(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="us, eu or https://... Default: the settings.")] = "",
    store: options.Store = "",
    strict: options.Strict = False,
    json: options.Json = False,
) -> int:
    """Say what is configured, reachable and readable, and what each missing scope costs."""
    settings = options.settings(context)
    items = [
        *_installed(),
        *_configured(context, settings),
        _store(store or settings.store),
        _ledger(settings.ledger),
        *_systems(settings),
        *_optional(),
    ]
    key = _key()
    items.append(key)
    probes: list[Probe] = []
    if key.state == PASSED or host:
        with progress("doctor") as step:
            step(f"asking {host or settings.host}")
            reached = _reached(host or settings.host)
            items.append(reached)
            if key.state == PASSED and reached.state == PASSED:
                step("trying every scope")
                probes = _probes(host or settings.host, items)
    lost = {probe.name: costs(probe.subjects) for probe in probes if not probe.readable}
    if json:
        emit_json(_document(items, probes, lost))
    else:
        _show(items, probes, lost)
    codes = [item.code for item in items if item.code]
    return max(codes) if codes else 3 if strict and lost else 0


def costs(subjects: "Iterable[str]") -> list[str]:
    """What cannot be answered without some coverage subjects, worked out from the fact files.

    A check, or a check with the products it cannot judge, or one that loses only its price.
    """
    from audit.checks import load_checks
    from audit.facts.runner import fact_files

    gone: dict[str, set[str]] = {}
    unread = list(subjects)
    for file in fact_files():
        for fact in file.facts:
            for needed in fact.subjects:
                pattern = re.compile(re.escape(needed).replace("<product>", "(?P<product>.+)"))
                for match in filter(None, map(pattern.fullmatch, unread)):
                    product = match.groupdict().get("product", "")
                    if product and file.products and product not in file.products:
                        continue
                    products = {product} if product else set(file.products) or {""}
                    gone.setdefault(fact.name, set()).update(products)
    lines = []
    for check in load_checks().values():
        blind = [gone[name] for name in check.facts if name in gone]
        if blind:
            named = ", ".join(sorted({product for some in blind for product in some} - {""}))
            lines.append(f"{check.name} ({named})" if named else check.name)
        elif any(name in gone for name in check.cut_facts):
            lines.append(f"{check.name} (its saving)")
    return lines


def _installed() -> list[Item]:
    version = ".".join(map(str, sys.version_info[:3]))
    absent = []
    for requirement in metadata.requires(DISTRIBUTION) or ():
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement and _version_of(name) is None:
            absent.append(name)
    own = f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    missing = f"not installed: {', '.join(absent)}. Install {DISTRIBUTION} again."
    kernel = _version_of("ipykernel")
    return [
        Item("Python", PASSED, f"{version}, {sys.prefix}"),
        Item("packages", BROKEN, missing, 2)
        if absent
        else Item("packages", PASSED, f"{own} and all it needs"),
        Item("notebook kernel", PASSED, f"ipykernel {kernel}")
        if kernel
        else Item("notebook kernel", BROKEN, "ipykernel is missing; `audit run` needs it.", 2),
    ]


def _configured(context: typer.Context, settings: "Settings") -> list[Item]:
    from audit.checks import load_checks
    from audit.policy import load_policy
    from audit.settings import FILE, unknown_variables

    named = context.find_root().obj
    file = named or (FILE if Path(FILE).exists() else "")
    values = f"store {settings.store}, reports {settings.reports}, host {settings.host}"
    items = [Item("settings", PASSED, f"{file or 'defaults and environment'}: {values}")]
    strange = unknown_variables(os.environ)
    if strange:
        items.append(Item("environment", MISSING, f"means nothing here: {', '.join(strange)}"))
    try:
        pack = load_policy(settings.policy, load_checks(), settings.thresholds)
        own = f", {len(pack.changed)} thresholds changed" if pack.changed else ""
        items.append(Item("policy", PASSED, f"{pack.name} ({pack.title}){own}"))
    except AuditError as error:
        items.append(Item("policy", BROKEN, str(error), error.exit_code))
    return items


def _store(path: str) -> Item:
    from audit.store import Store

    if not Path(path).exists():
        return Item("store", MISSING, f"{path} is not there yet; `audit sample` or `audit pull`.")
    try:
        with Store.open(path) as opened:
            row = opened.connection.execute(
                "SELECT (SELECT version FROM store_version), count(*) FROM organizations"
            ).fetchone()
    except AuditError as error:
        return Item("store", BROKEN, str(error), error.exit_code)
    version, count = row or (0, 0)
    return Item("store", PASSED, f"{path}: version {version}, {counted(count, 'organization')}")


def _ledger(place: str) -> Item:
    from audit.ledger.address import address

    try:
        at = address(place)
        if at.file is not None and not at.file.exists():
            return Item("ledger", MISSING, f"{at}: optional: `audit suppress` makes it")
        from audit.ledger.storage import Ledger

        found = Ledger(at).suppressions()
    except AuditError as error:
        return Item("ledger", BROKEN, str(error), error.exit_code)
    alive = sum(one.lifted_on is None for one in found)
    return Item("ledger", PASSED, f"{at}: {counted(alive, 'suppression')} not lifted")


def _systems(settings: "Settings") -> list[Item]:
    """Each system that the settings name, and whether its keys are there. Nothing is asked."""
    from audit.web.keys import READ, WRITE, key_of
    from audit.web.systems import Systems

    items = []
    for name in Systems.model_fields:
        section = getattr(settings.systems, name)
        if section is None or name == "warehouse":
            continue
        by_user = name == "metabase" and section.user
        places = {"read": READ.get("metabase password" if by_user else name)}
        places["write"] = WRITE.get(name)
        for use, place in places.items():
            if place is None:
                continue
            try:
                key_of(place)
            except AuditError as error:
                items.append(Item(f"{name}, {use}", MISSING, str(error)))
            else:
                items.append(Item(f"{name}, {use}", PASSED, f"key present ({place.variable})"))
    return items


def _optional() -> list[Item]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    items = [
        Item("Chromium", PASSED, found)
        if found
        else Item("Chromium", MISSING, "optional: only PDF and browser tests need it")
    ]
    for name, package, use in (
        ("JupyterLab", "jupyterlab", "to work in the notebooks by hand"),
        ("Voila", "voila", "to serve the dashboard"),
    ):
        version = _version_of(package)
        items.append(
            Item(name, PASSED, version) if version else Item(name, MISSING, f"optional: {use}")
        )
    return items


def _version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _key() -> Item:
    from audit.sources.posthog.key import VARIABLE, api_key
    from audit.web.key import KEYRING_SERVICE

    given = bool(os.environ.get(VARIABLE))
    try:
        api_key()
    except AuditError as error:
        return Item("key", BROKEN if given else MISSING, str(error), 2 if given else 0)
    where = f"the environment ({VARIABLE})" if given else f"the keyring ({KEYRING_SERVICE})"
    return Item("key", PASSED, f"present, from {where}")


def _reached(host: str) -> Item:
    """Whether anything answers at the host; any answer will do."""
    import httpx2 as httpx

    from audit.sources.posthog.client import base_url

    try:
        base = base_url(host)
    except AuditError as error:
        return Item("host", BROKEN, str(error), error.exit_code)
    loopback = httpx.URL(base).host in ("localhost", "127.0.0.1", "::1")
    try:
        with httpx.Client(timeout=REACH_SECONDS, trust_env=not loopback) as client:
            status = client.get(f"{base}/_health").status_code
    except httpx.HTTPError as error:
        problem = f"no answer from {base} ({type(error).__name__}). Check the network and --host."
        return Item("host", BROKEN, problem, 4)
    return Item("host", PASSED, f"{base} answers ({status})")


def _probes(host: str, items: list[Item]) -> "list[Probe]":
    from audit.sources.posthog import probe

    found = probe(host)
    first = found[0]
    if not first.readable:
        items.append(Item("organization", BROKEN, first.reason, 4))
    return found


def _document(
    items: list[Item], probes: "list[Probe]", lost: dict[str, list[str]]
) -> dict[str, Any]:
    return {
        "items": [{"name": i.name, "state": i.state, "what": i.what} for i in items],
        "scopes": [
            {
                "name": probe.name,
                "scope": probe.scope,
                "readable": probe.readable,
                "status": probe.status,
                "reason": probe.reason,
                "subjects": list(probe.subjects),
                "not_evaluated": lost.get(probe.name, []),
            }
            for probe in probes
        ],
    }


def _show(items: list[Item], probes: "list[Probe]", lost: dict[str, list[str]]) -> None:
    show_table(("what", "state", ""), [(i.name, i.state, i.what) for i in items])
    if not probes:
        return
    say()
    show_table(
        ("reads", "scope", "state", "why not, and what cannot be evaluated without it"),
        [(p.name, p.scope, PASSED if p.readable else MISSING, _gap(p, lost)) for p in probes],
    )


def _gap(probe: "Probe", lost: dict[str, list[str]]) -> str:
    if probe.readable:
        return ""
    checks = ", ".join(lost[probe.name]) or "no check"
    return f"{probe.reason} Not evaluated: {checks}."
