"""Contrasting words of Chinese."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

ZH = ContrastLists(
    months="一月; 二月; 三月; 四月; 五月; 六月; 七月; 八月; 九月; 十月; 十一月; 十二月",
    weekdays=(
        "周一|星期一|礼拜一|週一; 周二|星期二|礼拜二|週二; 周三|星期三|礼拜三|週三; 周四|星期四|"
        "礼拜四|週四; 周五|星期五|礼拜五|週五; 周六|星期六|礼拜六|週六; 周日|周天|星期日|星期天|"
        "礼拜日|礼拜天|週日|週天"
    ),
    seasons=(
        "春{天,季,日,装,裝,款}; 夏{天,季,日,装,裝,款}; 秋{天,季,日,装,裝,款}; 冬{天,季,日,装,裝,款}"
    ),
    others={
        "wife": "妻子|老婆|{他,我,给,送,和}太太|妻",
        "husband": "丈夫|老公|{她,我,给}先生",
        "girlfriend": "女朋友|女友",
        "boyfriend": "男朋友|男友",
        "bride": "未婚妻",
        "groom": "未婚夫",
        "partner": "爱人|愛人|伴侣|伴侶|配偶",
        "wife husband": "夫妻|夫妇|夫婦",
        "mother": "妈妈|媽媽|母亲|母親|老妈",
        "father": "爸爸|父亲|父親|老爸",
        "parent": "父母|爸妈|爸媽|双亲",
        "daughter": "女儿|女兒|闺女",
        "son": "儿子|兒子",
        "child": "孩子|小孩|子女|儿女",
        "sister": "姐姐|妹妹|姐妹",
        "brother": "哥哥|弟弟|兄弟",
        "grandmother": "奶奶|外婆|姥姥|祖母",
        "grandfather": "爷爷|爺爺|外公|姥爷|祖父",
        "granddaughter": "孙女|外孙女|孫女",
        "grandson": "孙子|外孙|孫子",
        "aunt": "姑姑|姨妈|姑妈|舅妈|婶婶",
        "uncle": "叔叔|舅舅|伯伯|姑父|姨父",
        "niece": "侄女|外甥女",
        "nephew": "侄子|外甥",
        "cousin": "{表,堂}{姐,妹,哥,弟,兄}",
        "mother_in_law": "岳母|丈母娘|婆婆",
        "father_in_law": "岳父|公公",
        "mother_in_law father_in_law": "公婆|岳父母",
        "in_law": "女婿|儿媳|嫂子|姐夫|妹夫|弟媳",
        "friend": "朋友|闺蜜|好友|閨蜜",
        "boss": "{她,他,我,给,送}老板|上司|{她,他,我}领导",
        "colleague": "同事",
        "family": "家人|家庭|亲戚|家里人",
        "before": "之前|节前",
        "after": "之后|以后|节后|之後|以後",
        "during": "期间|期間",
        "weekend": "周末|週末",
        "workday": "工作日|平日",
    },
    nothing=(
        "{周,週}{一,二,三,四,五}次|春节|春節|{新,伴,姑}娘|老板娘|母{婴,貝,贝}|师父|師父|"
        "{字,航,分}母|朋友圈|冬虫夏草|夏日香|老公公|老婆婆"
    ),
)
