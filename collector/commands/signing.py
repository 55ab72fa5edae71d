"""`collector user reset-link` and `collector user totp`: into an account again, at the machine itself."""

from __future__ import annotations

import click


@click.command("reset-link")
@click.argument("username")
def reset_link(username: str) -> None:
    """Print a link by which a new password is set: once, within 24 hours."""
    from collector.actions import users
    from collector.cli import running, served_at
    from collector.clock import moment
    from storage.database import transaction
    from storage.problems import UserNotFound
    from storage.queries.actors import user_by_name

    with running() as parts:
        with transaction() as session:
            found = user_by_name(session, username)
            if found is None:
                raise UserNotFound(username=username)
            token = users.allow_reset(session, found, by=None, now=moment())
        click.echo(f"{served_at(parts.settings)}/reset/{token}")


@click.command("totp")
@click.argument("username")
@click.option("--off", is_flag=True, help="Take the second step away, as for a lost phone.")
def totp(username: str, *, off: bool) -> None:
    """Say whether an account signs in with a second step, or take it away."""
    from collector.actions import second_step
    from collector.cli import running
    from collector.clock import moment
    from storage.database import transaction
    from storage.problems import UserNotFound
    from storage.queries import sign_ins
    from storage.queries.actors import user_by_name

    with running(), transaction() as session:
        found = user_by_name(session, username)
        if found is None:
            raise UserNotFound(username=username)
        had = sign_ins.second_step(session, found.actor_id) is not None
        if off:
            second_step.take_away(session, found, now=moment())
    if not had:
        click.echo(f"{username} signs in without a second step.")
    elif off:
        click.echo(f"The second step of {username} is taken away; the password alone lets its owner in.")
    else:
        click.echo(f"{username} signs in with a second step.")
