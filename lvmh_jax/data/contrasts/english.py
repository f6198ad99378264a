"""Contrasting words of English."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

EN = ContrastLists(
    months=(
        "january; february|feb; march; april|apr; "
        "{in,by,until,till,since,of,early,late,mid,next,this,last,end} may; june; july; august|"
        "aug; september; october|oct; november|nov; december|dec"
    ),
    weekdays=(
        "monday{,s}; tuesday{,s}; wednesday{,s}; thursday{,s}; friday{,s}; saturday{,s}; sunday{,s}"
    ),
    seasons=(
        "spring|springtime; summer{,s,y}|summertime; autumn{,s,al}|"
        "{this,next,last,early,late} fall; winter{,s,y}|wintertime"
    ),
    others={
        "wife": "wife|wives",
        "husband": "husband{,s}|hubby",
        "girlfriend": "girlfriend{,s}",
        "boyfriend": "boyfriend{,s}",
        "bride": "fiancee",
        "partner": "spouse{,s}|partner{,s}|fiance",
        "mother": "mother{,s}|mom|moms|mum|mums|mommy|mummy|mama|stepmother|stepmom",
        "father": "father{,s}|dad|dads|daddy|papa|stepfather|stepdad",
        "parent": "parent{,s}|mom and dad|mum and dad",
        "daughter": "daughter{,s}|stepdaughter",
        "son": (
            "{her,his,my,their,our,your,s,a,the} son|"
            "{older,younger,oldest,eldest,youngest,for,teenage,little,gift,present} son|stepson"
        ),
        "child": "child|children|kids|{her,his,my,their,our,the,a} kid",
        "sister": "sister{,s}",
        "brother": "brother{,s}",
        "sibling": "sibling{,s}",
        "grandmother": "grandmother{,s}|grandma|granny",
        "grandfather": "grandfather{,s}|grandpa|grandad|granddad",
        "grandparent": "grandparent{,s}",
        "granddaughter": "granddaughter{,s}",
        "grandson": "grandson{,s}",
        "grandchild": "grandchild|grandchildren|grandkid{,s}",
        "aunt": "aunt{,s}|auntie",
        "uncle": "uncle{,s}",
        "niece": "niece{,s}",
        "nephew": "nephew{,s}",
        "cousin": "cousin{,s}",
        "mother_in_law": "mother in law",
        "father_in_law": "father in law",
        "mother_in_law father_in_law in_law": "in laws",
        "in_law": "{sister,brother,son,daughter} in law",
        "friend": "friend{,s}",
        "boss": "{her,his,my,their,our,your,the,a,s} boss",
        "colleague": "colleague{,s}|coworker{,s}|co worker{,s}",
        "family": "famil{y,ies}",
        "before": "before|ahead of|prior to",
        "after": "after",
        "during": "during",
        "weekend": "weekend{,s}",
        "workday": "weekday{,s}|workday{,s}",
    },
    nothing=(
        "mother of pearl|mother tongue|father christmas|mom {jeans,fit}|"
        "dad {shoes,sneakers,cap,hat}|boyfriend {jeans,fit,cut,blazer,shirt}|"
        "sister {brand,company,store,boutique}|{business,trading} partner{,s}|"
        "partner {brand,brands,store,hotel}|black friday|hot spring{,s}|"
        "spring {bar,bars,roll,rolls}|before and after|after {sun,sales,shave,care,all}|"
        "the day after tomorrow|family {owned,business}"
    ),
)
