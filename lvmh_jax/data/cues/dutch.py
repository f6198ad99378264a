"""Polarity cues of Dutch."""

from lvmh_jax.data.cues.lists import CueLists

NL = CueLists(
    either="niet|geen|nooit|niks|niets|nee|nimmer|geenszins|zelden",
    verbs="vermijd*",
    before="zonder|noch|haat|verafschuw*|weiger*|behalve|liever dan|allesbehalve|alles behalve"
    "|klaar met|zat van|hekel aan|afkeer van|vrij van|wars van|nauwelijks|amper|steeds minder"
    "|mijdt|mijden|liever … … dan|gruwt van|boog om|uitgekeken op|afgezien van|in plaats van"
    "|geen zin in|niets met|niks met|wijst af|wijst … af"
    "|niet te|niet al te|zag af van|ziet af van|vergeet het|vergeet de"
    "|geen interesse in|niet geïnteresseerd in",
    after="overbodig|onnodig|"
    "niks voor haar|niks voor hem|niets voor haar|niets voor hem|saai|taboe|uit den boze"
    "|verboden|hoeft van|beu|weigert|uitgesloten|te druk|te fel|te opvallend|te schreeuwerig"
    "|te hard|laat haar koud|laat hem koud|laten haar koud|laten hem koud|klopt niet|afgewezen"
    "|afgezworen|van de baan|links liggen|niet voor haar|niet voor hem|niet aan haar besteed"
    "|niet aan hem besteed|eraan gegeven|voor gezien gehouden|onzin|steeds minder|verleden tijd"
    "|kan haar gestolen worden|kan hem gestolen worden|niet te doen",
    backward="liever niet|nee bedankt|nee dank|niet haar ding|niet zijn ding|niet haar smaak"
    "|niet zijn smaak|niet haar stijl|niet zijn stijl|hoeft niet|niet nodig|zei nee|zegt nee"
    "|nee gezegd|toch niet|toch maar niet|niet zo haar ding|niet zo zijn ding",
    refusals="geen interesse|niet geïnteresseerd|geen fan",
    over_before="niet meer|nooit meer|gestopt met",
    over_after="niet meer|nooit meer|gestopt|verkocht|aan de wilgen gehangen|aan de wilgen"
    "|opgegeven",
    masks="niets beter*|niets mooier*"
    "|niet alleen|niet slecht|zonder twijfel|geen probleem|geen problemen|zonder problemen"
    "|geen punt|waarom niet"
    "|kan niet wachten|niet te missen|mist nooit|niet in het minst|niet vergeten|nooit zonder"
    "|niets dan|zonder meer|als er geen|geen twijfel"
    "|geen seconde|niets anders dan|niet weerstaan|nooit genoeg|niet gevonden|niets fout"
    "|niets mis|niet zonder|nooit … zonder|zonder aarzel*|niet geaarzeld|nog niet|niet vies van"
    "|niets … behalve|niet tegen|geen genoeg|niet beschikbaar|niet leverbaar|niet op voorraad"
    "|niet moeilijk|niets tegen|geen bezwaar*|geen nee|niet nee|niet te versmaden"
    "|zonder … … nooit|zonder … … nergens|nergens zonder|niet missen|geen wonder"
    "|geen spijt|niet bang|niet zelden|zelden zonder|niet lang nagedacht|zonder na te denken"
    "|hebben we niet|hebben wij niet|we hebben geen|hebben we geen|stoort … niet"
    "|zonder … … deur niet uit|zonder … … niet van huis|niet te beroerd|meteen verkocht"
    "|op slag verkocht|nauwelijks wachten|behalve … ook|maat … opgegeven|nummer opgegeven"
    "|adres opgegeven"
    "|weet … niets|weet niets|weet … niks|weet niet|weet … niet"
    "|vergeet … niet|mis … niet|weigert nooit|weigert … nooit"
    "|als nooit tevoren|als nooit eerder|laat dan nooit",
    named="verdraagt … geen|verdraagt … niet|geen haast",
    but="maar|echter|wel|juist|daarentegen|omdat|want",
    joins="en",
    ors="of|noch",
    articles="de|het|een|van",
    bare="zonder|behalve",
    nots="niet|geen",
)
