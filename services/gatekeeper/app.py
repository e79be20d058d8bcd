"""The gatekeeper's composition root."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from services.gatekeeper.decisions.assess_issue import Gate1
from services.gatekeeper.decisions.assess_pull import Gate2
from services.gatekeeper.decisions.examine import Doctor
from services.gatekeeper.desk import Desk
from services.gatekeeper.effects import propose, publish, review
from services.gatekeeper.effects.close import Closer
from services.gatekeeper.effects.propose import Proposer
from services.gatekeeper.effects.publish import Publisher
from services.gatekeeper.effects.review import Reviewer
from services.gatekeeper.effects.show import Shower
from services.gatekeeper.handlers import ALL
from services.gatekeeper.settings import Settings
from services.gatekeeper.tables import MIGRATIONS
from services.gatekeeper.ticking import look_at_stop, reread
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.errors import Refused
from shared.messages import Repo
from shared.store import Store

NAME = "gatekeeper"
LOOKS = 4
"""Looks at a time: most of one is waiting for the forge. Effects are one at a time."""


def build(
    settings: Settings, driver: Driver, clock: Clock, *,
    desks: Callable[[Store], Sequence[Desk]],
) -> Service:  # fmt: skip
    """The gatekeeper, ready to start. `desks`: one for each repository, around its store."""
    store = Store(settings.database(NAME), schema=settings.schema_name(NAME))
    at_hand = {desk.repo.id: desk for desk in desks(store)}

    def desk_of(repo: Repo) -> Desk:
        desk = at_hand.get(repo.id)
        if desk is None:
            raise Refused(f"{repo}: this gatekeeper does not serve it")
        return desk

    service = Service(
        NAME, driver=driver, store=store, clock=clock, instance=settings.instance,
        migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.hears(*ALL)
    wait = timedelta(seconds=settings.unknown_run_s)
    doctor, shower = Doctor(desk_of), Shower(desk_of)
    for look in (Gate1(desk_of).assess_issue, Gate2(desk_of).assess_pull, doctor.examine,
                 doctor.look_at_stop):  # fmt: skip
        service.does(look, places=LOOKS)
    service.does(Proposer(desk_of, wait=wait).open_issues, gave_up=propose.gave_up)
    service.does(Publisher(desk_of, wait=wait).publish_change, gave_up=publish.gave_up)
    service.does(Reviewer(desk_of, wait=wait).post_review, gave_up=review.gave_up)
    for act in (
        Closer(desk_of).close_work, shower.show_issue, shower.show_text, shower.drop_label,
        shower.show_gate,
    ):  # fmt: skip
        service.does(act)
    service.every(timedelta(seconds=settings.reread_s), reread)
    service.every(timedelta(seconds=settings.stop_s), look_at_stop)
    return service
