"""Officers in Slack workspaces open a case, ask and answer, each at a client of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.slack.network import Network, network


@pytest.fixture(scope="module", params=["sockets", "http"])
def talk(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Network]:
    """One network for all: each test has a request of its own."""
    with network(tmp_path_factory.mktemp("talk"), http=request.param == "http") as found:
        yield found
        assert not found.slack.world.breaches


@pytest.fixture
def net(talk: Network) -> Network:
    talk.quiet()
    return talk


def test_a_request_crosses_the_border_and_its_answer_comes_back(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    _, _, here, there = net.asked()
    bo.press(acma, there, "Acknowledge")
    ana.finds(ftc, "acknowledged", here)
    bo.says(acma, "It was *rented* on 3 May by <nobody> at https://evil.example, &amp; <!channel>.", thread=there)
    copy = ana.finds(ftc, "It was *rented* on 3 May by `<nobody>`", here)
    assert "&amp;" in copy.text
    assert not copy.alive
    assert not copy.unfurled


def test_an_edit_and_a_deletion_reach_the_other_side_once(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    _, _, here, there = net.asked()
    said = bo.says(acma, "Opened on 3 May.", thread=there)
    ana.finds(ftc, "Opened on 3 May.", here)
    bo.edits(acma, said, "Opened on 4 May.")
    ana.finds(ftc, "Opened on 4 May.", here)
    bo.deletes(acma, said)
    ana.finds(ftc, "deleted", here)
    net.quiet()
    assert not [one for one in ana.sees(ftc, here) if "Opened on" in one.text]


def test_a_check_mark_on_the_root_acknowledges(net: Network) -> None:
    _, _, here, there = net.asked()
    net["bo"].reacts(net.desks["ACMA"], there, "white_check_mark")
    net["ana"].finds(net.desks["FTC"], "acknowledged", here)


def test_a_mention_in_the_thread_is_a_command(net: Network) -> None:
    _, _, here, there = net.asked()
    net["bo"].says(net.desks["ACMA"], "@comity ack", thread=there)
    net["ana"].finds(net.desks["FTC"], "acknowledged", here)


def test_what_lacks_a_value_opens_a_form_and_errors_stand_at_their_field(net: Network) -> None:
    ana, ftc, asked = net["ana"], net.desks["FTC"], net.asked()
    assert ana.slash(ftc, "/request", "send ACMA").error is None
    modal = ana.modal("Ask a partner")
    assert modal.values["to"]
    [case] = [one for one in modal.options("case", asked.case) if one.split()[0] == asked.case]
    wrong = modal.submit({"what": "Who paid for it?", "due": "someday", "case": case})
    assert "someday" in wrong.errors["due"]
    assert modal.submit({"due": "10 working days"}).closed
    ana.finds(ftc, "Who paid for it?")
    net["bo"].finds(net.desks["ACMA"], "Who paid for it?")


def test_a_button_that_wants_words_opens_a_form(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    _, _, here, there = net.asked()
    bo.press(acma, there, "Decline")
    modal = bo.modal("decline")
    assert modal.submit({"reason": "not-held"}).closed
    ana.finds(ftc, "declined", here)


def test_a_listing_is_for_its_asker_alone(net: Network) -> None:
    ana, ada, ftc, asked = net["ana"], net["ada"], net.desks["FTC"], net.asked()
    ana.slash(ftc, "/request", "list --owed")
    ana.hears(ftc, lambda one: one.private and asked.request in one.text)
    assert not [one for one in ada.sees(ftc) if one.private]


def test_red_words_are_taken_from_a_slash_command_and_stand_nowhere(net: Network) -> None:
    ana, ada, ftc = net["ana"], net["ada"], net.desks["FTC"]
    ana.slash(ftc, "/case", "open --marking red The minister's mailbox")
    ada.finds(ftc, "TLP:RED")
    net.quiet()
    assert not [one for one in ada.sees(ftc) if "minister" in one.text]


def test_red_words_typed_in_the_channel_are_refused(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    ana.says(ftc, "!case open --marking red The minister's other mailbox")
    told = ana.hears(ftc, lambda one: one.private and "RED" in one.text)
    assert "mailbox" not in told.text


def test_a_stranger_gets_nowhere(net: Network) -> None:
    eve, ftc = net.come("FTC", "eve"), net.desks["FTC"]
    net["ana"].invites(ftc, eve)
    eve.slash(ftc, "/case", "open My case")
    told = eve.hears(ftc, lambda one: one.private)
    assert "My case" not in [one.text for one in net["ana"].sees(ftc)]
    assert told.private


def test_the_home_shows_what_is_outstanding_and_its_buttons_open_forms(net: Network) -> None:
    ana, app, asked = net["ana"], net.apps["FTC"], net.asked()
    ana.opens_home(app)
    home = ana.home(app, asked.request)
    home.press("Open a case")
    assert ana.modal("Open a case").submit({"title": "From the home"}).closed
    ana.finds(net.desks["FTC"], "From the home")


def test_a_direct_message_is_answered_there(net: Network) -> None:
    ana = net["ana"]
    direct = ana.direct(net.apps["FTC"])
    ana.says(direct, "!comity whoami")
    ana.finds(direct, "FTC")


def test_a_command_where_we_are_not_says_how_to_invite_us(net: Network) -> None:
    ana = net["ana"]
    elsewhere = net.slack.channel("elsewhere", ana, private=True)
    ana.slash(elsewhere, "/case", "open Nobody hears this")
    told = ana.hears(elsewhere, lambda one: "invite" in one.text)
    assert told.private


def test_nonsense_is_answered_with_the_usage(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    ana.slash(ftc, "/request", "sned ACMA")
    assert "send" in ana.hears(ftc, lambda one: one.private and "sned" in one.text).text


def test_a_message_becomes_a_note_of_a_case(net: Network) -> None:
    ana, ftc, (case, root) = net["ana"], net.desks["FTC"], net.opened()
    said = ana.says(ftc, "The invoices carry one address.")
    ana.message_shortcut(net.apps["FTC"], ftc, said, "add_to_case")
    modal = ana.modal("note")
    assert modal.values["text"] == "The invoices carry one address."
    [chosen] = [one for one in modal.options("case", case) if one.split()[0] == case]
    assert modal.submit({"case": chosen}).closed
    ana.hears(ftc, lambda one: "The invoices carry one address." in one.text and one.author != "ana", root)


def test_the_files_of_a_message_become_exhibits(net: Network) -> None:
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    said = ana.attaches(ftc, "invoice.txt", b"One address.", text="An invoice with it.")
    ana.message_shortcut(net.apps["FTC"], ftc, said, "add_to_case")
    modal = ana.modal("add")
    assert modal.values["text"] == "An invoice with it."
    [chosen] = [one for one in modal.options("request", asked.request) if one.split()[0] == asked.request]
    assert modal.submit({"request": chosen}).closed
    bo.hears(acma, lambda one: "An invoice with it." in one.text and "invoice.txt" in one.text, asked.there)
    there = bo.hears(acma, lambda one: any(name.endswith("-invoice.txt") for name in one.files), asked.there)
    assert list(bo.opens(acma, there.ts).values()) == [b"One address."]
