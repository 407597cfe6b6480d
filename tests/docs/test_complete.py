"""Nothing exists without its place in the language reference; what pages say comes later is what the code says comes later."""

from __future__ import annotations

import re
from functools import cache

import pytest

from dsl import catalog
from dsl import nodes
from dsl.catalog import FIELD_TYPES
from dsl.checker import all_checks
from dsl.meaning.reading import everywhere
from dsl.project import load
from dsl.source import Source
from dsl.walk import walk
from dsl.words import WORDS
from interpreter.commands import COMMANDS
from interpreter.commands import LATER
from interpreter.commands.group import group
from interpreter.delivery.channels import LATER as LATER_KINDS
from interpreter.delivery.formats import FILTERS
from interpreter.project import config_keys
from interpreter.telling.glossary import OUTSIDE
from interpreter.telling.glossary import look_up
from interpreter.telling.trade_words import TOPICS
from tests.docs.pages import REFERENCE
from tests.docs.pages import code_of
from tests.docs.pages import fences
from tests.docs.pages import pages
from tests.docs.test_fences import texts

GENERATED = re.compile(r"<!-- generated: [\w-]+ -->.*?<!-- end -->", re.DOTALL)


@cache
def written(page: str) -> str:
    """What people wrote on a page: the generated parts would name everything by themselves."""
    return GENERATED.sub("", (REFERENCE / page).read_text(encoding="utf-8"))


@cache
def headings(page: str) -> frozenset[str]:
    return frozenset(word for line in re.findall(r"^#{2,3} (.*)$", written(page), re.MULTILINE) for word in line.replace("`", "").split())


@pytest.mark.parametrize("word", [word for word in WORDS.values() if word.part == "clause"], ids=lambda word: word.spelling)
def test_every_clause_has_its_part(word):
    assert word.spelling in headings("scenario.md")


@pytest.mark.parametrize("word", [word for word in WORDS.values() if word.part == "step"], ids=lambda word: word.spelling)
def test_every_step_has_its_part(word):
    assert word.spelling in headings("steps.md")


def test_every_keyword_is_explained_and_not_only_listed():
    everything = "\n".join(written(page.name) for page in pages())
    used = {word for code in re.findall(r"`([^`\n]+)`", everything) for word in re.findall(r"[a-z]+", code)}
    assert [spelling for spelling in WORDS if spelling not in used] == []


def test_every_keyword_is_shown_in_a_text_that_is_run():
    texts = " ".join(re.sub(r'"[^"]*"|#.*', "", fence.text) for page in pages() for fence in fences(page) if fence.language == "scn")
    shown = set(re.findall(r"[a-z_]+", texts))
    assert [spelling for spelling in WORDS if spelling not in shown] == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("events.md", [event.spelling for event in catalog.EVENTS.values()]),
        ("facts.md", [*catalog.OPERATIONS, "op", "at", "key", "received", "batch", "actor", "customer"]),
        ("fields.md", [f"{entity.name}.{field}" for entity in catalog.ENTITIES.values() for field in entity.fields]),
        ("conditions.md", [word for noun in catalog.NOUNS for word in (noun.singular, noun.plural)]),
        ("conditions.md", [*catalog.AGGREGATES, *catalog.IS_WORDS, *catalog.MESSAGE_VERBS, *catalog.CATEGORIES]),
        ("limits.md", [f"per {key}" for key in catalog.LIMIT_KEYS]),
        ("statements.md", [*catalog.DEFINE_KINDS, *catalog.PROMO_KINDS, *catalog.CHANNELS, *FIELD_TYPES]),
        ("states.md", [*catalog.JOURNEY_STATES, *catalog.JOURNEY_REASONS, *catalog.JOURNEY_ERRORS]),
        ("states.md", [*catalog.MESSAGE_STATES, *catalog.SKIP_REASONS]),
        ("events.md", [*catalog.REFUSALS]),
        ("facts.md", [*catalog.SUBSCRIPTION_STATUSES, *catalog.CARD_STATUSES]),
        ("checks.md", [*all_checks(), *OUTSIDE]),
        ("commands.md", [f"scn {name}" for name in (*COMMANDS, *LATER)]),
        ("words.md", [*WORDS]),
    ],
)
def test_every_word_of_a_table_is_on_its_page(page, names):
    code = code_of(page) | set(re.findall(r"`on (.*)`", (REFERENCE / page).read_text(encoding="utf-8")))
    assert [name for name in names if name not in code] == []


