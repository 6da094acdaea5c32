"""What ibis leaves to PostgreSQL is made to mean what DuckDB means by it.

The expressions of the project are the same on every engine. Where ibis 12 compiles one of them to
SQL that fails or rounds, sorts or spells otherwise on PostgreSQL, it is mended here, once.
"""

from typing import Any

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler

# Whatever else is cast to a number stops PostgreSQL; larger exponents would overflow.
_SPACES = r"[ \t\r\n\f\v]*"
_DIGITS = r"([0-9]{1,99}\.?[0-9]{0,99}|\.[0-9]{1,99})(e[-+]?[0-9]{1,2})?"
_NUMBER = f"^{_SPACES}[-+]?({_DIGITS}|inf(inity)?|nan){_SPACES}$"


class WarehouseCompiler(PostgresCompiler):  # type: ignore[misc]  # ibis has no types
    """Compiles to SQL that gives on PostgreSQL what the same expression gives on DuckDB."""

    __slots__ = ()

    def to_sqlglot(self, expr: Any, **options: Any) -> Any:
        """Compile layer by layer: PostgreSQL would put each into the next and compute it anew.

        A column that is used ten times, by columns that are used ten times, is a hundred columns
        then. «OFFSET 0» changes no row and keeps a layer closed.
        """
        query = super().to_sqlglot(expr, **options)
        for inner in query.find_all(sge.Subquery, sge.CTE):
            layer = inner.this
            if isinstance(layer, sge.Select) and any(map(_is_computed, layer.selects)):
                layer.offset(0, copy=False)
        return query

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802  # ibis finds it so
        """Return null for a text that is no number; ibis would let the cast fail."""
        number = sge.RegexpILike(this=arg, expression=sge.convert(_NUMBER))
        return self.if_(number, self.cast(arg, to), sge.Null())

    def visit_Round(self, op: Any, *, arg: Any, digits: Any) -> Any:  # noqa: N802
        """Round halves away from zero, in floating point; PostgreSQL rounds them to even."""
        scale = sge.convert(10.0**op.digits.value) if op.digits is not None else None
        scaled = arg if scale is None else sge.paren(arg) * scale
        rounded = self.f.sign(scaled) * self.f.floor(self.f.abs(scaled) + 0.5)
        return self.cast(rounded if scale is None else sge.paren(rounded) / scale, op.dtype)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802
        """Count truths; write a whole floating-point number with its «.0»."""
        if op.arg.dtype.is_boolean() and to.is_integer():
            arg = self.cast(arg, dt.int32)  # the only one that PostgreSQL casts a truth to
        text = super().visit_Cast(op, arg=arg, to=to)
        if op.arg.dtype.is_floating() and to.is_string():
            whole = sge.and_(arg.eq(self.f.trunc(arg)), self.f.abs(arg) < 1e15)
            return self.if_(whole, sge.DPipe(this=text, expression=sge.convert(".0")), text)
        return text

    def visit_SortKey(self, op: Any, **parts: Any) -> Any:  # noqa: N802
        """Sort texts by their code points, whatever the locale of the database."""
        return super().visit_SortKey(op, **{**parts, "arg": _plain(parts["arg"], op.arg.dtype)})

    def visit_Min(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """Find the first text by code points."""
        return super().visit_Min(op, arg=_plain(arg, op.arg.dtype), where=where)

    def visit_Max(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """Find the last text by code points."""
        return super().visit_Max(op, arg=_plain(arg, op.arg.dtype), where=where)


def _is_computed(column: Any) -> bool:
    return not isinstance(column.unalias(), sge.Column | sge.Star)


def _plain(value: Any, kind: dt.DataType) -> Any:
    if not kind.is_string():
        return value
    return sge.Collate(this=value, expression=sge.to_identifier("C", quoted=True))
