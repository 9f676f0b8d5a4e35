from tests.property.conftest import *  # fixtures
import pytest
from tests.property.machine.people import People
from tests.property.machine.happenings import *
from tests.property.machine.laws import *
def town_of(stand):
    return opened_town(stand, homes=dict.fromkeys((ANNA,BEN,CLEO),"microsoft"))
@pytest.mark.parametrize("first", ["none", "cancel", "give", "delete"])
def test_copy(stand, first):
    with town_of(stand) as town:
        people = People(town); life = Life(town, people)
        life.book(ANNA, 2, 540)
        town.settle()
        where = EMAILS[ANNA]
        life.touch_ours(where, 0, "copy", 0)
        town.settle()
        if first == "cancel": life.set_status(0, "cancelled")
        if first == "give": life.give_to(0, BEN)
        if first == "delete": life.remove_row(0)
        town.settle()
        check_laws(town, people)
@pytest.mark.parametrize("home", ["microsoft", "google"])
@pytest.mark.parametrize("first", ["far", "left", "guest", "leftguest"])
def test_stay(stand, first, home):
    with opened_town(stand, homes={ANNA: home}) as town:
        people = People(town); life = Life(town, people)
        if "left" in first: town.choose_policy(DriftPolicy.LEAVE)
        life.book(ANNA, 2, 540)
        town.settle()
        if first == "far": life.retime(0, 400, 540)
        town.settle()
        if first == "left": life.touch_ours(EMAILS[ANNA], 0, "move", 6)
        if "guest" in first: life.touch_ours(EMAILS[ANNA], 0, "guest", 6)
        town.settle()
        life.join_other(ANNA, True)
        town.settle()
        check_laws(town, people)
