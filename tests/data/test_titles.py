"""Short titles that are other words, too: what a note means by them."""

from __future__ import annotations

import pytest

from lvmh_jax.data.privacy import redact


@pytest.mark.parametrize(
    "text",
    [
        "Send Me Photos, Please Call Me Back",
        "She told Me Hermès is best. Me Encanta Prada",
        "wants dr martens, dr pepper, dr. pepper",
        "xl, m. Burberry coat",
        "fr. Chanel coat, ing. Prada, Pr. Price, Mag. Vogue cover",
        "Fam. Urlaub, drs. Office at 5, Geom. Print",
        "Il aime l'arch. Romaine",
    ],
)
def test_a_short_title_that_is_another_word_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Rdv avec Me Favre. Me Roux", "Rdv avec Me [NAME]. Me [NAME]"),
        ("Taille L, M. Dupont veut", "Taille L, M. [NAME] veut"),
        ("Hr. u. fr. Weber, für fr. Müller", "Hr. u. fr. [NAME], für fr. [NAME]"),
        ("l'ing. Rossi, el ing. Pérez, Ing. Neri", "l'ing. [NAME], el ing. [NAME], Ing. [NAME]"),
        (
            "le Pr. Roy, Frau Mag. Huber, dell'arch. Neri",
            "le Pr. [NAME], Frau Mag. [NAME], dell'arch. [NAME]",
        ),
        ("Dr. Martens kommt, Fam. Klein", "Dr. [NAME] kommt, Fam. [NAME]"),
        ("drs. jansen komt", "drs. [NAME] komt"),
    ],
)
def test_a_name_goes_where_the_words_before_say_so(text: str, redacted: str) -> None:
    assert redact(text) == redacted
