"""Contrasting words of Portuguese."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

PT = ContrastLists(
    months=(
        "janeiro; fevereiro; {em,até,desde,início de,fim de,meados de,mês de} março; abril; "
        "{em,de,até,meados de,início de,fim de} maio; junho; julho; agosto; setembro; outubro; "
        "novembro; dezembro"
    ),
    weekdays=(
        "segunda{,s} feira{,s}; terça{,s} feira{,s}; quarta{,s} feira{,s}; quinta{,s} feira{,s}; "
        "sexta{,s} feira{,s}; sábado{,s}; domingo{,s}"
    ),
    seasons="primavera; verão|verões; outono; inverno{,s}",
    others={
        "wife": "espos{a,as}|{sua,minha,a sua} mulher",
        "husband": "marido{,s}|esposo",
        "bride": "noiva|namorad{a,as}",
        "groom": "noivo|namorado",
        "partner": "companheir{a,o}|cônjuge",
        "mother": "mãe{,s}|mamãe",
        "father": "pai|papai",
        "parent": "{seus,os,dos,aos} pais",
        "daughter": "filha{,s}|filhinha",
        "son": "filho|filhinho",
        "child": "filhos|criança{,s}",
        "sister": "{sua,a,da,para,minha,à} irmã|irmãs",
        "brother": "irmão|irmãozinho",
        "sibling": "irmãos",
        "grandparent": "avô|avó|avós",
        "granddaughter": "{sua,minha,a,da} neta|netinha",
        "grandson": "{seu,meu,o,do} neto|netinho",
        "grandchild": "{seus,meus,os,dos} netos",
        "aunt": "{sua,a,da,para,minha} tia",
        "uncle": "{seu,o,do,para,meu} tio",
        "niece": "sobrinha{,s}",
        "nephew": "sobrinho",
        "nibling": "sobrinhos",
        "cousin": "{sua,seu,a,o} prim{a,o}",
        "mother_in_law": "sogra",
        "father_in_law": "sogro",
        "mother_in_law father_in_law": "sogros",
        "in_law": "cunhad{a,o,os,as}|genro|{sua,a,da} nora",
        "friend": "amig{a,o,os,as}",
        "boss": "chefe|patrão|patroa",
        "colleague": "colega{,s}",
        "family": "família{,s}|familiares|parentes",
        "before": "antes",
        "after": "depois|após",
        "during": "durante",
        "weekend": "fi{m,ns} de semana",
    },
    nothing="vestido de noiva|depois de amanhã|antes de tudo|antes de mais",
)
