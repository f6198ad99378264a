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
      refusals: stand before or behind, and behind also as a clause of their own.
      over_before, over_after: say that it held once: given up, stopped, sold.
      masks: look like cues and are none.
      but: end what a cue denies.
      joins: carry it on to the next thing.
    """

    either: str = ""
    before: str = ""
    after: str = ""
    refusals: str = ""
    over_before: str = ""
    over_after: str = ""
    masks: str = ""
    but: str = ""
    joins: str = ""


CUES = {
    "EN": CueLists(
        either="no|not",
        before="never|~n't|dont|doesnt|didnt|isnt|arent|cant|wont|cannot|without|neither|nor|none"
        "|nothing|nobody|avoid*|dislike*|hate*|loathe*|detest*|despise*|refuse*|reject*|decline*"
        "|skip*|steer* clear of|stay* clear of|keep* away from|anything but|nothing like"
        "|instead of|rather than|other than|except|excepting|apart from|fed up with|tired of"
        "|bored with|bored of|sick of|free of|free from|hardly|against|leave out|far from"
        "|had it with|turned down|turns down|turning down|keep* well away from|keep* … away from",
        after="not for her|not for him|not for them|isn't her thing|isn't his thing|not her thing"
        "|not his thing|is out|are out|no thanks|no thank you|not at all|off the table"
        "|leaves her cold|leaves him cold|bores her|bores him|banned|is a no|out of the question"
        "|not her style|not his style|~n't appeal*|~n't suit*|~n't work for|~n't her thing"
        "|~n't his thing|~n't their thing|~n't for her|~n't for him|too loud|too flashy|too bright"
        "|too harsh|too garish|too showy|does nothing for|far from it",
        refusals="not interested|no interest|not convinced|~n't show",
        over_before="no longer|not any more|used to|gave up|given up|gives up|giving up|stopped"
        "|quit|got rid of|sold|gone off|went off|gone right off|gone … off",
        over_after="given up|anymore|any more|no more|sold|gone off",
        masks="no doubt|not only|not just|no later than|no matter|not bad|no problem|no drama"
        "|why not|nothing but|nothing less than|never misses|never miss|can't wait|cannot wait"
        "|can't resist|cannot resist|can't get enough|cannot get enough|can't live without"
        "|cannot live without|never without|couldn't be happier|could not be happier"
        "|more often than not|if not|not sure|no idea|did not mean|so no|not to mention"
        "|don't hesitate|do not hesitate|don't forget|do not forget|never forget*|is used to"
        "|get used to|be used to|not tolerat*|can't tolerat*|cannot tolerat*|doesn't tolerat*"
        "|if no|can't do without|cannot do without|can't go wrong|cannot go wrong|couldn't resist"
        "|could not resist|~n't find|not find|not found|didn't hesitate|did not hesitate"
        "|no hesitation|without hesitation|never tire* of|never gets tired|never … without"
        "|~n't … without|not … without|not yet|~n't mind|no limit*|without a doubt|without fail"
        "|never enough|nothing else than|nothing other than|not averse|not against|not opposed"
        "|nothing … except|nothing … but|who wouldn't|who doesn't",
        but="but|however|although|though|yet|instead",
        joins="or|nor|and",
    ),
    "FR": CueLists(
        either="jamais|non|aucun|aucune|nul|nulle",
        before="pas|ne|n|ni|sans|rien de|rien d|rien avec|rien en|évite*|éviter|déteste*|refuse*"
        "|rejette*|bannir|hors de question|tout sauf|sauf|hormis|excepté|à part|plutôt que"
        "|au lieu de|guère|horreur de|horreur du|horreur des|marre de|marre du|marre des|fuit|fuir"
        "|déconseill*|interdit*|pas fan|pas très fan|pas fan du tout|pas du tout",
        after="à éviter|exclu|exclus|exclue|exclues|interdit*|banni|bannie|bannis|bannies"
        "|proscrit*|très peu pour|laisse froid|laisse froide|s'abstenir|non merci|bof"
        "|hors de question|sans intérêt|pas … truc|pas … genre|pas … style|ne … plaît"
        "|ne … plaisent|ne … intéress*|ne … convien*|trop criard*|trop voyant*|trop flashy"
        "|trop dur*|c'est pas|c'est trop|ce n'est pas|passe pas",
        refusals="pas intéress*|aucun intérêt|pas convaincu*",
        over_before="a arrêté|arrêté|arrête de|arrête le|arrête la|abandonné|renonce à|a renoncé"
        "|fini le|fini la|fini les|lâché|lassé*|revendu*|vendu*|ne plus|ne … plus|n … plus"
        "|plus jamais|plus du tout",
        over_after="abandonné*|arrêté*|revendu*|vendu*|lâché*|plus du tout",
        masks="pas mal|pas seulement|pas que|non seulement|n'hésite*|n'est-ce pas|ne jure que par"
        "|ne … que|n … que|rien que|pas encore|sans doute|sans cesse|sans limite|sans faute"
        "|sans problème|sans souci|sans oublier|pas à pas|non loin|pas de souci|pas de problème"
        "|pourquoi pas|n'oubli*|ne pas oublier|ne rate jamais|ne manque jamais|jamais sans"
        "|à part ça|sauf erreur|ne supporte* pas|supporte* pas|ne tolère* pas|tolère* pas"
        "|ne digère* pas|digère* pas|aucun problème|aucun souci|aucun doute|sans hésit*|pas hésité"
        "|pas … hésité|lasse* pas|lasse jamais|ne … lasse* pas|ne … passer de|n'a pas trouvé"
        "|pas trouvé|pas résist*|pas pu résister|jamais assez|jamais trop|ne … jamais sans"
        "|n … jamais sans|c'est pas mal|c'est pas grave|c'est pas un problème|c'est pas un souci"
        "|pas contre|aucune hésit*|ne … sans|pas … sans|rien … sauf|rien d'autre que|rien à part"
        "|ne déplaît pas|déplaît pas",
        but="mais|cependant|toutefois|en revanche|par contre|plutôt",
        joins="ou|ni|et",
    ),
    "IT": CueLists(
        either="no|non|mai|nessun*|niente|nulla|neanche|nemmeno|neppure",
        before="senza|evita*|evitare|odia*|detesta*|rifiuta*|tranne|eccetto|fuorché|anziché"
        "|invece di|piuttosto che|priv* di|al posto di|mica|stufa di|stufo di|contrari* a"
        "|basta con|stuf* d*|stanc* d*|non sopporta*|tutt'altro che",
        after="no grazie|proibit*|vietat*|bandit*|escluso|esclusa|esclusi|escluse|da evitare"
        "|non fa per|lo annoia|la annoia|per carità"
        "|fuori discussione|troppo vistos*|troppo chiassos*"
        "|troppo dur*",
        refusals="nessun interesse|non interess*|non … interess*",
        over_before="ha smesso|smesso di|ha lasciato|lasciato il|lasciato la|non più|non … più"
        "|vendut*"
        "|cedut*",
        over_after="cedut*|vendut*|abbandonat*|lasciat*|smess*",
        masks="non solo|niente male|non vede l'ora|non bada a|senza dubbio|senz'altro|senza limiti"
        "|non manca mai|non perde mai|nessun problema|non c'è problema|se non|non a caso|come no"
        "|perché no|non tollera*|non digerisc*|non dimentic*|mai senza|non … altro che"
        "|non … se non|nessun dubbio|non si stanca* mai|non … stanca* mai|non … mai senza"
        "|non ha trovato|non trova*|non … esitat*|non … resist*|non … fare a meno|senza esita*"
        "|mai abbastanza|no limit*|non … senza|niente … tranne|non dispiac*|non le dispiac*"
        "|non gli dispiac*|non … contrari*",
        but="ma|però|bensì|invece|tuttavia",
        joins="o|né|e|oppure",
    ),
    "ES": CueLists(
        either="no|nunca|jamás|ni|ningún|ninguna|ninguno|nada|tampoco|nadie",
        before="sin|evita*|evitar|odia*|detesta*|rechaza*|aborrece*|excepto|salvo|menos|en vez de"
        "|en lugar de|antes que|harta de|harto de|cansad* de|ni hablar de|cualquier cosa menos"
        "|todo menos|huye de|en contra de|prohibid*"
        "|cansad* d*|hart* d*|no soporta*",
        after="prohibid*|descartad*|no gracias|le aburre*|le horroriza*|fuera de discusión"
        "|no va con|demasiado chill*|demasiado llamativ*|demasiado dur*|sin cuidado",
        refusals="no le interes*|sin interés|ni hablar|ni en broma|ni loca|ni loco|no le apetec*",
        over_before="ya no|dejó de|ha dejado|dejó el|dejó la|dejó los|abandonó|vendió|dejar de"
        "|deje de|dejáramos de|dejemos de",
        over_after="lo dejó|la dejó|los dejó|las dejó|ya no|vendid*|vendió|abandonad*|se acabó",
        masks="no solo|sin duda|sin falta|sin límite*|nada mal|no hay problema|sin problema*"
        "|cómo no|por qué no|no ve la hora|no para de|no deja de|nunca falta|si no|ni que decir"
        "|sin embargo|no olvid*|nunca sin|no … más que|menos de|al menos|por lo menos|menos mal"
        "|más o menos|no tolera*|no digier*|nada cada|nada todos|nada en|ningún problema"
        "|ninguna duda|nunca … sin|nunca … cansa*|no se cansa|no cabe duda|no hay duda"
        "|no … resist*|no encontr*|no encuentra*|no lo dud*|no dud*|nada más que"
        "|no … otra cosa que|no puede vivir sin|no puede estar sin|no … prescindir|sin dudar*"
        "|nunca … suficiente|no limit*|no … sin|nada … salvo|nada … excepto|nada … menos"
        "|no le disgusta*|no … disgusta*|quién no",
        but="pero|sino|aunque",
        joins="o|u|ni|y|e",
    ),
    "PT": CueLists(
        either="não|nunca|jamais|nem|nenhum|nenhuma|nenhuns|nenhumas|nada|tampouco|ninguém",
        before="sem|evita*|evitar|odeia*|detesta*|recusa*|rejeita*|exceto|menos|salvo|em vez de"
        "|ao invés de|no lugar de|cansad* de|farta de|farto de|avess* a|foge de|tudo menos"
        "|proibid*|longe de"
        "|cansad* d*|fart* d*|não suporta*",
        after="nem pensar|nem morta|nem morto|proibid*|descartad*|não obrigad*|dispensa"
        "|de jeito nenhum|de forma alguma|também não|fora de questão|não lhe agrada*"
        "|demasiado berrant*|demasiado vistos*|foge disso|foge dessa*|foge desse*",
        refusals="não lhe interess*|não se interess*|sem interesse",
        over_before="já não|não mais|não … mais|deixou de|largou|parou de|desistiu de|abandonou"
        "|vendeu",
        over_after="já não|largou|deixou|abandonou|parou|desistiu|vendeu|vendid*",
        masks="não só|não apenas|sem dúvida|sem falta|sem limite*|nada mal|sem problema*"
        "|não vê a hora|não perde|nunca falta|se não|por que não|não esque*|nunca sem|não tolera*"
        "|não digere*|não … senão|menos de|pelo menos|mais ou menos|nenhum problema|nenhuma dúvida"
        "|nunca … sem|nunca se cansa|não se cansa|nada além de|nada mais do que|não encontr*"
        "|não resist*|não hesit*|sem hesitar|não há dúvida|não passa sem|não vive sem"
        "|nunca … suficiente|não … sem|nada … exceto|nada … a não ser|não lhe desagrad*"
        "|não desgost*|quem não",
        but="mas|porém|contudo|todavia|embora",
        joins="ou|nem|e",
    ),
    "DE": CueLists(
        either="nicht|kein*|nie|niemals|nein|nix|nichts|null|keinesfalls|keineswegs"
        "|auf keinen fall|auf gar keinen fall"
        "|vermeid*|meide*|lehnt|kaum",
        before="ohne|weder|hasst|hasse|hassen|hasst aber|hasst jedoch|verabscheu*|ablehn*"
        "|verzichtet auf|außer|statt|anstatt|anstelle|alles andere als|verweiger*|genug von"
        "|abneigung gegen|raus mit|fern von|frei von|nicht dass|nicht … dass",
        after="lieber nicht|geht gar nicht|kommt nicht in frage|verboten|tabu|ausgeschlossen"
        "|zuwider|langweil*|jagen|fehlanzeige|unerwünscht|nein danke|satt|nicht ausstehen"
        "|nichts anfangen|nichts für sie|nichts für ihn|nicht ihr fall|nicht sein fall"
        "|nicht ihr ding|nicht sein ding|zu laut|zu auffällig|zu grell|zu bunt|zu schrill|zu hart"
        "|stimmt nicht",
        refusals="kein interesse|nicht interessiert",
        over_before="nicht mehr|nie wieder|aufgehört mit|schluss mit",
        over_after="nicht mehr|nie wieder|aufgegeben|abgelegt|verkauft|aufgehört|abgewöhnt",
        masks="nicht nur|nicht zuletzt|ohne frage|ohne zweifel|nicht wahr|kein problem|keine frage"
        "|gar nicht genug|nicht genug|nicht schlecht|nichts lieber als|ohne ende|ohne limit"
        "|warum nicht|nicht vergessen|nicht verpassen|nie ohne|nichts als|nichts anderes als"
        "|ohne weiteres|verträgt … kein*|verträgt … nicht|nicht verträgt|nicht vertragen"
        "|wenn kein*|nicht widerstehen|nie genug|keine sekunde|nicht gezögert|ohne zögern"
        "|nichts falsch|nicht verzichten|nicht gefunden|nicht satt|nie müde|noch nicht|kein limit"
        "|nie … entgehen|nicht … entgehen|nichts außer|nichts … außer|nicht abgeneigt|nicht ohne",
        but="aber|sondern|jedoch|doch|dafür|stattdessen",
        joins="oder|noch|und",
    ),
    "NL": CueLists(
        either="niet|geen|nooit|niks|niets|nee|nimmer|geenszins|vermijd*",
        before="zonder|noch|haat|verafschuw*|weiger*|behalve|in plaats van|liever dan"
        "|allesbehalve|alles behalve|klaar met|zat van|hekel aan|afkeer van|vrij van|wars van"
        "|nauwelijks|amper",
        after="niks voor haar|niks voor hem|niets voor haar|niets voor hem|saai|taboe|uit den boze"
        "|verboden|hoeft van|beu|weigert|liever niet|nee bedankt|nee dank|uitgesloten"
        "|niet haar ding|niet zijn ding|niet haar smaak|niet zijn smaak|niet haar stijl"
        "|niet zijn stijl|te druk|te fel|te opvallend|te schreeuwerig|te hard|laat haar koud"
        "|laat hem koud|laten haar koud|laten hem koud|klopt niet",
        refusals="geen interesse|niet geïnteresseerd",
        over_before="niet meer|nooit meer|gestopt met",
        over_after="niet meer|nooit meer|opgegeven|gestopt|verkocht",
        masks="niet alleen|niet slecht|zonder twijfel|geen probleem|geen punt|waarom niet"
        "|kan niet wachten|niet te missen|mist nooit|niet in het minst|niet vergeten|nooit zonder"
        "|niets dan|zonder meer|verdraagt … geen|verdraagt … niet|als er geen|geen twijfel"
        "|geen seconde|niets anders dan|niet weerstaan|nooit genoeg|niet gevonden|niets fout"
        "|niets mis|niet zonder|nooit … zonder|zonder aarzel*|niet geaarzeld|nog niet"
        "|niet vies van|niets … behalve|niet tegen",
        but="maar|echter|wel|juist|daarentegen",
        joins="of|noch|en",
    ),
    "RU": CueLists(
        either="не|нет|никогда|никак*|нельзя|ничего|нисколько",
        before="без|ни|избега*|ненавид*|отказал*|отказыва*|против|кроме|вместо|только не"
        "|терпеть не может|нелюбов*|лишь бы не|устал* от|какой там|какая там|какие там",
        after="исключен*|исключить|исключая|запрещ*|мимо|противопоказан*|ни за что|надоел*"
        "|отсутств*|ни к чему|слишком кричащ*|слишком ярк*|слишком броск*",
        refusals="не заинтерес*|больше не показыв*",
        over_before="больше не|уже не|перестал*|бросил*|забросил*|разлюбил*",
        over_after="больше не|уже не|бросил*|забросил*|оставил*|продал*",
        masks="не только|не просто|не против|не прочь|без сомнения|не проблема|без проблем|не хуже"
        "|не менее|не раз|почему бы не|почему бы и нет|без ума от|не терпится|не перенос*"
        "|не пропускает|не считает денег|несмотря|не забы*|не раздумыва*|ни секунды|ни на секунду"
        "|не найд*|не наш*|не сомнева*|не … обойтись без|не … без|никогда … без|никогда не надоед*"
        "|не надоед*|не устоя*|без колебан*|еще не|ничего кроме|никого кроме|не … кроме"
        "|ничего … кроме",
        but="но|а|зато|однако",
        joins="или|ни|и|либо",
    ),
    "AR": CueLists(
        either="لا|ليس|ليست|لم|لن|مش|مو|مب|ما يحب*|ما تحب*|ما يبي"
        "|ما تبي|ما يبغى|ما تبغى|ما بد*|ما يعجب*|ما عند*",
        before="ولا|فلا|وليس|وليست|ولم|ولن|بدون|وبدون|دون|ودون|من دون|من غير|بلا|وبلا|عدا|ما عدا"
        "|سوى|إلا|باستثناء|بدلا من|عوضا عن|يتجنب|تتجنب|تجنب|يكره|تكره|يرفض|ترفض|رفض*|ممنوع|ضد"
        "|خال* من|عدم|مفيش|بلاش|ماكو|غير|وغير|ما في|مالهاش في|مالوش في",
        after="مرفوض*|ممنوع*|مستبعد*|أبدا|إطلاقا|بتاتا|على الإطلاق|لا داعي",
        refusals="غير مهتم*|لم تهتم|لم يهتم|فلم تهتم|فلم يهتم",
        over_before="لم يعد|لم تعد|ما عاد|ما عادت|توقف عن|توقفت عن|ترك|تركت|بطل|بطلت|أقلع عن"
        "|أقلعت عن",
        over_after="لم يعد|لم تعد|باع|باعه|باعها|باعت|باعتها|خلاص",
        masks="لا شك|لا بأس|لا مانع|لا سيما|ليس فقط|بدون شك|دون شك|لا يفوت|لا تفوت|لا يزال|لا تزال"
        "|لا زال|لا يتحمل|لا تتحمل|عدم تحمل|لا يهضم|لا تهضم|غير محدود|لا تنس*|لا … إلا|لم تجد"
        "|لم يجد|لا تمل|لا يمل|لا … من دون|لا … بدون|لم يتردد|لم تتردد|دون تردد|بدون تردد|بلا تردد"
        "|لا تستغني|لا يستغني|لا غنى|لا مشكل*|ما في مشكل*|لم تقاوم|لم يقاوم|ما في أحلى|ما في أجمل"
        "|لا … غير|لا … سوى",
        but="لكن|ولكن|بل|لكنه|لكنها|إنما",
        joins="أو|ولا",
    ),
    "JA": CueLists(
        after="苦手|嫌い|嫌|避け|ない|なし|無し|不要|NG|だめ|ダメ|駄目|控え|抜き|以外|なく|ません"
        "|好まず|飲まず|食べず|使わず|持たず|せず|お断り|断る|断っ|結構です|除|外し|無用|論外|響か"
        "|派手すぎ|興味な|遠慮|勘弁|興味を示さ|示さず|示されず|違うそう|違うとのこと",
        over_after="やめた|やめて|やめる|辞めた|止めた|飽き|手放|売却",
        masks="違いない|欠かさない|欠かせない|かもしれない|しか…ない|しか…ません|だけでなく"
        "|だけじゃなく|少なく|少ない|すくない|とんでもない|仕方ない|もったいない|問題ない|問題なし"
        "|問題なく|制限なし|上限なし|申し分ない|さりげない|さりげなく|何気ない|何気なく|忘れない"
        "|すみません|例外なく|なしでは…ない|なしには…ない|ずに…ない|悪くない|飽きない|飽きません"
        "|飽きず|ほど…ない|ませんか|ないですか|間違いない|我慢できない|見つからない|見つからず"
        "|迷うことなく|迷いなく|手放せない|手放せません|手放さない|時間がない|欠かせません"
        "|欠かしません|忘れません|問題ありません|以外は何も…ず|以外は何も…ない|以外…ません"
        "|止まらない|困らない",
        but="けど|けれど|でも|しかし|一方|むしろ|ただし",
        joins="や|も|と|か|または",
    ),
    "ZH": CueLists(
        either="不要|不想要|不喜欢|不爱|不打|不玩|不吃|不喝|不抽|不穿|不戴|不碰|不沾|不买|不收"
        "|用不着|看不上|不感冒|拒绝|讨厌|反感|厌恶",
        before="不|没|没有|无|無|未|非|勿|别|避免|避开|除了|而不是|禁|毫无|嫌|受不了|忌|切忌|远离"
        "|哪有空|哪有时间",
        after="不行|不合适|不适合|免了|就免|算了|除外|以外|无所谓|免谈|嫌|兴趣不大|没感觉|太张扬"
        "|太扎眼|太沉闷|太花哨|打动不了|摇头",
        refusals="不需要|不考虑|不感兴趣|没兴趣|不用了",
        over_before="不再|放弃|停止|戒了|戒掉",
        over_after="不再|戒了|戒掉|放弃|停了|腻了|卖了|卖掉",
        masks="不错|不少|不仅|不但|不只|不单|不止|不管|不论|不得不|不锈|不久|不断|不同|不妨|不如"
        "|不愧|不限|不低于|不高于|不超|不要紧|不好意思|不见不散|差不多|对不起|好不好|能不能|是不是"
        "|要不要|会不会|行不行|可不可以|有没有|说不定|离不开|少不了|忘不了|忍不住|必不可少"
        "|不可或缺|爱不释手|非…不可|特别|别墅|个别|级别|类别|区别|性别|分别|告别|别致|别人|别的"
        "|别具|别忘|非常|除非|非洲|非凡|非遗|未来|未婚|无比|无限|无论|无疑|无数|无名指|无线|无价"
        "|不耐|不定期|不规律|独一无二|未亡|要是没|如果没|若没|没问题|没错|没关系|没忘|没想到"
        "|毫无疑问|毫不犹豫|毫不迟疑|从不忘|从不离|何不|非…不|没有比|没找到|没买到|还没|没时间"
        "|百看不厌|舍不得|除了…什么都没|除了…什么也没|除了…都没|除了…都不",
        but="但|但是|而是|而|却|不过|反而",
        joins="或|或者|和|与|及|也",
    ),
    "KO": CueLists(
        after="~않|~없|~아니|아님|~싫|~피하|~피함|~피해|말고|제외*|빼고|빼*|사양*|거부*|거절*"
        "|금지*|금물|안|못|별로|기피|무관심|됐다고|부담스러*|꺼려*|꺼림*|대신|별로*|관심 없*"
        "|~관심없|너무 튀*|너무 과*|너무 화려*|질색*|사절*|너무 튄*",
        over_after="그만*|끊*|포기*|처분*|질려|질린|질렸*|더는|더 이상",
        masks="문제 없*|~문제없|~틀림없|상관 없*|~상관없|~빠짐없|~끊임없|~어김없|~다름없|없어서 못"
        "|~못지않|더할 나위 없*|부담 없*|~부담없|~변함없|~손색없|~아낌없|수밖에 없*|~밖에 없*"
        "|뿐만 아니*|뿐 아니*|~뿐만 아니*|~아니면|질리지 않*|나쁘지 않*|망설이지 않*|망설임 없*"
        "|빼놓지 않*|빼놓을 수 없*|빠지지 않*|거르지 않*|잊지 않*|없이는 … ~않|~없이는 … ~않"
        "|없이는 … 못|없이 … ~없|말고는 아무것도|말고는 … ~않|말고는 … ~없|말고는 … 안|안 빠지*"
        "|안 빼놓*|안 … 수가 없*|안 … 수 없*",
        but="~지만|하지만|그러나",
        joins="또는|이나|나|및",
    ),
}

# Words that are something else in another language (DE Mai, DE noch, IT ne, FR n', EN sold): no
# cues where a note's language is not known. `no` and `pas` stay, for they deny in four languages
# and mean "in the" and "just" in one each.
ELSEWHERE = frozenset("mai ne n noch nee null quit sold satt fuit mica of en".split())
