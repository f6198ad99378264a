"""Contrasting words of Spanish."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

ES = ContrastLists(
    months=(
        "enero; febrero; marzo; abril; mayo; junio; julio; agosto; septiembre|setiembre; octubre; "
        "noviembre; diciembre"
    ),
    weekdays="lunes; martes; miércoles; jueves; viernes; sábado{,s}; domingo{,s}",
    seasons=(
        "primavera|primaveral; verano{,s}|veranieg{o,a,os,as}; otoño|otoñal{,es}; invierno|"
        "invernal{,es}"
    ),
    others={
        "wife": "espos{a,as}|{su,mi,tu} mujer",
        "husband": "marido{,s}|espos{o,os}",
        "bride": "{su,mi} prometida|{su,mi} novia",
        "groom": "{su,mi} prometido|{su,mi} novio",
        "partner": "{su,mi} pareja|cónyuge",
        "mother": "madre{,s}|mamá|mami",
        "father": "padre|papá",
        "parent": "{sus,los,mis,a los} padres",
        "daughter": "hij{a,as,ita}",
        "son": "hij{o,ito}",
        "child": "hijos|{su,la,una,mi} niña|{su,el,un,mi} niño|niños|{sus,las,mis} niñas",
        "sister": "herman{a,as,ita}",
        "brother": "herman{o,ito}",
        "sibling": "hermanos",
        "grandmother": "abuel{a,as,ita}",
        "grandfather": "abuel{o,ito}",
        "grandparent": "abuelos",
        "granddaughter": "niet{a,as}",
        "grandson": "nieto",
        "grandchild": "nietos",
        "aunt": "{su,mi,la,a la} tía",
        "uncle": "{su,mi,el,al} tío",
        "niece": "sobrin{a,as}",
        "nephew": "sobrino",
        "nibling": "sobrinos",
        "cousin": "{su,mi,sus,la,el} prim{a,o,os,as}",
        "mother_in_law": "suegra",
        "father_in_law": "suegro",
        "mother_in_law father_in_law": "suegros",
        "in_law": "cuñad{a,o,os,as}|yerno|nuera",
        "friend": "amig{a,o,os,as}",
        "boss": "jef{e,a}|{su,mi} jefes",
        "colleague": "colega{,s}|{su,una,un,sus} compañer{o,a,os,as}",
        "family": "familia{,s}|familiares|parientes",
        "before": "antes",
        "after": "después",
        "during": "durante",
        "weekend": "fin{,es} de semana",
    },
    nothing=(
        "de novia|traje de novio|viernes negro|santo domingo|después de todo|antes y después|"
        "antes que nada"
    ),
)
