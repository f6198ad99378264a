"""Contrasting words of Korean."""

from __future__ import annotations

from lvmh_jax.data.contrasts.lists import ContrastLists

KO = ContrastLists(
    months=(
        "1월|01월; 2월|02월; 3월|03월; 4월|04월; 5월|05월; 6월|06월; 7월|07월; 8월|08월; 9월|09월; "
        "10월; 11월; 12월"
    ),
    weekdays="월요일; 화요일; 수요일; 목요일; 금요일; 토요일; 일요일",
    seasons=(
        "봄철|봄에|봄옷|봄용|올봄; 여름|여름철|여름옷|여름용; 가을|가을철|가을옷|가을용; 겨울|"
        "겨울철|겨울옷|겨울용"
    ),
    others={
        "wife": "아내|와이프|집사람",
        "husband": "남편",
        "girlfriend": "여자친구|여친|여자 친구",
        "boyfriend": "남자친구|남친|남자 친구",
        "bride": "약혼녀",
        "partner": "배우자|약혼자|연인",
        "mother": "어머니|엄마|모친|어머님",
        "father": "아버지|아빠|부친|아버님",
        "parent": "부모님|부모|양친",
        "daughter": "딸|따님|딸아이",
        "son": "아들|아드님",
        "child": "자녀|아이들|자녀분",
        "sister": "언니|누나|여동생|자매|누님",
        "brother": "오빠|남동생|형제|형님|형에게",
        "sibling": "동생",
        "grandmother": "할머니",
        "grandfather": "할아버지",
        "granddaughter": "손녀|손녀딸",
        "grandson": "손자",
        "grandchild": "손주",
        "aunt": "이모|고모|숙모",
        "uncle": "삼촌|외삼촌",
        "nibling": "조카",
        "cousin": "사촌",
        "mother_in_law": "시어머니|장모님|장모",
        "father_in_law": "시아버지|장인어른|시아버님",
        "friend": "친구|친구들|절친",
        "boss": "상사|상사분",
        "colleague": "동료|직장 동료",
        "family": "가족|가족들|식구|친척",
        "before": "전에|이전에|직전",
        "after": "후에|이후|이후에|직후",
        "during": "동안|기간",
        "weekend": "주말",
        "workday": "평일",
    },
    endings=tuple(
        (
            "에 에게 에는 에도 에서 의 은 는 이 가 을 를 와 과 도 로 으로 께 께서 한테 까지 "
            "부터 마다 쯤 중 초 말 경 랑 이랑 하고 용 만 나 이나 분 분께 님 님께"
        ).split()
    ),
)
