"""Contrasting words of Japanese."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

JA = ContrastLists(
    months=(
        "{1,01}月|一月; {2,02}月|二月; {3,03}月|三月; {4,04}月|四月; {5,05}月|五月; {6,06}月|六月; "
        "{7,07}月|七月; {8,08}月|八月; {9,09}月|九月; {10}月|十月; {11}月|十一月; {12}月|十二月"
    ),
    weekdays="月曜; 火曜; 水曜; 木曜; 金曜; 土曜; 日曜",
    seasons=(
        "春{に,の,は,が,も,服,物,用,頃,休み,らし,シーズン,コーデ}|来春; "
        "夏{に,の,は,が,も,服,物,用,頃,休み,らし,シーズン,コーデ}|真夏; "
        "秋{に,の,は,が,も,服,物,用,頃,休み,らし,シーズン,コーデ}|今秋; "
        "冬{に,の,は,が,も,服,物,用,頃,休み,らし,シーズン,コーデ}|真冬"
    ),
    others={
        "wife": "妻|奥様|奥さん|家内|お嫁さん",
        "husband": "夫{へ,に,の,と,が,は,も,か,用}|旦那|ご主人",
        "partner": "パートナー|配偶者|恋人",
        "girlfriend": "ガールフレンド",
        "boyfriend": "彼氏|ボーイフレンド",
        "bride": "婚約者",
        "wife husband": "夫婦|夫妻|ご夫妻",
        "mother": "母|ママ|お袋",
        "father": "父|パパ|親父",
        "parent": "両親|父母",
        "daughter": "娘|お嬢様|お嬢さん",
        "son": "息子",
        "child": "子供|子ども|お子様|お子さん",
        "sister": "姉|妹|姉妹",
        "brother": "兄|弟|兄弟",
        "grandmother": "祖母|おばあ|お婆",
        "grandfather": "祖父|おじい|お爺",
        "grandparent": "祖父母",
        "grandchild": "お孫|孫{へ,に,の,と,が,は,も,娘,息子}",
        "niece": "姪",
        "nephew": "甥",
        "aunt": "叔母|伯母|おばさん",
        "uncle": "叔父|伯父|おじさん",
        "cousin": "従兄弟|従姉妹|いとこ",
        "mother_in_law": "義母|義理の母|お義母",
        "father_in_law": "義父|義理の父|お義父",
        "mother_in_law father_in_law": "義両親|義理の両親",
        "in_law": "義姉|義妹|義兄|義弟|義理の{姉,妹,兄,弟}",
        "friend": "友人|友達|親友|お友だち",
        "boss": "上司",
        "colleague": "同僚",
        "family": "家族|親戚",
        "before": "前に|の前",
        "after": "後に|の後|以降",
        "during": "期間中",
        "weekend": "週末",
        "workday": "平日",
        "spring summer": "春夏",
        "autumn winter": "秋冬",
    },
    nothing=(
        "姉妹{店,ブランド}|母{国,語,貝,体}|酵母|父兄|大丈夫|工夫|兄弟{店,ブランド}|弟子|師弟|師匠"
    ),
)
