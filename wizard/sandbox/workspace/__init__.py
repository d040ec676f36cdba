"""The workspace's REST side: state in memory, one module an API family, `app.build` puts them together."""
