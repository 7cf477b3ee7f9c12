"""Names of options: as fields of Python, keys of YAML and flags of the command line."""

import keyword


def flag_of(name: str) -> str:
    """Return the flag of an option.

    Args:
        name: Name of the field; a keyword of Python has an underscore after it: `from_`.

    Returns:
        The flag: `--from`.
    """
    return "--" + name.rstrip("_").replace("_", "-")


def label_of(name: str) -> str:
    """Return the name of an option in words.

    Args:
        name: Name of the field; a keyword of Python has an underscore after it.

    Returns:
        The name as of a field of a form: `Learning rate`.
    """
    return name.rstrip("_").replace("_", " ").capitalize()


def field_of(key: str) -> str:
    """Return the field of an option from a key of YAML or a keyword argument.

    Args:
        key: The key: `learning-rate`, `from`, or the name of the field itself.

    Returns:
        Name of the field: `learning_rate`, `from_`.
    """
    name = key.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name
