"""What is sent to whoever wants to know that a run has ended.

``deliveries`` is the room's face: it is told that a run ended and sees to the rest. The
others are its parts: what is told (``payload``), in which bytes (``body``), signed how
(``signature``), tried how often (``policy``), sent where and how (``destinations``,
``sending``), remembered as what (``records``).
"""
