"""What gunicorn serves: `latesync.web.wsgi:app`. Its configuration has checked the state before."""

from __future__ import annotations

from latesync.config import read_config
from latesync.logs import set_up_logging
from latesync.services import open_services
from latesync.web.app import create_app

set_up_logging()
app = create_app(open_services(read_config()))
