"""A customer's rows leave a snapshot's tables in the warehouse."""

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from oneclick.warehouse.publishing import SchemaPublication

_DELETE = sql.SQL("DELETE FROM {} WHERE coalesce({}, false)")
_HAS_ID = sql.SQL("{} = %(id)s")
_QUOTES = sql.SQL("{} ~ %(quoted)s")


def erase_rows(
    warehouse: Any, snapshot: str, ids: Iterable[int], key: str, quoting: Iterable[str], quoted: str
) -> list[int]:
    """Delete customers from every table of a snapshot, in one transaction; return whose rows.

    Args:
        warehouse: The `Warehouse` connection.
        snapshot: Name of the snapshot.
        ids: The customers.
        key: The column of ids.
        quoting: Columns that quote an id that could not be read, where ``key`` is null.
        quoted: The pattern of such a quotation, with ``{}`` for the id.

    Raises:
        OneclickError: A run is writing these tables, or the rights lack.
    """
    schema, gone = f"oneclick_{snapshot}", []
    publication = SchemaPublication(warehouse, schema, "forget")
    publication.begin()  # for its lock: a run may come from another machine
    try:
        with (
            warehouse.explained(f"No rows of {schema} can be deleted"),
            warehouse.con.transaction(),
        ):
            for table in warehouse.tables(schema):
                columns = warehouse.relation(schema, table).columns
                quotes = [
                    _QUOTES.format(sql.Identifier(name)) for name in quoting if name in columns
                ]
                theirs = sql.SQL(", ").join([_HAS_ID.format(sql.Identifier(key)), *quotes])
                command = _DELETE.format(sql.Identifier(schema, table), theirs)
                for number in ids if key in columns else ():
                    told = {"id": number, "quoted": quoted.format(number)}
                    gone += [number] * warehouse.con.execute(command, told).rowcount
    finally:
        publication.abandon()
    return gone