def test_every_form_of_the_language_is_shown():
    """Every class of the tree stands for a form of text; each occurs in a text that is run."""
    shown: set[type] = set()
    for page in pages():
        for fence in fences(page):
            for text in texts(fence) if fence.language == "scn" else ():
                shown |= {type(node) for file in load([Source(page.name, text)]).files for node in walk(file.node)}
    forms = {kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, nodes.Node) and not kind.__subclasses__()}
    assert len(forms) > 60
    assert [form.__name__ for form in forms - shown] == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("checks.md", {check.name: check.page.partition("\n")[0] for check in all_checks().values()}),
        ("conditions.md", {**catalog.CATEGORIES, **catalog.AGGREGATES}),
        ("events.md", {**catalog.REFUSALS, **{event.spelling: event.meaning for event in catalog.EVENTS.values()}}),
        ("facts.md", {**catalog.SUBSCRIPTION_STATUSES, **catalog.CARD_STATUSES}),
        ("states.md", {**catalog.JOURNEY_STATES, **catalog.JOURNEY_REASONS, **catalog.JOURNEY_ERRORS}),
        ("states.md", {**catalog.MESSAGE_STATES, **catalog.SKIP_REASONS}),
        ("statements.md", catalog.PROMO_KINDS),
        ("words.md", {word.spelling: word.meaning for word in WORDS.values()}),
        ("words.md", {topic.name: topic.meaning for topic in TOPICS}),
    ],
)
def test_the_reference_and_scn_explain_say_the_same(page, words):
    text = (REFERENCE / page).read_text(encoding="utf-8").replace("\\|", "|")
    for name, meaning in words.items():
        assert any(meaning in entry.page for entry in look_up(name)), name
        assert meaning in text, name


def test_every_event_is_spelt_in_a_text_that_is_run():
    shown = {"every"}
    for page in pages():
        for fence in fences(page):
            for text in texts(fence) if fence.language == "scn" else ():
                found = (catalog.resolve(event) for _, event in everywhere(load([Source(page.name, text)]), nodes.Event))
                shown |= {event.kind.key for event in found if isinstance(event, catalog.ResolvedEvent)}
    assert [key for key in catalog.EVENTS if key not in shown] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_on_the_page_of_commands(name):
    context = group.make_context("scn", [], resilient_parsing=True)
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    part = text.partition(f"## `scn {name}`\n")[2].partition("\n## ")[0] + text.partition("## Exit codes")[0]
    command = group.get_command(context, name)
    assert command
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in part] == []


def config_tables() -> dict[str, set[str]]:
    return {
        "project": set(config_keys.PROJECT),
        "channels.NAME": {*config_keys.CHANNEL, *config_keys.KINDS, *(key for kind in config_keys.KINDS.values() for key in kind)},
        "writeback.ENTITY": {"url", "query"},
        "source": set(config_keys.SOURCE),
    }


@pytest.mark.parametrize("table", config_tables())
def test_every_key_of_the_configuration_is_on_its_page(table):
    part = written("config.md").partition(f"\n## {table}\n")[2].partition("\n## ")[0]
    named = {word for code in re.findall(r"`([^`\n]+)`", part) for word in re.findall(r"\w+", code)}
    assert config_tables()[table] - named == set()


def test_every_table_of_the_configuration_has_its_part():
    heads = {head.partition(".")[0] for head in headings("config.md")}
    assert set(config_keys.TABLES) <= heads


def test_every_filter_of_templates_is_on_its_page():
    assert [name for name in FILTERS if not re.search(rf"\| {name}\b", written("templates.md"))] == []


def test_what_comes_later_is_marked():
    """One word for it on all pages, and in the right places."""
    for kind in LATER_KINDS:
        assert re.search(rf'\*later\*[^|]*"{kind}"', written("config.md")), kind
