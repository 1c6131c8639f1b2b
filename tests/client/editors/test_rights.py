"""Every command, button, menu and form, by everybody, also with forged interactions: nobody gets what is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import discord
import pytest
from discord import app_commands
from sqlalchemy import select

from bot.client.cards import Card, cards
from bot.client.drawing import Block, Drawing
from bot.client.editors.gaps import stamp_of
from bot.client.editors.gapviews import key_of
from bot.client.editors.rights import Act
from bot.client.ids import code, packed
from bot.editing.drafts import EntryForm, change_entry
from bot.editing.model import Actor, Edit, Place, Subject
from bot.editing.states import Role
from bot.knowledge.model import Facet
from bot.storage import Database, GuildSettings
from bot.storage.retention import opaque_id
from bot.storage.tables import METADATA
from tests.client.editors.doors import DOORS, Door, Kind, Whom
from tests.client.editors.house import House, house, some_pages
from tests.discord_server import Interaction, Message, User
from tests.discord_server.world import Channel

WRITERS = {"moderator", "administrator", "editor", "clinician", "administrator elsewhere"}
EDITORS = {"editor", "clinician"}
MAY: Final[Mapping[Act | Whom, set[str]]] = {
    Act.LOOK: WRITERS,
    Act.PROPOSE: WRITERS,
    Act.DECIDE: EDITORS,
    Act.REVERT: EDITORS,
    Act.HIDE: EDITORS,
    Act.SETTLE: EDITORS,
    Act.GAPS: EDITORS,
    Act.INSIGHTS: EDITORS,
    Whom.ADMINISTRATORS: {"administrator", "administrator elsewhere"},
    Whom.MODERATORS: {"moderator", "administrator", "administrator elsewhere"},
}
REFUSALS = (
    "editors-only",
    "editors-not-you",
    "setup-not-allowed",
    "setup-only-here",
    "alert-moderators",
    "why-moderators",
)
KEPT = ("edits", "edit_steps", "edit_questions", "sent_questions", "guilds", "guild_channels", "rule_counts")


@dataclass
class Person:
    """Somebody, and where they act."""

    user: User
    channel: Channel


@dataclass
class Scene:
    """A house where something waits at every door."""

    home: House
    people: dict[str, Person]
    message: Message
    plain: Message
    words: Message
    """A person's own message."""
    names: dict[str, str]

    def of(self, door: Door) -> Message:
        """A message of the sort on which such a button or menu stands: the bot's, or one that it must leave alone."""
        if door.name == "remove-menu":
            return self.words
        return self.plain if door.whom is Whom.MODERATORS else self.message


@pytest.fixture
async def scene(database: Database, tmp_path: Path) -> AsyncIterator[Scene]:
    async with house(database, some_pages(tmp_path / "knowledge", ("lithium", "ect", "tms"))) as home:
        yield await prepared(home)


async def prepared(home: House) -> Scene:
    proposed = await home.bot.office.desk.propose(await begun(home, "lithium"), await editor(home, home.anna), "why")
    ect = await home.bot.office.desk.propose(await begun(home, "ect"), await editor(home, home.anna), "why")
    published = await home.bot.office.desk.approve(ect, await editor(home, home.discord.bob), read=False)
    draft = await begun(home, "tms")
    hidden = await home.bot.office.desk.hide(Place(Subject.ENTRY, "tms"), await editor(home, home.anna), "wrong")
    await home.bot.office.desk.publisher.settled()
    await home.send("why does my budgerigar squeak at wardrobes")
    (gap,) = (one for one in await home.bot.board.gaps() if one.questions)
    assert (proposed.version, published.version, draft.version, hidden.version) == (2, 3, 1, 1)
    names = {
        "proposed": proposed.id,
        "published": published.id,
        "draft": draft.id,
        "hidden": hidden.id,
        "gap": key_of(gap),
        "stamp": stamp_of(gap),
        "nobody": packed(1),
        "compared": f"{code('ect')}.{code('lithium')}",
        "pair": "ect:lithium",
        "two": f"{code('ect')}:overview:{code('lithium')}:overview",
    }
    await home.bot.office.post(
        (Card(content="A plain message."), *cards(Drawing((Block(("A card.",)),)), home.bot.desk.interface))
    )
    plain, message = home.room[-2:]
    words = await home.discord.say("I slept badly.")
    return Scene(home, people(home), message, plain, words, {key: str(value) for key, value in names.items()})


async def editor(home: House, user: User) -> Actor:
    return Actor(await opaque_id(home.bot.desk.database, user.id), Role.EDITOR)


