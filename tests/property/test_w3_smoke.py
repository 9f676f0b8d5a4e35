from tests.property.conftest import *  # fixtures
import pytest
from tests.property.machine.people import People
from tests.property.machine.happenings import *
from tests.property.machine.laws import *
def town_of(stand):
    return opened_town(stand, homes=dict.fromkeys((ANNA,BEN,CLEO),"microsoft"))
@pytest.mark.parametrize("first", ["none", "cancel", "give", "delete", "shared"])
def test_copy(stand, first):
    with town_of(stand) as town:
        people = People(town); life = Life(town, people)
        agent = ANNA if first != "shared" else CLEO
        life.book(agent, 2, 540)
        town.settle()
        where = EMAILS[agent]
        life.touch_ours(where, 0, "copy", 0)
        town.settle()
        if first == "cancel": life.set_status(0, "cancelled")
        if first == "give": life.give_to(0, BEN)
        if first == "delete": life.remove_row(0)
        town.settle()
        check_laws(town, people)
