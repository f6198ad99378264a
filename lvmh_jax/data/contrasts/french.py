"""Contrasting words of French."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

FR = ContrastLists(
    months=(
        "janvier; février; mars; avril; {en,de,début,fin,mi,courant,d ici} mai; juin; juillet; "
        "août; septembre; octobre; novembre; décembre"
    ),
    weekdays=(
        "lundi{,s}; mardi{,s}; mercredi{,s}; jeudi{,s}; vendredi{,s}; samedi{,s}; dimanche{,s}"
    ),
    seasons=(
        "printemps|printanier{,s}|printanière{,s}; {l,d,cet,en,en plein,fin,début} été|"
        "estiva{l,le,les,ux}; automne|automna{l,le,les,ux}; hiver{,s}|hiverna{l,le,les,ux}"
    ),
    others={
        "wife": "{sa,ma,leur,votre,ta} femme|épouse{,s}",
        "husband": "{son,mon,votre,leur,le,au,du,un} mari|maris|époux",
        "girlfriend": "petite{,s} amie{,s}|petite copine",
        "girlfriend friend": "copine{,s}",
        "boyfriend": "petit{,s} ami{,s}|petit copain",
        "boyfriend friend": "copain{,s}",
        "bride": "fiancée|compagne|conjointe",
        "partner": "conjoint{,s}|{son,sa,mon,ma} partenaire",
        "groom": "compagnon",
        "mother": "{sa,ma,la,leur,votre,notre,une,de} mère|mères|maman{,s}",
        "father": "père{,s}",
        "parent": "parents",
        "daughter": "fille{,s}|fillette{,s}",
        "son": "{son,mon,leur,leurs,ses,mes,du,le,au,un,votre,notre} fils",
        "child": "enfant{,s}",
        "sister": "soeur{,s}|sœur{,s}",
        "brother": "frère{,s}",
        "grandmother": "grand{,s} mère{,s}|mamie",
        "grandfather": "grand{,s} père{,s}|papy",
        "grandparent": "grands parents",
        "daughter granddaughter": "petite{,s} fille{,s}",
        "grandson": "petit{,s} fils",
        "grandchild": "petits enfants",
        "aunt": "{sa,ma,leur,votre,la,une} tante|tantes",
        "uncle": "oncle{,s}|tonton",
        "niece": "nièce{,s}",
        "nephew": "neveu{,x}",
        "cousin": "cousine{,s}",
        "mother_in_law": "belle{,s} mère{,s}",
        "father_in_law": "beau père|beaux pères",
        "mother_in_law father_in_law": "beaux parents",
        "in_law": (
            "belle{,s} soeur{,s}|belle{,s} sœur{,s}|beau{,x} frère{,s}|belle{,s} fille{,s}|"
            "beau fils|gendre"
        ),
        "friend": "{un,son,mon,l,cet,meilleur} ami|amis|amie{,s}",
        "boss": "{son,sa,mon,ma,leur} {boss,chef,patron,patronne}",
        "colleague": "collègue{,s}|consœur|confrère{,s}",
        "family": "famille{,s}",
        "before": "avant",
        "after": "après",
        "during": "durant|pendant {le,la,les,l}",
        "weekend": "week end{,s}",
    },
    nothing=(
        "père noël|mardi gras|jeune{,s} fille{,s}|avant {garde,gardiste,dernier,dernière,hier}|"
        "après {vente,ski,rasage,soleil,shampooing,shampoing,demain,midi}|avant tout|avant après|"
        "d avant|d après"
    ),
)
