"""Words that occur after a title but are not names: "Mme veut un sac", "la señora quiere".

Function words, and the verbs of client notes in the third person, listed by hand: "veut" and
"petit", or "will" and "müller", have similar frequencies, and leaving a name in is worse than
redacting a verb. So words that may be names are not listed: "may", "will", "sage", "blanc".
"""

from __future__ import annotations

from functools import cache

from lvmh_jax.data.functionwords import function_words, stop_words
from lvmh_jax.data.text import fold_form

# Rank up to which a word of a language that is also a common noun is no name after a title: "frau
# tasche". Of 404 German surnames 8 are as frequent, of 400 French ones 11.
FREQUENT = 1000

_WORDS = {
    "EN": "and or also again wants wanted likes liked loves loved prefers preferred looks"
    " looking looked seeks sought came comes coming asks asked asking buys bought buying"
    " would could should can cannot did does has had is was were needs needed visits"
    " visited visiting returns returned wears wore owns owned thinks thought says said"
    " told tells called calls gave gives got gets takes took tried tries chose chooses"
    " hesitates hesitated seems seemed plans planned hopes hoped mentions mentioned who"
    " that which not never still just then today tomorrow yesterday about on but because"
    " if when while after before until as so very really always usually arrives arrived"
    " leaves left enjoys enjoyed knows knew spends spent travels waiting",
    "FR": "et ou aussi encore veut voulait voudrait voudra cherche cherchait recherche"
    " recherchait aime aimait aimerait adore adorait adorerait souhaite souhaitait"
    " souhaiterait prefere preferait prefererait hesite hesitait hesitante revient"
    " revenait reviendra est etait sera serait a avait aura aurait n'a n'est n'aime ne"
    " vient venait viendra passe passait passera demande demandait prend prenait prendra"
    " achete achetait achetera apprecie appreciait attend attendait repart possede"
    " possedait porte portait deteste regarde regardait essaie essaye essayait pense"
    " pensait dit disait doit devait peut pouvait pourrait fait faisait part partait va"
    " allait ira reve voyage habite travaille collectionne offre offrira choisit trouve"
    " craint refuse appelle rappelle rappellera confirme semble connait desire desirait"
    " envisage evoque parle parlait repond s'interesse interessee interesse se s'est y en"
    " qui que dont quand lorsque puis tres plus toujours jamais deja bien pas mais car si"
    " comme depuis apres avant vers sans sous entre lors chez ce il elle lui nous vous"
    " toute tout accompagnee accompagne venue venu ravie ravi",
    "IT": "anche ancora vuole voleva vorrebbe vorra cerca cercava ama amava amerebbe adora"
    " adorava preferisce preferiva desidera desiderava ha aveva avra e era sara torna"
    " tornava tornera viene veniva verra chiede chiedeva compra comprava acquista passa"
    " passava passera prende portava possiede odia guarda prova pensa dice deve puo"
    " fa va parte viaggia sogna lavora colleziona regala sceglie trova rifiuta chiama"
    " richiama conferma sembra conosce apprezza aspetta parla interessata interessato si"
    " non mi ci ne che chi cui quando poi molto piu sempre mai gia ma se come dopo prima"
    " verso senza tra fra fino oggi ieri domani lei lui noi al alla allo ai alle col sul"
    " sulla",
    "ES": "tambien todavia quiere queria querria quisiera busca buscaba ama amaba adora adoraba"
    " prefiere preferia desea deseaba ha habia habra es era sera fue esta estaba tiene"
    " tenia vuelve volvia volvera volvio viene venia vendra vino pide pedia pidio compra"
    " compraba compro pasa pasaba pasara toma lleva llevaba posee odia mira prueba piensa"
    " dice debe puede podria hace va iba viaja suena trabaja colecciona regala elige"
    " encuentra rechaza llama llamo confirma parece conoce aprecia espera habla regresa"
    " regreso necesita necesitaba gusta encanta interesada interesado se no me le les lo"
    " nos que quien cuando luego muy mas siempre nunca ya pero si como despues antes hacia"
    " sin entre hasta desde hoy ayer manana ella nosotros e u a cumple",
    "PT": "tambem ainda quer queria quereria procura procurava ama amava adora adorava prefere"
    " preferia deseja desejava tem tinha tera teve e era sera foi esta estava volta"
    " voltava voltara voltou vem vinha vira veio pede pedia pediu compra comprava comprou"
    " passa passava passou toma leva levava usa possui odeia olha experimenta pensa diz"
    " deve pode poderia faz vai ia viaja sonha trabalha coleciona oferece escolhe encontra"
    " recusa liga ligou confirma parece conhece aprecia espera fala regressa precisa"
    " precisava gosta gostava gostaria interessada interessado se nao me lhe que quem"
    " quando depois muito mais sempre nunca ja mas como antes sem entre ate desde hoje"
    " ontem amanha ela ele nos a",
    "DE": "auch noch wieder mochte wollte sucht suchte hat hatte war ist wird wurde kommt"
    " kam liebt liebte wunscht wunschte kauft kaufte fragt fragte braucht brauchte"
    " interessiert interessierte bevorzugt bevorzugte tragt trug geht ging schaut schaute"
    " sieht sah nimmt nahm denkt dachte sagt sagte soll muss musste kann konnte darf plant"
    " plante hofft hoffte findet fand bekommt bekam feiert feierte heiratet heiratete"
    " besitzt sammelt reist wartet wahlt zogert zogerte ruft rief meldet bestatigt erwahnt"
    " erzahlt freut schenkt gibt gab bringt holt zu bei an auf aus nach durch gegen ohne"
    " um seit bis uber unter vor hinter neben zwischen wegen wahrend ins ans beim als wenn"
    " weil dass ob wie aber denn sondern nicht nie immer schon sehr gerne gern dann heute"
    " gestern nur mal so sich sie er es wir ihr ihm ihn uns kein keine dort hier da"
    " zuhause angerufen besonders",
    "NL": "ook nog weer wil wilde wou zoekt zocht houdt hield heeft had is was wordt werd komt"
    " kwam vraagt vroeg koopt kocht wenst zou draagt droeg vindt vond belt belde bevalt"
    " gaat ging kijkt keek neemt nam denkt dacht zegt zei moet moest kan kon mag plant"
    " hoopt viert trouwt bezit verzamelt reist wacht kiest twijfelt twijfelde lijkt kent"
    " geeft gaf brengt haalt heel graag terug aan op uit om over onder na tot zonder tegen"
    " tijdens als wanneer omdat dat die wie hoe maar want niet nooit altijd al dan vandaag"
    " gisteren morgen zich zij ze hij wij we ons geen er daar hier erg zeer interesse",
    "RU": "тоже еще опять хочет хотела хотел ищет искала искал любит любила любил предпочитает"
    " предпочитала желает желала была был есть будет пришла пришел приходит придет просит"
    " просила попросила купила купил покупает нужна нужен нужно интересуется"
    " интересовалась вернулась вернулся вернется спрашивает спросила выбирает выбрала"
    " сомневается думает говорит сказала может должна мечтает носит ждет звонит позвонила"
    " отмечает планирует очень не ни но а что которая который кто когда потом сегодня"
    " вчера завтра всегда никогда уже только после перед без под над при через между она"
    " он мы со во обожает примерила заказала",
    "AR": "تريد يريد طلبت طلب تطلب يطلب تبحث يبحث تحب يحب تفضل يفضل جاءت جاء تأتي يأتي اشترت"
    " اشترى تشتري يشتري كانت كان تكون يكون سألت سأل تسأل يسأل ترغب يرغب تحتاج يحتاج عادت"
    " عاد تعود يعود زارت زار تزور يزور اختارت اختار قالت قال تقول يقول اتصلت اتصل ستعود"
    " سيعود ستأتي سيأتي أعجبت مهتمة مهتم في من على إلى عن مع التي الذي هي هو لا لم لن قد"
    " ثم أو أن إن كما بعد قبل عند حتى منذ اليوم أمس غدا أيضا جدا هنا هناك لديها لديه عندها"
    " عنده",
}
# Languages whose words may follow a title that is in lower case or before a lower-case word.
_SPOKEN = {
    **dict.fromkeys("mrs mister mx messrs".split(), "EN"),
    **dict.fromkeys("m mme mmes mlle mlles madame mademoiselle monsieur".split(), "FR"),
    **dict.fromkeys("signora signor signore signori signorina sig sigg avv".split(), "IT"),
    **dict.fromkeys("sig.ra sig.na sig.re sig.ri sigg.ri sigg.re dott arch geom".split(), "IT"),
    **dict.fromkeys("dott.ssa dott.ri dottor dr.ssa prof.ssa".split(), "IT"),
    **dict.fromkeys("doña dña srta sres señor señora señorita".split(), "ES"),
    **dict.fromkeys(
        "senhor senhora srs srª sr.ª sr.a drª dr.ª dr.a profª prof.ª profa".split(), "PT"
    ),
    **dict.fromkeys("frau herr herrn fräulein frl hr hrn fr".split(), "DE"),
    **dict.fromkeys("dhr mevr mvr mevrouw meneer mej mw drs".split(), "NL"),
    **{"de heer": "NL", "eng": "PT", "mag": "DE", "dipl": "DE", "me": "FR", "pr": "FR"},
    **dict.fromkeys("г-н г-на г-ну г-ном г-не г-жа г-жи г-же г-жу г-жой д-р д-ра".split(), "RU"),
    **dict.fromkeys("господин господина господину госпожа госпожи госпоже госпожу".split(), "RU"),
    **dict.fromkeys("господином господине госпожой д-ру д-ром проф".split(), "RU"),
}
_SHARED = {
    **{"mr": ("EN", "FR"), "ms": ("EN", "FR")},  # French "ms" is "mais", in a hurry
    **dict.fromkeys(("sr", "sra", "sras", "lic", "arq", "dª", "d.ª"), ("ES", "PT")),
    **{"ing": ("IT", "ES", "DE", "NL"), "fam": ("DE", "NL", "IT")},
}


def languages_of(title: str) -> tuple[str, ...]:
    """Languages of a title in lower case; empty for one shared by many, such as "dr".

    >>> languages_of("frau"), languages_of("mr"), languages_of("dr")
    (('DE',), ('EN', 'FR'), ())
    """
    return (_SPOKEN[title],) if title in _SPOKEN else _SHARED.get(title, ())


def is_no_name(word: str, language: str) -> bool:
    """Whether a word in lower case occurs after titles of a language without being a name.

    >>> is_no_name("veut", "FR"), is_no_name("für", "DE"), is_no_name("dupont", "FR")
    (True, True, False)
    """
    folded = fold_form(word)
    return folded in _folded(language) or folded in function_words(language)


def is_frequent(word: str, language: str) -> bool:
    """Whether a word in lower case is too frequent in a language to count as a name.

    >>> is_frequent("frau", "DE"), is_frequent("zimmermann", "DE")
    (True, False)
    """
    return word in stop_words(language, FREQUENT)


@cache
def _folded(language: str) -> frozenset[str]:
    return frozenset(map(fold_form, _WORDS.get(language, "").split()))
