"""The same batch on a Dask cluster: accounts travel there as bytes, reports come back as bytes.

A worker runs each account in a process of its own, as a batch here does, so what one account does
to its process harms no worker. What a lost worker was at is done by another. Workers need the same
version of this package; their disks need nothing.
"""

import base64
import io
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from audit.batch.fingerprint import code_digest
from audit.batch.job import Job, told
from audit.engine.pool import Done, Pool, Progress
from audit.errors import AuditError, InputError, RunError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15.0
#: Without any worker for so long, the batch gives up; a restarted one goes on where it was.
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 5.0
#: So many accounts for each thread of the cluster are on their way at a time.
AHEAD = 2
EARLIEST_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)


class Cluster:
    """A scheduler's workers, as :class:`audit.engine.pool.Pool` is this machine's processes.

    Use as a context manager; its end cancels what is still to be done.

    Raises: RunError when the scheduler does not answer or no worker comes.
    """

    def __init__(self, address: str, timeout_seconds: float = 0) -> None:
        self.address = address
        self._timeout_seconds = timeout_seconds
        self._client: Client | None = None

    def __enter__(self) -> Self:
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise RunError(
                "A cluster needs Dask. Install it with `pip install 'account-audit[cluster]'`."
            ) from error
        try:
            self._client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
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
                self._client.close(timeout=CONNECT_SECONDS)
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
        running: dict[Any, tuple[int, dict[str, Any], float]] = {}
        seen, back = time.monotonic(), threading.Event()
        while True:
            while len(running) < room:
                number, payload = next(waiting, (-1, None))
                if payload is None:
                    break
                future = client.submit(
                    away, packed(payload), self._timeout_seconds, pure=False, key=_key(number)
                )
                running[future] = (number, payload, time.monotonic())
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
                number, payload, began = running.pop(future)
                yield _back(future, number, payload, time.monotonic() - began)


def _key(number: int) -> str:
    return f"audit-{number}-{time.monotonic_ns()}"


def packed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A job as it travels: with its notebook and the last report that it is compared with.

    Raises: InputError for a policy that is a file of this machine.
    """
    from audit.account import Account
    from audit.reports import previous_of
    from audit.run import place_of

    job = Job.of_plain(payload)
    if str(job.asked.get("policy", "")).endswith(".toml"):
        raise InputError("A policy file does not travel to a cluster. Use a shipped policy.")
    earlier: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="audit-") as private:
        file = Path(private) / "account.zip"
        file.write_bytes(base64.b64decode(job.bundle))
        account = Account.load(file)
        place = place_of(account, job.out, job.asked.get("as_of", ""))
        before = previous_of(account, date.fromisoformat(place.parent.name), job.out)
        if before is not None:
            for name in ("account.zip", "findings.json"):
                found = before.account.with_name(name)
                if found.is_file():
                    inside = found.relative_to(Path(job.out)).as_posix()
                    earlier[inside] = base64.b64encode(found.read_bytes()).decode("ascii")
    notebook = Path(job.notebook)
    return {
        "job": dict(payload),
        "notebook": {"name": notebook.name, "text": notebook.read_text(encoding="utf-8")},
        "earlier": earlier,
        "code": code_digest(),
    }


def away(travelled: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
    """On the worker: make the report in a private folder; ``{"done": ..., "files": zip bytes}``."""
    if travelled["code"] != code_digest():
        return {"problem": "The worker has another version of account-audit. Install the same."}
    with tempfile.TemporaryDirectory(prefix="audit-away-") as private:
        out = Path(private) / "out"
        notebook = Path(private) / Path(travelled["notebook"]["name"]).name
        notebook.write_text(travelled["notebook"]["text"], encoding="utf-8")
        for name, content in travelled["earlier"].items():
            path = _inside(out, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(content))
        job = {**travelled["job"], "out": str(out), "notebook": str(notebook)}
        (done,) = _pool(timeout_seconds).run("audit.batch.job:perform", [job])
        answer = {
            "result": done.result,
            "problem": done.problem,
            "trace": done.trace,
            "peak_private_mb": done.peak_private_mb,
        }
        folder = (done.result or {}).get("folder")
        return {**answer, "files": _zipped(out / folder) if folder else b""}


_pools = threading.local()


def _pool(timeout_seconds: float) -> Pool:
    """One for each thread of a worker, kept warm."""
    if getattr(_pools, "timeout", None) != timeout_seconds:
        _pools.pool = Pool(1, timeout_seconds=timeout_seconds)
        _pools.timeout = timeout_seconds
    kept: Pool = _pools.pool
    return kept


def _back(future: Any, number: int, payload: Mapping[str, Any], seconds: float) -> Done:
    """What came back, published here as a run here would have published it."""
    from audit.run import publish

    try:
        answer = future.result()
        result, problem = answer.get("result"), str(answer.get("problem", ""))
        if result and result.get("folder"):
            place = _inside(Path(payload["out"]), result["folder"])
            place.parent.mkdir(parents=True, exist_ok=True)
            folder = Path(
                tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".new", dir=place.parent)
            )
            try:
                folder.chmod(0o755)
                _unzipped(answer["files"], folder)
                publish(folder, place)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            if not result.get("problem"):
                shutil.rmtree(place.with_name(place.name + "-failed"), ignore_errors=True)
    except AuditError as error:
        return Done(number, None, str(error), seconds, 0.0)
    except OSError as error:
        return Done(number, None, told(error), seconds, 0.0)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Done(number, None, f"The cluster could not do it: {text}.", seconds, 0.0)
    peak, trace = float(answer.get("peak_private_mb", 0.0)), str(answer.get("trace", ""))
    return Done(number, None if problem else result, problem, seconds, peak, trace)


def _inside(folder: Path, name: str) -> Path:
    """A path below a folder, whatever the other side says. Raises: RunError."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name:
        raise RunError(f"The other side names a file outside of its folder: {name!r}.")
    return folder / parts


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EARLIEST_ZIP_MOMENT)
                archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unzipped(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            path = _inside(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
