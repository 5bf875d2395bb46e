"""Today, calls, meetings, tasks."""
