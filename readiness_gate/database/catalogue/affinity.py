"""SQLite's affinity of a declared type (its documentation, Datatypes In SQLite, 3.1)."""


def affinity(type_: str) -> str:
    """Return `INTEGER`, `TEXT`, `BLOB` (values stay as they are), `REAL` or `NUMERIC`."""
    declared = type_.upper()
    if "INT" in declared:
        return "INTEGER"
    if any(word in declared for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    # In a STRICT table, ANY converts nothing; elsewhere to take it for that is only slower.
    if not declared or "BLOB" in declared or declared == "ANY":
        return "BLOB"
    return "REAL" if any(word in declared for word in ("REAL", "FLOA", "DOUB")) else "NUMERIC"
