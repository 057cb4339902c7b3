"""The parameters that a notebook declares, and whether what it is given is among them."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.engine.slow_import import block
from audit.errors import InputError, unknown_name


def declared(notebook: Path) -> dict[str, Any]:
    """The parameters of the cell tagged "parameters" with their defaults; None for one that is no
    plain value. Raises: InputError where there is no such cell."""
    block()
    import nbformat
    from papermill import inspect_notebook
    from papermill.iorw import load_notebook_node
    from papermill.utils import find_first_tagged_cell_index

    try:
        node = load_notebook_node(str(notebook).replace("{", "{{").replace("}", "}}"))
    except (OSError, ValueError, nbformat.ValidationError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "it is empty"
        raise InputError(f"{notebook} is no notebook that can be read: {reason}.") from error
    if find_first_tagged_cell_index(node, "parameters") < 0:
        raise InputError(
            f"{notebook} has no cell tagged 'parameters', so it cannot be told which account to "
            "read. Tag the cell that sets organization_id and store."
        )
    found = inspect_notebook(str(notebook).replace("{", "{{").replace("}", "}}"))
    return {name: _value(str(one["default"])) for name, one in found.items()}


def checked(
    notebook: Path,
    ours: Mapping[str, Any],
    own: Mapping[str, Any],
    silent: Mapping[str, Any],
) -> dict[str, Any]:
    """What to pass to a notebook: what we have to tell, and a person's own parameters, of which
    text is read by the type of the default.

    One of ours that it does not declare is left out where it says no more than ``silent`` does.

    Raises: InputError naming a parameter that it does not declare, or has to declare.
    """
    known = declared(notebook)
    for name in own:
        if name not in known:
            raise InputError(unknown_name(f"parameter of {notebook.name}", name, known))
        if name in ours or name in silent:
            raise InputError(f"The parameter {name} has an option of its own; use that.")
    for name, value in ours.items():
        if name not in known and (name not in silent or value != silent[name]):
            raise InputError(
                f"{notebook.name} declares no parameter {name}, so it cannot be told {value!r}. "
                "Declare it in the cell tagged 'parameters'."
            )
    passed = {name: value for name, value in ours.items() if name in known}
    return passed | {name: _read(name, known[name], value) for name, value in own.items()}


def _read(name: str, default: Any, given: Any) -> Any:
    if not isinstance(given, str) or isinstance(default, str) or default is None:
        return given
    try:
        value = ast.literal_eval(given.strip())
    except (ValueError, SyntaxError):
        value = given
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif not isinstance(default, int | float):
        fits = isinstance(value, type(default))
    if not fits:
        raise InputError(f"The parameter {name} is like {default!r}, got {given!r}.")
    return value


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
