"""Word tables behind the rules of wording: doses, orders, suicide, people first, spelling."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"(?:\d[\d.,]*|half an?|one|two|three|four|five|six|eight|ten|several)"
_UNIT: Final = (
    r"(?:mg|mcg|µg|μg|ug|g|ml|mL|cc|milligrams?|micrograms?|grams?|millilit(?:er|re)s?|mmol(?:/l)?|meq(?:/l)?|nmol/l|ng/ml"
    r"|IU|units?(?! of (?:alcohol|blood))|tablets?|pills?|capsules?|drops|puffs|(?:nasal )?sprays?|patches|lozenges?)"
)
DOSE: Final = re.compile(
    rf"(?<![\w-])(?<!\bin ){_NUMBER}(?:\s?(?:-|–|to|or)\s?{_NUMBER})?[\s-]?(?:{_UNIT})\b(?!-)"
    r"|\b(?:twice|thrice|double|doubling|halve|halving|triple|half|\d times) (?:of )?(?:the|a|your|their|that|its)"
    r" (?:usual |normal |standard |starting |prescribed )?dos(?:e|age)\b"
    r"|\b\d+(?:\.\d+)?\s?% (?:nitrous|oxygen|solution|gel|cream)",
    re.IGNORECASE,
)
"""An amount of a medicine, in figures or words."""

_ORDERS: Final = (
    r"Ask|Tell|Take|Avoid|Stop|Start|Talk (?:to|with)|Speak (?:to|with)|Try|Consider|Never|Always|Make sure|Be sure"
    r"|Don['’]t|Do not|Remember|Seek|Contact|Keep|Use|Let|Get|Bring|Check|See|Switch|Wait|Give|Write|Carry|Note|Go"
)
_NOT_AN_ORDER: Final = r"(?! (?:of|for|with|in|on|at|is|are|was|were|can|may|has|have|rates?|trials?|lists?)\b)"
DIRECTIVE: Final = re.compile(
    r"\b(?:[Ss]hould(?:n['’]t)?|[Mm]ust(?:n['’]t)?|[Oo]ught|[Nn]eeds? to|[Hh]ave to|had better|you are advised"
    r"|(?:stop|start) taking|(?:[Dd]o not|[Dd]on['’]t|[Nn]ever) (?:take|stop|start|mix|combine|use|skip|crush|change"
    r"|double|quit))\b"
    rf"|(?:^|[.:;] )(?:{_ORDERS})\b{_NOT_AN_ORDER}"
)
"""Orders to the reader. Texts describe, then name who decides."""

SUICIDE: Final = re.compile(
    r"\bcommit(?:s|ted|ting)? suicide\b"
    r"|\b(?:successful|unsuccessful|failed|completed?|botched) (?:suicides?|(?:suicide )?attempts?)\b"
    r"|\bsuicid\w* (?:gestures?|threats?|epidemic|wave|contagion)\b|\bepidemic of suicides?\b"
    r"|\bkill(?:s|ed|ing)? (?:him|her|your|my|one|them)sel(?:f|ves)\b"
    r"|\b(?:hang|hung|hanged|hanging|shoot|shot|shooting|drown(?:ed|ing)?) (?:him|her|your|my|one|them)sel(?:f|ves)\b"
    r"|\blethal\w*\b|\b(?:fatal|deadly|dangerous|toxic|safer?) in (?:an )?overdoses?\b|\bfatal overdoses?\b",
    re.IGNORECASE,
)
"""Words about suicide that blame, praise, spread, or point to a method."""

LABELS: Final = re.compile(
    r"\b(?:sufferers?|suffer(?:s|ed|ing)? from|addicts?|alcoholics?(?! Anonymous)|drug abusers?|schizophrenics?"
    r"|depressives"
    r"|bipolars|psychotics|the mentally ill|the disabled|victims? of (?:depression|mental|illness)|junk(?:ie|y|ies)"
    r"|crazy|insane|lunatics?|psychos?|non-?complian\w+|normal people"
    r"|(?:people|patients|persons?|those|adults|participants|who) (?:who )?(?:(?:have|has|had) )?fail(?:ed|s|ing)?)\b",
    re.IGNORECASE,
)
"""Words that make a person an illness, or an unhelpful treatment the person's failure."""

_IZE: Final = (
    "random|recogn|organ|stabil|minim|maxim|special|hospital|summar|general|normal|metabol|personal|util|standard|priorit"
    "|character|emphas|apolog|author|categor|custom|final|ideal|immun|individual|local|mobil|optim|patron|real|sensit|social"
    "|steril|stigmat|sympath|symbol|synthes|visual|crystall|familiar|critic|memor|harmon|neutral|legal|fertil|penal|central"
)
_BRITISH: Final = re.compile(
    rf"\b(?:(?:un|de|re|dis)?(?:{_IZE})is(?:e|es|ed|er|ers|ing|ation|ations)"
    r"|(?:behavi|col|fav|flav|hon|lab|neighb|rum|hum|tum|vig|sav)our(?:s|ed|ing|al|ally|ite|ites|able|less|ful)?"
    r"|centres?|centred|fibres?|litres?|metres?|theatres?|programmes?|analys(?:ed|ing)|paralys(?:e|ed|ing)"
    r"|paediatric\w*|anaesthe\w+|oestrogens?|foetal|foetus|haem\w+|diarrhoea|oedema|anaemi\w+|leukaemia|orthopaedic\w*"
    r"|gynaecolog\w+|caesarean|manoeuvres?|counsell(?:ing|or|ors|ed)|travell(?:ing|er|ers|ed)|labell(?:ing|ed)"
    r"|modell(?:ing|ed)|fulfils?|skilful|greys?|ageing|sceptical|whilst|learnt|judgement|tonnes?|catalogues?|dreamt)\b"
)
_AMERICAN: Final = re.compile(
    rf"\b(?:(?:un|de|re|dis)?(?:{_IZE})iz(?:e|es|ed|er|ers|ing|ation|ations)"
    r"|(?:behavi|col|fav|flav|hon|lab|neighb|rum|hum|tum|vig|sav)or(?:s|ed|ing|al|ally|ite|ites|able|less|ful)?"
    r"|centers?|centered|fibers?|liters?|meters?|theaters?|analyz(?:e|es|ed|ing)|paralyz(?:e|ed|ing)"
    r"|pediatric\w*|anesthe\w+|estrogens?|fetal|fetus|hemo\w+|diarrhea|edema|anemi\w+|leukemia|orthopedic\w*"
    r"|gynecolog\w+|cesarean|maneuvers?|counsel(?:ing|or|ors|ed)|travel(?:ing|er|ers|ed)|label(?:ing|ed)"
    r"|model(?:ing|ed)|fulfills?|skillful|grays?|aging|skeptical|judgment)\b"
)
_NAME_INSIDE: Final = re.compile(r"(?<=[^\s.?!:“\"(] )[A-Z][\w-]+(?: (?:[A-Z][\w-]+|of|for|and|the))*")


def british_or_american(text: str) -> tuple[str | None, str | None]:
    """The first British and the first American spelling of a text, proper names inside sentences left out."""
    ordinary = _NAME_INSIDE.sub("", text)
    ordinary = ordinary.casefold()
    british, american = _BRITISH.search(ordinary), _AMERICAN.search(ordinary)
    return british.group() if british else None, american.group() if american else None