async def begun(home: House, key: str) -> Edit:
    """A draft of Anna's."""
    desk = home.bot.office.desk
    form = EntryForm(facets={Facet.OVERVIEW: f"{desk.knowledge.entries[key].title} is one kind of care [@nice-ng222]."})
    drafted = change_entry(desk.knowledge.entries[key], form, desk.knowledge, home.clock().date())
    return await desk.begin(drafted, await editor(home, home.anna))


def people(home: House) -> dict[str, Person]:
    """Everybody; an administrator elsewhere has made themselves editor and clinician of their own server."""
    local, world = home.discord, home.discord.world
    owner = world.user("Otto")
    elsewhere = world.guild("Elsewhere", owner)
    role = world.role(elsewhere, "Editors")
    elsewhere.members[owner.id] = [role.id]
    elsewhere.members[home.ben.id] = []
    strange = world.guild("Without the bot", world.user("Sina"), installed=False)
    sam = world.member(strange, "Sam")
    away = world.channel(elsewhere, "mods")
    local.invite(elsewhere)
    return {
        "stranger": Person(sam, world.channel(strange, "somewhere")),
        "owner without the bot": Person(strange.owner, strange.channels[0]),
        "member": Person(local.alice, local.general),
        "moderator": Person(local.moderator, local.general),
        "administrator": Person(local.admin, local.general),
        "editor": Person(home.ben, local.general),
        "clinician": Person(home.cora, local.general),
        "administrator elsewhere": Person(owner, away),
        "editor elsewhere": Person(home.ben, away),
        "editor in a direct message": Person(home.ben, world.direct(home.ben)),
    }


# --- knocking --------------------------------------------------------------------------------------------------------


async def knock(scene: Scene, door: Door, person: Person, *, let_in: bool) -> Interaction:
    """Somebody sends what a door listens to, whether or not their client would show it to them."""
    local, by, channel = scene.home.discord, person.user, person.channel
    rest, sent = door.arguments(let_in=let_in)
    rest = rest.format_map(scene.names)
    target = f":{door.name}:{rest}" if rest else f":{door.name}"
    match door.kind:
        case Kind.COMMAND:
            return await local.slash(door.name, by=by, channel=channel, **sent)
        case Kind.MENU:
            name = scene.home.bot.desk.interface.say(door.name)
            return await local.menu(name, scene.of(door), by=by, channel=channel)
        case Kind.PRESS:
            return await local.press_id(scene.of(door), f"ns1{target}", by=by, channel=channel)
        case Kind.PICK:
            values = [chosen(one, door, person) for one in sent["values"]]
            kind = door.component
            return await local.choose_id(scene.message, f"nsm1{target}", values, kind=kind, by=by, channel=channel)
        case Kind.FORM:
            return await local.submit_id(scene.message, f"nsf1{target}", sent, by=by, channel=channel)
    raise AssertionError(door.kind)


def chosen(value: str, door: Door, person: Person) -> str:
    """A channel or role of the server where somebody acts."""
    if value != "{chosen}":
        return value
    guild = person.channel.guild
    if guild is None:
        return str(person.channel.id)
    return str(guild.channels[0].id if door.component == 8 else guild.roles[-1].id)


async def proposed_for(scene: Scene, door: Door, person: Person) -> list[dict[str, Any]]:
    *command, option = door.name.split()
    typed = str(door.sent["typed"])
    local, by = scene.home.discord, person.user
    return await local.autocomplete(" ".join(command), option, typed, by=by, channel=person.channel)


def is_refusal(scene: Scene, given: Interaction) -> bool:
    say = scene.home.bot.desk.interface.say
    return given.text() in [say(name) for name in REFUSALS]


async def wrong_at(scene: Scene, door: Door, name: str) -> str | None:
    """What went wrong when somebody tried a door; ``None`` when it was as the table says."""
    person = scene.people[name]
    may = door.whom is Whom.ANYONE or name in MAY[door.whom]
    if door.kind is Kind.COMPLETION:
        found = await proposed_for(scene, door, person)
        private = door.whom is not Whom.ANYONE and not may
        return f"was proposed {len(found)}" if private and found else None
    given = await knock(scene, door, person, let_in=may)
    if is_refusal(scene, given) == may:
        return f"{'refused' if may else 'let in'}: {given.text()[:60]!r} {given.response}"
    if not may and person.channel.guild is not None and not (given.original and given.original.ephemeral):
        return "the refusal is seen by others"
    if given.text() == scene.home.bot.desk.interface.say("fault"):
        return "a fault"
    return None


