"""``audit dashboard``: Voila with our page, kernels forked warm, and a store that is followed.

Voila does the serving; what is set here is who may come in, how a kernel comes to be and when it
goes, and that nothing but this one notebook is served.
"""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.batch.snapshot import snapshot
from audit.dashboard import aside, serving
from audit.dashboard import board as boards
from audit.dashboard.board import Rules
from audit.dashboard.identity import ROLE_HEADER, USER_HEADER, Access, Visitors
from audit.dashboard.kept import Kept
from audit.dashboard.limits import Limits
from audit.dashboard.provisioner import NAME
from audit.dashboard.screen import FRONT, script, styles
from audit.errors import AuditError, InputError
from audit.ledger import Suppression
from audit.ledger.storage import Ledger
from audit.report.bundle import cache_folder, chart_library
from audit.run import shipped_notebook

TEMPLATE = "account-audit"
IDLE_SECONDS = 120
LOOK_EVERY_SECONDS = 3.0


@dataclass(frozen=True)
class Plan:
    """What is served, how and to whom."""

    store: Path
    rules: Rules
    audience: str = "team"
    ledger: str = ""
    port: int = 8866
    address: str = "127.0.0.1"
    base_url: str = "/"
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    idle_seconds: int = IDLE_SECONDS
    opens_browser: bool = False


def serve(plan: Plan, say: Callable[[str], None]) -> None:
    """Serve until interrupted. ``say``: told what happens, a sentence each.

    Raises: StoreError, SettingsError or InputError before anything listens.
    """
    plan.access.check(plan.address)
    check_port(plan.address, plan.port)
    say("Judging the accounts of the store")
    with ExitStack() as stack:
        held = _Held(plan, stack)
        held.made()
        say(f"{len(held.board.rows):,} accounts")
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="audit-voila-")))
        _furnish(room)
        _serve(plan, held, room, say)


