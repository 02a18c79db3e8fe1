"""What can be read in a text."""


def is_blank(text: str) -> bool:
    """Whether nothing can: spaces, line ends, and characters that have no width."""
    return not any(letter.isprintable() and not letter.isspace() for letter in text)
