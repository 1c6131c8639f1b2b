"""The demo's page in a headless Chromium: one types, presses and reads."""

from __future__ import annotations

import pytest

from tests.client import small
from tests.demo import extras
from tests.demo.pictures import chromium

MISSING = extras.missing(pictures=True) or (None if chromium() else "No Chromium was found")
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


PATIENCE_MS = 30_000.0


async def test_a_person_types_presses_and_reads_in_the_browser() -> None:
    from playwright.async_api import async_playwright, expect

    from tests.demo.stage import stage

    expect.set_options(timeout=PATIENCE_MS)

    async with stage(small.answerer()) as ready:
        channel = ready.guild.create_text_channel("questions")
        await ready.open_for_all(channel)
        shown = ready.env.preview(channel, viewers=ready.people, layout="channel")
        async with shown as preview, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = await browser.new_page()
            await page.goto(preview.url)
            await expect(page.get_by_text("Viewport updated")).to_be_attached()  # until then it may drop what is typed
            box = page.get_by_placeholder("Message #questions")
            await box.fill("@NextStep what is lithium?")
            await box.press("Enter")
            await expect(page.get_by_role("link", name="Medicines A to Z")).to_be_visible()
            await page.get_by_role("button", name="Side effects").click()
            await expect(page.get_by_role("heading", name="Lithium: side effects")).to_be_visible()
            await box.press_sequentially("/me")
            await page.get_by_role("option", name="/me").click()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Your settings")).to_be_visible()
            await page.get_by_role("button", name="Turn short replies on").click()
            await expect(page.get_by_role("button", name="Turn short replies off")).to_be_visible()
            await browser.close()
    assert ready.env.errors == []
