"""Contrasting words of Dutch."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

NL = ContrastLists(
    months=(
        "januari; februari; maart; april; {in,eind,begin,half,sinds,tot,vanaf} mei; juni; juli; "
        "augustus; september; oktober; november; december"
    ),
    weekdays=(
        "maandag{,en,s,avond,middag,ochtend,morgen}; dinsdag{,en,s,avond,middag,ochtend,morgen}; "
        "woensdag{,en,s,avond,middag,ochtend,morgen}; "
        "donderdag{,en,s,avond,middag,ochtend,morgen}; vrijdag{,en,s,avond,middag,ochtend,morgen}; "
        "zaterdag{,en,s,avond,middag,ochtend,morgen}; zondag{,en,s,avond,middag,ochtend,morgen}"
    ),
    seasons=(
        "voorjaar|{de,in de,deze} lente; zomer{,s}|zomers{,e}; herfst|najaar; winter{,s}|"
        "winters{,e}"
    ),
    others={
        "wife": "{zijn,mijn,z n,jouw,uw} {lieve ,}vrouw|echtgenote",
        "husband": "{haar,mijn,uw} {lieve ,}man|echtgenoot",
        "bride": "{zijn,mijn} vriendin|verloofde",
        "groom": "{haar,mijn} vriend",
        "partner": "partner",
        "mother": "moeder{,s}|mama",
        "father": "vader{,s}|papa",
        "parent": "ouders",
        "daughter": "dochter{,s}|dochtertje",
        "son": "zoon|{haar,zijn,hun,mijn} zonen|zoontje",
        "child": "kinderen|{haar,zijn,hun,mijn,een} kind",
        "sister": "zus|zussen|zusje",
        "brother": "broer{,s}|broertje",
        "grandmother": "grootmoeder|oma",
        "grandfather": "grootvader|opa",
        "grandparent": "grootouders",
        "granddaughter": "kleindochter{,s}",
        "grandson": "kleinzoon|kleinzonen",
        "grandchild": "kleinkind{,eren}",
        "aunt": "{haar,zijn,mijn,hun} tante{,s}",
        "uncle": "oom",
        "niece cousin": "{haar,zijn,mijn} nicht|nichten|nichtje",
        "nephew cousin": "neef|neven|neefje",
        "mother_in_law": "schoonmoeder",
        "father_in_law": "schoonvader",
        "mother_in_law father_in_law": "schoonouders",
        "in_law": "schoonzus|zwager|schoonzoon|schoondochter",
        "friend": "vriend{,en,in,innen}",
        "boss": "{haar,zijn,de,mijn} baas|leidinggevende",
        "colleague": "collega{,s}",
        "family": "familie|gezin|familieleden",
        "before": "{vlak,net,nog} voor|voor {pasen,kerst,kerstmis,nieuwjaar}|voordat",
        "after": "na {pasen,kerst,kerstmis,nieuwjaar,de,het,haar,zijn,hun}|nadat",
        "during": "tijdens",
        "weekend": "weekend{,en}",
    },
    nothing="vrienden van de zaak",
)
