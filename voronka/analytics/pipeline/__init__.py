"""The pipeline in three cuts (by stages, by forecast, by clients), as it stands or stood, and how clean it is."""
