"""Logging in: strong hashes, growing waits, no default password, and no way around by restart or clock."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

from qbx_desktop.data import login, password_rules, seals, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.login import Gate, LoginRefused
from qbx_desktop.domain.errors import UserMistake
from tests.fakes.clock import FakeClock

GOOD = "correct horse battery"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing; the real strength has tests of its own."""
    monkeypatch.setattr(password_rules, "METHOD", "pbkdf2:sha256:1")
    monkeypatch.setattr(login, "DUMMY_HASH", generate_password_hash("x", "pbkdf2:sha256:1"))


def a_user(db: Database, password: str = GOOD, method: str | None = None) -> int:
    stored = generate_password_hash(password, method or password_rules.METHOD)
    return db.write(
        lambda con: users.create(con, name="Ana", email="ana@home", password_hash=stored, at_ms=1)
    )


def wrong(gate: Gate, email: str = "ana@home") -> LoginRefused:
    with pytest.raises(LoginRefused) as caught:
        gate.log_in(email, "wrong password")
    return caught.value


def test_the_right_password_comes_in(db: Database, clock: FakeClock) -> None:
    user = a_user(db)
    assert Gate(db, clock).log_in(" ANA@home ", GOOD) == login.Login(user, must_change=False)


def test_hashes_have_the_strength_of_the_house(db: Database) -> None:
    stored = users.prepared_hash(GOOD, email="ana@home", name="Ana")
    assert stored.startswith("scrypt:32768:8:3$")
    assert password_rules.matches(stored, GOOD)
    assert not password_rules.matches(stored, GOOD + "x")


@pytest.mark.parametrize("method", ["scrypt:32768:8:1", "pbkdf2:sha256:260000", "pbkdf2:sha256:1000"])
def test_a_weaker_hash_is_made_anew_at_login(db: Database, clock: FakeClock, method: str) -> None:
    user = a_user(db, method=method)
    Gate(db, clock).log_in("ana@home", GOOD)
    stored = db.reader().execute("SELECT password_hash FROM users WHERE id = ?", (user,)).fetchone()[0]
    assert stored.startswith("scrypt:32768:8:3$")
    Gate(db, clock).log_in("ana@home", GOOD)


def test_an_unknown_email_costs_as_much_as_a_known_one(db: Database, clock: FakeClock) -> None:
    a_user(db)

    def cost(email: str) -> float:
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            wrong(Gate(db, clock), email)
            best = min(best, time.process_time() - start)
        return best

    assert password_rules.DUMMY_HASH.split("$")[0] == password_rules.METHOD
    known, unknown = cost("ana@home"), cost("nobody@home")
    assert 0.5 < known / unknown < 2.0


@pytest.mark.usefixtures("quick")
def test_a_thousand_tries_check_few_hashes_and_wait_longer_each_time(
    db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_user(db)
    checks: list[str] = []
    real = login.matches
    monkeypatch.setattr(
        login, "matches", lambda stored, password: checks.append(password) or real(stored, password)
    )
    waits = []
    for _ in range(1_000):
        waits.append(wrong(Gate(db, clock)).wait_ms)
        clock.advance(1.0)
    assert len(checks) <= 20
    waits.clear()
    for _ in range(10):
        clock.advance(901)
        wrong(Gate(db, clock))
        waits.append(wrong(Gate(db, clock)).wait_ms)
    assert waits[-1] == login.LONGEST_WAIT_MS, "never longer than a quarter of an hour, never for good"
    clock.advance(901)
    assert Gate(db, clock).log_in("ana@home", GOOD)
    wrong(Gate(db, clock))
    assert Gate(db, clock).log_in("ana@home", GOOD), "the count starts anew after a login"


@pytest.mark.usefixtures("quick")
def test_the_first_wait_is_thirty_seconds_and_doubles(db: Database, clock: FakeClock) -> None:
    a_user(db)
    gate = Gate(db, clock)
    for _ in range(5):
        assert wrong(gate).wait_ms == 0
    assert wrong(gate).wait_ms == 30_000
    clock.advance(30)
    assert wrong(gate).wait_ms == 0
    assert wrong(gate).wait_ms == 60_000


@pytest.mark.usefixtures("quick")
def test_the_wait_survives_a_restart(folder: Home, clock: FakeClock) -> None:
    with Database.open(folder.database, clock=clock) as db:
        a_user(db)
        for _ in range(5):
            wrong(Gate(db, clock))
    with Database.open(folder.database, clock=clock) as db, pytest.raises(LoginRefused) as caught:
        Gate(db, clock).log_in("ana@home", GOOD)
    assert caught.value.wait_ms == 30_000


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0, -3.15e7, 3.15e7])
def test_moving_the_clock_neither_shortens_the_wait_nor_makes_it_endless(
    db: Database, clock: FakeClock, jump: float
) -> None:
    a_user(db)
    gate = Gate(db, clock)
    for _ in range(5):
        wrong(gate)
    clock.jump(jump)
    assert 29_000 <= wrong(gate).wait_ms <= 30_000
    clock.advance(31)
    assert gate.log_in("ana@home", GOOD)


