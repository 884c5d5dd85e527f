"""The shared database fixture: two real databases, each test its own."""

import sqlalchemy


def test_each_test_gets_an_empty_database_of_its_own(database_url: str) -> None:
    """Tables of one test are unseen by the next, on both servers."""
    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == []
        connection.execute(sqlalchemy.text("CREATE TABLE mine (id INTEGER)"))
    engine.dispose()


def test_the_next_test_sees_nothing_of_it(database_url: str) -> None:
    """The same table can be made again."""
    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE mine (id INTEGER)"))
    engine.dispose()


def test_both_kinds_are_real(database_url: str) -> None:
    """SQLite and PostgreSQL answer with their own versions."""
    engine = sqlalchemy.create_engine(database_url)
    question = "SELECT sqlite_version()" if engine.dialect.name == "sqlite" else "SELECT version()"
    with engine.connect() as connection:
        answer = str(connection.execute(sqlalchemy.text(question)).scalar_one())
    engine.dispose()
    assert answer.startswith({"sqlite": "3.", "postgresql": "PostgreSQL 1"}[engine.dialect.name])