async def kept(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that must not change, of the home server."""
    async with database.reading() as connection:
        return {name: [tuple(row) for row in await connection.execute(select(METADATA.tables[name]))] for name in KEPT}


async def test_nobody_gets_what_the_table_does_not_give(scene: Scene, database: Database) -> None:
    home = scene.home
    before, revision = await kept(database), home.served().revision
    wrong = [
        f"{door.kind} {door.name} by the {name}: {found}"
        for door in DOORS
        if door.whom is not Whom.ANYONE
        for name in scene.people
        if not (door.whom is Whom.ADMINISTRATORS and name in MAY[door.whom])
        if (found := await wrong_at(scene, door, name)) is not None
    ]
    await home.discord.settled()
    assert wrong == []
    assert await kept(database) == before
    assert home.served().revision == revision


async def test_what_is_anyones_is_open_to_all_and_gives_no_more(scene: Scene, database: Database) -> None:
    before = {key: rows for key, rows in (await kept(database)).items() if key != "sent_questions"}
    wrong = [
        f"{door.kind} {door.name} by the {name}: {found}"
        for door in DOORS
        if door.whom is Whom.ANYONE
        for name in ("stranger", "member", "administrator elsewhere")
        if (found := await wrong_at(scene, door, name)) is not None
    ]
    await scene.home.discord.settled()
    assert wrong == []
    assert {key: rows for key, rows in (await kept(database)).items() if key != "sent_questions"} == before


async def test_administrators_set_up_their_own_server_only(scene: Scene) -> None:
    settings = scene.home.bot.desk.settings
    mine = settings.of(scene.home.discord.guild.id)
    doors = [door for door in DOORS if door.whom is Whom.ADMINISTRATORS]
    wrong = [(door.name, await wrong_at(scene, door, "administrator elsewhere")) for door in doors]
    assert [one for one in wrong if one[1] is not None] == []
    assert settings.of(scene.home.discord.guild.id) == mine
    other = scene.people["administrator elsewhere"]
    assert other.channel.guild is not None
    made = settings.of(other.channel.guild.id)
    assert (made.editor_role, made.clinician_role) == (other.channel.guild.roles[-1].id,) * 2, "they are their editor …"
    given = await scene.home.discord.slash("gaps", by=other.user, channel=other.channel)
    assert is_refusal(scene, given), "… which counts for nothing here"


async def test_a_form_of_the_panel_is_closed_to_who_lost_the_right(scene: Scene) -> None:
    local, settings = scene.home.discord, scene.home.bot.desk.settings
    before = settings.of(local.guild.id)
    for action, field in (("setc", "Germany"), ("seth", "08:00-22:00")):
        opened = await local.press_id(scene.message, f"ns1:{action}", by=local.admin)
        assert opened.modal is not None
        label = opened.modal["components"][0]["label"]
        given = await local.submit(opened, {label: field}, by=local.alice)
        assert given.text() == scene.home.bot.desk.interface.say("setup-not-allowed")
    assert settings.of(local.guild.id) == before


async def test_everyone_is_no_role_that_makes_editors_or_moderators(scene: Scene) -> None:
    local = scene.home.discord
    everyone = local.guild.id
    all_of_them = GuildSettings(everyone, moderator_role=everyone, editor_role=everyone, clinician_role=everyone)
    await scene.home.bot.desk.settings.save(all_of_them)
    for door in DOORS:
        if door.whom in (Act.GAPS, Act.LOOK, Whom.MODERATORS) and door.kind in (Kind.COMMAND, Kind.PRESS):
            assert is_refusal(scene, await knock(scene, door, scene.people["member"], let_in=False)), door


# --- nothing is forgotten --------------------------------------------------------------------------------------------


def registered(scene: Scene) -> Iterator[tuple[Kind, str]]:
    bot = scene.home.bot
    for command in bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield Kind.COMMAND, command.qualified_name
            for option in command.parameters:
                if option.autocomplete:
                    yield Kind.COMPLETION, f"{command.qualified_name} {option.name}"
    texts = bot.desk.interface.texts
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        for menu in bot.tree.get_commands(type=kind):
            yield Kind.MENU, next(key for key, text in texts.items() if text == menu.name)
    for kind_of, router in ((Kind.PRESS, bot.presses), (Kind.PICK, bot.picks), (Kind.FORM, bot.forms)):
        for action in router.actions:
            yield kind_of, action


async def test_every_door_is_in_the_table(scene: Scene) -> None:
    assert sorted(registered(scene)) == sorted((door.kind, door.name) for door in DOORS)
    assert {door.whom for door in DOORS} == {Whom.ANYONE, *MAY}
    assert set(Act) <= MAY.keys()


def test_no_door_stands_twice() -> None:
    names = [(door.kind, door.name) for door in DOORS]
    assert len(names) == len(set(names))
