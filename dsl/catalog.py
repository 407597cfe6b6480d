"""What exists: entities, fields, events, operations, reasons. `resolve` says which event a text means, or what is wrong with it.

Data stand in `catalog_tables.py`; what the shop adds with `define` stands in `vocabulary.py`.
"""

from __future__ import annotations

from dsl.catalog_tables import AGGREGATES
from dsl.catalog_tables import CARD_STATUSES
from dsl.catalog_tables import CATEGORIES
from dsl.catalog_tables import CHANNELS
from dsl.catalog_tables import DEFINE_KINDS
from dsl.catalog_tables import ENTITIES
from dsl.catalog_tables import EVENTS
from dsl.catalog_tables import FIELD_TYPES
from dsl.catalog_tables import IS_WORDS
from dsl.catalog_tables import JOURNEY_ERRORS
from dsl.catalog_tables import JOURNEY_REASONS
from dsl.catalog_tables import JOURNEY_STATES
from dsl.catalog_tables import LIMIT_KEYS
from dsl.catalog_tables import MESSAGE_STATES
from dsl.catalog_tables import MESSAGE_VERBS
from dsl.catalog_tables import NOUNS
from dsl.catalog_tables import OBSOLETE
from dsl.catalog_tables import OPERATIONS
from dsl.catalog_tables import PROMO_KINDS
from dsl.catalog_tables import REFUSALS
from dsl.catalog_tables import SHORT_OPERATIONS
from dsl.catalog_tables import SKIP_REASONS
from dsl.catalog_tables import SUBSCRIPTION_STATUSES
from dsl.catalog_tables import Channel
from dsl.catalog_tables import Entity
from dsl.catalog_tables import EventKind
from dsl.catalog_tables import FieldRow
from dsl.catalog_tables import Noun
from dsl.catalog_tables import Operation
from dsl.catalog_tables import Type
from dsl.event_forms import Problem
from dsl.event_forms import ResolvedEvent
from dsl.event_forms import resolve
from dsl.event_forms import resolve_trigger
from dsl.event_forms import written_list

__all__ = [
    "AGGREGATES",
    "CARD_STATUSES",
    "CATEGORIES",
    "CHANNELS",
    "DEFINE_KINDS",
    "ENTITIES",
    "EVENTS",
    "FIELD_TYPES",
    "IS_WORDS",
    "JOURNEY_ERRORS",
    "JOURNEY_REASONS",
    "JOURNEY_STATES",
    "LIMIT_KEYS",
    "MESSAGE_STATES",
    "MESSAGE_VERBS",
    "NOUNS",
    "OBSOLETE",
    "OPERATIONS",
    "PROMO_KINDS",
    "REFUSALS",
    "SHORT_OPERATIONS",
    "SKIP_REASONS",
    "SUBSCRIPTION_STATUSES",
    "Channel",
    "Entity",
    "EventKind",
    "FieldRow",
    "Noun",
    "Operation",
    "Problem",
    "ResolvedEvent",
    "Type",
    "noun",
    "resolve",
    "resolve_trigger",
    "written_list",
]


def noun(word: str) -> Noun | None:
    """The noun of a history question, singular or plural."""
    return next((row for row in NOUNS if word in (row.singular, row.plural)), None)
