"""The book: the lessons as web pages with what their cells print and draw, made without a network."""

from course.authoring.book.make import make_book

__all__ = ["make_book"]
