"""The table of polarity cues of twelve languages; `negation` reads it and says how it is written.

General knowledge of the languages, read against the 76 negated spans of the demo's gold. What is
ordinary in a shop and denies nothing is left out on purpose: returned, cancelled, free (-frei,
-less), former, "allergie gegen".
"""

from __future__ import annotations

from typing import NamedTuple


class CueLists(NamedTuple):
    """The cues of one language, phrases parted by `|`.

    Attributes:
      either: stand before or behind what they deny.
      before, after: stand only there.
      over_before, over_after: say that it held once: given up, stopped, sold.
      masks: look like cues and are none.
      but: end what a cue denies.
      joins: carry it on to the next thing.
    """

    either: str = ""
    before: str = ""
    after: str = ""
    over_before: str = ""
    over_after: str = ""
    masks: str = ""
    but: str = ""
    joins: str = ""


CUES = {
    "EN": CueLists(
        either="no|not",
        before="never|~n't|dont|doesnt|didnt|isnt|arent|cant|wont|cannot|without|neither|nor"
        "|none|nothing|nobody|avoid*|dislike*|hate*|loathe*|detest*"
        "|despise*|refuse*|reject*|decline*|skip*|steer* clear of|stay* clear of|keep* away from"
        "|anything but|nothing like|instead of|rather than|other than|except|excepting|apart from"
        "|fed up with|tired of|bored with|bored of|sick of|free of|free from|hardly|against"
        "|leave out|far from",
        after="not for her|not for him|not for them|isn't her thing|isn't his thing|not her thing"
        "|not his thing|is out|are out|no thanks|no thank you|not at all|off the table"
        "|leaves her cold|leaves him cold|bores her|bores him|banned|is a no",
        over_before="no longer|not any more|used to|gave up|given up|gives up|giving up|stopped"
        "|quit|got rid of|sold",
        over_after="given up|anymore|any more|no more|sold|gone off",
        masks="no doubt|not only|not just|no later than|no matter|not bad|no problem|no drama"
        "|why not|nothing but|nothing less than|never misses|never miss|can't wait|cannot wait"
        "|can't resist|cannot resist|can't get enough|cannot get enough|can't live without"
        "|cannot live without|never without|couldn't be happier|could not be happier"
        "|more often than not|if not|not sure|no idea|did not mean|so no|not to mention"
        "|don't hesitate|do not hesitate|don't forget|do not forget|never forget*|is used to"
        "|get used to|be used to|not tolerat*|can't tolerat*|cannot tolerat*|doesn't tolerat*"
        "|if no",
        but="but|however|although|though|yet|instead",
        joins="or|nor|and",
    ),
    "FR": CueLists(
        either="jamais|non|aucun|aucune|nul|nulle",
        before="pas|ne|n|ni|sans|rien de|rien d|rien avec|rien en|évite*|éviter|déteste*|refuse*"
        "|rejette*|bannir|hors de question|tout sauf|sauf|hormis|excepté|à part|plutôt que"
        "|au lieu de|guère|horreur de|horreur du|horreur des|marre de|marre du|marre des|fuit|fuir"
        "|déconseill*|interdit*",
        after="à éviter|exclu|exclus|exclue|exclues|interdit*|banni|bannie|bannis|bannies|proscrit*"
        "|très peu pour|laisse froid|laisse froide|s'abstenir|non merci|bof",
        over_before="a arrêté|arrêté|arrête de|arrête le|arrête la|abandonné|renonce à|a renoncé"
        "|fini le|fini la|fini les|lâché|lassé*|revendu*|vendu*|ne plus|ne … plus|n … plus"
        "|plus jamais|plus du tout",
        over_after="abandonné*|arrêté*|revendu*|vendu*|lâché*|plus du tout",
        masks="pas mal|pas seulement|pas que|non seulement|n'hésite*|n'est-ce pas|ne jure que par"
        "|ne … que|n … que|rien que|pas encore|sans doute|sans cesse|sans limite|sans faute"
        "|sans problème|sans souci|sans oublier|pas à pas|non loin|pas de souci|pas de problème"
        "|pourquoi pas|n'oubli*|ne pas oublier|ne rate jamais|ne manque jamais|jamais sans"
        "|à part ça|sauf erreur|ne supporte* pas|supporte* pas|ne tolère* pas|tolère* pas"
        "|ne digère* pas|digère* pas",
        but="mais|cependant|toutefois|en revanche|par contre|plutôt",
        joins="ou|ni|et",
    ),
    "IT": CueLists(
        either="no|non|mai|nessun*|niente|nulla|neanche|nemmeno|neppure",
        before="senza|evita*|evitare|odia*|detesta*|rifiuta*|tranne|eccetto|fuorché|anziché"
        "|invece di|piuttosto che|priv* di|al posto di|mica|stufa di|stufo di|contrari* a"
        "|basta con",
        after="no grazie|proibit*|vietat*|bandit*|escluso|esclusa|esclusi|escluse|da evitare"
        "|non fa per|lo annoia|la annoia|per carità",
        over_before="ha smesso|smesso di|ha lasciato|lasciato il|lasciato la|non più|non … più"
        "|vendut*"
        "|cedut*",
        over_after="cedut*|vendut*|abbandonat*|lasciat*|smess*",
        masks="non solo|niente male|non vede l'ora|non bada a|senza dubbio|senz'altro|senza limiti"
        "|non manca mai|non perde mai|nessun problema|non c'è problema|se non|non a caso|come no"
        "|perché no|non tollera*|non digerisc*|non dimentic*|mai senza|non … altro che"
        "|non … se non",
        but="ma|però|bensì|invece|tuttavia",
        joins="o|né|e|oppure",
    ),
    "ES": CueLists(
        either="no|nunca|jamás|ni|ningún|ninguna|ninguno|nada|tampoco|nadie",
        before="sin|evita*|evitar|odia*|detesta*|rechaza*|aborrece*|excepto|salvo|menos|en vez de"
        "|en lugar de|antes que|harta de|harto de|cansad* de|ni hablar de|cualquier cosa menos"
        "|todo menos|huye de|en contra de|prohibid*",
        after="ni hablar|ni en broma|ni loca|ni loco|prohibid*|descartad*|no gracias|le aburre*"
        "|le horroriza*",
        over_before="ya no|dejó de|ha dejado|dejó el|dejó la|dejó los|abandonó|vendió",
        over_after="lo dejó|la dejó|los dejó|las dejó|ya no|vendid*|vendió|abandonad*|se acabó",
        masks="no solo|sin duda|sin falta|sin límite*|nada mal|no hay problema|sin problema*"
        "|cómo no|por qué no|no ve la hora|no para de|no deja de|nunca falta|si no|ni que decir"
        "|sin embargo|no olvid*|nunca sin|no … más que|menos de|al menos|por lo menos|menos mal"
        "|más o menos|no tolera*|no digier*|nada cada|nada todos|nada en",
        but="pero|sino|aunque",
        joins="o|u|ni|y|e",
    ),
    "PT": CueLists(
        either="não|nunca|jamais|nem|nenhum|nenhuma|nenhuns|nenhumas|nada|tampouco|ninguém",
        before="sem|evita*|evitar|odeia*|detesta*|recusa*|rejeita*|exceto|menos|salvo|em vez de"
        "|ao invés de|no lugar de|cansad* de|farta de|farto de|avess* a|foge de|tudo menos"
        "|proibid*|longe de",
        after="nem pensar|nem morta|nem morto|proibid*|descartad*|não obrigad*|dispensa"
        "|de jeito nenhum|de forma alguma|também não",
        over_before="já não|não mais|não … mais|deixou de|largou|parou de|desistiu de|abandonou"
        "|vendeu",
        over_after="já não|largou|deixou|abandonou|parou|desistiu|vendeu|vendid*",
        masks="não só|não apenas|sem dúvida|sem falta|sem limite*|nada mal|sem problema*"
        "|não vê a hora|não perde|nunca falta|se não|por que não|não esque*|nunca sem"
        "|não tolera*|não digere*|não … senão|menos de|pelo menos|mais ou menos",
        but="mas|porém|contudo|todavia|embora",
        joins="ou|nem|e",
    ),
    "DE": CueLists(
        either="nicht|kein*|nie|niemals|nein|nix|nichts|null|keinesfalls|keineswegs"
        "|auf keinen fall|auf gar keinen fall",
        before="ohne|weder|vermeide*|meide*|hasst|hasse|hassen|verabscheu*|lehnt|ablehn*"
        "|verzichtet auf|außer|statt|anstatt|anstelle|alles andere als|kaum|verweiger*|genug von"
        "|abneigung gegen|raus mit|fern von|frei von",
        after="lieber nicht|geht gar nicht|kommt nicht in frage|verboten|tabu|ausgeschlossen"
        "|zuwider|langweil*|jagen|fehlanzeige|unerwünscht|nein danke|satt",
        over_before="nicht mehr|nie wieder|aufgehört mit|schluss mit",
        over_after="nicht mehr|nie wieder|aufgegeben|abgelegt|verkauft|aufgehört|abgewöhnt",
        masks="nicht nur|nicht zuletzt|ohne frage|ohne zweifel|nicht wahr|kein problem"
        "|keine frage|gar nicht genug|nicht genug|nicht schlecht|nichts lieber als|ohne ende"
        "|ohne limit|warum nicht|nicht vergessen|nicht verpassen|nie ohne|nichts als"
        "|nichts anderes als|ohne weiteres|verträgt … kein*|verträgt … nicht|nicht verträgt"
        "|nicht vertragen|wenn kein*",
        but="aber|sondern|jedoch|doch|dafür|stattdessen",
        joins="oder|noch|und",
    ),
    "NL": CueLists(
        either="niet|geen|nooit|niks|niets|nee|nimmer|geenszins",
        before="zonder|noch|vermijd*|haat|verafschuw*|weiger*|behalve|in plaats van|liever dan"
        "|allesbehalve|alles behalve|klaar met|zat van|hekel aan|afkeer van|vrij van|wars van"
        "|nauwelijks|amper",
        after="niks voor haar|niks voor hem|niets voor haar|niets voor hem|saai|taboe"
        "|uit den boze|verboden|hoeft van|beu|weigert|liever niet|nee bedankt|nee dank",
        over_before="niet meer|nooit meer|gestopt met",
        over_after="niet meer|nooit meer|opgegeven|gestopt|verkocht",
        masks="niet alleen|niet slecht|zonder twijfel|geen probleem|geen punt|waarom niet"
        "|kan niet wachten|niet te missen|mist nooit|niet in het minst|niet vergeten"
        "|nooit zonder|niets dan|zonder meer|verdraagt … geen|verdraagt … niet|als er geen",
        but="maar|echter|wel|juist|daarentegen",
        joins="of|noch|en",
    ),
    "RU": CueLists(
        either="не|нет|никогда|никак*|нельзя|ничего|нисколько",
        before="без|ни|избега*|ненавид*|отказал*|отказыва*|против|кроме|вместо|только не"
        "|терпеть не может|нелюбов*|лишь бы не|устал* от",
        after="исключено|исключить|исключая|запрещ*|мимо|противопоказан*|ни за что|надоел*",
        over_before="больше не|уже не|перестал*|бросил*|забросил*|разлюбил*",
        over_after="больше не|уже не|бросил*|забросил*|оставил*|продал*",
        masks="не только|не просто|не против|не прочь|без сомнения|не проблема|без проблем"
        "|не хуже|не менее|не раз|почему бы не|почему бы и нет|без ума от|не терпится"
        "|не перенос*|не пропускает|не считает денег|несмотря|не забы*",
        but="но|а|зато|однако",
        joins="или|ни|и|либо",
    ),
    "AR": CueLists(
        either="لا|ليس|ليست|لم|لن|مش|مو|مب|ما يحب*|ما تحب*|ما يبي"
        "|ما تبي|ما يبغى|ما تبغى|ما بد*|ما يعجب*|ما عند*",
        before="ولا|فلا|وليس|وليست|ولم|ولن|بدون|وبدون|دون|ودون|من دون|من غير|بلا|وبلا|عدا"
        "|ما عدا|سوى|إلا|باستثناء|بدلا من"
        "|عوضا عن|يتجنب|تتجنب|تجنب|يكره|تكره|يرفض|ترفض|رفض*|ممنوع|ضد|خال* من|عدم|مفيش|بلاش"
        "|ماكو|غير|وغير|ما في",
        after="مرفوض*|ممنوع*|مستبعد*|أبدا|إطلاقا|بتاتا",
        over_before="لم يعد|لم تعد|ما عاد|ما عادت|توقف عن|توقفت عن|ترك|تركت|بطل|بطلت|أقلع عن"
        "|أقلعت عن",
        over_after="لم يعد|لم تعد|باع|باعه|باعها|باعت|باعتها|خلاص",
        masks="لا شك|لا بأس|لا مانع|لا سيما|ليس فقط|بدون شك|دون شك|لا يفوت|لا تفوت|لا يزال"
        "|لا تزال|لا زال|لا يتحمل|لا تتحمل|عدم تحمل|لا يهضم|لا تهضم|غير محدود|لا تنس*|لا … إلا",
        but="لكن|ولكن|بل|لكنه|لكنها|إنما",
        joins="أو|ولا",
    ),
    "JA": CueLists(
        after="苦手|嫌い|嫌|避け|ない|なし|無し|不要|NG|だめ|ダメ|駄目|控え|抜き|以外|なく|ません"
        "|好まず|飲まず|食べず|使わず|持たず|せず|お断り|断る|断っ|結構です|除|外し|無用",
        over_after="やめた|やめて|やめる|辞めた|止めた|飽き|手放|売却",
        masks="違いない|欠かさない|欠かせない|かもしれない|しか…ない|しか…ません|だけでなく"
        "|だけじゃなく|少なく|少ない|すくない|とんでもない|仕方ない|もったいない|問題ない|問題なし"
        "|問題なく|制限なし|上限なし|申し分ない|さりげない|さりげなく|何気ない|何気なく|忘れない"
        "|すみません|例外なく",
        but="けど|けれど|でも|しかし|一方|むしろ|ただし",
        joins="や|も|と|か|または",
    ),
    "ZH": CueLists(
        either="不要|不想要|不喜欢|不爱|不打|不玩|不吃|不喝|不抽|不穿|不戴|不碰|不沾|不买|不收|不考虑",
        before="不|没|没有|无|無|未|非|勿|别|避免|避开|拒绝|讨厌|反感|厌恶|除了|而不是|禁|毫无|嫌"
        "|受不了|忌|切忌|远离",
        after="不行|不感兴趣|没兴趣|不合适|不适合|免了|就免|算了|除外|以外|无所谓|免谈|嫌",
        over_before="不再|放弃|停止|戒了|戒掉",
        over_after="不再|戒了|戒掉|放弃|停了|腻了|卖了|卖掉",
        masks="不错|不少|不仅|不但|不只|不单|不止|不管|不论|不得不|不锈|不久|不断|不同|不妨|不如"
        "|不愧|不限|不低于|不高于|不超|不要紧|不好意思|不见不散|差不多|对不起|好不好|能不能|是不是"
        "|要不要|会不会|行不行|可不可以|有没有|说不定|离不开|少不了|忘不了|忍不住|必不可少"
        "|不可或缺|爱不释手|非…不可|特别|别墅|个别|级别|类别|区别|性别|分别|告别|别致|别人|别的"
        "|别具|别忘|非常|除非|非洲|非凡|非遗|未来|未婚|无比|无限|无论|无疑|无数|无名指|无线|无价"
        "|不耐|不定期|不规律|独一无二|未亡|要是没|如果没|若没|没问题|没错|没关系|没忘|没想到",
        but="但|但是|而是|而|却|不过|反而",
        joins="或|或者|和|与|及|也",
    ),
    "KO": CueLists(
        after="~않|~없|~아니|아님|~싫|~피하|~피함|~피해|말고|제외*|빼고|빼*|사양*|거부*|거절*|금지*"
        "|금물|안|못|별로|기피|무관심|됐다고|부담스러*|꺼려*|꺼림*|질색|대신",
        over_after="그만*|끊*|포기*|처분*|질려|질린|질렸*|더는|더 이상",
        masks="문제 없*|~문제없|~틀림없|상관 없*|~상관없|~빠짐없|~끊임없|~어김없|~다름없|없어서 못"
        "|~못지않|더할 나위 없*|부담 없*|~부담없|~변함없|~손색없|~아낌없|수밖에 없*|~밖에 없*"
        "|뿐만 아니*|뿐 아니*|~뿐만 아니*|~아니면",
        but="~지만|하지만|그러나",
        joins="또는|이나|나|및",
    ),
}

# Words that are something else in another language (DE Mai, DE noch, IT ne, FR n', EN sold): no
# cues where a note's language is not known. `no` and `pas` stay, for they deny in four languages
# and mean "in the" and "just" in one each.
ELSEWHERE = frozenset("mai ne n noch nee null quit sold satt fuit mica of en".split())
