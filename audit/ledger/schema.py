"""The ledger's tables, and how a ledger of any earlier version becomes one of this.

Nothing is ever changed or deleted: a lift is a row of its own, and triggers refuse the rest.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    inspect,
    select,
    text,
)

METADATA = MetaData()

VERSIONS = Table(
    "ledger_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

SUPPRESSIONS = Table(
    "suppressions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("check_name", Text, nullable=False),
    Column("organization_id", Text, nullable=False, index=True),
    Column("project_id", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("up_to_cents", BigInteger),
    CheckConstraint("reason <> '' AND owner <> ''", "a_suppression_has_reason_and_owner"),
    CheckConstraint("until >= created_on", "a_suppression_ends_after_it_began"),
    CheckConstraint("up_to_cents >= 0", "a_cap_is_an_amount"),
    sqlite_autoincrement=True,
)

LIFTS = Table(
    "suppression_lifts",
    METADATA,
    # One lift per suppression: of two at once, the second is refused by the key.
    Column(
        "suppression_id",
        Integer,
        ForeignKey("suppressions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("lifted_on", Date, nullable=False),
    Column("lifted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

#: Of an audit whose predictions are on record; the same audit is recorded once.
RUNS = Table(
    "runs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("organization_id", Text, nullable=False, index=True),
    Column("as_of", Date, nullable=False),
    Column("policy", Text, nullable=False),
    Column("price_list", Text, nullable=False),
    Column("window_start", Date, nullable=False),
    Column("window_end", Date, nullable=False),
    Column("bill_cents", BigInteger, nullable=False),
    Column("joint_saving_cents", BigInteger, nullable=False),
    Column("people", BigInteger),
    Column("recorded_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("usage", Text, nullable=False),
    UniqueConstraint("organization_id", "as_of", "policy", name="an_audit_is_recorded_once"),
    CheckConstraint("recorded_by <> ''", "a_run_has_an_owner"),
    sqlite_autoincrement=True,
)

PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("organization_id", Text, nullable=False, index=True),
    Column("finding_id", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("effort", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("alone_cents", BigInteger, nullable=False),
    Column("low_cents", BigInteger),
    Column("mid_cents", BigInteger),
    Column("high_cents", BigInteger),
    Column("came_true", Float, nullable=False),
    Column("came_true_low", Float, nullable=False),
    Column("basis", Text, nullable=False),
    UniqueConstraint("run_id", "finding_id", name="a_finding_is_predicted_once_a_run"),
    sqlite_autoincrement=True,
)

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("organization_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("contacted_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("contacted_by <> ''", "a_contact_has_somebody"),
    sqlite_autoincrement=True,
)

OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("prediction_id", Integer, ForeignKey("predictions.id"), nullable=False),
    Column("measured_as_of", Date, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("share", Float),
    Column("share_low", Float),
    Column("share_high", Float),
    Column("predicted_cents", BigInteger, nullable=False),
    Column("saved_cents", BigInteger),
    Column("saved_low_cents", BigInteger),
    Column("saved_high_cents", BigInteger),
    Column("why", Text, nullable=False),
    UniqueConstraint("prediction_id", "measured_as_of", name="measured_once_a_day"),
    sqlite_autoincrement=True,
)

#: Changes to other systems, by the key that makes each happen once.
WRITES = Table(
    "writes",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("organization_id", Text, nullable=False, index=True),
    Column("system", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("planned_by", Text, nullable=False),
    Column("planned_at", Text, nullable=False),
    CheckConstraint("planned_by <> ''", "a_write_has_somebody"),
)

#: How far each has come: pending before it is sent; then done, or absent where it was not made.
WRITE_STATES = Table(
    "write_states",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", Text, ForeignKey("writes.key"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("response_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
    UniqueConstraint("key", "attempt", "state", name="a_state_is_reached_once"),
    CheckConstraint("state IN ('pending', 'done', 'absent')", "a_state_is_one_of_three"),
    sqlite_autoincrement=True,
)

#: All that is kept, in the order in which rows may name others.
TABLES = (
    *(SUPPRESSIONS, LIFTS, RUNS, PREDICTIONS),
    *(CONTACTS, OUTCOMES, WRITES, WRITE_STATES),
)

#: Takes a ledger from one version to the next, in a transaction with all that follow.
Step = Callable[[Connection], None]

#: Of PostgreSQL's advisory locks, ours: writers take turns, also while they make the tables.
TURN = 7_205_759


def version_of(connection: Connection) -> int:
    """The version of the ledger in a database; 0 where there is none yet."""
    if not inspect(connection).has_table(VERSIONS.name):
        return 0
    return connection.execute(select(func.max(VERSIONS.c.version))).scalar() or 0


def strangers(connection: Connection) -> list[str]:
    """Tables in a database without a ledger that are somebody else's."""
    return sorted(inspect(connection).get_table_names())


def bring_up_to_date(connection: Connection, steps: Sequence[Step]) -> None:
    """Take every step that is missing. The caller's transaction makes it all or nothing."""
    for number in range(version_of(connection), len(steps)):
        steps[number](connection)
        connection.execute(insert(VERSIONS).values(version=number + 1))


def wait_for_turn(connection: Connection, seconds: float) -> None:
    """Let one writer at a time into a shared database, to the end of its transaction. In SQLite
    the transaction itself is that lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("lock_timeout", f"{seconds:.0f}s", True)))
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))


def _first(connection: Connection) -> None:
    METADATA.create_all(connection, [VERSIONS, SUPPRESSIONS, LIFTS], checkfirst=False)
    for table in (VERSIONS, SUPPRESSIONS, LIFTS):
        refuse_changes(connection, table)


def _second(connection: Connection) -> None:
    for table in (RUNS, PREDICTIONS, CONTACTS, OUTCOMES):
        table.create(connection, checkfirst=False)
        refuse_changes(connection, table)


def _third(connection: Connection) -> None:
    for table in (WRITES, WRITE_STATES):
        table.create(connection, checkfirst=False)
        refuse_changes(connection, table)


def refuse_changes(connection: Connection, table: Table) -> None:
    """Make a table append-only for everybody, not only for this tool."""
    name = table.name
    if connection.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {name}_no_{change.lower()} BEFORE {change} ON {name} "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
            )
    elif connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger "
                "LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
            )
        )
        connection.execute(
            text(
                f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
            )
        )


#: Each step is frozen once it has shipped; a change is a step of its own.
STEPS: tuple[Step, ...] = (_first, _second, _third)
