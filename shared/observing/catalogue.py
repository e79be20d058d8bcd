"""Every metric that all services have. What a service has beside these, it declares itself."""

from shared.watching.metrics import Metric

RECEIVED = Metric(
    "gatefleet_messages_received_total", "counter",
    "Messages taken from the queue of this message, repeats included.", ("message",),
)  # fmt: skip
HANDLED = Metric(
    "gatefleet_messages_handled_total", "counter",
    "Messages whose handling was committed.", ("message",),
)  # fmt: skip
REPEATED = Metric(
    "gatefleet_messages_repeated_total", "counter",
    "Messages that were known already, and dropped.", ("message",),
)  # fmt: skip
HANDLINGS_FAILED = Metric(
    "gatefleet_messages_failed_total", "counter",
    "Handlings that raised; each message was then retried or is dead.", ("message",),
)  # fmt: skip
RETRIED = Metric(
    "gatefleet_messages_retried_total", "counter",
    "Messages put off to be delivered again.", ("message",),
)  # fmt: skip
DEAD = Metric(
    "gatefleet_messages_dead_total", "counter",
    "Messages parked as dead letters by this service.", ("message",),
)  # fmt: skip
LAG = Metric(
    "gatefleet_message_lag_seconds", "histogram",
    "From when a message was said to when what it led to was committed.", ("message",),
)  # fmt: skip
HANDLING = Metric(
    "gatefleet_message_handling_seconds", "histogram",
    "A message's share of the transaction that handled it.", ("message",),
)  # fmt: skip
BATCH = Metric(
    "gatefleet_batch_messages", "histogram",
    "New messages in one transaction.", ("message",),
)  # fmt: skip
PUBLISHED = Metric(
    "gatefleet_publishes_total", "counter",
    "Tries to send a message of the outbox, by how they ended: published, unheard (nobody is bound), "
    "refused (by the broker, for this user), unconfirmed (tried again).", ("message", "end"),
)  # fmt: skip
OUTBOX = Metric("gatefleet_outbox_messages", "gauge", "Messages that wait to be sent.")
OUTBOX_AGE = Metric(
    "gatefleet_outbox_oldest_seconds", "gauge", "Age of the oldest of them; 0 where there is none."
)
DEAD_LETTERS = Metric(
    "gatefleet_dead_letters", "gauge",
    "Dead letters that wait for a person: the broker's parking queue (the same from every service), "
    "or what this service's own store keeps.",
)  # fmt: skip
JOBS = Metric(
    "gatefleet_jobs", "gauge",
    "Jobs by kind and state: queued, running, held (for a person to say go on), failed.",
    ("kind", "state"),
)  # fmt: skip
JOBS_AGE = Metric(
    "gatefleet_job_oldest_seconds", "gauge",
    "Since when the oldest of them was asked for; of failed ones nothing is told.",
    ("kind", "state"),
)  # fmt: skip
ATTEMPTS = Metric(
    "gatefleet_job_attempts_total", "counter",
    "Attempts at jobs, by how they ended: done, later (tried again), failed (given up), crashed.",
    ("kind", "end"),
)  # fmt: skip
ATTEMPT = Metric(
    "gatefleet_job_attempt_seconds", "histogram", "How long an attempt took.", ("kind",)
)
STORE_FAILURES = Metric(
    "gatefleet_store_failures_total",
    "counter",
    "Transactions that failed by the store's own fault.",
)
STORE_ANSWERS = Metric(
    "gatefleet_store_answers", "gauge",
    "1 when the store answered this scrape in time; at 0 what is read from it is left out.",
)  # fmt: skip
READY = Metric("gatefleet_ready", "gauge", "1 while /readyz would say ok for this service.")
STANDS_BY = Metric(
    "gatefleet_stands_by", "gauge",
    "1 while another instance is active and this one waits to take over; then nothing else is shown.",
)  # fmt: skip
CONNECTED = Metric(
    "gatefleet_bus_connected", "gauge", "1 while it is connected and consumes all its queues."
)
BLOCKED = Metric(
    "gatefleet_bus_blocked", "gauge", "1 while the broker takes nothing because of an alarm."
)

EVERYWHERE: tuple[Metric, ...] = (
    READY, STANDS_BY, CONNECTED, BLOCKED, RECEIVED, HANDLED, REPEATED, HANDLINGS_FAILED, RETRIED, DEAD,
    LAG, HANDLING, BATCH, PUBLISHED, OUTBOX, OUTBOX_AGE, DEAD_LETTERS, JOBS, JOBS_AGE, ATTEMPTS, ATTEMPT,
    STORE_FAILURES, STORE_ANSWERS,
)  # fmt: skip
"""In the order in which docs/metrics.md lists them."""
