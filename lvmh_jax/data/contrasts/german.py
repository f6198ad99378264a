"""Contrasting words of German."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

DE = ContrastLists(
    months=(
        "januar{,s}|jänner; februar{,s}|feber; märz{,en}; april{,s}; "
        "{im,ende,anfang,mitte,ab,bis,seit,den} mai; juni; juli; august{,s}; september{,s}; "
        "oktober{,s}; november{,s}; dezember{,s}"
    ),
    weekdays=(
        "montag{,s,en,abend,morgen,mittag,nachmittag,vormittag}; "
        "dienstag{,s,en,abend,morgen,mittag,nachmittag,vormittag}; "
        "mittwoch{,s,en,abend,morgen,mittag,nachmittag,vormittag}; "
        "donnerstag{,s,en,abend,morgen,mittag,nachmittag,vormittag}; "
        "freitag{,s,en,abend,morgen,mittag,nachmittag,vormittag}; "
        "samstag{,s,en,abend,morgen,mittag,nachmittag,vormittag}|sonnabend{,s}; "
        "sonntag{,s,en,abend,morgen,mittag,nachmittag,vormittag}"
    ),
    seasons=(
        "frühling{,s}|frühjahr{,s}; sommer{,s}|sommerlich{,e,es,er,en}; herbst{,es}|"
        "herbstlich{,e,es,er,en}; winter{,s}|winterlich{,e,es,er,en}"
    ),
    others={
        "wife": "{seine,seiner,meine,meiner,deine,deiner} frau|ehefrau{,en}|gattin|gemahlin",
        "husband": "{ihr,ihren,ihrem,ihres,mein,meinen,meinem} mann|ehemann|ehemannes|gatte{,n}",
        "bride": "{seine,seiner,meine,meiner} freundin|verlobte|lebensgefährtin",
        "groom": "{ihr,ihren,ihrem,mein,meinen,meinem} freund|verlobter|lebensgefährte{,n}",
        "partner": (
            "verlobten|ehepartner{,in,s}|lebenspartner{,in,s}|"
            "{seine,seiner,ihre,ihrer,ihren,ihrem,ihr} partner{,in}"
        ),
        "mother": "mutter|mütter{,n}|mutti|mama|mutters",
        "father": "vater{,s}|väter{,n}|papa|vati",
        "parent": "eltern",
        "daughter": "tochter|töchter{,n}",
        "son": "sohn{,es,e,s}|söhne{,n}",
        "child": "{ein,das,sein,ihr,mein,seinem,ihrem,fürs} kind|kinder|kindern",
        "sister": "schwester{,n}",
        "brother": "bruder{,s}|brüder{,n}",
        "sibling": "geschwister{,n}",
        "grandmother": "großmutter|oma",
        "grandfather": "großvater|opa",
        "grandparent": "großeltern",
        "granddaughter": "enkelin{,nen}|enkeltochter",
        "grandson": "enkelsohn|{sein,seinen,seinem,ihr,ihren,ihrem,mein,meinen,meinem} enkel",
        "grandchild": "enkelkind{,er,ern}|enkeln",
        "aunt": "{seine,seiner,ihre,ihrer,meine,meiner,die} tante|tanten",
        "uncle": "onkel{,s}",
        "niece": "nichte{,n}",
        "nephew": "neffe{,n}",
        "cousin": "cousin{,s}|cousine{,n}",
        "mother_in_law": "schwiegermutter",
        "father_in_law": "schwiegervater",
        "mother_in_law father_in_law": "schwiegereltern",
        "in_law": "schwägerin|schwager|schwiegersohn|schwiegertochter",
        "friend": "freund{,e,en,in,innen}",
        "boss": (
            "{der,den,dem,sein,seinen,seinem,ihr,ihren,ihrem,mein,meinen,meinem} chef|chefin|"
            "vorgesetzte{,n,r}"
        ),
        "colleague": "kolleg{e,en,in,innen}",
        "family": "familie{,n}|verwandte{,n}",
        "before": (
            "vor {ostern,weihnachten,pfingsten,neujahr,silvester,dem}|"
            "vor {der,den,ihrer,seiner,ihrem,seinem}|bevor"
        ),
        "after": (
            "nach {ostern,weihnachten,pfingsten,neujahr,silvester,dem}|"
            "nach {der,den,ihrer,seiner,ihrem,seinem}|nachdem"
        ),
        "during": "während",
        "weekend": "wochenende{,n,s}",
        "workday": "werktag{,s,e,en}",
    },
    nothing="nach der stadt|vor der tür|vor den kopf",
)
