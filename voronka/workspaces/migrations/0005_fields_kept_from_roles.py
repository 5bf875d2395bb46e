from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0004_api_tokens"),
    ]

    operations = [
        migrations.AlterField(
            model_name="role",
            name="hidden_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="role",
            name="readonly_fields",
            field=models.JSONField(blank=True, default=dict),
        ),
        # Nobody could fill the list of before.
        migrations.RunSQL(
            "UPDATE workspaces_role SET hidden_fields = '{}'::jsonb WHERE jsonb_typeof(hidden_fields) <> 'object'",
            migrations.RunSQL.noop,
        ),
    ]
