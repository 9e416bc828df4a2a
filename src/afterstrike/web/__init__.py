"""The record, its incidents, briefs and effects in the browser, served by Starlette from the own host."""
