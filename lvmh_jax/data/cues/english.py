"""Polarity cues of English."""

from lvmh_jax.data.cues.lists import CueLists

EN = CueLists(
    either="no|not",
    before="unnecessary|needless|"
    "never|~n't|dont|doesnt|didnt|isnt|arent|cant|wont|cannot|without|neither|nor|none"
    "|nothing|nobody|avoid*|dislike*|can't stand|cannot stand|hate*|loathe*"
    "|detest*|despise*|refuse*|reject*|decline*"
    "|skip*|steer* clear of|stay* clear of|keep* away from|anything but|nothing like|instead of"
    "|rather than|other than|except|excepting|apart from|fed up with|tired of|bored with"
    "|bored of|sick of|free from|hardly|against|leave out|far from|had it with|turned down"
    "|turns down|turning down|keep* well away from|keep* … away from|rarely|seldom|scarcely"
    "|less and less|stay* away from|steer* away from|shun*|rule* out|veto*|ditch*|discard*"
    "|dismiss*|swore off|swear* off|rather … … than|sooner … … than|prefer* … over|as opposed to"
    "|minus|done with|wrinkle* … nose at|turn* … nose up at|over and done with"
    "|allergic to the idea|not a fan of|no fan of|not keen on|not into|not big on|no time for"
    "|had enough of|could do without|gave … a miss|given … a miss|giving … a miss|crosses off"
    "|crossed … off|crossed off|free of|barely|passed on the|passes on the"
    "|not too|~n't … too|not … too|not overly|forget the|forget about|ruled out|rules out"
    "|decided against"
    "|no interest in|not interested in|zero interest in|not convinced by",
    after="unnecessary|superfluous|"
    "not for her|not for him|not for them|is out|are out|off the table|leaves her cold"
    "|leaves him cold|bores her|bores him|banned|out of the question|~n't for her|~n't for him"
    "|too loud|too flashy|too bright|too harsh|too garish|too showy|far from it|~n't … it"
    "|~n't … them|never … it|never … them|no longer … it|no longer … them|not … it|not … them"
    "|hates it|hates them|dislikes it|dislikes them|off her list|off his list|off the list"
    "|a thing of the past|puts her off|puts him off|falls flat|fell flat|ruled out|turned it down"
    "|turned them down|is a turn off|are a turn off|had enough of|less and less|can do without it",
    backward="no thanks|no thank you|not at all|is a no|not her thing|not his thing|not her style"
    "|not his style|~n't appeal*|~n't suit*|~n't work for|~n't her thing|~n't his thing"
    "|~n't their thing|does nothing for|said no|says no|answered no|replied no|not an option"
    "|a no go|never again|never in her life|never in his life",
    refusals="not interested|no interest|not convinced|~n't show|zero interest|not a fan"
    "|not keen|no fan",
    over_before="no longer|not any more|used to|gave up|given up|gives up|giving up|stopped|quit"
    "|got rid of|sold|gone off|went off|gone right off|gone … off"
    "|no more",
    over_after="given up|anymore|any more|sold|gone off|gave it up|gave them up|given it up"
    "|no more",
    masks="nothing beats|nothing compares|nothing better|nobody loves|no one loves"
    "|no doubt|not only|not just|no later than|no matter|not bad|no problem*|no drama"
    "|without problem*|without a problem|without any problem*|without trouble|no issue*|no trouble"
    "|why not|nothing but|nothing less than|never misses|never miss|cannot wait|can't resist"
    "|cannot resist|can't get enough|cannot get enough|can't live without|cannot live without"
    "|never without|couldn't be happier|could not be happier|more often than not|if not|not sure"
    "|no idea|did not mean|so no|not to mention|don't hesitate|do not hesitate|don't forget"
    "|do not forget|never forget*|is used to|get used to|be used to"
    "|if no|can't do without|cannot do without|can't go wrong"
    "|cannot go wrong|couldn't resist|could not resist|~n't find|not find|not found"
    "|didn't hesitate|did not hesitate|no hesitation|without hesitation|never tire* of"
    "|never gets tired|never … without|~n't … without|not … without|not yet|~n't mind"
    "|without a doubt|without fail|never enough|nothing else than|nothing other than|not averse"
    "|not against|not opposed|nothing … except|nothing … but|who wouldn't|who doesn't"
    "|~n't believe|~n't get over|~n't stop|never takes … off|never take … off|~n't take … off"
    "|never far from|not available|~n't available|not in stock|~n't in stock|~n't receive*"
    "|~n't arriv*|nothing against|no objection*|would not say no|~n't say no|~n't put it down"
    "|~n't put … down|~n't wait|~n't regret*|never regret*|~n't live without|zero hesitation"
    "|rarely … without|rarely without|rarely miss*|hardly wait|~n't think twice|not think twice"
    "|without thinking|we don't have|we won't have|we have no|we didn't have|don't carry"
    "|out of stock|sold out|~n't put … off|not put … off|~n't bother*|~n't stop at|not stop at"
    "|not until|~n't have … … stock|without … … ~n't leave|without … … never|never leave*"
    "|~n't … yet|stopped by|stopped in|apart from … also|free of charge|no more than"
    "|barely there|barely wait|passed on … wish"
    "|not know|~n't know|knows nothing|does not know"
    "|do not miss|don't miss|not to miss|not forget|not to be missed|not skip|don't skip"
    "|cannot … without"
    "|like never before|as never before|late than never",
    named="no limit*|not tolerat*|can't tolerat*|cannot tolerat*|doesn't tolerat*",
    but="but|however|although|though|yet|instead|because",
    joins="and",
    ors="or|nor",
    articles="a|an|the|any|of|her|his|their",
    bare="no|without|minus|except|neither|nor",
    nots="not|~n't|dont|doesnt|didnt|isnt|arent|cant|wont|cannot",
)
