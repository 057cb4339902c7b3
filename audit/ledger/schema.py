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
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
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
STEPS: tuple[Step, ...] = (_first,)
