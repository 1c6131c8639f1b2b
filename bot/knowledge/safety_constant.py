"""The last resort: enough to hear the plainest words and to show where help is, without a single file.

Used part by part, only when both the deployment's and the packaged safety files cannot be read.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from bot.knowledge.safety_model import Directory, InternationalLine, Replies, Rule, Safety, Wordings, WordList

_SEEN: Final = date(2026, 11, 23)

_WORDS: Final = WordList(
    fillers=(
        "to",
        "the",
        "a",
        "an",
        "of",
        "just",
        "really",
        "so",
    ),
    spellings={"gonna": "going", "wanna": "want", "im": "i am", "i'm": "i am", "kms": "kill myself", "ill": "i will"},
    groups={
        "kill": ("kill", "killing", "killed", "hurt", "hurting", "cut", "cutting", "hang", "hanging", "end", "ending"),
        "want": (
            "want",
            "wish",
            "ready",
            "going",
            "plan",
            "planning",
            "thinking",
        ),
        "self": ("myself",),
        "took": (
            "took",
            "taken",
            "swallowed",
            "overdosed",
        ),
        "pills": (
            "pills",
            "tablets",
            "meds",
            "bottle",
        ),
    },
    contexts={"question": (), "light": (), "told": (), "past": (), "now": ()},
    ordinary=(),
    english=(
        "i",
        "the",
        "a",
        "and",
        "to",
        "of",
        "is",
        "it",
        "my",
        "me",
        "you",
        "not",
        "in",
        "that",
        "have",
        "do",
        "what",
        "how",
        "for",
        "on",
        "with",
        "am",
        "are",
        "be",
        "was",
    ),
    foreign={},
)

_RULES: Final = (
    Rule(
        id="last-kill-myself",
        level="crisis",
        category="suicide",
        hears=("{kill} {self}", "{kill} my life", "{kill} it all"),
    ),
    Rule(
        id="last-want-to-die", level="crisis", category="suicide", hears=("{want} .. die", "suicidal", "suicide note")
    ),
    Rule(id="last-overdose", level="emergency", category="overdose", hears=("i .. {took} ... {pills}", "overdosed")),
)

_REPLIES: Final = Replies(
    buttons={
        "worried-about-someone": "I'm worried about someone",
        "not-safe-now": "I'm not safe right now",
        "not-what-i-meant": "Not what I meant",
        "other-country": "Other country",
        "choose-country": "Choose country",
        "show-support": "Show support",
    },
    phrases={
        "emergency": "In danger now? Call {number}.",
        "lines": "People you can reach, free and private:",
        "listed": "These lines are as listed, not called by us.",
        "bot": "I'm a bot, and nobody reads along here.",
        "door": "You can keep writing here.",
    },
    public=dict.fromkeys(
        ("concern-for-other", "crisis", "emergency"),
        ("I'm glad you said something. Support is one tap away, and only you will see it.",),
    ),
    gentle={"default": ("That sounds hard. If it gets heavier, there are people to talk to at any hour: {line}.",)},
    support={
        level: {
            "default": Wordings(
                full=(full,) * 3, short=("The people above are still there for you. So am I, for questions.",) * 3
            )
        }
        for level, full in (
            (
                "concern-for-other",
                "Thank you for looking out for them. Stay close if you can, and ask them straight out how they are.",
            ),
            (
                "crisis",
                "Thank you for saying this. It sounds like a lot of pain. Please reach a person now.",
            ),
            ("emergency", "This needs people near you now. Please call at once, and let someone be with you."),
        )
    },
)

_LINES: Final = Directory(
    fallback="your local emergency number (112, 911 or 999 in many countries)",
    international=(
        InternationalLine(
            service="Find A Helpline", url="https://findahelpline.com", covers="helplines for 130+ countries",
            source="ThroughLine", verified="search", seen=_SEEN,
        ),
    ),
)  # fmt: skip

LAST_RESORT: Final = Safety(words=_WORDS, rules=_RULES, replies=_REPLIES, lines=_LINES)
"""What is left when no safety file can be read at all."""
