"""What PostgreSQL must know beyond its core: trigrams for search, mixed keys for GIN and GiST."""

from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = []
    operations = [TrigramExtension(), BtreeGinExtension(), BtreeGistExtension(), UnaccentExtension()]
