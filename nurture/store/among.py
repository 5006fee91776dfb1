"""A set of ids as one bound value, so that a statement is compiled, prepared and planned once for sets of any size."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Boolean, Dialect, String, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Ids(TypeDecorator[Collection[int]]):
    """An array, or on SQLite its JSON."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, an array elsewhere."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else postgresql.ARRAY(BigInteger))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        """What the database is given."""
        ids = list(value or ())
        return json.dumps(ids) if dialect.name == "sqlite" else ids


class among(FunctionElement[bool]):  # noqa: N801 - it reads as the operator that it is
    """Tell whether the column's value is one of these ids."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[int], ids: Collection[int]) -> None:
        super().__init__(column, literal(ids, _Ids()))


@compiles(among, "sqlite")
def _sqlite_among(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both were compiled, and the ids are bound


@compiles(among, "postgresql")
def _postgresql_among(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({ids})"
