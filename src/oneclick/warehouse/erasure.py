"""A customer's rows leave a snapshot's tables in the warehouse."""

from typing import Any

from psycopg import sql

from oneclick.warehouse.publishing import SchemaPublication

_DELETE = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)")


def erase_rows(warehouse: Any, schema: str, key: str, ids: list[int]) -> int:
    """Delete customers from every table of a schema, in one transaction; return how many rows.

    Raises:
        OneclickError: A run is writing these tables, or the rights lack.
    """
    gone = 0
    publication = SchemaPublication(warehouse, schema, "forget")
    publication.begin()  # for its lock: a run may come from another machine
    try:
        with (
            warehouse.explained(f"No rows of {schema} can be deleted"),
            warehouse.con.transaction(),
        ):
            for table in warehouse.tables(schema):
                if key in warehouse.relation(schema, table).columns:
                    command = _DELETE.format(sql.Identifier(schema, table), sql.Identifier(key))
                    gone += warehouse.con.execute(command, [ids]).rowcount
    finally:
        publication.abandon()
    return gone
