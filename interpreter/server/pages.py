"""The pages a customer sees: no script, no picture, nothing from elsewhere; in Russian or English, as his browser asks."""

from __future__ import annotations

from html import escape

_TEXTS = {
    "en": {
        "title": "Unsubscribe",
        "question": "Stop sending you {what}?",
        "button": "Unsubscribe",
        "all": "Unsubscribe from {channel} altogether",
        "done": "You are unsubscribed: we will not send you {what} any more.",
        "bad_link": "This link does not work. Please copy it from the letter as a whole, or reply to the letter.",
        "later": "It did not work just now, nothing was changed. Please try again in a minute.",
        "topic": "“{topic}” ({channel})",
        "channels": {"email": "letters", "sms": "SMS", "viber": "Viber messages", "push": "notifications", "webpush": "notifications"},
    },
    "ru": {
        "title": "Отписка",
        "question": "Больше не присылать вам {what}?",
        "button": "Отписаться",
        "all": "Отписаться совсем: {channel}",
        "done": "Вы отписаны: мы больше не будем присылать вам {what}.",
        "bad_link": "Эта ссылка не работает. Скопируйте её из письма целиком или ответьте на письмо.",
        "later": "Сейчас не получилось, ничего не изменилось. Попробуйте ещё раз через минуту.",
        "topic": "«{topic}» ({channel})",
        "channels": {"email": "письма", "sms": "SMS", "viber": "сообщения в Viber", "push": "уведомления", "webpush": "уведомления"},
    },
}

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; color: #222; background: #fff }}
button {{ font: inherit; padding: .6rem 1.2rem; margin: 0 .5rem .5rem 0; cursor: pointer }}
</style>
</head>
<body>
<p>{text}</p>
{form}</body>
</html>
"""


def language(accepted: str) -> str:
    """`ru` or `en`, whichever an `Accept-Language` names first; `en` when neither."""
    for part in accepted.lower().split(","):
        code = part.strip()[:2]
        if code in _TEXTS:
            return code
    return "en"


def question(lang: str, channel: str, topic: str | None) -> str:
    """Asks, with a button."""
    texts = _TEXTS[lang]
    buttons = f"<button>{escape(str(texts['button']))}</button>\n"
    if topic:
        everything = str(texts["all"]).format(channel=_channel(lang, channel))
        buttons += f'<button name="scope" value="channel">{escape(everything)}</button>\n'
    return _page(lang, str(texts["question"]).format(what=_what(lang, channel, topic)), f'<form method="post">\n{buttons}</form>\n')


def done(lang: str, channel: str, topic: str | None) -> str:
    """Says that it is done."""
    return _page(lang, str(_TEXTS[lang]["done"]).format(what=_what(lang, channel, topic)))


def bad_link(lang: str) -> str:
    """The link is not one of ours."""
    return _page(lang, str(_TEXTS[lang]["bad_link"]))


def later(lang: str) -> str:
    """It could not be written down."""
    return _page(lang, str(_TEXTS[lang]["later"]))


def _page(lang: str, text: str, form: str = "") -> str:
    return _PAGE.format(language=lang, title=escape(str(_TEXTS[lang]["title"])), text=escape(text), form=form)


def _what(lang: str, channel: str, topic: str | None) -> str:
    name = _channel(lang, channel)
    return str(_TEXTS[lang]["topic"]).format(topic=topic, channel=name) if topic else name


def _channel(lang: str, channel: str) -> str:
    known = _TEXTS[lang]["channels"]
    return known.get(channel, channel) if isinstance(known, dict) else channel
