"""Which licences the dependencies may have, and which of them have another."""

from license_expression import ExpressionError, get_spdx_licensing

# Permissive licences, and MPL-2.0, which binds no file but its own.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    # Data: the list of authorities that browsers trust.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}

SPDX = get_spdx_licensing()


def is_allowed(parsed):
    """Whether an SPDX expression leaves a choice that is allowed."""
    if isinstance(parsed, SPDX.OR):
        return any(is_allowed(one) for one in parsed.args)
    if isinstance(parsed, SPDX.AND):
        return all(is_allowed(one) for one in parsed.args)
    return str(parsed) in ALLOWED


def fault(package):
    """What is wrong with the licence of a package of `cargo metadata`, or None."""
    name = f"{package['name']} {package['version']}"
    # Old crates write `MIT/Apache-2.0` for what is now `MIT OR Apache-2.0`.
    declared = (package.get("license") or "").replace("/", " OR ")
    if not declared:
        return f"{name}: no licence is declared"
    try:
        parsed = SPDX.parse(declared, validate=True)
    except ExpressionError as error:
        return f"{name}: {declared!r} is no SPDX expression: {error}"
    if not is_allowed(parsed):
        return f"{name}: {declared} is not on the list in tests/licences/licences.py"
    return None
