"""Sockets that listen, for whatever is served on them."""

import socket

from shared.errors import BadInput

CANNOT_LISTEN = "{host}:{port}: cannot listen there ({why}); choose another port"
_BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one. BadInput when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: without it, every answer
    # waits some 40 ms for a delayed acknowledgement
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        said = CANNOT_LISTEN.format(host=host, port=port, why=error.strerror or error)
        raise BadInput(said) from None
    return listener


def address(listener: socket.socket) -> str:
    """`http://HOST:PORT` of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
