"""Which command a line names by its first words, in a thread also by its verb alone; what follows them is not read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from commands import values
from commands.declare import Declaration, Table
from commands.lines import MisreadError, near, next_word, plain, short

HELP = "comity help"
_UNSEEN = re.compile(r"(?:\s|⟨U\+[0-9A-F]{4}⟩)+")
_BEGINS = re.compile(
    # a mention is no part of a longer name; the marks are full-width where a keyboard writes Korean or Japanese
    r"@comity(?![\w-]|[.:@]\w)[,:]?\s*[!/]?"
    "|[!/\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH SOLIDUS}](?=[^\\W\\d_])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Within:
    """What the thread is about in which a line is typed; of a request's thread the case too."""

    case: int | None = None
    request: int | None = None

    @property
    def nouns(self) -> tuple[str, ...]:
        """The nouns that may be left out here, the nearest first."""
        if self.request is not None:
            return ("request", "case", "exhibit")
        return ("case", "exhibit") if self.case is not None else ()


def is_command(text: str) -> bool:
    """It begins with a mention of Comity, or with `!` or `/` and a letter."""
    return _begins(text) is not None


def without_mark(text: str) -> str:
    """The line behind the mention or the `/` that makes it a command."""
    begins = _begins(text)
    return text[begins.end() :] if begins else text


def _begins(text: str) -> re.Match[str] | None:
    unseen = _UNSEEN.match(text)
    return _BEGINS.match(text, unseen.end() if unseen else 0)


def named(text: str, within: Within | None, table: Table) -> tuple[Declaration, str]:
    """The command, and the line behind its name; raises MisreadError. `help` behind a name is a question about it."""
    first = next_word(text)
    if first is None or plain(first.text) == "help":
        return _help(table), text[first.end :] if first else ""
    word, body = plain(first.text), text[first.end :]
    if word in nouns(table):
        found, body = _with_noun(word, body, table)
    else:
        meant = [table[path] for noun in (within.nouns if within else ()) if (path := f"{noun} {word}") in table]
        if not meant:
            raise _unknown(first.text, table, within)
        found = _by_reference(meant, body)
    if asks_help(body) and found.path != HELP:
        return _help(table), found.path
    return found, body


def nouns(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys(declaration.noun for declaration in table.values()))


def verbs(noun: str, table: Table) -> tuple[str, ...]:
    return tuple(declaration.verb for declaration in table.values() if declaration.noun == noun)


def asks_help(body: str) -> bool:
    """`/case open help`, `/case open --help`: nobody means a case of that title."""
    return plain(body).lstrip("-\N{EN DASH}\N{EM DASH}") == "help"


def _with_noun(noun: str, text: str, table: Table) -> tuple[Declaration, str]:
    verb = next_word(text)
    if verb is None:
        return _help(table), "" if HELP.startswith(noun) else noun
    found = table.get(f"{noun} {plain(verb.text)}")
    if found is not None:
        return found, text[verb.end :]
    if plain(verb.text) == "help":
        return _help(table), f"{noun} {text[verb.end :]}"
    own = verbs(noun, table)
    elsewhere = [path for path, each in table.items() if each.verb == plain(verb.text)]
    guess = f" Did you mean /{elsewhere[0]}?" if elsewhere else near(plain(verb.text), own)
    raise MisreadError(f"There is no /{noun} {short(verb.text)}.{guess}", verb.text, usage=f"/{noun} {'|'.join(own)}")


def _by_reference(meant: list[Declaration], body: str) -> Declaration:
    """In a request's thread `/show C-2` is about a case, whatever comes first otherwise."""
    first = next_word(body)
    found = values.reference(first.text) if first else None
    for declaration in meant:
        here = declaration.here
        if found is not None and here is not None and values.REFS[here.kind] is found[0]:
            return declaration
    return meant[0]


def _unknown(word: str, table: Table, within: Within | None) -> MisreadError:
    known = nouns(table)
    elsewhere = [path for path, each in table.items() if each.verb == plain(word)]
    open_here = [verb for noun in (within.nouns if within else ()) for verb in verbs(noun, table)]
    guess = f" Did you mean /{elsewhere[0]}?" if elsewhere else near(plain(word), [*known, *open_here])
    return MisreadError(
        f"There is no command {short(word)}.{guess}", word, usage=" ".join(f"/{noun}" for noun in known)
    )


def _help(table: Table) -> Declaration:
    if HELP not in table:
        raise MisreadError("A command is a noun and a verb.", usage=" ".join(f"/{noun}" for noun in nouns(table)))
    return table[HELP]
