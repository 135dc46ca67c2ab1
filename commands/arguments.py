"""What stands behind a command's noun and verb, to one typed text for each field; no text is made a value here.

The rules are the contract's "Reading a line". Where they leave a doubt the line is refused: a `--marking red` taken for
words would send a RED text as AMBER.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, takewhile

from commands import values
from commands.declare import Declaration, Field, Kind
from commands.lines import (
    MisreadError,
    Word,
    bare,
    ends_flags,
    flag_in,
    is_blank,
    near,
    next_word,
    short,
    value_at,
    value_in,
    words,
)
from storage.words import RefKind

_FURTHER = 5
"""How many further words might belong to a value."""


def split(declaration: Declaration, body: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The texts of the fields that are typed in the body, beside those given already; raises MisreadError."""
    return _Body(declaration, body, dict(given or {})).split()


def _name(field: Field) -> str:
    """What a person knows it by."""
    return field.flag if field.ask.flag else field.shown


class _Body:
    """Read from the left: flags and places first, then the free text, then flags again."""

    def __init__(self, declaration: Declaration, body: str, given: dict[str, str]) -> None:
        self.declaration = declaration
        self.body = body
        self.given = given
        self.flags = declaration.flags
        self.places = [field for field in declaration.positional if field.name not in given]
        self.at = 0
        self.begun = False
        self.flags_ended = False

    def split(self) -> dict[str, str]:
        while (word := next_word(self.body, self.at)) is not None:
            if not self.flags_ended and ends_flags(word):
                self.flags_ended, self.at = True, word.end
            elif not self._take_flag(word) and not self._take_reference(word) and not self._take_place(word):
                break
        self._take_text()
        return self.given

    def _take_reference(self, word: Word) -> bool:
        """A first word of the form C-n is the reference, also where it could be typed as a flag, and is not."""
        here, first, self.begun = self.declaration.here, not self.begun, True
        if not first or here is None or not here.ask.flag or here.name in self.given or self.flags_ended:
            return False
        found = values.reference(word.text)
        if found is None or found[0] is not values.REFS[here.kind]:
            return False
        if any(flag_in(later, self.flags) == here.flag for later in words(self.body, word.end)):
            return False
        self.given[here.name], self.at = word.text, word.end
        return True

    def _take_flag(self, word: Word) -> bool:
        """Read a flag with its value, if one stands here."""
        name = None if self.flags_ended else flag_in(word, self.flags)
        if name is None:
            return False
        field = self.flags.get(name)
        if field is None:
            raise MisreadError(
                f"There is no flag {short(name)}.{near(name, self.flags)} "
                "If it is text, write a lone -- before the text.",
                name,
            )
        if field.name in self.given:
            raise MisreadError(f"{name} stands there twice.", name)
        value = value_in(word)
        if field.kind is not Kind.SWITCH:
            self.given[field.name] = self._value(field, word.end if value is None else value)
        elif value is None:
            self.given[field.name], self.at = "yes", word.end
        else:
            raise MisreadError(f"{name} takes no value.", name)
        return True

    def _value(self, field: Field, start: int) -> str:
        """The value of a flag or of a place."""
        value = value_at(self.body, start)
        if value is None or is_blank(value.text) or (not value.quoted and self._is_mark(value)):
            name = _name(field)
            raise MisreadError(f"{name} needs a value{f': {name} {field.shown}' if field.ask.flag else ''}.", name)
        self.at = value.end
        if value.quoted:
            return value.text
        if field.kind is Kind.AGENCIES:
            return self._listed(value)
        self._mind_longer(field, value)
        return value.text

    def _is_mark(self, word: Word) -> bool:
        return not self.flags_ended and (ends_flags(word) or flag_in(word, self.flags) is not None)

    def _listed(self, value: Word) -> str:
        """`ACMA, KISA`: a comma holds words together."""
        last = value
        while (word := next_word(self.body, last.end)) is not None and not self._is_mark(word):
            if not bare(last.text).endswith(",") and not bare(word.text).startswith(","):
                break
            last = word
        self.at = last.end
        return values.squeezed(self.body[value.start : last.end])

    def _mind_longer(self, field: Field, value: Word) -> None:
        """`--due 10 working days`, `--marking amber strict`: which words are the value must not be guessed."""
        following = takewhile(lambda word: not self._is_mark(word), words(self.body, value.end))
        nearest = list(islice(following, _FURTHER))
        for last in reversed(nearest):
            longer = " ".join(self.body[value.start : last.end].split()).rstrip(".,;:!?)")
            if values.reads(field, longer):
                before = f"{field.flag} " if field.ask.flag else ""
                furthest = [*nearest, *following][-1]
                after = short(self.body[nearest[0].start : furthest.end])
                raise MisreadError(
                    f'{_name(field)} can be read in two ways: {before}"{longer}", or {before}"{value.text}" and then '
                    f"the text “{after}”. Put the value in quotes.",
                    _name(field),
                )

    def _take_place(self, word: Word) -> bool:
        """Read the next value that goes by its place; False: the free text begins here."""
        if not self.places:
            return False
        field = self.places[0]
        if is_blank(word.text) and self.declaration.rest is None:  # else it is the text's first
            self.at = word.end
        elif field.ask.here:
            self._take_here(field, word)
        else:
            self.given[field.name] = self._value(field, word.start)
            self.places.pop(0)
        return True

    def _take_here(self, field: Field, word: Word) -> None:
        """A reference, or (the thread's own is meant) the next value already; behind a lone `--` it is text."""
        self.places.pop(0)
        text_only = self.flags_ended and self.declaration.rest is not None
        found = None if text_only else values.reference(word.text)
        wanted = values.REFS[field.kind]
        if found is not None and found[0] is wanted:
            self.given[field.name], self.at = word.text, word.end
        elif found is not None:
            raise MisreadError(self._wrong_reference(wanted, word), word.text)
        elif not self.places and self.declaration.rest is None:
            raise MisreadError(f"“{short(word.text)}” is no {wanted.name.lower()}: write {wanted}-1.", word.text)

    def _wrong_reference(self, wanted: RefKind, word: Word) -> str:
        kind = wanted.name.lower()
        if self.declaration.rest is None:
            return f"{word.text} is no {kind}: write {wanted}-1."
        return f"{word.text} is no {kind}: write {wanted}-1. If it is text, write a lone -- before the text."

    def _take_text(self) -> None:
        """The free text; flags behind it take effect, flags in its middle are refused."""
        start, end = self.at, len(self.body)
        dashed = False
        for word in () if self.flags_ended else words(self.body, start):
            name = flag_in(word, self.flags)
            if dashed and name in self.flags:
                raise MisreadError(
                    f"{name} stands in the middle of the text, behind a --. If it is text, write a lone -- before the "
                    f"whole text; if not, put {name} before it.",
                    name or "",
                )
            if name is not None and not dashed:
                self._take_last_flags(word, name)
                end = word.start
                break
            dashed = dashed or ends_flags(word)
        self._keep(self.body[start:end])

    def _take_last_flags(self, first: Word, name: str) -> None:
        self.at = first.start
        while (word := next_word(self.body, self.at)) is not None:
            if ends_flags(word) or not self._take_flag(word):
                raise MisreadError(
                    f"{name} stands in the middle of the text: put it before or after, or write a lone -- before the "
                    "text.",
                    name,
                )

    def _keep(self, text: str) -> None:
        if is_blank(text):
            return
        rest = self.declaration.rest
        if rest is None:
            first = short(text.split(maxsplit=1)[0])
            raise MisreadError(f"“{first}” is more than this command takes.", first)
        self.given[rest.name] = text.strip()
