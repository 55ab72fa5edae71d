"""What gunicorn serves."""

from collector.app import create_app
from collector.settings import Settings

app = create_app(Settings.from_environment())
