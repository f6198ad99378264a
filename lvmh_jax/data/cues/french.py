"""Polarity cues of French."""

from lvmh_jax.data.cues.lists import CueLists

FR = CueLists(
    either="jamais|non|aucun|aucune|nul|nulle",
    before="inutile de|inutile d|"
    "pas|ni|sans|rien de|rien d|rien avec|rien en|évite*|déteste*|refuse*|rejette*|bannir"
    "|hors de question|tout sauf|sauf|hormis|excepté|à part|guère|horreur de|horreur du"
    "|horreur des|marre de|marre du|marre des|fuit|fuir|déconseill*|interdit*|pas fan"
    "|pas très fan|pas fan du tout|pas du tout|rarement|de moins en moins|boude*|écarte*|zappe*"
    "|ras le bol d*|lasse de|fâché* avec|plutôt … … que du|plutôt … … que de|plutôt … … que le"
    "|plutôt … … que la|plutôt … … que les|au lieu d*|à la place d*|plutôt qu*|laisse tomber"
    "|laisser tomber|a boudé|fait une croix sur|fait l'impasse sur|aucune envie d*|se passer d*"
    "|tourn* le dos à|ne veut pas entendre parler d*|ne veut plus entendre parler d*|a raccroché"
    "|se passe de|se passe volontiers de|fatigué* du|fatigué* des"
    "|plus besoin d*|pas besoin d*|on oublie|oublions"
    "|n'en … pas, de|n'en … pas, d|n'en … pas, du|n'en … pas, des|ne l … pas, le|ne l … pas, la"
    "|ne l … pas, l|ne le … pas, le|ne la … pas, la|ne les … pas, les"
    "|plus d'allergie*|plus d'intolérance*"
    "|aucun intérêt pour|pas intéress* par|pas convaincu* par|aucun intérêt à",
    after="superflu*|est inutile|inutiles|"
    "à éviter|exclus|exclue|exclues|interdit*|banni|bannie|bannis|bannies|proscrit*"
    "|très peu pour|laisse froid|laisse froide|s'abstenir|bof|hors de question|ne … plaît"
    "|ne … plaisent|ne … intéress*|ne … convien*|trop criard*|trop voyant*|trop flashy|trop dur*"
    "|passe pas|pas pour elle|pas pour lui|pas pour eux|à bannir|à proscrire|à oublier|on oublie"
    "|écarté*|refusé*|rejeté*|ne l|ne le|ne la|ne les|n en|n y|très peu pour elle"
    "|très peu pour lui|trouve ça clinquant|trouve ça vulgaire|l'ennuie|l'ennuient|plus jamais"
    "|en entendre parler|dit rien du tout|lui dit rien|leur dit rien|plutôt mourir|à fuir"
    "|s'en passe|c'est du passé|l'endort|l'endorment|est exclu|exclu|c'est trop|ne … plu|n … plu",
    backward="non merci|sans intérêt|pas … truc|pas … genre|pas … style|c'est pas|ce n'est pas"
    "|a dit non|dit non|répondu non|répondu que non|dit que non|sans façon|ne veut plus voir"
    "|ne peut plus voir|pas sa tasse de thé|pas emballé*|pas séduit*|pas … plu",
    refusals="pas intéress*|aucun intérêt|pas convaincu*|pas fan|pas très fan|pas fan du tout"
    "|surtout pas",
    over_before="a arrêté|arrête de|arrête le|arrête la|abandonné|a renoncé|fini le|fini la"
    "|fini les|lâché|lassé*|revendu*|vendu*|ne plus|ne … plus|n … plus|plus jamais|plus du tout"
    "|renoncé au|renoncé aux|renoncé à|tiré un trait sur|arrêté"
    "|n'en … plus, de|n'en … plus, d|n'en … plus, du|n'en … plus, des",
    over_after="abandonné*|revendu*|vendu*|lâché*|plus du tout|arrêté*",
    masks="rien de tel|rien de mieux|rien de plus beau|rien de meilleur"
    "|pas mal|pas seulement|pas que|non seulement|n'hésite*|n'est-ce pas|ne jure que par"
    "|ne … que|n … que|rien que|pas encore|sans doute|sans cesse|sans faute"
    "|sans problème|sans souci|sans oublier|pas à pas|non loin|pas de souci|pas de problème"
    "|pourquoi pas|n'oubli*|ne pas oublier|ne rate jamais|ne manque jamais|jamais sans|à part ça"
    "|sauf erreur"
    "|aucun problème|aucun souci|aucun doute|sans hésit*|pas hésité|pas … hésité"
    "|lasse* pas|lasse jamais|ne … lasse* pas|ne … passer de|n'a pas trouvé|pas trouvé"
    "|pas résist*|pas pu résister|jamais assez|jamais trop|ne … jamais sans|n … jamais sans"
    "|c'est pas mal|c'est pas grave|c'est pas un problème|c'est pas un souci|pas contre"
    "|aucune hésit*|ne … sans|pas … sans|rien … sauf|rien d'autre que|rien à part|ne déplaît pas"
    "|déplaît pas|ne … quitte*|ne … sépar*|ne … lâch*|n'en démord*|n'en revient"
    "|n'en pouvait plus d'attendre|pas disponible*|pas dispo|pas en stock|plus en stock"
    "|plus disponible*|pas reçu*|pas arrivé*|pas livré*|rien contre|pas de refus|crache pas"
    "|dit pas non|dirait pas non|pas de trop|pas peur|sans … … jamais|sans … … nulle part"
    "|sans … jamais|rarement sans|ne … regrett*|pas regrett*|pas une hésit*|aucune objection"
    "|pas réfléchi|sans réfléchir|on n'a plus|nous n'avons plus|on n'a pas|nous n'avons pas"
    "|n … plus … boutique|ne … dérange*|dérange pas|ne … gêne*|gêne pas|pas content* d*"
    "|pas avant|sans … … ne sort|il n'y a pas … … ne|pas découragé*|ne … pas encore"
    "|n … pas encore|en exclu|c'est trop joli|c'est trop beau|c'est trop bien|s'est arrêté*"
    "|ne sait rien|ne … sait rien|sait rien|ne sait pas|sait pas"
    "|n'oubli* pas|n'oubli* jamais|pas oublier|ne pas manquer|ne manqu* pas|pas manquer"
    "|ne rat* pas|pas rater"
    "|rien sans|résist* pas|refuse* jamais|ne se passe* pas|ne se passe* jamais"
    "|si jamais|plus que jamais|mieux que jamais|autant que jamais|comme jamais"
    "|plus d'allergie* que|plus d'allergie* … que",
    named="sans limite|ne supporte* pas|supporte* pas|ne tolère* pas|tolère* pas|ne digère* pas"
    "|digère* pas",
    but="mais|cependant|toutefois|en revanche|par contre|plutôt|parce|car|puisque",
    joins="et",
    ors="ou|ni",
    articles="le|la|les|l|un|une|de|d|du|des|en|son|sa|ses",
    bare="sans|sauf|ni|hormis|excepté|aucun|aucune",
    nots="pas",
)
