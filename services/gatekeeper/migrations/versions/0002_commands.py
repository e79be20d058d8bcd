"""What people see of an issue that is closed or was declined."""

import sqlalchemy as sa
from alembic import op

revision = "gatekeeper0002"
down_revision = "gatekeeper0001"


def upgrade() -> None:
    op.add_column(
        "issues", sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("issues", sa.Column("declined", sa.Text))
