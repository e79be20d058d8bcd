"""The records that are folded from the log; and the log's own order by repository and issue."""

import json

import sqlalchemy as sa
from alembic import op

revision = "console0002"
down_revision = "console0001"


def upgrade() -> None:
    op.add_column(
        "events", sa.Column("repository", sa.String(100), nullable=False, server_default="")
    )
    op.add_column("events", sa.Column("number", sa.Integer))
    op.create_index("events_about", "events", ["repository", "number"])
    op.create_index("events_id", "events", ["id"])
    op.create_table(
        "views",
        sa.Column("repository", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("issue", sa.Integer),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("views_issue", "views", ["repository", "issue"])
    op.create_table(
        "projected",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    _say_which_event_it_was()


def _say_which_event_it_was() -> None:
    """Custom events were kept under the pattern that they are heard by, not the topic they are on."""
    events = sa.table(
        "events", sa.column("seq", sa.Integer), sa.column("topic", sa.String),
        sa.column("body", sa.Text),
    )  # fmt: skip
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(events.c.seq, events.c.body).where(events.c.topic == "custom.#")
    )
    for seq, body in rows.all():
        topic = f"custom.{json.loads(body)['name']}.v1"
        connection.execute(sa.update(events).where(events.c.seq == seq).values(topic=topic))
