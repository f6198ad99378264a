"""Which names a lexicon keeps from being taken for those of persons."""

from __future__ import annotations

import pytest

from lvmh_jax.data.privacy import find_personal, mask
from lvmh_jax.data.productnames import SparedNames
from lvmh_jax.records import Alias


@pytest.mark.parametrize(
    ("aliases", "text", "kept"),
    [
        ("Miss Dior", "Elle porte Miss Dior depuis 10 ans", "Elle porte Miss Dior depuis 10 ans"),
        ("Madame Rochas", "le MADAME ROCHAS", "le MADAME ROCHAS"),
        ("frau koch|Frau Weber", "Frau Koch, Frau Weber", "Frau [NAME], Frau Weber"),
        ("Miss Dior", "Miss Dior Eau de Parfum", "Miss Dior Eau de Parfum"),
        ("Monsieur de Givenchy", "monsieur de Givenchy, fini", "monsieur de Givenchy, fini"),
        ("Dr. Jart|Mr Clean", "Dr. Jart+, Mr Clean candle", "Dr. Jart+, Mr Clean candle"),
        ("Miss Dior", "Miss Diorissimo, Miss Diors", "Miss [NAME], Miss [NAME]"),  # other words
        ("Dr. Jart", "Dr Jart", "Dr [NAME]"),  # written otherwise
        (
            "Dior|rose|rose poudrée",
            "Mme Dior, Mme Rose, Mme Rose poudrée",
            "Mme [NAME], Mme [NAME], Mme [NAME] poudrée",
        ),
        ("Miss Dior", "Mme Laurent, a@example.com, Miss Dior", "Mme [NAME], [EMAIL], Miss Dior"),
        ("ディオール様", "ディオール様、田中様", "ディオール様、[NAME]様"),
        ("Madame", "Madame Rochas", "Madame [NAME]"),
        ("Mme Rose", "Mme Rose Martin, Mme Rose de Castro", "Mme Rose [NAME], Mme Rose [NAME]"),
        ("Miss Dior", "Miss Dior Durand-Lacroix", "Miss Dior [NAME]"),
        ("Miss Dior", "Mme Koch et Miss Dior Weber", "Mme [NAME] et Miss Dior [NAME]"),
        ("Miss Dior", "MISS DIOR ABSOLUTELY BLOOMING, FINI", "MISS DIOR ABSOLUTELY BLOOMING, FINI"),
        ("Miss Dior", "Miss Dior L'Eau, Miss Dior d'Estaing", "Miss Dior L'Eau, Miss Dior [NAME]"),
        ("Lady Dior", "Lady Dior Mini, Lady Dior's bag", "Lady Dior Mini, Lady Dior's bag"),
    ],
)
def test_names_whose_title_is_in_an_alias_stay(aliases: str, text: str, kept: str) -> None:
    spared = SparedNames([Alias(each, 0) for each in aliases.split("|")])
    assert mask(text, spared.drop(text, find_personal(text))) == kept


def test_without_a_lexicon_nothing_stays() -> None:
    found = find_personal("Miss Dior")
    assert SparedNames(()).drop("Miss Dior", found) == found
