"""The models' tables, foreign keys and relationships, as SQLAlchemy has them.

Follows `named_object.py`. REQUEST: `metadata` (`module:attribute`: a `MetaData`, a declarative
base, a registry, or a list of them) and `imports` (modules that complete the models).
"""

# ruff: noqa: F821 - the names of the text in front


def look(asked):
    """Return what the models say; nothing is connected to."""
    for module in asked["imports"]:
        imported(module)
    found = find(asked["metadata"])
    every = [metadata_of(one) for one in (found if isinstance(found, (list, tuple)) else [found])]
    tables = [table for metadata in every for table in metadata.tables.values()]
    if not tables:
        raise SetupProblem(f"{asked['metadata']} has no table: import the models where it is")
    return {
        "tables": [[table.schema or "", table.name] for table in tables],
        "keys": [
            key_of(table, constraint)
            for table in tables
            for constraint in table.foreign_key_constraints
        ],
        "relationships": [one for mapper in mappers_of(every) for one in relationships(mapper)],
    }


def metadata_of(found):
    """Return the `MetaData` of a base, of a registry, or itself."""
    inner = getattr(found, "metadata", None)
    metadata = found if inner is None else inner
    if not hasattr(metadata, "tables") or not hasattr(metadata, "naming_convention"):
        raise SetupProblem(f"a {type(found).__name__} has no metadata of SQLAlchemy")
    return metadata


def key_of(table, constraint):
    """Return a foreign key as it is written, `None` for an action that is not."""
    columns = list(constraint.columns)
    referenced = [parent_of(element) for element in constraint.elements]
    schema, parent = referenced[0][:2]
    return {
        "schema": table.schema or "",
        "table": table.name,
        "name": str(constraint.name or ""),
        "columns": [column.name for column in columns],
        "parent_schema": schema,
        "parent": parent,
        "parent_columns": [name for _, _, name in referenced],
        "on_delete": constraint.ondelete,
        "on_update": constraint.onupdate,
        "nullable": [bool(column.nullable) for column in columns],
        "default": [column.server_default is not None for column in columns],
    }


def parent_of(element):
    """Return schema, table and column that one column refers to."""
    from sqlalchemy.exc import NoReferenceError

    try:
        column = element.column
    except NoReferenceError as error:
        raise SetupProblem(f"the models are not complete: {error}") from error
    return column.table.schema or "", column.table.name, column.name


def mappers_of(every):
    """Return the mappers of these tables; all are configured, which may raise."""
    import gc

    try:
        from sqlalchemy.orm import configure_mappers, registry
    except ImportError as error:
        raise SetupProblem("relationships are read with SQLAlchemy 1.4 or newer") from error
    configure_mappers()
    # No public function lists the registries of a MetaData.
    for found in [each for each in gc.get_objects() if type(each) is registry]:
        if any(found.metadata is metadata for metadata in every):
            yield from found.mappers


def relationships(mapper):
    """Return what the ORM does with the children, or the secondary rows, of a row it deletes."""
    for one in mapper.relationships:
        if one.parent is not mapper or one.viewonly:
            continue
        direction = one.direction.name
        if direction not in ("ONETOMANY", "MANYTOMANY"):
            continue
        many = direction == "MANYTOMANY"
        pairs = one.synchronize_pairs if many else one.local_remote_pairs
        answer = {"name": f"{mapper.class_.__name__}.{one.key}"}
        answer.update(place_of([remote for _, remote in pairs]))
        answer["delete"] = bool(one.cascade.delete)
        answer["passive"] = "all" if one.passive_deletes == "all" else bool(one.passive_deletes)
        if many:
            answer["target"] = place_of([far for far, _ in one.secondary_synchronize_pairs])
        yield answer


def place_of(columns):
    """Return where columns are."""
    table = columns[0].table
    names = [column.name for column in columns]
    return {"schema": getattr(table, "schema", None) or "", "table": table.name, "columns": names}


answer_with(look)
