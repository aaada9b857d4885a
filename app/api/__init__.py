"""The JSON API: routes, schemas, errors and limits."""
