"""Measures the redaction of personal data: recall and precision by type, on seeded strings.

    python benchmarks/redaction.py

The personal data is drawn by faker, national numbers in part by their own rules; the sentences
around it are our templates (carriers.json), no user's. Half of the phones stand bare, the other
half behind a word such as "tel."; numbers that could be any number (passports, some national ones)
are always announced, for bare nobody could tell them. The strings without personal data hold what
is taken for it most easily: prices, dates, sizes, references, places. The recognisers were written
while looking at seed 0, so the default is another one. Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faker import Faker
from stdnum.es import dni, nie
from stdnum.iso7064 import mod_11_10

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from lvmh_jax.data.cleartext import KINDS
from lvmh_jax.data.privacy import Found, find_personal
from lvmh_jax.io.workspace import read_notes_of

LOCALES = {
    **{"FR": "fr_FR", "DE": "de_DE", "IT": "it_IT", "ES": "es_ES", "PT": "pt_PT", "NL": "nl_NL"},
    **{"EN": "en_US", "UK": "en_GB", "JA": "ja_JP", "KO": "ko_KR", "ZH": "zh_CN", "RU": "ru_RU"},
    "AR": "ar_AA",
}
Maker = Callable[[str, str, Faker, random.Random], tuple[str, str]]
CARRIERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "carriers.json").read_text(encoding="utf-8")
)
TITLES = {
    "FR": ("Mme {}", "M. {}", "Madame {}"),
    "DE": ("Frau {}", "Herr {}", "Frau Dr. {}"),
    "IT": ("Signora {}", "Signor {}", "Dott. {}"),
    "ES": ("Sra. {}", "Señor {}", "Don {}"),
    "PT": ("Sra. {}", "Sr. {}", "Dra. {}"),
    "NL": ("mevrouw {}", "dhr. {}", "Mevr. {}"),
    "EN": ("Mrs. {}", "Mr {}", "Dr. {}"),
    "UK": ("Mrs {}", "Mr {}", "Lady {}"),
    "JA": ("{}様", "{}さん", "{}ご夫妻"),
    "KO": ("{} 님", "{}님", "{} 고객님"),
    "ZH": ("{}女士", "{}先生", "{}小姐"),
    "RU": ("г-жа {}", "господин {}", "{}"),
    "AR": ("السيدة {}", "السيد {}", "الدكتورة {}"),
}
PHONE_WORDS = {
    **{"FR": "tél. {}", "DE": "Telefon: {}", "IT": "cell. {}", "ES": "móvil {}", "PT": "tel. {}"},
    **{"NL": "tel. {}", "EN": "phone {}", "UK": "mobile: {}", "JA": "電話{}", "KO": "전화 {}"},
    **{"ZH": "电话：{}", "RU": "тел. {}", "AR": "هاتف {}"},
}
PASSPORT = {
    **{"FR": "passeport n° {}", "DE": "Reisepass Nr. {}", "IT": "passaporto {}"},
    **{"ES": "pasaporte {}", "PT": "passaporte n.º {}", "NL": "paspoort {}"},
    **{"EN": "passport number {}", "UK": "passport {}", "JA": "パスポート番号{}"},
    **{"KO": "여권번호 {}", "ZH": "护照号码{}", "RU": "паспорт {}", "AR": "جواز سفر رقم {}"},
}
BIRTHS = {
    **{"FR": "née le {}", "DE": "geboren am {}", "IT": "nata il {}", "ES": "nacida el {}"},
    **{"PT": "nascida em {}", "NL": "geboren op {}", "EN": "born {}", "UK": "dob {}"},
    **{"JA": "生年月日{}", "KO": "생년월일 {}", "ZH": "出生日期：{}", "RU": "дата рождения {}"},
    "AR": "تاريخ الميلاد {}",
}
HANDLES = {
    **{"FR": "insta : {}", "DE": "Instagram {}", "IT": "WhatsApp id {}", "ES": "Telegram {}"},
    **{"PT": "Instagram: {}", "NL": "insta {}", "EN": "WeChat ID: {}", "UK": "snapchat {}"},
    **{"JA": "LINE ID：{}", "KO": "카톡 아이디 {}", "ZH": "微信{}", "RU": "телеграм {}"},
    "AR": "واتساب {}",
}
# In the words of the notes: what looks like personal data and is none.
NEGATIVES = (
    "Budget {n} 000 €, max {m}.500,00 EUR",
    "{d}/{o}/2026, 1{d}:30, 2019-2020",
    "2026-0{d}-1{d}, {d}.{o}.2026, KW {m}",
    "ref. 47{m}{n}, lot {n}, SKU M{m}{n}{m}",
    "taille {n}, size 38.5, {m} x {n} cm, {n} ml",
    "$1,{n}0,000, £{n}0,000, ¥1,{m}0,000",
    "18K {n}.{m} g, 750/1000, 0.{n} ct",
    "iPhone 15, Boeing 747-8, Chanel N°5, Air Max 9{d}",
    "Neverfull MM, Speedy {n}, Twist PM, Capucines BB",
    "10 000 000, 250 000 000, {n} 000 000",
    "Milano, Paris, Avenue Montaigne, Via Condotti, Bond Street",
    "TGV {m}{n}, AF{n}{m}, room {m}{n}, gate {d}",
    "{n} % cashmere, {m} %, 1/{d}, {n}/7",
    "Monsieur aime, la signora vuole, seine Frau, the doctor",
    "mars, avril, May, June, August, janvier, März",
    "银座{d}号店, 预算{n}万, {o}月{d}日, 2026年",
    "予算{n}万円、{o}月{d}日、銀座、表参道",
    "예산 {n}만원, {o}월 {d}일, 강남, 2026년",
    "الميزانية {n} ألف، مقاس {m}",
    "бюджет {n} 000 руб., {d} марта, размер {m}",
)
# The same for dates of birth and handles.
NEGATIVES_LATER = (
    "birthday {d} May, {n} years old, born in 19{n}",
    "anniversaire {d}/0{o}/2026, anniversaire de mariage",
    "Geburtstag am {d}. Mai, geboren in Wien",
    "誕生日{o}月{d}日, 生日{o}月{d}日, 생일 {o}월 {d}일",
    "WeChat message, Instagram photos, new line SS{n}",
    "@milano, saw the J12 on Instagram, Instagram FW20{n}",
)


@dataclass(frozen=True)
class Sample:
    """A text with one piece of personal data, or none: kind and half-open span."""

    text: str
    language: str
    kind: str
    start: int
    end: int


def make_identity(language: str, fake: Faker, rng: random.Random) -> str:
    """A national number as written in a note, announced if its form is not distinctive."""

    def digits(count: int) -> str:
        return "".join(str(rng.randrange(10)) for _ in range(count))

    def steuer() -> str:
        chosen = rng.sample(range(10), 9)
        body = "".join(map(str, [chosen[0] or 1, *chosen[1:], chosen[0] or 1]))
        return f"Steuer-ID {body}{mod_11_10.calc_check_digit(body)}"

    def spanish() -> str:
        # faker draws these from a generator of its own, unseeded.
        body = rng.choice(["", "X", "Y", "Z"])
        body += digits(7 if body else 8)
        return body + (nie if body[0].isalpha() else dni).calc_check_digit(body)

    makers: dict[str, Callable[[], str]] = {
        "FR": fake.ssn,
        "DE": steuer,
        "IT": fake.ssn,
        "ES": spanish,
        "PT": lambda: f"NIF {digits(9)}",
        "NL": lambda: f"BSN {fake.ssn()}",
        "EN": fake.ssn,
        "UK": fake.ssn,
        "JA": lambda: f"マイナンバー {digits(12)}",
        "KO": fake.ssn,
        "ZH": fake.ssn,
        "RU": lambda: f"ИНН {digits(12)}" if rng.random() < 0.5 else f"СНИЛС {digits(11)}",
        "AR": lambda: f"رقم الهوية {rng.choice('12')}{digits(9)}",
    }
    return makers[language]()


def make_personal(kind: str, language: str, fake: Faker, rng: random.Random) -> tuple[str, str]:
    """Personal data of a kind, and the text around it with {} in its place."""
    if kind == "EMAIL":
        return fake.email(), "{}"
    if kind == "URL":
        sites = ("instagram.com/{}", "https://www.linkedin.com/in/{}", "www.facebook.com/{}")
        return rng.choice(sites).format(fake.user_name()), "{}"
    if kind in ("IBAN", "CARD"):
        networks = ("visa", "mastercard")  # every locale of faker has these
        bare = fake.iban() if kind == "IBAN" else fake.credit_card_number(rng.choice(networks))
        grouped = " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))
        return (grouped if rng.random() < 0.5 else bare), "{}"
    if kind == "PHONE":
        return fake.phone_number(), PHONE_WORDS[language] if rng.random() < 0.5 else "{}"
    if kind == "PASSPORT":
        return fake.passport_number(), PASSPORT[language]
    if kind == "ADDRESS":
        return ", ".join(line.strip(" ,") for line in fake.address().split("\n")), "{}"
    if kind == "ID":
        written = make_identity(language, fake, rng)
        words = written.split(" ")
        number = next(at for at, word in enumerate(words) if any(map(str.isdigit, word)))
        return " ".join(words[number:]), " ".join([*words[:number], "{}"])
    return _make_name(language, fake, rng), rng.choice(TITLES[language])


def make_birth_or_handle(
    kind: str, language: str, fake: Faker, rng: random.Random
) -> tuple[str, str]:
    """The same for a date of birth, always announced, and an account name, announced or with @."""
    if kind == "BIRTHDATE":
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2010)
        if language in ("JA", "ZH"):
            return f"{year}年{month}月{day}日", BIRTHS[language]
        forms = (f"{day:02}/{month:02}/{year}", f"{day}.{month}.{year}", f"{year}-{month}-{day}")
        return rng.choice(forms), BIRTHS[language]
    # No network has names with a hyphen.
    name = fake.user_name().replace(".", "_").replace("-", "_") + str(rng.randint(1, 99))
    return (f"@{name}", "{}") if rng.random() < 0.5 else (name, HANDLES[language])


def _make_name(language: str, fake: Faker, rng: random.Random) -> str:
    """A last name, or first and last name, without the titles that faker sometimes adds."""
    if language == "RU":
        name = fake.name_female() if rng.random() < 0.5 else fake.name_male()
        return name.removeprefix("г-жа ").removeprefix("г-н ")
    last, first = fake.last_name(), fake.first_name()
    if rng.random() < 0.5:
        return last
    return last + first if language in ("JA", "KO", "ZH") else f"{first} {last}"


def make_samples(each: int, seed: int) -> Iterator[Sample]:
    """`each` strings per kind and locale, and as many in total without personal data."""
    kinds = ("EMAIL", "URL", "IBAN", "CARD", "PHONE", "PASSPORT", "ID", "ADDRESS", "NAME")
    yield from _make_part(make_personal, kinds, NEGATIVES, (each, each * 4), seed)
    # Apart, so that the strings of before are those of before.
    later = ("BIRTHDATE", "HANDLE")
    yield from _make_part(make_birth_or_handle, later, NEGATIVES_LATER, (each, each), seed)


def _make_part(
    make: Maker, kinds: Sequence[str], negatives: Sequence[str], counts: tuple[int, int], seed: int
) -> Iterator[Sample]:
    """Strings with and without personal data, `counts` of each per locale."""
    each, clean = counts
    rng = random.Random(seed)
    for language, locale in LOCALES.items():
        fake = Faker(locale)
        fake.seed_instance(seed)
        carriers = CARRIERS.get("EN" if language == "UK" else language, CARRIERS["EN"])
        for kind in kinds:
            # faker has no Arabic addresses.
            for _ in range(0 if (language, kind) == ("AR", "ADDRESS") else each):
                value, around = make(kind, language, fake, rng)
                carrier = rng.choice(carriers["carriers"]).replace("{}", around)
                filler = rng.choice(carriers["fillers"])
                before = carrier.partition("{}")[0]
                text = carrier.replace("{}", value) + carriers["joiner"] + filler
                yield Sample(text, language, kind, len(before), len(before) + len(value))
        for row in range(clean):
            numbers = {"n": rng.randint(11, 99), "m": rng.randint(10, 99)}
            numbers |= {"d": rng.randint(1, 9), "o": rng.randint(1, 9)}
            inside = negatives[row % len(negatives)].format(**numbers)
            text = rng.choice(carriers["carriers"]).replace("{}", inside)
            yield Sample(text, language, "", 0, 0)


def covered(sample: Sample, found: Sequence[Found]) -> float:
    """Share of the letters and digits of the personal data that are redacted."""
    inside = [at for at in range(sample.start, sample.end) if sample.text[at].isalnum()]
    taken = sum(any(each.start <= at < each.end for each in found) for at in inside)
    return taken / len(inside)


class Score:
    """Counts by kind of sample, and by kind of what was found."""

    def __init__(self) -> None:
        self.samples: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.named: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.letters: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.missed: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, sample: Sample, found: Sequence[Found]) -> None:
        """Scores one string."""
        self.samples[sample.kind] += 1
        for each in found:
            self.found[each.kind] += 1
            self.right[each.kind] += each.start < sample.end and sample.start < each.end
            inside = [at for at in range(each.start, each.end) if sample.text[at].isalnum()]
            self.letters[each.kind] += len(inside)
            self.beside[each.kind] += sum(not sample.start <= at < sample.end for at in inside)
        if not sample.kind:
            return
        share = covered(sample, found)
        self.whole[sample.kind] += share == 1.0
        self.most[sample.kind] += share >= 0.5
        wanted = "ID" if sample.kind == "PASSPORT" else sample.kind
        self.named[sample.kind] += any(
            each.kind == wanted and each.start < sample.end and sample.start < each.end
            for each in found
        )
        if share < 1.0:
            self.missed[sample.kind][sample.language] += 1


def make_tables(score: Score) -> str:
    """Recall by kind of the personal data, precision by kind of what was found."""
    recall = []
    for kind, count in score.samples.items():
        if kind:
            worst = ", ".join(f"{code} {n}" for code, n in score.missed[kind].most_common(3))
            figures = (score.whole[kind], score.most[kind], score.named[kind])
            recall.append((kind, f"{count:,}", *(f"{n / count:.3f}" for n in figures), worst))
    precision = [
        (
            kind,
            f"{score.found[kind]:,}",
            f"{score.right[kind] / max(score.found[kind], 1):.3f}",
            f"{score.beside[kind] / max(score.letters[kind], 1):.3f}",
        )
        for kind in KINDS
    ]
    heads = ("kind", "strings", "wholly redacted", "half or more", "kind named", "most missed")
    return "\n\n".join(
        [
            sections.markdown_table(heads, recall),
            sections.markdown_table(("placeholder", "found", "right", "letters beside"), precision),
        ]
    )


def measure(each: int, seed: int, *, show: int = 0) -> Score:
    """Scores all strings; prints some errors, all of them synthetic, to stderr."""
    score, shown = Score(), Counter[str]()
    for sample in make_samples(each, seed):
        found = find_personal(sample.text)
        score.add(sample, found)
        wrong = covered(sample, found) < 1 if sample.kind else bool(found)
        if wrong and shown[sample.kind + sample.language] < show:
            shown[sample.kind + sample.language] += 1
            sys.stderr.write(f"{sample.kind or 'none'} {sample.language} {sample.text} {found}\n")
    return score


def count_in_demo() -> Counter[str]:
    """Counts redactions in the demo's notes, whose only personal data are invented names."""
    notes, _ = read_notes_of(sections.ROOT)
    return Counter(each.kind for note in notes for each in find_personal(note.text))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--each", type=int, default=60, help="strings of a kind and locale")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="wrong strings to show, of a kind")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    score = measure(options.each, options.seed, show=options.show)
    total, clean = sum(score.samples.values()), score.samples[""]
    demo = ", ".join(f"{kind} {n}" for kind, n in count_in_demo().most_common()) or "nothing"
    body = f"""## Redaction

{sections.describe_run("benchmarks/redaction.py", given, options.out.resolve())}

{total:,} strings in {len(LOCALES)} locales, {clean:,} of them without personal data.

{make_tables(score)}

Right: it overlaps the personal data of the string. Letters beside: the share of the letters and
digits it took that are not of the personal data. In the demo's notes: {demo}. A name without a
title, and a number that could be any number, are not looked for. "Redacted" is not "anonymous".
"""
    sys.stdout.write(body)
    sections.write_section(options.out.resolve(), "redaction", body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
