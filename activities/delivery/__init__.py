"""
How a letter leaves the house: by e-mail, to a gateway, or into the outbox, which is the default.

    Post      picks the way by the letter's method and remembers what was accepted
    Smtp      e-mail by the insurer's own mail server
    Webhook   text messages (and more) by a gateway of the insurer's
    Outbox    files from which a mail room takes them

What goes wrong:

    DeliveryError
    ├── DeliveryRefused       for good: trying again would be refused again, so a person decides
    └── DeliveryUnavailable   for now: trying again may help

Their messages are one line with a code at most: what servers answer may quote the address.
"""

from __future__ import annotations

from activities.delivery.handover import Delivery, DeliveryError, DeliveryRefused, DeliveryUnavailable, Outgoing
from activities.delivery.outbox import Outbox
from activities.delivery.post import Post

__all__ = ["Delivery", "DeliveryError", "DeliveryRefused", "DeliveryUnavailable", "Outbox", "Outgoing", "Post"]
