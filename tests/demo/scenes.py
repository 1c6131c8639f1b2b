"""A member's and an administrator's first five minutes, played step by step by people on a server with the real bot.

Each step is a picture in README (:mod:`tests.demo.pictures`) and a test of what is read in it
(``tests/demo/test_walks.py``). They build on one another: what was chosen in one step holds in the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.demo.stage import Stage

ASKED: Final = "@NextStep what are the side effects of lithium"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is played in a channel of its own, who looks at it, and what must be readable there.

    ``play`` gives the message where the picture ends. ``hidden`` channels are seen by the staff alone.
    """

    name: str
    channel: str
    play: Callable[[Stage, Any], Awaitable[Any]]
    says: tuple[str, ...]
    viewer: Callable[[Stage], Any] = lambda stage: stage.member
    hidden: bool = False


async def played(stage: Stage, scene: Scene) -> tuple[Any, Any]:
    """The scene's channel, and where it ends."""
    overwrites = stage.staff_only() if scene.hidden else None
    channel = stage.guild.create_text_channel(scene.channel, overwrites=overwrites)
    return channel, await scene.play(stage, channel)


def _last(stage: Stage, channel: Any) -> Any:
    return stage.said(channel)[-1]


def _shown(result: Any) -> Any:
    """The private message that a command or a press showed."""
    if result.response is None:
        raise LookupError("nothing was shown")
    return result.response


# --- a member ------------------------------------------------------------------------------------------------


async def _answer(stage: Stage, channel: Any) -> Any:
    await stage.member.send(channel, ASKED)
    return _last(stage, channel)


async def _facet(stage: Stage, channel: Any) -> Any:
    """Somebody else asked; a press is answered for the one who presses alone."""
    await stage.moderator.send(stage.guild.create_text_channel("lobby"), "@NextStep what is tms")
    await stage.moderator.send(channel, "@NextStep what is ect")
    return await stage.member.click(_last(stage, channel), label="Stopping or missing it")


async def _choices(stage: Stage, channel: Any) -> Any:
    await stage.member.send(channel, "@NextStep tell me about stimulation")
    return _last(stage, channel)


async def _misspelt(stage: Stage, channel: Any) -> Any:
    await stage.member.send(channel, "@NextStep quitiapine weight gian")
    return _last(stage, channel)


async def _comparison(stage: Stage, channel: Any) -> Any:
    return await stage.member.slash(channel, "compare", first="tms", second="ect")


async def _support(stage: Stage, channel: Any) -> Any:
    await stage.member.send(channel, "@NextStep i want to end it tonight")
    return await stage.member.click(_last(stage, channel), label="Show support")


async def _short(stage: Stage, channel: Any) -> Any:
    mine = await stage.member.slash(channel, "me")
    await stage.member.click(_shown(mine), label="Turn short replies on")
    return await stage.member.slash(channel, "ask", question="what are the side effects of lithium")


async def _privacy(stage: Stage, channel: Any) -> Any:
    return await stage.member.slash(channel, "privacy show")


MEMBER: Final = (
    Scene("answer", "questions", _answer, ("Lithium: side effects", "I'm NextStep, a bot", "Sources", "Not helpful")),
    Scene("facet", "hallway", _facet, ("ECT (electroconvulsive therapy): stopping or missing it", "Share here")),
    Scene("misspelt", "medicines", _misspelt, ("Quetiapine: side effects", "weight gain")),
    Scene("choices", "treatments", _choices, ("Which of these do you mean?", "None of these")),
    Scene("comparison", "options", _comparison, ("there is no winner here", "Open TMS", "Open ECT", "Share here")),
    Scene("support", "evenings", _support, ("I'm a bot, not an emergency service", "I'm not safe right now")),
    Scene("short", "tired", _short, ("Please read under “More”", "Lithium: side effects")),
    Scene("privacy", "house-rules", _privacy, ("What I keep", "short replies on", "nobody is told")),
)


# --- an administrator ----------------------------------------------------------------------------------------


async def _setup(stage: Stage, channel: Any) -> Any:
    panel = _shown(await stage.administrator.slash(channel, "setup"))
    first, vent = stage.guild.create_text_channel("ask-anything"), stage.guild.create_text_channel("vent")
    await stage.administrator.select(panel, [vent], custom_id="nsm1:setw")
    return await stage.administrator.select(panel, [first, vent], custom_id="nsm1:seta")


async def _setup_people(stage: Stage, channel: Any) -> Any:
    panel = _shown(await stage.administrator.slash(channel, "setup"))
    await stage.administrator.click(panel, label="Roles and alerts")
    await stage.administrator.select(panel, [channel], custom_id="nsm1:setl")
    return await stage.administrator.select(panel, [stage.staff[0]], custom_id="nsm1:setm")


async def _setup_more(stage: Stage, channel: Any) -> Any:
    panel = _shown(await stage.administrator.slash(channel, "setup"))
    await stage.administrator.click(panel, label="Country, hours, style")
    form = await stage.administrator.click(panel, label="Change country")
    (field,) = [item["component"]["custom_id"] for item in (form.modal or {})["components"]]
    return await stage.administrator.submit_modal(form, {field: "United Kingdom"})


async def _tested(stage: Stage, channel: Any) -> Any:
    panel = _shown(await stage.administrator.slash(channel, "setup"))
    return await stage.administrator.click(panel, label="Run test")


async def _alert(stage: Stage, channel: Any) -> Any:
    await _alerts_to(stage, channel)
    await stage.member.send(stage.guild.create_text_channel("night"), "@NextStep i want to end it tonight")
    return _last(stage, channel)


async def _guide(stage: Stage, channel: Any) -> Any:
    await _alerts_to(stage, channel)
    await stage.member.send(stage.guild.create_text_channel("later"), "@NextStep i have a plan to end my life")
    return await stage.moderator.click(_last(stage, channel), label="What to do")


async def _alerts_to(stage: Stage, channel: Any) -> None:
    panel = _shown(await stage.administrator.slash(channel, "setup"))
    await stage.administrator.click(panel, label="Roles and alerts")
    await stage.administrator.select(panel, [channel], custom_id="nsm1:setl")


def _by_admin(name: str, channel: str, play: Callable[[Stage, Any], Awaitable[Any]], *says: str) -> Scene:
    return Scene(name, channel, play, says, viewer=lambda stage: stage.administrator, hidden=True)


def _by_moderator(name: str, channel: str, play: Callable[[Stage, Any], Awaitable[Any]], *says: str) -> Scene:
    return Scene(name, channel, play, says, viewer=lambda stage: stage.moderator, hidden=True)


ADMINISTRATOR: Final = (
    _by_admin("setup", "staff", _setup, "Step 1 of 3", "people vent or grieve there", "Saved."),
    _by_admin("setup-people", "night-watch", _setup_people, "Step 2 of 3", "Who is pinged", "Saved."),
    _by_admin("setup-more", "staff-notes", _setup_more, "Step 3 of 3", "United Kingdom", "Saved."),
    _by_admin("setup-test", "staff-tests", _tested, "I can answer", "Support works", ": fine."),
    _by_moderator("alert", "moderators", _alert, "Someone may be in crisis", "Deleted after 7 days", "I'm on it"),
    _by_moderator("alert-guide", "mods", _guide, "as a person"),
)
