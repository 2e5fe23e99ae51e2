"""How the application's engine pools its connections.

Follows `named_object.py` and `pooler_probe.py`. REQUEST: `engine` (`module:attribute`: an engine,
an async engine, a session factory, or a function that returns one of them) and `connect`: without
it nothing is connected to.
"""

# ruff: noqa: F821 - the names of the text in front


def look(asked):
    """Return the settings of the pool; `None` where its class has no such setting."""
    engine = engine_of(find(asked["engine"]))
    pool = engine.pool
    size = getattr(pool, "size", None)
    answer = {
        "dialect": engine.dialect.name,
        "user": str(engine.url.username or ""),
        "pool": type(pool).__name__,
        "size": whole(size()) if callable(size) else None,
        "overflow": whole(getattr(pool, "_max_overflow", None)),
        "recycle": whole(getattr(pool, "_recycle", None)),
        "pre_ping": bool(getattr(pool, "_pre_ping", False)),
    }
    if asked["connect"] and engine.dialect.name == "postgresql":
        answer["way"] = way_of(engine)
    return answer


def engine_of(found):
    """Return the sync engine behind what was named."""
    for _ in range(4):
        inner = getattr(found, "sync_engine", None)
        options = getattr(found, "kw", None)  # of a session factory
        if inner is not None:
            found = inner
        elif hasattr(found, "pool") and hasattr(found, "dialect"):
            return found
        elif isinstance(options, dict) and options.get("bind") is not None:
            found = options["bind"]
        elif callable(found):
            found = found()
        else:
            break
    raise SetupProblem(f"a {type(found).__name__} is no engine of SQLAlchemy")


def whole(value):
    """Return a number without its fraction, `None` for what is none."""
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else int(value)


answer_with(look)
