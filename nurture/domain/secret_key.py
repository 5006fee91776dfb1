"""Which secret keys can be guessed. Knows no key but the one it is asked about."""

#: Says how to make a good one, wherever a weak one is refused.
HOW_TO_MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
# 16 random bytes written as hexadecimal digits are 32 characters, about 13 of them different.
LEAST_LENGTH, LEAST_DIFFERENT = 32, 10
_EXAMPLES = ("change", "secret", "example", "password", "your-", "default", "nurture", "1234567")


def weakness_of(key: str) -> str | None:
    """What is weak about the key, to say behind "it"; None when nobody will guess it."""
    if len(key) < LEAST_LENGTH:
        return f"has a length of {len(key)} and needs {LEAST_LENGTH}"
    if len(set(key)) < LEAST_DIFFERENT:
        return f"has too few different characters: {len(set(key))}, and needs {LEAST_DIFFERENT}"
    example = next((word for word in _EXAMPLES if word in key.lower()), None)
    return f"looks like an example ({example!r} is in it)" if example else None
