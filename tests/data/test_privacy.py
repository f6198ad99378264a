from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.cleartext import KINDS, PLACEHOLDER
from lvmh_jax.data.privacy import find_personal, mask, pseudonym, redact
from lvmh_jax.io.workspace import read_notes_of
from tests.demo import ROOT
from tests.generators import texts

SECRETS = ("a@example.com", "DE89370400440532013000", "5555555555554444", "https://ex.org/anna")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("scrivere a a.rossi+x@mail.example.co.uk.", "scrivere a [EMAIL]."),
        ("写信给anna@example.cn吧", "写信给[EMAIL]吧"),
        ("voir https://ex.org/a?b=c, ou www.ex.fr.", "voir [URL], ou [URL]."),
        ("instagram.com/anna_b!", "[URL]!"),
        # Published examples of ISO 13616.
        ("IBAN DE89 3704 0044 0532 0130 00 VIP", "IBAN [IBAN] VIP"),
        ("fr1420041010050500013m02606", "[IBAN]"),
        ("GB82 WEST 1234 5698 7654 32", "[IBAN]"),
        ("GB82 WEST 1234 5698 7654 33 slip", "[IBAN] slip"),
        # Published test numbers of the card networks.
        ("carte 4111 1111 1111 1111 12/27", "carte [CARD] 12/27"),
        ("5555-5555-5555-4444", "[CARD]"),
        ("378282246310005", "[CARD]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
    ],
)
def test_addresses_and_accounts(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Née le 12/05/1980, fidèle", "Née le [BIRTHDATE], fidèle"),
        ("né(e) à Lyon le 12 mai 1980", "né(e) à Lyon le [BIRTHDATE]"),
        ("DOB 12/04/1980, d.o.b.: 12.4.80", "DOB [BIRTHDATE], d.o.b.: [BIRTHDATE]"),
        ("born in New York on May 12th, 1980", "born in New York on [BIRTHDATE]"),
        ("geboren am 12. Mai 1980, geb. 1980-05-12", "geboren am [BIRTHDATE], geb. [BIRTHDATE]"),
        (
            "nata il 3/4/1970, nacido el 3 de abril de 1970",
            "nata il [BIRTHDATE], nacido el [BIRTHDATE]",
        ),
        (
            "nascida em 3/4/1970, geboren op 3-4-1970",
            "nascida em [BIRTHDATE], geboren op [BIRTHDATE]",
        ),
        (
            "生年月日：1980年5月12日、昭和55年5月12日生まれ",
            "生年月日：[BIRTHDATE]、[BIRTHDATE]生まれ",
        ),
        ("出生日期1980年5月12日，1980/05/12出生", "出生日期[BIRTHDATE]，[BIRTHDATE]出生"),
        ("생년월일 1980.05.12, 1980년 5월 12일생", "생년월일 [BIRTHDATE], [BIRTHDATE]생"),
        ("родилась 12 мая 1980, 12.05.1980 г.р.", "родилась [BIRTHDATE], [BIRTHDATE] г.р."),
        ("تاريخ الميلاد ١٢/٠٥/١٩٨٠", "تاريخ الميلاد [BIRTHDATE]"),
        ("birthday 12 May 1980, 生日1980年5月12日", "birthday [BIRTHDATE], 生日[BIRTHDATE]"),
        ("NÉE LE 12/05/1980. Née Le 12/05/1980", "NÉE LE [BIRTHDATE]. Née Le [BIRTHDATE]"),
        ("NÉ À LYON LE 12 MAI 1980", "NÉ À LYON LE [BIRTHDATE]"),
        ("BORN ON 12 MAY 1980, NATA IL 12/05/1980", "BORN ON [BIRTHDATE], NATA IL [BIRTHDATE]"),
        ("GEBOREN AM 12.05.1980, 12.05.1980 Г.Р.", "GEBOREN AM [BIRTHDATE], [BIRTHDATE] Г.Р."),
        ("born Monday 12 May 1980", "born Monday [BIRTHDATE]"),
        ("geboren am Montag, den 12. Mai 1980", "geboren am Montag, den [BIRTHDATE]"),
        ("Date of birth (dd/mm/yyyy): 12/05/1980", "Date of birth (dd/mm/yyyy): [BIRTHDATE]"),
        ("DOB:12051980, birthday 12051980", "DOB:[BIRTHDATE], birthday [BIRTHDATE]"),
        ("12/05/1980 (DOB), 12 mai 1980 (né)", "[BIRTHDATE] (DOB), [BIRTHDATE] (né)"),
        ("1980年5月12日生，1980年5月12日生日", "[BIRTHDATE]生，[BIRTHDATE]生日"),
        ("1980年5月12日に生まれ、2024年5月12日生まれ", "[BIRTHDATE]に生まれ、[BIRTHDATE]生まれ"),
    ],
)
def test_dates_of_birth(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("@rose_k88, insta: anna.k88.", "[HANDLE], insta: [HANDLE]."),
        ("Instagram @annaklein, seen @milano", "Instagram [HANDLE], seen @milano"),
        ("微信 chenxj88，微信号：chenxiao", "微信 [HANDLE]，微信号：[HANDLE]"),
        ("WeChat ID: chenxj, LINE id rose12", "WeChat ID: [HANDLE], LINE id [HANDLE]"),
        ("私のLINE IDはrose_88です", "私のLINE IDは[HANDLE]です"),
        ("카톡 아이디 rose88, whatsapp id anna_b", "카톡 아이디 [HANDLE], whatsapp id [HANDLE]"),
    ],
)
def test_names_of_accounts(text: str, redacted: str) -> None:
    assert redact(text) == redacted


