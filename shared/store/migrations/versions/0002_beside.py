"""Of a message that is said in two versions: the topic of the one before."""

import sqlalchemy as sa
from alembic import op

revision = "bus0002"
down_revision = "bus0001"


def upgrade() -> None:
    for table in ("outbox", "dead"):
        # With a default: an older instance beside a newer one writes rows without it.
        op.add_column(table, sa.Column("beside", sa.String(200), nullable=False, server_default=""))
