"""Polarity cues of Italian."""

from lvmh_jax.data.cues.lists import CueLists

IT = CueLists(
    either="no|non|mai|nessun*|niente|nulla|neanche|nemmeno|neppure|né … … né",
    before="inutile|"
    "senza|evita*|odia*|detesta*|rifiuta*|tranne|eccetto|fuorché|anziché|piuttosto che"
    "|priv* di|mica|contrari* a|basta con|non sopporta*|tutt'altro che|guai a|raramente|di rado"
    "|sempre meno|rinuncia*|boccia*|disdegna*|snobba*|lontan* da|macché|niente più|stuf* di"
    "|stuf* del|stuf* della|stuf* dei|stuf* delle|stanc* di|stanc* del|stanc* della|invece di"
    "|invece del|invece della|invece dei|invece delle|al posto di|al posto del|al posto della"
    "|al posto dei|al posto delle"
    "|non … troppo|scarta*|ha scartato|lasciamo perdere|lascia perdere"
    "|nessun interesse per|nessun interesse a|non … interessat* a",
    after="superflu*|"
    "proibit*|vietat*|bandit*|escluso|esclusa|esclusi|escluse|lo annoia|la annoia"
    "|per carità|fuori discussione|troppo vistos*|troppo chiassos*|troppo dur*|bocciat*"
    "|sconsigliat*|lo evita|la evita|li evita|le evita|lo odia|la odia|lo detesta|la detesta"
    "|ne vuole più sapere|fin sopra i capelli|scartat*",
    backward="no grazie|da evitare|non fa per|ha detto di no|detto di no|dice di no"
    "|risposto di no|ha detto no|risposto no|da scartare|non se ne parla|neanche per sogno"
    "|non fanno per|meglio di no|neanche a parlarne|non se ne parla nemmeno|non la convinc*"
    "|non lo convinc*|non fa impazzire",
    refusals="nessun interesse|non interess*|non … interess*|non lo|non la|non li|non le|non ci"
    "|non ne",
    over_before="ha smesso|smesso di|ha lasciato|non più|non … più|vendut*|cedut*|non … quasi più",
    over_after="cedut*|vendut*|abbandonat*|smess*|lasciato perdere|lasciat*",
    masks="niente batte|niente di meglio|nulla di meglio"
    "|non solo|niente male|non vede l'ora|non bada a|senza dubbio"
    "|non manca mai|non perde mai|nessun problema|senza problem*|non c'è problema|se non"
    "|non a caso|come no"
    "|perché no|non dimentic*|mai senza|non … altro che|non … se non"
    "|nessun dubbio|non si stanca* mai|non … stanca* mai|non … mai senza|non ha trovato"
    "|non trova*|non … esitat*|non … resist*|non … fare a meno|senza esita*|mai abbastanza"
    "|non … senza|niente … tranne|non dispiac*|non le dispiac*|non gli dispiac*"
    "|non … contrari*|non disponibil*|non … disponibil*|non arriv*|non le spiace|non gli spiace"
    "|non disdegna*|non si perde|nulla in contrario|niente in contrario|non dice di no"
    "|non direbbe di no|non tem*|non … spavent*|non … separ*|non lo molla|non la molla|non se ne"
    "|non rinuncia*|non … rinuncia*|senza … … mai|senza … mai|non si scorda*"
    "|non ci sono problemi|non c'è dubbio|non ne ha mai abbastanza|non … basta mai"
    "|non … pensato due volte|senza pensarci|non ce l'abbiamo|non l'abbiamo|non abbiamo"
    "|non … abbiamo|non … disturb*|non si è fermat*|non ha fatto una piega|non c'è … … non"
    "|senza … … non esce|non … prima di|non prima d*|mai … senza|mai … … senza|non … mai … senza"
    "|non … trova*|non … ancora|non … dà fastidio|non … danno fastidio|lasciato un acconto"
    "|lasciato i contatti"
    "|non sa|non sanno|non ne sa*"
    "|non perder*|non mancare|da non perdere|non scord*"
    "|se mai|caso mai|se dovesse mai|se dovessero mai|più che mai|meglio che mai|come mai"
    "|quanto mai",
    named="senza limiti|no limit*|non tollera*|non digerisc*|niente fretta",
    but="ma|però|bensì|invece|tuttavia|perché|poiché|siccome",
    joins="e|ed",
    ors="o|od|né|oppure",
    articles="il|lo|la|i|gli|le|l|un|uno|una|di|d|del|della|dello|dei|degli|delle",
    bare="no|senza|niente|nessun*|tranne|eccetto|né",
    nots="non",
)