# Numbers are made up to their rules, or are the examples of the offices that issue them.
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("NIR 2 55 08 14 168 025 38", "NIR [ID]"),
        ("255081416802538", "[ID]"),
        ("255081416802539", "255081416802539"),
        ("cod. RSSMRA85T10A562S", "cod. [ID]"),
        ("DNI 12345678Z, X-1234567-L", "DNI [ID], [ID]"),
        ("12345678A", "12345678A"),
        ("Steuer-ID 36574261809", "Steuer-ID [ID]"),
        ("36 574 261 809", "[ID]"),
        ("Personalausweis: L01X00T471", "Personalausweis: [ID]"),
        ("contribuinte 501964843", "contribuinte [ID]"),
        ("BSN 111222333", "BSN [ID]"),
        ("11010519491231002X", "[ID]"),
        ("주민등록번호 971013-9019902", "주민등록번호 [ID]"),
        ("971013-1019902", "[ID]"),
        ("マイナンバーは123456789018です", "マイナンバーは[ID]です"),
        ("ИНН 500100732259, СНИЛС 112-233-445 95", "ИНН [ID], СНИЛС [ID]"),
        ("паспорт серия 45 06 123456", "паспорт серия [ID]"),
        ("NI AB 12 34 56 C", "NI [ID]"),
        ("SSN 078-05-1120", "SSN [ID]"),
        ("passeport n° 12AB34567, valide", "passeport n° [ID], valide"),
        ("护照号码E12345678，", "护照号码[ID]，"),
        ("رقم الهوية 1012345678", "رقم الهوية [ID]"),
        ("passport cover, 2 pieces, 2019-2020", "passport cover, 2 pieces, 2019-2020"),
    ],
)
def test_identities(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("habite 12 bis, rue de la Paix, 75002 Paris.", "habite [ADDRESS]."),
        ("3 rue du Dr. Roux, 75015 Paris. IBAN suit", "[ADDRESS]. IBAN suit"),
        ("3 rue de Rome, 75008 Paris anna@example.com", "[ADDRESS] [EMAIL]"),
        ("Via Giuseppe Verdi 5, 20121 Milano (MI), ok", "[ADDRESS], ok"),
        ("Calle de Alcalá, 45, 28014 Madrid", "[ADDRESS]"),
        ("Rua Augusta 7, 1100-053 Lisboa", "[ADDRESS]"),
        ("wohnt Lindenstraße 5, 10969 Berlin", "wohnt [ADDRESS]"),
        ("Prinsengracht 263, 1016 GV Amsterdam", "[ADDRESS]"),
        ("221 Baker Street, London NW1 6XE", "[ADDRESS]"),
        ("1600 Pennsylvania Avenue, Washington, DC 20500", "[ADDRESS]"),
        ("г. Москва, ул. Ленина, д. 5, кв. 12", "[ADDRESS]"),
        ("東京都港区芝公園4丁目2番8号に", "[ADDRESS]に"),
        ("上海市南京西路1266号，", "[ADDRESS]，"),
        ("서울특별시 강남구 테헤란로 152 방문", "[ADDRESS] 방문"),
        ("شارع الملك فهد 12", "[ADDRESS]"),
    ],
)
def test_postal_addresses(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "rue du Faubourg Saint-Honoré, Avenue Montaigne, Via Condotti, Bond Street",
        "Parkplatz 12, Verlobungsring 52, Heimweg 2 Stunden",
        "boutique place Vendôme, cours de golf 2 fois, sent via WhatsApp 3 times",
        "東京都, 銀座3号店, 서울 강남구, 上海市, 知道3号",
        "Chanel N°5, Boeing 747-8, Neverfull MM, mars, avril, May, June",
        "via STAT3 activation, 9th Avenue",
    ],
)
def test_places_and_products_stay(text: str) -> None:
    assert redact(text) == text


def test_kinds_and_offsets_are_told() -> None:
    text = "Mme Blanc, tél. 06 12 34 56 78"
    found = find_personal(text)
    assert [(text[start:end], kind) for start, end, kind in found] == [
        ("Blanc", "NAME"),
        ("06 12 34 56 78", "PHONE"),
    ]
    assert mask(text, found) == redact(text) == "Mme [NAME], tél. [PHONE]"


