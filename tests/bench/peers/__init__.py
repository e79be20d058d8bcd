"""Other people's ways with RabbitMQ. Each module is a program that any interpreter with its library runs,
from the root: `python -m tests.bench.peers.PEER URL COUNT BYTES` prints seconds as JSON. None of them
imports anything of the product."""
