"""Contrasting words of twelve languages, a file each; `data.contrasting` reads them."""

from __future__ import annotations

from lvmh_jax.data.contrasts.arabic import AR
from lvmh_jax.data.contrasts.chinese import ZH
from lvmh_jax.data.contrasts.dutch import NL
from lvmh_jax.data.contrasts.english import EN
from lvmh_jax.data.contrasts.french import FR
from lvmh_jax.data.contrasts.german import DE
from lvmh_jax.data.contrasts.italian import IT
from lvmh_jax.data.contrasts.japanese import JA
from lvmh_jax.data.contrasts.korean import KO
from lvmh_jax.data.contrasts.lists import ContrastLists
from lvmh_jax.data.contrasts.portuguese import PT
from lvmh_jax.data.contrasts.russian import RU
from lvmh_jax.data.contrasts.spanish import ES

CONTRASTS: dict[str, ContrastLists] = {
    "EN": EN,
    "FR": FR,
    "IT": IT,
    "ES": ES,
    "PT": PT,
    "DE": DE,
    "NL": NL,
    "RU": RU,
    "AR": AR,
    "JA": JA,
    "ZH": ZH,
    "KO": KO,
}

__all__ = ["CONTRASTS", "ContrastLists"]
