"""The tables of a run appear in the warehouse whole or not at all."""

from typing import Any

from psycopg import sql

from oneclick.errors import OneclickError


class SchemaPublication:
    """The schema one run writes into, from its lock to its appearance.

    A run fills a schema of its own, and renaming schemas in one transaction publishes it; a reader
    sees the tables before or those after.

    Args:
        warehouse: The `Warehouse` connection; it holds the lock while the run lasts.
        published: The snapshot's schema as everybody reads it.
        run_id: Name of the run, kept as the comment of the schema.
    """

    def __init__(self, warehouse: Any, published: str, run_id: str) -> None:
        self.published = published
        self.staging = f"{published}.unfinished"
        self._warehouse = warehouse
        self._run_id = run_id

    def begin(self) -> None:
        """Take the snapshot's lock, clear what a killed run left, make the staging schema.

        Raises:
            OneclickError: Another run writes this snapshot, or no schema may be made.
        """
        if not self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"):
            raise OneclickError(
                f"Another run is writing the schema '{self.published}' of the warehouse right now. "
                "Wait until it ends, or choose another name with --params snapshot=NAME."
            )
        with self._warehouse.explained(f"No schema {self.staging} can be made"):
            self._do("DROP SCHEMA IF EXISTS {staging} CASCADE")
            self._do("CREATE SCHEMA {staging}")
            self._do("COMMENT ON SCHEMA {staging} IS {run}")

    def published_run(self) -> str | None:
        """Return the run that made the published schema, None if there is none."""
        return self._ask("SELECT obj_description(oid) FROM pg_namespace WHERE nspname = %s")

    def publish(self) -> None:
        """Make the staged tables the snapshot's tables; those not staged are taken over."""
        tables = self._warehouse.tables
        kept = set(tables(self.published)).difference(tables(self.staging))
        with (
            self._warehouse.explained(f"The tables of {self.published} cannot be published"),
            self._warehouse.con.transaction(),
        ):
            self._do("SET LOCAL lock_timeout = '1min'")  # somebody may be reading
            for table in sorted(kept):
                self._do("ALTER TABLE {published}.{table} SET SCHEMA {staging}", table=table)
            self._do("DROP SCHEMA IF EXISTS {published} CASCADE")
            self._do("ALTER SCHEMA {staging} RENAME TO {published}")
        self._release()

    def abandon(self) -> None:
        """Throw the staged tables away; the published ones stay as they were."""
        if not self._warehouse.con.closed:
            self._do("DROP SCHEMA IF EXISTS {staging} CASCADE")
            self._release()

    def _release(self) -> None:
        self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))")

    def _ask(self, question: str) -> Any:
        """Return the first value that a question about the published schema finds."""
        found = self._warehouse.con.execute(question, [self.published]).fetchone()
        return found and found[0]

    def _do(self, command: str, **names: str) -> None:
        names |= {"staging": self.staging, "published": self.published}
        quoted = {key: sql.Identifier(name) for key, name in names.items()}
        self._warehouse.con.execute(
            sql.SQL(command).format(**quoted, run=sql.Literal(self._run_id))
        )
