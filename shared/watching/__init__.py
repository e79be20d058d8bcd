"""What is noted of the work while it is done: counts, spans, and whose words a line of the log is.

Nothing here knows who looks at it, and it costs next to nothing where nobody does.
"""

from shared.watching.about import About, Subject, about, whose
from shared.watching.counts import Counted, Spread
from shared.watching.spans import Recorder, Span, Traced

__all__ = ["About", "Counted", "Recorder", "Span", "Spread", "Subject", "Traced", "about", "whose"]
