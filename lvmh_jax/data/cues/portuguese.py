"""Polarity cues of Portuguese."""

from lvmh_jax.data.cues.lists import CueLists

PT = CueLists(
    either="não|nunca|jamais|nem|nenhum|nenhuma|nenhuns|nenhumas|nada|tampouco|ninguém|também não",
    before="desnecessári*|"
    "sem|evita*|odeia*|detesta*|recusa*|exceto|menos|salvo|avess* a|tudo menos|proibid*"
    "|longe de|não suporta*|raramente|quase nunca|cada vez menos|descart*|rejeit*|foge d*"
    "|fugir d*|desist* d*|abdic* d*|nada de|antes … … do que|em vez d*|ao invés d*|no lugar d*"
    "|fugiu d*|torceu o nariz a|torceu o nariz ao|deixou-se de|cansad* de|cansad* do|cansad* da"
    "|cansad* dos|cansad* das|farto de|farta de|farto do|farta do|farto da|farta da|farto dos"
    "|farta dos|dispensa as|dispensa os|recusou"
    "|não … demasiado|esqueçamos|esqueça o|esqueça a"
    "|sem interesse em|sem interesse por|não se interess* por",
    after="desnecessári*|supérflu*|"
    "proibid*|descartad*|dispensa|de forma alguma|fora de questão|demasiado berrant*"
    "|demasiado vistos*|foge disso|foge dessa*|foge desse*|fora de causa|não é para ela"
    "|não é para ele|não são para ela|não são para ele|nem lhe toca|torceu o nariz|nem vê-lo"
    "|nem vê-la|cada vez menos|coisa que não|nem falar disso",
    backward="nem pensar|nem morta|nem morto|não obrigad*|de jeito nenhum|não lhe agrada*"
    "|disse que não|diz que não|respondeu que não|nem por sombras|não faz o género"
    "|não faz o estilo|nunca na vida|disse logo que não",
    refusals="não lhe interess*|não se interess*|sem interesse|não o|não a|não os|não as"
    "|já não o|já não a",
    over_before="já não|não mais|não … mais|largou|parou de|desistiu de|abandonou|vendeu"
    "|parou com|deixou de",
    over_after="já não|largou|abandonou|parou|desistiu|vendeu|vendid*|deixou",
    masks="nada melhor"
    "|não só|não apenas|sem dúvida|sem falta|nada mal|sem problema*"
    "|não vê a hora|não perde|nunca falta|se não|por que não|não esque*|nunca sem"
    "|não … senão|menos de|pelo menos|mais ou menos|nenhum problema|nenhuma dúvida"
    "|nunca … sem|nunca se cansa|não se cansa|nada além de|nada mais do que|não encontr*"
    "|não resist*|não hesit*|sem hesitar|não há dúvida|não passa sem|não vive sem"
    "|nunca … suficiente|não … sem|nada … exceto|nada … a não ser|não lhe desagrad*|não desgost*"
    "|quem não|não disponíve*|não … disponíve*|não chegou|não chegar*|não dispensa*"
    "|não prescinde*|não larga*|não se importa*|não … avess*|não diz que não|não diria que não"
    "|não falha*|nada contra|não recusa*|não rejeita*|não descart*|sem … … nunca|sem … nunca"
    "|não abdic*|não se separa*|não se cansa*|não tem medo|não … assust*"
    "|nem pensou duas vezes|não pensou duas vezes|nem hesit*|não temos|já não temos|não … temos"
    "|não se importa* nada|não … larga*|não há … … não|não é … antes d*|não … incomod*"
    "|sem … … não sai|já não havia|sem cabeça|deixou … gravar|deixou … contacto"
    "|não sabe*|não sabe* nada|não sabe* de nada|nada sabe*"
    "|não perca*|não perder|não se esque*|não te esque*"
    "|se nunca|se jamais|mais do que nunca|mais que nunca|melhor do que nunca|melhor que nunca"
    "|como nunca|como jamais",
    named="sem limite*|não tolera*|não digere*|não há pressa",
    but="mas|porém|contudo|todavia|embora|porque|pois",
    joins="e",
    ors="ou|nem",
    articles="o|a|os|as|um|uma|de|do|da|dos|das",
    bare="sem|nada|nem|nenhum|nenhuma|exceto|salvo|menos",
    nots="não",
)