@pytest.mark.usefixtures("quick")
def test_unknown_addresses_wait_too(db: Database, clock: FakeClock) -> None:
    a_user(db)
    for number in range(5):
        wrong(Gate(db, clock), f"{number}@home")
    assert wrong(Gate(db, clock), "another@home").wait_ms > 0
    assert Gate(db, clock).log_in("ana@home", GOOD), "a known user is not locked out by them"


def test_the_default_admin_opens_only_the_set_password_page(db: Database, clock: FakeClock) -> None:
    stored = users.default_admin_hash()
    admin = db.write(lambda con: users.ensure_default_admin(con, stored))
    gate = Gate(db, clock)
    assert gate.log_in("admin@quantumbotx.com", "admin") == login.Login(admin, must_change=True)
    # However the row got there, and whatever its flag says.
    db.write(
        lambda con: (con.execute("UPDATE user_security SET must_change = 0"), seals.seal(con, "user", admin))
    )
    assert gate.log_in("admin@quantumbotx.com", "admin").must_change
    assert gate.log_in("admin@quantumbotx.com", "ａｄｍｉｎ").must_change
    fresh = users.prepared_hash(GOOD, email="admin@quantumbotx.com", name="Admin User")
    db.write(lambda con: users.set_password(con, admin, fresh, 1))
    assert gate.log_in("admin@quantumbotx.com", GOOD) == login.Login(admin, must_change=False)
    with pytest.raises(LoginRefused):
        gate.log_in("admin@quantumbotx.com", "admin")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "!",
        "plain$x$y",
        "md5$salt$abc",
        "scrypt:abc$s$h",
        "pbkdf2:sha256:999999999999$s$h",
        "scrypt:1048576:64:64$s$h",
        "$$$",
    ],
)
def test_a_strange_hash_is_a_failed_login_and_quick(db: Database, clock: FakeClock, stored: str) -> None:
    db.write(
        lambda con: con.execute(
            "INSERT INTO users (name, email, password_hash) VALUES ('a', 'a@b', ?)", (stored,)
        )
    )
    with pytest.raises(LoginRefused):
        Gate(db, clock).log_in("a@b", "x")


@pytest.mark.usefixtures("quick")
def test_the_practice_profile_has_no_password_that_works(db: Database, clock: FakeClock) -> None:
    user = db.write(users.ensure_practice_user)
    assert db.write(users.ensure_practice_user) == user
    for password in ("", "!", "practice"):
        with pytest.raises(LoginRefused):
            Gate(db, clock).log_in(users.PRACTICE_EMAIL, password)
        clock.advance(1_000)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "a" * 12,
        "1234567890",
        "Password123",
        "quantumbotx12",
        "ana.novak@home",
        "Ana NovakAna",
        "q1w2e3r4t5y6",
        "x" * 129,
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(UserMistake):
        password_rules.check_new(password, email="ana.novak@home", name="Ana Novak")
    assert password_rules.strength(password) < 4


@pytest.mark.parametrize("password", [GOOD, "Zt9!kfLw02", "пароль для торговли"])
def test_good_passwords_are_taken(password: str) -> None:
    password_rules.check_new(password, email="ana.novak@home", name="Ana Novak")
    assert password_rules.strength(password) >= 1


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_the_checks(password: str, stored: str) -> None:
    assert password_rules.matches(stored, password) in (True, False)
    assert password_rules.strength(password) in range(5)


def test_two_users_never_share_an_address(db: Database) -> None:
    a_user(db, method="pbkdf2:sha256:1")
    with pytest.raises(UserMistake, match="ana@home"):
        a_user(db, method="pbkdf2:sha256:1")
    for name, email in (("", "x@y"), ("n", "no address"), ("n", "a b@c")):
        with pytest.raises(UserMistake):
            db.write(
                lambda con, n=name, e=email: users.create(con, name=n, email=e, password_hash="!", at_ms=1)
            )
