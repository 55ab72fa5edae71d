"""`collector user assign`: what an account may do, and where."""

from __future__ import annotations

import click

ROLES = ("administrator", "manager", "reviewer", "viewer", "collector")


@click.command("assign")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--project", "project_id", type=int, default=None, help="Only in this project.")
@click.option("--place", "codes", multiple=True, help="Only in this place; may be given several times.")
@click.option("--remove", is_flag=True, help="Take the role away instead, in all its places.")
def assign(username: str, role: str, project_id: int | None, codes: tuple[str, ...], *, remove: bool) -> None:
    """Give an account a role, in some places or everywhere, or take it away."""
    from collector.actions import roles
    from collector.cli import running
    from storage.database import transaction
    from storage.problems import UserNotFound
    from storage.queries.actors import user_by_name
    from storage.queries.projects import get_project

    with running(), transaction() as session:
        if project_id is not None:
            get_project(session, project_id)
        found = user_by_name(session, username)
        if found is None:
            raise UserNotFound(username=username)
        number = roles.NAMES[role]
        if remove:
            roles.withdraw(session, found.actor_id, number, project_id=project_id)
        else:
            roles.assign(session, found.actor_id, number, project_id=project_id, codes=codes)
    held = f"no longer {role}" if remove else f"{role} in {', '.join(codes) or 'all places'}"
    click.echo(f"{username} is {held}.")
