"""The little markup that messages use: `code` between backticks."""

from html import escape


def marked(text: str) -> str:
    """`text` as HTML: escaped, code between backticks as `<code>`, line ends as `<br>`."""
    pieces = escape(text, quote=False).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its pair stays as it is
        return "`".join(pieces).replace("\n", "<br>")
    parts = (f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(pieces))
    return "".join(parts).replace("\n", "<br>")
