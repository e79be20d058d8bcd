"""What asked for a job."""

import sqlalchemy as sa
from alembic import op

revision = "jobs0002"
down_revision = "jobs0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("cause", sa.Uuid))
