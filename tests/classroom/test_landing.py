"""The landing page: every lesson with its minutes and progress, a next step, links that open."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from course.classroom import landing
from course.lessons import lessons_source
from course.progress import record
from course.progress.summary import overview


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_lists_every_lesson_and_begins_with_the_first(folder: Path) -> None:
    html = unescape(landing.page(overview(folder), "/user/x/", "lessons/"))
    for path in lessons_source().glob("*.ipynb"):
        assert f'href="/user/x/lab/tree/lessons/{path.name}"' in html
    assert "Begin with 00 · Start here" in html
    assert re.search(r"<span>10 minutes</span><span>0 of 1 done</span>", html)


def test_what_is_done_counts_and_the_rest_comes_next(folder: Path) -> None:
    record.check("improve", 1.0, 1.0, "passed")
    html = landing.page(overview(folder), "/", "")
    assert "1 of 1 done" in html and "Begin with 01" in html


def test_a_note_is_text_and_not_markup(folder: Path) -> None:
    assert "&lt;b&gt;" in landing.page(overview(folder), "/", "", "<b>")


def test_the_lessons_of_a_clone_lie_in_a_folder_of_it(folder: Path) -> None:
    assert landing.lessons_folder(folder) == ""
    (folder / "lessons").mkdir()
    assert landing.lessons_folder(folder) == ""
    (folder / "solutions").mkdir()
    assert landing.lessons_folder(folder) == "lessons/"


def test_a_real_server_shows_it_to_its_token_alone(folder: Path) -> None:
    from jupyter_server.serverapp import ServerApp
    from tornado.httpclient import AsyncHTTPClient, HTTPClientError

    server = ServerApp(jpserver_extensions={"course.classroom.landing": True})
    server.initialize(
        argv=[
            *(f"--ServerApp.root_dir={folder}", "--ServerApp.port=0", "--allow-root"),
            *("--ServerApp.log_level=ERROR", "--IdentityProvider.token=secret"),
        ]
    )
    address = f"http://127.0.0.1:{server.port}/course"

    async def look() -> tuple[int, str]:
        client = AsyncHTTPClient()
        try:
            refused = (await client.fetch(address, follow_redirects=False)).code
        except HTTPClientError as error:
            refused = error.code
        seen = await client.fetch(address + "?token=secret")
        return refused, seen.body.decode()

    refused, html = server.io_loop.run_sync(look)
    server.http_server.stop()
    assert refused in (302, 403) and "Begin with" in html
