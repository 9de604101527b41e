"""Say who wrote a note."""

from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("notes", sa.Column("author", sa.Text))


def downgrade() -> None:
    op.drop_column("notes", "author")
