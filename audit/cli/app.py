"""The application: its commands, and how every error becomes one line and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from audit.cli import (
    backtest,
    batch,
    checks,
    dashboard,
    diff,
    doctor,
    explain,
    focus,
    forecast,
    health,
    judge,
    ledger,
    north_star,
    outreach,
    plan,
    policy,
    price,
    pull,
    push,
    queue,
    record,
    refund,
    roi,
    run,
    scenario,
    sources,
    suppress,
    suppressions,
    verify,
)
from audit.cli.output import complain, quiet_libraries, unfailing_streams
from audit.cli.text import redacted, safe_lines
from audit.errors import AuditError

INTERRUPTED = 130
PIPE_CLOSED = 141
FAILED = 4

#: Typer carries click inside of it; this is the base of all its usage errors.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

EPILOG = """\b
Start here:
  audit sample                      twelve made-up organizations in audit.duckdb
  audit scan                        who can save most
  audit findings ORGANIZATION       what is wrong in one, and what it costs
  audit explain FINDING             where a number comes from
  audit run ORGANIZATION            the report, as one HTML file
  audit batch --due                 the reports of everybody who is due

\b
Exit codes:
  0  done and clean
  1  findings at or above --fail-on
  2  bad input or settings
  3  some checks could not be evaluated, and --strict was given
  4  a source or a run failed

\b
Settings: audit.toml in the current folder, or AUDIT_STORE, AUDIT_REPORTS, AUDIT_LEDGER,
AUDIT_POLICY, AUDIT_HOST and AUDIT_LOOKBACK_DAYS. The key: POSTHOG_PERSONAL_API_KEY or
the keyring."""


class PipeClosedError(Exception):
    """Whoever read our output is gone."""


class AuditGroup(TyperGroup):
    """All commands, with our errors and exit codes around them."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run and leave. Without ``standalone_mode`` errors are raised, as click has it."""
        unfailing_streams()
        quiet_libraries()
        given = list(sys.argv[1:] if args is None else args)
        debug = _wants_trace(given)
        if not standalone_mode:
            return super().main(given, prog_name, complete_var, False, windows_expand_args, **extra)
        sys.exit(self._code(given, debug, prog_name or "audit", complete_var, **extra))

    def _code(
        self,
        args: list[str],
        debug: bool,
        prog_name: str,
        complete_var: str | None,
        **extra: Any,
    ) -> int:
        try:
            code = super().main(args, prog_name, complete_var, False, **extra)
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
        except (KeyboardInterrupt, typer.Abort):
            complain("Interrupted.")
            return INTERRUPTED
        except (BrokenPipeError, PipeClosedError):
            # Whoever read our output has left; Python would complain once more at its own end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        except AuditError as error:
            _trace(debug)
            complain(str(error))
            return error.exit_code
        except OSError as error:
            _trace(debug)
            complain(f"{error.strerror or error}: {error.filename or 'no file'}.")
            return FAILED
        except USAGE_ERROR as error:
            complain(_usage(error, prog_name))
            return 2
        except Exception as error:
            _trace(debug)
            hint = "" if debug else " Run it again with --debug for the trace and"
            complain(
                f"This is a bug in audit, not in your data: {type(error).__name__}: {error}.{hint} "
                "report it with the command you typed.".replace("..", ".")
            )
            return FAILED

    def invoke(self, ctx: Any) -> Any:
        """Run a command. What Typer has codes of its own for is passed on as what it is."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None
        except BrokenPipeError:
            raise PipeClosedError from None


def _wants_trace(args: list[str]) -> bool:
    """True for AUDIT_DEBUG=1 or ``--debug``, which may stand anywhere and is taken out."""
    asked = os.environ.get("AUDIT_DEBUG", "") not in ("", "0")
    end = args.index("--") if "--" in args else len(args)
    while "--debug" in args[:end]:
        args.remove("--debug")
        end -= 1
        asked = True
    return asked


def _trace(debug: bool) -> None:
    if debug:
        sys.stderr.write(safe_lines(redacted(traceback.format_exc())) + "\n")


def _usage(error: Any, prog_name: str) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else prog_name
    message = " ".join(error.format_message().split())
    message = message.rstrip(".")
    end = "" if message.endswith(("?", "!")) else "."
    return f"{message}{end} `{command} --help` has examples."


app = typer.Typer(
    cls=AuditGroup,
    name="audit",
    help="Audit a PostHog organization: what it pays, what is waste, and what fixing it saves.",
    epilog=EPILOG,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"account-audit {version('account-audit')}\n")
        raise typer.Exit


# --version acts in its callback and --debug before any option is read (_wants_trace): both
# stand here for --help alone.
@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    config: Annotated[
        str,
        typer.Option(envvar="AUDIT_CONFIG", help="Settings file instead of ./audit.toml."),
    ] = "",
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    debug: Annotated[  # noqa: ARG001
        bool, typer.Option("--debug", help="Show the trace of an error (or AUDIT_DEBUG=1).")
    ] = False,
) -> None:
    """Keep what all commands share."""
    context.obj = config
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


for group in (
    *(sources, pull, run, batch, dashboard, outreach, judge, explain, diff, suppress, suppressions),
    *(health, north_star, forecast, backtest, scenario, price, focus, refund, roi, plan),
    *(push, record, verify, ledger, checks, policy, queue, doctor),
):
    group.add_to(app)
