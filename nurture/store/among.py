"""A set of ids as one bound value, so that a statement is compiled, prepared and planned once for sets of any size."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Boolean, Dialect, String, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator


class _Ids(TypeDecorator[Collection[int]]):
    """The text of an array, or on SQLite of its JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> str:
        """What the database is given."""
        ids = ",".join(map(str, value or ()))
        return f"[{ids}]" if dialect.name == "sqlite" else f"{{{ids}}}"


class among(FunctionElement[bool]):  # noqa: N801 - it reads as the operator that it is
    """Tell whether the column's value is one of these ids; without any, of those that are bound to `ids` later."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[int], ids: Collection[int] | None = None) -> None:
        super().__init__(column, bindparam("ids", type_=_Ids()) if ids is None else literal(ids, _Ids()))

    def self_group(self, against: OperatorType | None = None) -> "among":  # noqa: ARG002
        """As it is: SQLite, which has no booleans, would otherwise compare it with 1 and look in no index."""
        return self


@compiles(among, "sqlite")
def _sqlite_among(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both were compiled, and the ids are bound


@compiles(among, "postgresql")
def _postgresql_among(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    # `= ANY` is tried id by id for each row wherever the planner, new to the table, does not ask the index.
    return f"{column} IN (SELECT unnest(CAST({ids} AS bigint[])))"
