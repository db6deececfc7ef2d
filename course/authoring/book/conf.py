"""Sphinx's settings for the book; `make_book` copies this file beside the pages."""

project = "Train by Hand"
author = "Train by Hand contributors"
copyright = "Train by Hand contributors, MIT licence"
language = "en"

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the pages come with their outputs
nb_merge_streams = True
myst_heading_anchors = 3
myst_enable_extensions = ["html_image"]
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "Train by Hand"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "vs"
pygments_dark_style = "github-dark"
