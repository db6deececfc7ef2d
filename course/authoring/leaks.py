"""Find lines of a solution in the student's file.

Not every line gives an answer away: `return x`, `else:`, `loss.backward()` or `for p in params:`
stand in any lesson. A line of code counts on its own when it joins at least three names, numbers or
operators (`a @ b` already does), a line of words when it has at least four words. Lines with less
count together: where a solution has nothing but such lines, the whole run of them must not appear.
An author who means a line to be seen says so, in the exercise's `shown=["..."]`.

Lines are compared as sequences of tokens, so that spaces, indentation and comment signs do not
matter, and a line quoted in prose or in a docstring is found too.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize

from nbformat.notebooknode import NotebookNode

from course.authoring import source

MIN_CODE_TOKENS = 3
MIN_WORDS = 4

_TOKEN = re.compile(r"\w+(?:\.\d+)?|[^\w\s]")
_OPERATOR = re.compile(r"[-+*/@%<>!&|^~]+=?|==")
_OPERAND = re.compile(r"\"[^\"]*\"|'[^']*'|\w+(?:\.\d+)?")


def leaks(cell: NotebookNode, student: NotebookNode) -> list[str]:
    """Return each line of the solution in the source `cell` that the `student` notebook shows."""
    shown = {_tokens(line) for line in cell.metadata.get("shown", [])}
    lines = [line.strip() for line in source.solution_lines(cell)]
    lines = [line for line in lines if _tokens(line) and _tokens(line) not in shown]
    text = "\n".join(_page(other) for other in student.cells)
    if cell.cell_type == "markdown":
        return [line for line in lines if _is_sentence(line) and _tokens(line) in text]
    telling = []
    for line in lines:
        code, comment = _split(line)
        if _weight(code) >= MIN_CODE_TOKENS:
            telling.append((line, _tokens(code)))
        if _is_sentence(comment):
            telling.append((line, _tokens(comment)))
    found = [line for line, tokens in telling if tokens in text]
    run = "\n".join(_tokens(code) for code, _ in map(_split, lines) if code)
    if not telling and run and run in text:
        found.append("; ".join(lines))
    return list(dict.fromkeys(found))


def _page(cell: NotebookNode) -> str:
    """Return the cell's lines as tokens; comments of code stand after the code of all lines."""
    lines = cell.source.split("\n")
    if cell.cell_type == "markdown":
        return "\n".join(_tokens(line) for line in lines)
    parts = [_split(line) for line in lines]
    return "\n".join(
        [_tokens(code) for code, _ in parts if code]
        + [_tokens(comment) for _, comment in parts if comment]
    )


def _tokens(text: str) -> str:
    """Return the tokens of `text` between single spaces, with a space at both ends."""
    found = _TOKEN.findall(text)
    return f" {' '.join(found)} " if found else ""


def _weight(code: str) -> int:
    """Count the names, numbers, strings and operators of a line; keywords and `=` are free."""
    operands = [word for word in _OPERAND.findall(code) if not keyword.iskeyword(word)]
    return len(operands) + len(_OPERATOR.findall(_OPERAND.sub(" ", code)))


def _is_sentence(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", text)) >= MIN_WORDS


def _split(line: str) -> tuple[str, str]:
    """Split a line into its code and the text of its comment."""
    start = len(line)
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.COMMENT:
                start = token.start[1]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass  # a part of a longer statement; the comment before the error was seen
    return line.strip()[:start].strip(), line.strip()[start:].lstrip("#").strip()
