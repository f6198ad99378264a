"""Polarity cues of German."""

from lvmh_jax.data.cues.lists import CueLists

DE = CueLists(
    either="nicht|kein*|nie|niemals|nein|nix|nichts|null|auf keinen fall|auf gar keinen fall"
    "|lehnt|kaum|doch kein*|selten",
    verbs="verzicht*|vermeid*|meide*",
    before="ohne|weder|hasst|hasse|hassen|hasst aber|hasst jedoch|verabscheu*|ablehn*"
    "|verzichtet auf|außer|statt|anstatt|anstelle|alles andere als|verweiger*|genug von"
    "|abneigung gegen|raus mit|fern von|frei von|nicht … dass|immer weniger|lieber … … als"
    "|eher … … als|weg mit|bogen um|nichts übrig für|hält … … wenig|bis auf|nicht, dass"
    "|nicht zu|nicht allzu|sich gegen|vergessen wir"
    "|kein interesse an|nicht interessiert an",
    after="überflüssig|unnötig|"
    "verboten|tabu|ausgeschlossen|zuwider|langweil*|fehlanzeige|unerwünscht|satt"
    "|nichts für sie|nichts für ihn|zu laut|zu auffällig|zu grell|zu bunt|zu schrill|zu hart"
    "|stimmt nicht|verneint*|winkt ab|winkte ab|abgewunken|gestrichen|passé|vom tisch|abgelehnt"
    "|nicht mit ihr|nicht mit ihm|großen bogen|der blanke horror|war einmal|nie wieder"
    "|herzlich wenig|vom hals|nee|kann man … … jagen",
    backward="lieber nicht|geht gar nicht|kommt nicht in frage|nein danke|nicht ausstehen"
    "|nichts anfangen|nicht ihr fall|nicht sein fall|nicht ihr ding|nicht sein ding|sagt nein"
    "|sagte nein|nein gesagt|nicht in die tüte|doch nicht|doch lieber nicht|keine zehn pferde"
    "|nicht geheuer|nicht zu haben|nicht zu begeistern",
    refusals="kein interesse|nicht interessiert|kein fan|nicht so ihrs|nicht so seins",
    over_before="nicht mehr|nie wieder|aufgehört mit|schluss mit",
    over_after="nicht mehr|nie wieder|aufgegeben|abgelegt|verkauft|aufgehört|abgewöhnt"
    "|an den nagel gehängt|an den nagel",
    masks="nichts geht über|geht nichts über|nichts besser*|nichts schöner*"
    "|nicht nur|nicht zuletzt|ohne frage|ohne zweifel|nicht wahr|kein problem*|ohne problem*"
    "|keine frage"
    "|gar nicht genug|nicht genug|nicht schlecht|nichts lieber als|ohne ende"
    "|warum nicht|nicht vergessen|nicht verpassen|nie ohne|nichts als|nichts anderes als"
    "|ohne weiteres|wenn kein*"
    "|nicht widerstehen|nie genug|keine sekunde|nicht gezögert|ohne zögern|nichts falsch"
    "|nicht verzichten|nicht gefunden|nicht satt|nie müde|noch nicht|nie … entgehen"
    "|nicht … entgehen|nichts außer|nichts … außer|nicht abgeneigt|nicht ohne|nicht verzicht*"
    "|nie verzicht*|nicht … verzicht*|nicht missen|nicht verfügbar|nicht lieferbar"
    "|nicht vorrätig|nicht auf lager|nicht zu verachten|nichts gegen|nichts dagegen|nicht nein"
    "|nicht abwarten|ohne … … nie|ohne … … nirgend*|ohne … … niemals|nirgend* ohne|nichts aus"
    "|nicht sattsehen|nicht bereut|kein* wunder|nicht selten|nicht scheu*"
    "|keine bedenken|kein* einwand|kein* einwände|lehnt … nicht|schlägt … nicht"
    "|nicht ausgeschlossen|nicht lange überleg*|ohne zu überlegen|haben wir nicht"
    "|haben wir kein*|wir haben kein*|führen wir nicht|nicht mehr da|nichts einzuwenden"
    "|stört … nicht|nicht stör*|ohne … … nicht aus dem haus|nicht vor|nicht begnüg*"
    "|ist nicht bis|verkauft sich|kaum erwarten|scheut kein*|sehr selten|so selten|ist selten"
    "|weiß nichts|weiß von nichts|weiß davon nichts|nichts davon"
    "|nicht versäumen|vergiss … nicht|vergessen sie … nicht|vergesst … nicht|verpass* … nicht"
    "|verpassen sie … nicht|lehnt … nie"
    "|wie nie zuvor|wie noch nie|spät als nie",
    named="ohne limit|kein limit|verträgt … kein*|verträgt … nicht|nicht verträgt|nicht vertragen"
    "|kein* eile",
    but="aber|sondern|jedoch|doch|dafür|stattdessen|weil|denn",
    joins="und",
    ors="oder|noch",
    articles="der|die|das|den|dem|des|ein|eine|einen|von|vom",
    bare="ohne|außer|weder|statt",
    nots="nicht|kein*",
)
