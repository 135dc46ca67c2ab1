"""Events of a Matrix room, as a homeserver gives them, become what a person did; what is malformed becomes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix import events
from bot.matrix.events import Seat
from commands.arrival import ArrivalKind
from storage.words import Place

PLACE = Place("matrix:HOME/!room")
SEAT = Seat(
    place=PLACE, ours=frozenset({"@comity:a.example"}), names=("@comity:a.example", "@comity", "Comity Bot"),
    direct=False, muted=False, public=False, members=("@ana:a.example",), roots={"$ours": "$root"},
)  # fmt: skip


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": text, **more}
    return {"type": "m.room.message", "event_id": "$1", "sender": "@ana:a.example", "content": content}


def relating(**relation: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"m.relates_to": relation}
    return message(**content)


def text(event: dict[str, Any]) -> str:
    arrival = events.read(event, SEAT)
    assert arrival is not None
    return arrival.text


def test_a_message_is_below_the_root_that_it_names() -> None:
    arrival = events.read(relating(rel_type="m.thread", event_id="$root"), SEAT)
    assert arrival is not None
    assert (arrival.kind, arrival.thread, arrival.text) == (ArrivalKind.MESSAGE, "$root", "hello")
    assert arrival.person == "matrix:@ana:a.example"


def test_an_answer_to_one_of_ours_stands_in_its_thread() -> None:
    arrival = events.read(relating(**{"m.in_reply_to": {"event_id": "$ours"}}), SEAT)
    assert arrival is not None
    assert arrival.thread == "$root"


def test_what_stands_below_nothing_is_answered_below_itself_but_not_in_a_direct_room() -> None:
    in_room, alone = events.read(message(), SEAT), events.read(message(), replace(SEAT, direct=True))
    assert in_room is not None
    assert alone is not None
    assert (in_room.thread, alone.thread) == ("$1", None)


def test_the_words_that_an_answer_quotes_are_not_the_writer_s() -> None:
    event = message(
        "> <@bo:a.example> !case open\n> more\n\nNo.", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    )
    assert text(event) == "No."
    assert text(message("> quoted by hand")) == "> quoted by hand"


@pytest.mark.parametrize(
    "typed", ["@comity:a.example: case list", "@comity case list", "Comity Bot: case list", "@Comity Bot, case list"]
)
def test_a_mention_of_ours_is_a_mention_of_comity(typed: str) -> None:
    assert text(message(typed)) == "@Comity case list"


def test_a_name_in_a_sentence_is_no_mention() -> None:
    assert text(message("Comity Bot is down")) == "Comity Bot is down"


def test_a_mention_of_a_person_is_their_address() -> None:
    html = '!officer add <a href="https://matrix.to/#/%40bea%3Aa.example">Bea Lee</a> --agency ACMA'
    event = message("!officer add Bea Lee --agency ACMA", format="org.matrix.custom.html", formatted_body=html)
    assert text(event) == "!officer add @bea:a.example --agency ACMA"


def test_an_edit_has_the_new_words_and_the_old_message() -> None:
    new = {"msgtype": "m.text", "body": "new"}
    event = message("* new", **{"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}})
    arrival = events.read({**event, "origin_server_ts": 7}, SEAT)
    assert arrival is not None
    assert (arrival.kind, arrival.message, arrival.text, arrival.revision) == (ArrivalKind.EDIT, "$0", "new", 7)
    assert arrival.key != events.key_of(message(), PLACE)


@pytest.mark.parametrize("where", [{"redacts": "$0", "content": {}}, {"content": {"redacts": "$0"}}])
def test_a_redaction_is_a_deletion_in_every_room_version(where: dict[str, Any]) -> None:
    arrival = events.read({"type": "m.room.redaction", "event_id": "$2", "sender": "@ana:a.example", **where}, SEAT)
    assert arrival is not None
    assert (arrival.kind, arrival.message) == (ArrivalKind.DELETION, "$0")


def test_a_reaction_is_below_what_it_is_on() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$root", "key": "✔️"}
    event = {"type": "m.reaction", "event_id": "$2", "sender": "@ana:a.example", "content": {"m.relates_to": relation}}
    arrival = events.read(event, SEAT)
    assert arrival is not None
    assert (arrival.kind, arrival.message, arrival.thread, arrival.text) == (
        ArrivalKind.REACTION,
        "$root",
        "$root",
        "✔️",
    )


def test_a_file_is_named_and_its_caption_read() -> None:
    url = "mxc://ftc.example/abc"
    named = events.read(message("mail.eml", msgtype="m.file", url=url), SEAT)
    described = events.read(message("The original.", msgtype="m.file", filename="mail.eml", url=url), SEAT)
    assert named is not None
    assert described is not None
    [file] = named.files
    assert (file.name, json.loads(file.at), named.text) == ("mail.eml", {"url": url}, "")
    assert ([one.name for one in described.files], described.text) == (["mail.eml"], "The original.")


def test_a_file_without_an_address_is_malformed() -> None:
    assert events.read(message("mail.eml", msgtype="m.file"), SEAT) is None


def test_the_keys_of_an_encrypted_file_go_with_it() -> None:
    sealed = {"url": "mxc://ftc.example/abc", "key": {"k": "x"}, "iv": "y"}
    read = events.read(message("mail.eml", msgtype="m.file", file=sealed, info={"mimetype": "message/rfc822"}), SEAT)
    assert read is not None
    assert [(json.loads(one.at), one.media_type) for one in read.files] == [({"file": sealed}, "message/rfc822")]


def test_what_could_not_be_decrypted_is_told() -> None:
    event = {"type": "m.room.encrypted", "event_id": "$3", "sender": "@ana:a.example", "content": {"ciphertext": "..."}}
    arrival = events.read(event, SEAT)
    assert arrival is not None
    assert arrival.kind is ArrivalKind.UNREADABLE


@pytest.mark.parametrize(
    "event",
    [
        message(msgtype=[]),
        {**message(), "event_id": "$" + "x" * 300},
        relating(rel_type="m.thread", event_id="$a\x00b"),
        relating(rel_type="m.thread", event_id={"no": "id"}),
        {**message(), "sender": "@comity:a.example"},
        message(msgtype="m.notice"),
        {"type": "m.room.member", "state_key": "@ana:a.example", "event_id": "$1", "sender": "@x:y", "content": {}},
        relating(rel_type="m.replace"),
        relating(rel_type="m.thread"),
        {"type": "m.room.redaction", "event_id": "$2", "sender": "@ana:a.example", "content": {}},
        {"type": "m.reaction", "event_id": "$2", "sender": "@ana:a.example", "content": {"m.relates_to": "nonsense"}},
        {"type": "m.room.message", "sender": "@ana:a.example", "content": None, "event_id": "$1"},
    ],
)
def test_what_is_not_ours_to_hear_or_malformed_is_nothing(event: dict[str, Any]) -> None:
    assert events.read(event, SEAT) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["m.relates_to", "rel_type", "event_id", "m.in_reply_to", "body", "msgtype", "m.new_content"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    content=JSON,
    kind=st.sampled_from(["m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted"]),
    stamp=JSON,
)
def test_whatever_a_server_sends_breaks_nothing(content: Any, kind: str, stamp: Any) -> None:
    event = {"type": kind, "event_id": "$1", "sender": "@x:y", "content": content, "origin_server_ts": stamp}
    arrival = events.read(event, SEAT)
    if arrival is not None:
        assert events.key_of(event, PLACE) == arrival.key
        assert isinstance(arrival.text, str)
    if events.is_taken(event):
        assert events.key_of(event, PLACE).startswith(PLACE)
