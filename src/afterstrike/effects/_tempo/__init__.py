"""A recorded rate set against the past of the same record: where it stands, and against a named time."""
