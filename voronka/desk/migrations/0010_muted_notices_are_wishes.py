from django.db import migrations


def take_over(apps, schema_editor):
    """What members had muted in the bell is a wish like any other now."""
    settings = apps.get_model("desk", "NoticeSettings")
    members = apps.get_model("workspaces", "Member")._base_manager.exclude(muted_notices=[])
    settings._base_manager.bulk_create(
        settings(
            workspace_id=member.workspace_id,
            member_id=member.pk,
            wanted={"bell": dict.fromkeys(member.muted_notices, False)},
        )
        for member in members.iterator()
    )


class Migration(migrations.Migration):

    dependencies = [
        ("desk", "0009_deliveries"),
        ("workspaces", "0006_rates"),
    ]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
