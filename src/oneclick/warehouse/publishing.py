"""The tables of a run appear in the warehouse whole or not at all."""

from contextlib import suppress
from typing import Any

from psycopg import OperationalError, errors, sql

from oneclick.errors import ConnectionLostError, OneclickError

_LONGEST = 63  # bytes of a name that PostgreSQL keeps
_STRANGER = (
    "SELECT owner::regrole::text FROM pg_namespace n LEFT JOIN pg_class c ON relnamespace = n.oid, "
    "LATERAL (VALUES (nspowner), (relowner)) AS owners(owner) "
    "WHERE nspname = %(published)s AND NOT pg_has_role(owner, 'USAGE')"
)


class SchemaPublication:
    """The schema one run writes into, from its lock to its appearance.

    A run fills a schema of its own, and renaming schemas in one transaction publishes it; a reader
    sees the tables before or those after.

    Attributes:
        patience: How long to wait for those who are reading.

    Args:
        warehouse: The `Warehouse` connection; it holds the lock while the run lasts.
        published: The snapshot's schema as everybody reads it.
        run_id: Name of the run, kept as the comment of the schema.
    """

    patience = "1min"

    def __init__(self, warehouse: Any, published: str, run_id: str) -> None:
        self.published = published
        self.staging = f"{published}.unfinished"
        self._warehouse = warehouse
        self._run_id = run_id

    def begin(self) -> None:
        """Take the snapshot's lock, clear what a killed run left, make the staging schema.

        Raises:
            OneclickError: Another run writes this snapshot, or the rights to publish it lack.
        """
        with self._warehouse.explained(f"No schema {self.staging} can be made"):
            self._refuse_what_cannot_end()
        if not self._ask("SELECT pg_try_advisory_lock(hashtextextended(%(published)s, 0))"):
            raise OneclickError(
                f"Another run is writing the schema '{self.published}' of the warehouse right now. "
                "Wait until it ends, or choose another name with --params snapshot=NAME."
            )
        with self._warehouse.explained(f"No schema {self.staging} can be made"):
            self._do("DROP SCHEMA IF EXISTS {staging} CASCADE")
            self._do("CREATE SCHEMA {staging}")
            self._do("COMMENT ON SCHEMA {staging} IS {run}")

    def _refuse_what_cannot_end(self) -> None:
        """Find out before the work what would stop the run in its midst, or at its very end."""
        name = self.published.removeprefix("oneclick_")
        if (surplus := len(self.staging.encode()) - _LONGEST) > 0:
            allowed = len(name.encode()) - surplus
            raise OneclickError(
                f"The snapshot's name '{name}' is too long for PostgreSQL. Choose one of at most "
                f"{allowed} letters ({allowed // 2} Russian ones) with --params snapshot=NAME."
            )
        user, database = self._ask("SELECT current_user"), self._ask("SELECT current_database()")
        if not self._ask("SELECT has_database_privilege(current_database(), 'TEMPORARY')"):
            raise OneclickError(
                f"A run needs temporary tables, and {user} may make none. Ask who runs the "
                f'warehouse: GRANT TEMPORARY ON DATABASE "{database}" TO "{user}"'
            )
        if owner := self._ask(_STRANGER):
            raise OneclickError(
                f"The schema {self.published}, or a table in it, belongs to {owner}, and {user} "
                "may not replace it. Run as its owner, choose another name with --params "
                f'snapshot=NAME, or ask who runs the warehouse: GRANT {owner} TO "{user}"'
            )

    def published_run(self) -> str | None:
        """Return the run that made the published schema, None if there is none."""
        with self._warehouse.explained(f"The schema {self.published} cannot be found"):
            return self._ask(
                "SELECT obj_description(oid) FROM pg_namespace WHERE nspname = %(published)s"
            )

    def publish(self) -> None:
        """Make the staged tables the snapshot's tables; those not staged are taken over.

        Raises:
            ConnectionLostError: It is unknown whether they are; the next run finds out.
            OneclickError: They are not.
        """
        try:
            with self._warehouse.explained(f"The tables of {self.published} cannot be published"):
                self._replace()
        except ConnectionLostError as error:
            raise ConnectionLostError(
                f"The connection to the warehouse was lost while the tables of {self.published} "
                "were being published; they may be there or not. Run again: the next run of this "
                "snapshot finds out and, if they are, first publishes the files that go with them."
            ) from error
        self._release()

    def _replace(self) -> None:
        tables = self._warehouse.tables
        kept = set(tables(self.published)).difference(tables(self.staging))
        try:
            with self._warehouse.con.transaction():
                self._do(f"SET LOCAL lock_timeout = '{self.patience}'")
                for table in sorted(kept):
                    self._do("ALTER TABLE {published}.{table} SET SCHEMA {staging}", table=table)
                self._do("DROP SCHEMA IF EXISTS {published} CASCADE")
                self._do("ALTER SCHEMA {staging} RENAME TO {published}")
        except errors.LockNotAvailable as error:
            raise OneclickError(
                f"The tables of {self.published} cannot be published: for {self.patience} somebody "
                "has been reading them in a transaction that does not end. See whose it is in "
                "pg_stat_activity, end it and run again; earlier results are as they were."
            ) from error

    def abandon(self) -> None:
        """Throw the staged tables away; the published ones stay as they were."""
        with suppress(OperationalError):  # where the connection is lost the next run clears up
            self._do("DROP SCHEMA IF EXISTS {staging} CASCADE")
            self._release()

    def _release(self) -> None:
        self._ask("SELECT pg_advisory_unlock(hashtextextended(%(published)s, 0))")

    def _ask(self, question: str) -> Any:
        """Return the first value that a question, maybe about the published schema, finds."""
        found = self._warehouse.con.execute(question, {"published": self.published}).fetchone()
        return found and found[0]

    def _do(self, command: str, **names: str) -> None:
        names |= {"staging": self.staging, "published": self.published}
        quoted = {key: sql.Identifier(name) for key, name in names.items()}
        self._warehouse.con.execute(
            sql.SQL(command).format(**quoted, run=sql.Literal(self._run_id))
        )
