"""What an agent said at the end of a run, to be said again."""

import sqlalchemy as sa
from alembic import op

revision = "runs0002"
down_revision = "runs0001"


def upgrade() -> None:
    op.add_column("agent_runs", sa.Column("finished", sa.Text, nullable=False, server_default=""))
