"""Webhooks and their deliveries as GitHub's JSON."""

import json

from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, moment
from services.local_forge.tables import Delivery, Hook, Repository

_HIDDEN = "********"


def hook_json(hook: Hook, repo: Repository, links: Links) -> Json:
    """A webhook without its secret."""
    config = {"url": hook.url, "content_type": "json", "insecure_ssl": "0"}
    return {
        "id": hook.id,
        "type": "Repository",
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": {**config, "secret": _HIDDEN} if hook.secret else config,
        "created_at": moment(hook.created_at),
        "updated_at": moment(hook.updated_at),
        "url": links.api(repo, "hooks", hook.id),
        "deliveries_url": links.api(repo, "hooks", hook.id, "deliveries"),
    }


def short_delivery_json(delivery: Delivery, repo: Repository) -> Json:
    """A delivery as the list has it; `duration` in seconds."""
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": moment(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": round(delivery.duration_s, 2),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": None,
        "repository_id": repo.id,
        "throttled_at": None,
    }


def delivery_json(delivery: Delivery, repo: Repository) -> Json:
    """A delivery whole."""
    return {
        **short_delivery_json(delivery, repo),
        "url": delivery.hook.url,
        "request": {
            "headers": delivery.request_headers,
            "payload": json.loads(delivery.payload),
        },
        "response": {
            "headers": delivery.response_headers,
            "payload": delivery.response_body,
        },
    }
