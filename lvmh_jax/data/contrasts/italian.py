"""Contrasting words of Italian."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

IT = ContrastLists(
    months=(
        "gennaio; febbraio; marzo; aprile; maggio; giugno; luglio; agosto; settembre; ottobre; "
        "novembre; dicembre"
    ),
    weekdays="lunedì; martedì; mercoledì; giovedì; venerdì; sabato|sabati; domenica|domeniche",
    seasons=(
        "primavera|primaverile|primaverili; "
        "{in,l,d,dell,all,quest,per l,questa,prossima,scorsa} estate|estiv{o,a,i}; autunno|"
        "autunnal{e,i}; inverno|invernal{e,i}"
    ),
    others={
        "wife": "mogli{e,i}|consorte",
        "husband": "marit{o,i}",
        "bride": "fidanzat{a,e}",
        "groom": "fidanzat{o,i}",
        "girlfriend friend": "{la sua,alla sua,mia} ragazza",
        "partner": "coniug{e,i}|{il,la} compagn{a,o}|{suo,sua} compagn{a,o}",
        "mother": "madr{e,i}|mamma|mamme",
        "father": "padr{e,i}|papà|babbo",
        "parent": "genitor{i,e}",
        "daughter": "figlia|figlie",
        "son": "figlio",
        "child": "figli|bambin{o,a,i,e}",
        "sister": "sorell{a,e,ina}",
        "brother": "fratell{o,i,ino}",
        "grandmother": "nonn{a,e}",
        "grandfather": "nonno",
        "grandparent": "nonni",
        "nibling granddaughter grandson": "nipot{e,i,ina,ino}",
        "aunt": "zia|{sue,mie,le} zie",
        "uncle": "zi{o,i}",
        "cousin": "cugin{a,o,i,e}",
        "mother_in_law": "suocera",
        "father_in_law": "suocero",
        "mother_in_law father_in_law": "suoceri",
        "in_law": "cognat{a,o,i,e}|{suo,mio,il} genero|nuora",
        "friend": "amic{o,a,i}|amiche",
        "boss": "{il,suo,mio,al,del,la sua,per il} capo|{suo,sua,il suo} boss",
        "colleague": "collegh{i,e}|{un,una,suo,sua,il,la,le,al,alla} collega",
        "family": "famigli{a,e}|parenti",
        "before": "prima {di,del,della,dell,delle,dei,degli}",
        "after": "dopo",
        "during": "durante",
        "weekend": "fine settimana",
    },
    nothing="babbo natale|dopo {barba,sole,di che}|prima di tutto",
)
