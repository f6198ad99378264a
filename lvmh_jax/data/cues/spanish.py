"""Polarity cues of Spanish."""

from lvmh_jax.data.cues.lists import CueLists

ES = CueLists(
    either="no|nunca|jamás|ni|ningún|ninguna|ninguno|nada|tampoco|nadie",
    before="innecesari*|"
    "sin|evita*|odia*|detesta*|aborrece*|excepto|salvo|menos|antes que|ni hablar de"
    "|cualquier cosa menos|todo menos|en contra de|prohibid*|no soporta*|rara vez|raramente"
    "|apenas|cada vez menos|descart*|rechaz*|huy* de|renunci* a|renunci* al|reniega de|nada de"
    "|olímpicamente de|cansad* de|cansad* del|hart* de|hart* del|en vez de|en vez del"
    "|en lugar de|en lugar del"
    "|no … demasiado|olvidemos|olvida el|olvida la"
    "|sin interés por|sin interés en",
    after="innecesari*|superflu*|"
    "para nada|prohibid*|descartad*|le aburre*|le horroriza*|fuera de discusión"
    "|demasiado chill*"
    "|demasiado llamativ*|demasiado dur*|en absoluto|lo descart*|la descart*|los descart*"
    "|las descart*|lo rechaz*|la rechaz*|ni verlo|ni verla|ni verlos|ni verlas|ni hablar de ello"
    "|hasta la coronilla|cada vez menos|da igual|dan igual",
    backward="no gracias|no va con|sin cuidado|dijo que no|dice que no|respondió que no"
    "|contestó que no|no es lo suyo|no es lo mío|nunca en la vida|ni muerta|ni muerto"
    "|mejor no|no es santo de su devoción",
    refusals="no le interes*|sin interés|ni hablar|ni en broma|ni loca|ni loco|no le apetec*"
    "|no lo|no la|no los|no las|ya no lo|ya no la|ya no los|ya no las|no es fan|no le convenc*"
    "|no le va|no le van",
    over_before="ya no|dejó de|abandonó|vendió|dejar de|deje de|dejáramos de|dejemos de"
    "|ha dejado de|dejó el|dejó la|dejó los",
    over_after="lo dejó|la dejó|los dejó|las dejó|ya no|vendid*|vendió|abandonad*|se acabó",
    masks="nada mejor"
    "|no solo|sin duda|sin falta|nada mal|no hay problema|sin problema*|cómo no"
    "|por qué no|no ve la hora|no para de|no deja de|nunca falta|si no|ni que decir|sin embargo"
    "|no olvid*|nunca sin|no … más que|menos de|al menos|por lo menos|menos mal|más o menos"
    "|nada cada|nada todos|nada en|ningún problema|ninguna duda"
    "|nunca … sin|nunca … cansa*|no se cansa|no cabe duda|no hay duda|no … resist*|no encontr*"
    "|no encuentra*|no lo dud*|no dud*|nada más que|no … otra cosa que|no puede vivir sin"
    "|no puede estar sin|no … prescindir|sin dudar*|nunca … suficiente|no … sin"
    "|nada … salvo|nada … excepto|nada … menos|no le disgusta*|no … disgusta*|quién no"
    "|no … disponible*|no quedaba*|sin stock|no ha llegado|no llegó|no perdona*|no se pierde"
    "|no se separa|no se quita|no le importaría|nada en contra|no dice que no|no diría que no"
    "|no le asusta|no … asust*|no tem*|sin … … nunca|sin … nunca|no la suelta|no lo suelta"
    "|no renunci*|no … renunci*|no le hace ascos|no hace ascos|apenas llegó"
    "|apenas pueda|ni se lo pensó|ni se lo piens*|sin pensár*|no nos qued*|no tenemos"
    "|no … tenemos|no hay quien … … sin|no se conform*|no es hasta|no … hasta|no … antes d*"
    "|no le molesta*|no … molest*|no hay … … no|sin … … no sale|dejó … para reparar"
    "|dejó … en reparación|dejó … para arreglar"
    "|no sabe*|no sabe* nada|no sabe* de nada|nada sabe*"
    "|no te pierd*|no perder*|no se olvid*|no te olvid*|no os olvid*|no hay que olvid*"
    "|no faltar"
    "|si jamás|si nunca|más que nunca|mejor que nunca|como nunca|como jamás",
    named="sin límite*|no limit*|no tolera*|no digier*|no hay prisa",
    but="pero|sino|aunque|porque|pues",
    joins="y|e",
    ors="o|u|ni",
    articles="el|la|los|las|un|una|de|del",
    bare="sin|nada|ni|ningún|ninguna|ninguno|excepto|salvo|menos",
    nots="no",
)