class _Held:
    """The generations: the newest, and the one before for those who are still there."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self.plan = plan
        self._generations: list[tuple[serving.Generation, ExitStack]] = []
        self._kept = Kept()
        stack.callback(self.close)

    @property
    def newest(self) -> serving.Generation:
        return self._generations[-1][0]

    def made(self) -> serving.Generation:
        """The generation of the store as it is now, warm; nobody gets it yet."""
        with ExitStack() as own:
            generation = self._made(own)
            self._generations.append((generation, own.pop_all()))
        return generation

    def _made(self, own: ExitStack) -> serving.Generation:
        plan, store = self.plan, self.plan.store
        if not store.exists():
            boards.stamp(store)  # says what to do
        read = own.enter_context(snapshot(store))
        self._decided = self._in_ledger()
        self.board = aside.judged(read, plan.rules, self._decided, folder=cache_folder())
        made = serving.Generation(
            self.board,
            read,
            store,
            plan.rules,
            audience=plan.audience,
            ledger=plan.ledger,
            limits=plan.limits,
            kept=self._kept,
        )
        own.callback(made.close)
        made.zygote.ready()
        return made

    def stands(self) -> bool:
        """Whether the ledger says what it said when the accounts were judged."""
        return self._in_ledger() == self._decided

    def _in_ledger(self) -> tuple[Suppression, ...]:
        return Ledger.at(self.plan.ledger).suppressions() if self.plan.ledger else ()

    def drop_empty(self) -> None:
        """End the older generations that nobody looks at any more."""
        for one in self._generations[:-1]:
            generation, own = one
            if not generation.visitors:
                own.close()
                self._generations.remove(one)

    def close(self) -> None:
        for _, own in self._generations:
            own.close()
        self._generations.clear()


def _furnish(room: Path) -> None:
    """What Jupyter finds by its search path: the template with its scripts, the kernel, and the
    notebook in a folder where nothing else is."""
    shutil.copytree(Path(__file__).parent / "jupyter", room / "jupyter")
    static = room / "jupyter" / "voila" / "templates" / TEMPLATE / "static"
    static.mkdir(exist_ok=True)
    (static / "screen.js").write_text(script(), encoding="utf-8")
    (static / "screen.css").write_text(styles(), encoding="utf-8")
    shutil.copyfile(FRONT / "client.js", static / "client.js")
    (static / "charts.js").write_text(unpacked(chart_library().packed), encoding="utf-8")
    kernel = room / "jupyter" / "kernels" / NAME
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(KERNEL, encoding="utf-8")
    served = room / "served"
    served.mkdir()
    text = shipped_notebook("dashboard.ipynb").read_text(encoding="utf-8")
    (served / "dashboard.ipynb").write_text(
        text.replace('"name": "python3"', f'"name": "{NAME}"'), encoding="utf-8"
    )


#: A kernel that no command starts: its provisioner forks it.
KERNEL = (
    '{"argv": ["none"], "display_name": "Account audit", "language": "python", "metadata": '
    '{"kernel_provisioner": {"provisioner_name": "account-audit-visitor"}}}\n'
)


def unpacked(packed: str) -> str:
    """The chart library as the browser takes it."""
    import base64
    import gzip

    return gzip.decompress(base64.b64decode(packed)).decode()


def _serve(plan: Plan, held: _Held, room: Path, say: Callable[[str], None]) -> None:
    os.environ["JUPYTER_PATH"] = str(room / "jupyter")
    os.environ["JUPYTER_CONFIG_DIR"] = str(room / "config")
    os.environ["JUPYTER_NO_CONFIG"] = "1"
    from voila.app import Voila

    Visitors.access = plan.access
    app = Voila(log_level="WARN")
    app.config.VoilaConfiguration.http_header_envs = [USER_HEADER, ROLE_HEADER]
    app.config.VoilaConfiguration.file_allowlist = []
    app.initialize([str(room / "served" / "dashboard.ipynb"), *_arguments(plan)])
    app.tornado_settings = {"headers": _headers(), "websocket_max_message_size": 1 << 20}
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_open_doors(held.newest))
    following = loop.create_task(_follow(held, say))
    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(loop.stop))
    link = plan.access.link(plan.address, plan.port, plan.base_url)
    loop.call_soon(say, f"Open {link} (Ctrl-C ends it)")  # the loop turns when it listens
    try:
        app.start()
    finally:
        following.cancel()


def _arguments(plan: Plan) -> Sequence[str]:
    return (
        f"--port={plan.port}",
        "--Voila.port_retries=0",
        f"--Voila.ip={plan.address}",
        f"--base_url={plan.base_url}",
        "--Voila.open_browser=" + str(plan.opens_browser),
        f"--VoilaConfiguration.template={TEMPLATE}",
        "--VoilaConfiguration.allow_template_override=NO",
        "--VoilaConfiguration.allow_theme_override=NO",
        "--VoilaConfiguration.show_tracebacks=False",
        "--Voila.identity_provider_class=audit.dashboard.identity.Visitors",
        "--MultiKernelManager.kernel_manager_class=audit.dashboard.provisioner.Manager",
        f"--MappingKernelManager.cull_idle_timeout={plan.idle_seconds}",
        f"--MappingKernelManager.cull_interval={max(1, min(30, plan.idle_seconds // 4))}",
        "--ConnectionFileMixin.transport=ipc",
    )


def _headers() -> dict[str, Any]:
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


async def _open_doors(generation: serving.Generation) -> None:
    """From now on visitors get this one."""
    await generation.begin()
    serving.becomes(generation)


async def _follow(held: _Held, say: Callable[[str], None]) -> None:
    """Make the next generation when the next store is published."""
    failed = ""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        held.drop_empty()
        try:
            now = boards.stamp(held.plan.store)
            stands = held.stands()
        except AuditError:
            continue  # between two publishes, or taken away: who looks goes on with what is held
        if now == failed or (now == held.newest.source.stamp and stands):
            continue
        new = now != held.newest.source.stamp
        say(f"{'A new store was published' if new else 'A decision was taken'}; judging it")
        try:
            made = await asyncio.to_thread(held.made)
            await _open_doors(made)
            say(f"{len(held.board.rows):,} accounts are judged")
        except (AuditError, OSError) as error:
            failed = now
            say(f"The new store cannot be shown, the one before is: {error}")


def check_port(address: str, port: int) -> None:
    """Raises: InputError for an address or port where nothing can listen."""
    if not 0 < port < 1 << 16:
        raise InputError(f"A port is 1 to 65535, got {port}.")
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((address, port))
    except OSError as error:
        raise InputError(
            f"Nothing can listen on {address}, port {port} ({error.strerror}). Choose another with "
            "--port or --address."
        ) from None
