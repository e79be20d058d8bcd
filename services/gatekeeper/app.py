"""The gatekeeper's composition root."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from services.gatekeeper.decisions.assess_issue import Gate1
from services.gatekeeper.decisions.assess_pull import Gate2
from services.gatekeeper.decisions.examine import Doctor
from services.gatekeeper.desk import Desk
from services.gatekeeper.effects import propose, publish, review
from services.gatekeeper.effects.close import Closer
from services.gatekeeper.effects.decline import Decliner
from services.gatekeeper.effects.open import Opener
from services.gatekeeper.effects.propose import Proposer
from services.gatekeeper.effects.publish import Publisher
from services.gatekeeper.effects.reap import Reaper
from services.gatekeeper.effects.review import Reviewer
from services.gatekeeper.effects.show import Shower
from services.gatekeeper.effects.show_policy import PolicyShower
from services.gatekeeper.handlers import ALL
from services.gatekeeper.keeping import kept, restate
from services.gatekeeper.rebuilding.going_through import Rebuilder, begin_each
from services.gatekeeper.settings import Settings
from services.gatekeeper.tables import MIGRATIONS
from services.gatekeeper.ticking import look_at_stop, reap, reread
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.errors import Refused
from shared.messages import Repo
from shared.store import Store
from shared.workspaces import sweep

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
    service.one_active()
    for desk in at_hand.values():
        service.at_start(partial(sweep, desk.scratch))
    service.hears(*ALL)
    _do(service, settings, desk_of)
    _tick(service, settings, [desk.repo for desk in at_hand.values()])
    return service


def _do(service: Service, settings: Settings, desk_of: Callable[[Repo], Desk]) -> None:
    """Looks, drafts and effects; what each says is kept, to be said again."""
    wait = timedelta(seconds=settings.unknown_run_s)
    doctor, shower = Doctor(desk_of), Shower(desk_of)
    for look in (Gate1(desk_of).assess_issue, Gate2(desk_of).assess_pull, doctor.examine,
                 doctor.look_at_stop, Rebuilder(desk_of).rebuild):  # fmt: skip
        service.does(kept(look), places=LOOKS)
    service.does(kept(Proposer(desk_of, wait=wait).open_issues), gave_up=propose.gave_up)
    service.does(kept(Publisher(desk_of, wait=wait).publish_change), gave_up=publish.gave_up)
    service.does(kept(Reviewer(desk_of, wait=wait).post_review), gave_up=review.gave_up)
    for act in (
        PolicyShower(desk_of).show_policy,
        Reaper(desk_of, period=timedelta(seconds=settings.reap_s)).reap,
        Closer(desk_of).close_work, Decliner(desk_of).decline_issue, Opener(desk_of).open_found,
        shower.show_issue, shower.show_text, shower.drop_label, shower.show_gate,
    ):  # fmt: skip
        service.does(kept(act))


def _tick(service: Service, settings: Settings, repos: Sequence[Repo]) -> None:
    """What time does, at every start first."""
    for tick in (begin_each(repos), restate, reread):
        service.every(timedelta(seconds=settings.reread_s), tick)
    service.every(timedelta(seconds=settings.reap_s), reap)
    service.every(timedelta(seconds=settings.stop_s), look_at_stop)
