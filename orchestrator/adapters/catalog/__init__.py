"""The catalog in a SQL database: what images and regions there are, their vectors, and the outbox."""
