"""`field__among=ids`: as `__in`, with one array for a parameter.

Ten thousand values of an `IN` are ten thousand parameters, which Django, the driver and the server each go through;
an array is one.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Field, ForeignObject, Lookup


# References have lookups of their own.
@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`column = ANY(array)`. The values are as the database has them: ids, numbers, texts."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(self.rhs))
