"""The same batch on a Dask cluster: accounts travel there as bytes, reports come back as bytes.

A worker runs each account in a process of its own, as a batch here does, so what one account does
to its process harms no worker. What a lost worker was at is done by another. Workers need the same
version of this package; their disks need nothing.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from audit import run as runs
from audit.batch.fingerprint import code_digest
from audit.batch.job import Job, failed_by
from audit.engine.pool import Done, Pool, Progress
from audit.errors import AuditError, InputError, RunError
from audit.open import load_account
from audit.outreach.files import RECORD, put
from audit.report.page import shared_library
from audit.reports import previous_of

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15.0
#: Without any worker for so long, the batch gives up; a restarted one goes on where it was.
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 5.0
#: So many accounts for each thread of the cluster are on their way at a time.
AHEAD = 2


class Cluster:
    """A scheduler's workers, as :class:`audit.engine.pool.Pool` is this machine's processes.

    Use as a context manager; its end cancels what is still to be done.

    Raises: RunError when the scheduler does not answer or no worker comes.
    """

    def __init__(
        self, address: str, timeout_seconds: float = 0, *, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        self.address = address
        self._timeout_seconds = timeout_seconds
        self._connect_seconds = connect_seconds
        self._client: Client | None = None

    def __enter__(self) -> Self:
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise RunError(
                "A cluster needs Dask. Install it with `pip install 'account-audit[cluster]'`."
            ) from error
        try:
            self._client = Client(self.address, timeout=self._connect_seconds, set_as_default=False)
            self._client.wait_for_workers(1, timeout=self._connect_seconds)
        except TimeoutError as error:
            what = "no worker" if self._client is not None else "no scheduler"
            self.__exit__()
            raise RunError(f"{what.capitalize()} answers at {self.address}.") from error
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise RunError(f"No scheduler at {self.address}: {reason}.") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            with suppress(Exception):
                self._client.close(timeout=self._connect_seconds)
            self._client = None

    def run(
        self,
        target: str,  # noqa: ARG002 - there is one thing that a cluster does
        payloads: Iterable[dict[str, Any]],
        progress: Progress = lambda *_: None,  # noqa: ARG002
    ) -> Iterator[Done]:
        """Do each job there and publish its report here. Of an account that is away nothing is
        heard until it is back."""
        assert self._client is not None
        client, waiting = self._client, enumerate(payloads)
        room = max(sum(client.nthreads().values()), 1) * AHEAD
        running: dict[Any, tuple[int, Job, float]] = {}
        seen, back = time.monotonic(), threading.Event()
        while True:
            while len(running) < room:
                number, payload = next(waiting, (-1, None))
                if payload is None:
                    break
                job, began = Job.of_plain(payload), time.monotonic()
                try:
                    travelling = packed(job)
                except AuditError as error:
                    yield Done(number, None, str(error), time.monotonic() - began, 0.0)
                    continue
                future = client.submit(away, travelling, self._timeout_seconds, pure=False)
                running[future] = (number, job, began)
                future.add_done_callback(lambda _: back.set())
            if not running:
                return
            back.wait(LOOK_SECONDS)
            back.clear()
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE_SECONDS or client.status != "running":
                raise RunError(f"No worker is left at {self.address}. Run it again to go on.")
            for future in [one for one in running if one.done()]:
                number, job, began = running.pop(future)
                yield _back(future, number, job, time.monotonic() - began)


def packed(job: Job) -> dict[str, Any]:
    """A job as it travels: with its account, its notebook and the report it is compared with.

    Raises: InputError for a policy that is a file of this machine, or an account that is gone.
    """
    if str(job.asked.get("policy", "")).endswith(".toml"):
        raise InputError("A policy file does not travel to a cluster. Use a shipped policy.")
    account = load_account(job.organization_id, store=job.store)
    with tempfile.TemporaryDirectory(prefix="audit-") as private:
        facts = account.save(Path(private) / "account.zip").read_bytes()
    place = runs.place_of(account, job.out, job.asked.get("as_of", ""))
    before = previous_of(account, date.fromisoformat(place.parent.name), job.out)
    earlier = {}
    for name in ("account.zip", "findings.json"):
        file = before.account.with_name(name) if before else None
        if file is not None and file.is_file():
            earlier[file.relative_to(job.out).as_posix()] = file.read_bytes()
    notebook = Path(job.notebook)
    return {
        "job": job.as_plain(),
        "account": facts,
        "notebook": (notebook.name, notebook.read_bytes()),
        "earlier": earlier,
    }


def away(travelled: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
    """On the worker: make the report in a private folder; what came of it, and ``files`` of the
    report's folder by name."""
    with tempfile.TemporaryDirectory(prefix="audit-away-") as private:
        out, account = Path(private) / "out", Path(private) / "account.zip"
        name, content = travelled["notebook"]
        notebook = _inside(Path(private), name)
        notebook.write_bytes(content)
        if code_digest(notebook) != travelled["job"]["made_from"]["code"]:
            problem = "The worker has other versions of account-audit or its libraries."
            return {"problem": f"{problem} Install the same there."}
        account.write_bytes(travelled["account"])
        _unpacked(travelled["earlier"], out)
        places = {"out": str(out), "notebook": str(notebook), "store": str(account)}
        (done,) = _pool(timeout_seconds).run(
            "audit.batch.job:perform", [{**travelled["job"], **places}]
        )
        folder = (done.result or {}).get("folder")
        return {
            "result": done.result,
            "problem": done.problem,
            "trace": done.trace,
            "peak_private_mb": done.peak_private_mb,
            "files": _contents(out / folder) if folder else {},
        }


_pools = threading.local()


def _pool(timeout_seconds: float) -> Pool:
    """One for each thread of a worker, kept warm."""
    if getattr(_pools, "timeout", None) != timeout_seconds:
        _pools.pool = Pool(1, timeout_seconds=timeout_seconds)
        _pools.timeout = timeout_seconds
    kept: Pool = _pools.pool
    return kept


def _back(future: Any, number: int, job: Job, seconds: float) -> Done:
    """What came back, published here as a run here would have published it."""
    try:
        answer = future.result()
        result = answer.get("result")
        if result and result.get("folder"):
            _published(answer["files"], _inside(Path(job.out), result["folder"]), job)
    except AuditError as error:
        return Done(number, None, str(error), seconds, 0.0)
    except OSError as error:
        return Done(number, failed_by(error), "", seconds, 0.0)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Done(number, None, f"The cluster could not do it: {text}.", seconds, 0.0)
    peak, trace = float(answer.get("peak_private_mb", 0.0)), str(answer.get("trace", ""))
    return Done(number, result, str(answer.get("problem", "")), seconds, peak, trace)


def _published(files: Mapping[str, bytes], place: Path, job: Job) -> None:
    letters = {name: one for name, one in files.items() if name.startswith(f"{runs.DRAFTS}/")}
    if job.shared_assets:
        shared_library(Path(job.out) / runs.ASSETS)
    with runs.assembled(place) as folder:
        _unpacked({name: one for name, one in files.items() if name not in letters}, folder)
        runs.publish(folder, place)
    shutil.rmtree(runs.failed_at(place), ignore_errors=True)  # nothing where this is the failed one
    if letters:
        drafted = {Path(name).name: one for name, one in letters.items()}
        drafted.pop(RECORD, None)
        put(drafted, place / runs.DRAFTS)


def _inside(folder: Path, name: str) -> Path:
    """A path below a folder, whatever the other side says. Raises: RunError."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name:
        raise RunError(f"The other side names a file outside of its folder: {name!r}.")
    return folder / parts


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _unpacked(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = _inside(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
