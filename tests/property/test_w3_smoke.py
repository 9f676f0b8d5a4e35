from tests.property.conftest import *  # fixtures
import pytest
from datetime import timedelta
from tests.property.machine.people import People
from tests.property.machine.happenings import *
from tests.property.machine.laws import *
@pytest.mark.parametrize("homes", HOMES)
def test_smoke(stand, homes):
    with opened_town(stand, homes=homes) as town:
        town.bring_plugin()
        people = People(town); life = Life(town, people); life.begin()
        town.settle()
        check_laws(town, people)
        life.join_other(ANNA, True)
        town.settle()
        check_laws(town, people)
        life.disconnect(ANNA, town.homes[ANNA])
        town.settle()
        check_laws(town, people)