@given(st.lists(st.one_of(texts(20), st.sampled_from(SECRETS)), max_size=6).map(" ".join))
def test_spans_are_in_order_and_apart(text: str) -> None:
    found = find_personal(text)
    bounds = [at for start, end, _ in found for at in (start, end)]
    assert bounds == sorted(bounds)
    assert all(0 <= start < end <= len(text) and kind in KINDS for start, end, kind in found)


def test_what_was_redacted_is_clean() -> None:
    notes, _ = read_notes_of(ROOT)
    redacted = [redact(note.text) for note in notes]
    assert [found for text in redacted for found in find_personal(text)] == []


@pytest.mark.parametrize(
    "number",
    [
        "+33 6 12 34 56 78",
        "+1 (415) 555-2671",
        "0039 347 123 4567",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0171/1234567",
        "020 7946 0958",
        "(415) 555-2671",
        "415-555-2671",
        "03-1234-5678",
        "010-1234-5678",
        "138 1234 5678",
        "8 (912) 345-67-89",
        "+49 (0) 9141 777631",
        "(+351) 912 345 678",
        "206.269.0743x9150",
        "8 800 555 35 35",
        "21 555 0123",  # announced by its word alone
        "612 345 678",
        "612 34 56 78",
        "347 123 4567",
        "٠٥٠ ١٢٣ ٤٥٦٧",
        "０３－１２３４－５６７８",
    ],
)
def test_phones(number: str) -> None:
    assert redact(f"tel {number}, merci") == "tel [PHONE], merci"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Budget 10 000 €, 40 000-60 000, 3-4K, 25.000,00",
        "le 01.02.2026 à 10:30, 2026-01-08, 12/05/2026",
        "2019-2020, depuis 2014, 38 ans, taille 38.5",
        "ref 1234567890, lot 4711",
        "sac Milano, colour navy, Art Basel, Club 55",
        "iPhone 15, 24/7, B&W, #42, @milano",
        "birthday 12 May, anniversaire 12/05/2026, Geburtstag am 12.05.2026",
        "born in 1980, born and raised in Milan, visit 12/05/2026, nee, 12/05/2026 past niet",
        "誕生日は5月12日, 生日5月12日, 생일 5월 12일",
        "2014年5月12日生产，2014年5月12日生效, 2014年5月12日生産",
        "2024年5月12日生日派对，24年5月12日生日, 2024년 5월 12일 생 와인, 2014年5月12日に生花",
        "12/05/2026 (anniversaire), livraison 12/05/2026 (naissance), birthday 12052026",
        "WhatsApp message, Instagram: loves J12, Instagram FW2026, new line SS2026, 微信群A12",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert redact(text) == text


@given(st.lists(st.one_of(texts(20), st.sampled_from(SECRETS)), max_size=6).map(" ".join))
def test_what_is_left_stands_in_the_text_in_order(text: str) -> None:
    position = 0
    for part in PLACEHOLDER.split(redact(text)):
        position = text.index(part, position) + len(part)


@given(texts(), texts(), st.sampled_from(SECRETS))
def test_an_address_is_found_in_any_surroundings(before: str, after: str, secret: str) -> None:
    assert secret not in redact(f"{before} {secret} {after}")


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "1 ", "a.", "a@", "Mr ", "Mr de ", "A ", "A1", "+1(", "0", "6-", "www.", "DE89"),
        *(
            "rue A ",
            "1 rue ",
            "via A, ",
            "passport ",
            "tel 1",
            "A Street ",
            "12 A ",
            "ул. А ",
            "AB1 ",
        ),
        *("県1", "路1", "로 1", "시 ", "Straße 1 ", "Петрович ", "1-1-", "شارع ا "),
        *("born 1", "né le 1 ", "1 mai 19", "1980年1月", "@a_", "line id ", "insta a1", "d'A "),
        *("ア", "王", "가", "السيد ", "M.M.", "田中様", "-a", "a'", "x@y."),
    ],
)
def test_time_is_linear(unit: str) -> None:
    # A quadratic pattern takes minutes here. The bound is loose: other work shares the machine.
    text = unit * (60_000 // len(unit))
    started = time.perf_counter()
    redact(text)
    assert time.perf_counter() - started < 5


def test_pseudonym() -> None:
    # Golden: python -c "import hmac; print(hmac.new(b'salt', b'CL_001', 'sha256').hexdigest())"
    assert pseudonym("CL_001", "salt") == "332aac3c18e4"
    assert pseudonym("CL_001", "other") != pseudonym("CL_001", "salt")
    assert len({pseudonym(f"CL_{n}", "salt") for n in range(5000)}) == 5000
    assert len(pseudonym("\ud800", "")) == 12
