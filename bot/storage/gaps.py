"""What members did not get: counts without text, and questions that they chose to send, scrubbed and without a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.editing.gaps import Note
from bot.editing.scrubbing import Familiar, scrub
from bot.editing.states import OPEN
from bot.errors import EditError
from bot.storage.database import Database
from bot.storage.feedback import month_of
from bot.storage.records import Miss, SentQuestion
from bot.storage.statements import counting
from bot.storage.tables import answer_notes, edit_questions, edits, misses, monthly, sent_questions


async def settle_questions(connection: AsyncConnection, numbers: Sequence[int], entry: str) -> None:
    """Within a transaction: who waits for the answer to some questions is to be told, and they are forgotten."""
    numbers = list(numbers)
    waiting = update(answer_notes).where(answer_notes.c.question_id.in_(numbers))
    await connection.execute(waiting.values(entry=entry, question_id=None))
    await connection.execute(delete(edit_questions).where(edit_questions.c.question_id.in_(numbers)))
    await connection.execute(delete(sent_questions).where(sent_questions.c.id.in_(numbers)))


@dataclass
class Gaps:
    """The repository of gaps. Moments are seconds since 1970."""

    database: Database

    async def miss(self, reason: str, nearest: str, at: int) -> None:
        """Count one question without an answer; nothing of its text is kept."""
        key = {"month": month_of(at), "what": "miss", "name": nearest[:60] or reason[:60]}
        self.database.later(counting(misses), {"reason": reason[:60], "nearest": nearest[:60], "count": 1})
        self.database.later(counting(monthly), {**key, "count": 1})

    async def misses(self) -> tuple[Miss, ...]:
        """The counts, most frequent first."""
        query = select(misses).order_by(misses.c["count"].desc(), misses.c.nearest)
        async with self.database.reading() as connection:
            return tuple(Miss(*row) for row in await connection.execute(query))

    async def send(self, text: str, nearest: str, at: int, known: Familiar) -> SentQuestion:
        """Keep a question that its asker sent to the editors: scrubbed here, so that nothing else can be kept.

        Raises:
            EditError: nothing was left to send.
        """
        scrubbed = scrub(text, known)
        if not any(character.isalpha() for character in scrubbed):
            raise EditError("There are no words left to send in this message.")
        async with self.database.writing() as connection:
            row = {"text": scrubbed, "nearest": nearest[:60], "at": at}
            number = await connection.execute(insert(sent_questions).values(row).returning(sent_questions.c.id))
            return SentQuestion(int(number.scalar_one()), scrubbed, nearest[:60], at)

    async def remind(self, question: int, user_id: int, at: int) -> bool:
        """Note that the asker wants to be told once; ``False`` when that question is gone already."""
        async with self.database.writing() as connection:
            there = await connection.execute(select(sent_questions.c.id).where(sent_questions.c.id == question))
            if there.one_or_none() is None:
                return False
            mine = (answer_notes.c.question_id == question) & (answer_notes.c.user_id == user_id)
            await connection.execute(delete(answer_notes).where(mine))
            await connection.execute(insert(answer_notes).values(user_id=user_id, question_id=question, at=at))
        return True

    async def reminders_of(self, user_id: int) -> int:
        """For how many questions somebody waits to be told."""
        query = select(func.count()).where(answer_notes.c.user_id == user_id)
        async with self.database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def waiting(self) -> tuple[SentQuestion, ...]:
        """Questions that no open edit answers, newest first; when such an edit is declined, its questions are back."""
        taken = select(edit_questions.c.question_id).join(edits, edits.c.id == edit_questions.c.edit_id)
        taken = taken.where(edits.c.state.in_([state.value for state in OPEN]))
        query = select(sent_questions).where(sent_questions.c.id.not_in(taken))
        async with self.database.reading() as connection:
            rows = await connection.execute(query.order_by(sent_questions.c.at.desc(), sent_questions.c.id.desc()))
            return tuple(SentQuestion(*row) for row in rows)

    async def of(self, numbers: Sequence[int]) -> tuple[SentQuestion, ...]:
        """Some questions, in the order of their numbers; those that are gone are left out."""
        query = select(sent_questions).where(sent_questions.c.id.in_(list(numbers))).order_by(sent_questions.c.id)
        async with self.database.reading() as connection:
            return tuple(SentQuestion(*row) for row in await connection.execute(query))

    async def dismiss(self, numbers: Sequence[int]) -> int:
        """Delete questions, with the notes that wait for them; gives how many questions went."""
        async with self.database.writing() as connection:
            await connection.execute(delete(answer_notes).where(answer_notes.c.question_id.in_(list(numbers))))
            gone = delete(sent_questions).where(sent_questions.c.id.in_(list(numbers)))
            return (await connection.execute(gone)).rowcount

    async def answered(self, numbers: Sequence[int], entry: str) -> None:
        """Questions have an answer: who wanted to know is to be told, and the questions are forgotten."""
        async with self.database.writing() as connection:
            await settle_questions(connection, numbers, entry)

    async def uncount(self, numbers: Sequence[int]) -> None:
        """Take questions that editors see to out of the textless counts, one for each near its entry."""
        near = select(sent_questions.c.nearest, func.count()).where(sent_questions.c.id.in_(list(numbers)))
        async with self.database.writing() as connection:
            rows = (await connection.execute(near.group_by(sent_questions.c.nearest))).all()
            for nearest, count in rows:
                here = select(misses.c.reason, misses.c["count"]).where(misses.c.nearest == nearest)
                left = int(count) if nearest else 0
                for reason, counted in (await connection.execute(here.order_by(misses.c["count"].desc()))).all():
                    taken = min(left, int(counted))
                    left -= taken
                    row = (misses.c.reason == reason) & (misses.c.nearest == nearest)
                    await connection.execute(update(misses).where(row).values(count=int(counted) - taken))
            await connection.execute(delete(misses).where(misses.c["count"] <= 0))

    async def set_aside(self, nearest: str) -> int:
        """Begin the count near an entry anew, once editors have seen to it; gives how many were counted."""
        mine = misses.c.nearest == nearest
        async with self.database.writing() as connection:
            counted = [
                int(count) for count in (await connection.execute(select(misses.c["count"]).where(mine))).scalars()
            ]
            await connection.execute(delete(misses).where(mine))
        return sum(counted)

    async def due_notes(self) -> tuple[Note, ...]:
        """Who is to be told that there is an answer now."""
        query = select(answer_notes.c.id, answer_notes.c.user_id, answer_notes.c.entry)
        async with self.database.reading() as connection:
            rows = await connection.execute(query.where(answer_notes.c.entry.is_not(None)).order_by(answer_notes.c.id))
            return tuple(Note(*row) for row in rows)

    async def told(self, note: int) -> None:
        """Forget a note that was sent, or that could not be."""
        async with self.database.writing() as connection:
            await connection.execute(delete(answer_notes).where(answer_notes.c.id == note))
