"""The regions of Russia by the code of the tax service: names, ISO 3166-2 code, time zone.

The code is what the first two digits of an ИНН or КПП name. Six regions have no code in ISO 3166-2.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from voronka.core.text import fold


@dataclass(frozen=True, slots=True)
class Region:
    """A region: `code` of two digits, names in both languages, `iso` or an empty string, IANA time zone."""

    code: str
    name_ru: str
    name_en: str
    iso: str
    timezone: str

    @property
    def name(self) -> str:
        """The name in the active language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_ru


REGIONS: Final = (
    Region("01", "Республика Адыгея", "Republic of Adygea", "RU-AD", "Europe/Moscow"),
    Region("02", "Республика Башкортостан", "Republic of Bashkortostan", "RU-BA", "Asia/Yekaterinburg"),
    Region("03", "Республика Бурятия", "Republic of Buryatia", "RU-BU", "Asia/Irkutsk"),
    Region("04", "Республика Алтай", "Altai Republic", "RU-AL", "Asia/Barnaul"),
    Region("05", "Республика Дагестан", "Republic of Dagestan", "RU-DA", "Europe/Moscow"),
    Region("06", "Республика Ингушетия", "Republic of Ingushetia", "RU-IN", "Europe/Moscow"),
    Region("07", "Кабардино-Балкарская Республика", "Kabardino-Balkarian Republic", "RU-KB", "Europe/Moscow"),
    Region("08", "Республика Калмыкия", "Republic of Kalmykia", "RU-KL", "Europe/Moscow"),
    Region("09", "Карачаево-Черкесская Республика", "Karachay-Cherkess Republic", "RU-KC", "Europe/Moscow"),
    Region("10", "Республика Карелия", "Republic of Karelia", "RU-KR", "Europe/Moscow"),
    Region("11", "Республика Коми", "Komi Republic", "RU-KO", "Europe/Moscow"),
    Region("12", "Республика Марий Эл", "Mari El Republic", "RU-ME", "Europe/Moscow"),
    Region("13", "Республика Мордовия", "Republic of Mordovia", "RU-MO", "Europe/Moscow"),
    Region("14", "Республика Саха (Якутия)", "Republic of Sakha (Yakutia)", "RU-SA", "Asia/Yakutsk"),
    Region(
        "15",
        "Республика Северная Осетия — Алания",
        "Republic of North Ossetia — Alania",
        "RU-SE",
        "Europe/Moscow",
    ),
    Region("16", "Республика Татарстан", "Republic of Tatarstan", "RU-TA", "Europe/Moscow"),
    Region("17", "Республика Тыва", "Republic of Tuva", "RU-TY", "Asia/Krasnoyarsk"),
    Region("18", "Удмуртская Республика", "Udmurt Republic", "RU-UD", "Europe/Samara"),
    Region("19", "Республика Хакасия", "Republic of Khakassia", "RU-KK", "Asia/Krasnoyarsk"),
    Region("20", "Чеченская Республика", "Chechen Republic", "RU-CE", "Europe/Moscow"),
    Region("21", "Чувашская Республика", "Chuvash Republic", "RU-CU", "Europe/Moscow"),
    Region("22", "Алтайский край", "Altai Territory", "RU-ALT", "Asia/Barnaul"),
    Region("23", "Краснодарский край", "Krasnodar Territory", "RU-KDA", "Europe/Moscow"),
    Region("24", "Красноярский край", "Krasnoyarsk Territory", "RU-KYA", "Asia/Krasnoyarsk"),
    Region("25", "Приморский край", "Primorye Territory", "RU-PRI", "Asia/Vladivostok"),
    Region("26", "Ставропольский край", "Stavropol Territory", "RU-STA", "Europe/Moscow"),
    Region("27", "Хабаровский край", "Khabarovsk Territory", "RU-KHA", "Asia/Vladivostok"),
    Region("28", "Амурская область", "Amur Region", "RU-AMU", "Asia/Yakutsk"),
    Region("29", "Архангельская область", "Arkhangelsk Region", "RU-ARK", "Europe/Moscow"),
    Region("30", "Астраханская область", "Astrakhan Region", "RU-AST", "Europe/Astrakhan"),
    Region("31", "Белгородская область", "Belgorod Region", "RU-BEL", "Europe/Moscow"),
    Region("32", "Брянская область", "Bryansk Region", "RU-BRY", "Europe/Moscow"),
    Region("33", "Владимирская область", "Vladimir Region", "RU-VLA", "Europe/Moscow"),
    Region("34", "Волгоградская область", "Volgograd Region", "RU-VGG", "Europe/Volgograd"),
    Region("35", "Вологодская область", "Vologda Region", "RU-VLG", "Europe/Moscow"),
    Region("36", "Воронежская область", "Voronezh Region", "RU-VOR", "Europe/Moscow"),
    Region("37", "Ивановская область", "Ivanovo Region", "RU-IVA", "Europe/Moscow"),
    Region("38", "Иркутская область", "Irkutsk Region", "RU-IRK", "Asia/Irkutsk"),
    Region("39", "Калининградская область", "Kaliningrad Region", "RU-KGD", "Europe/Kaliningrad"),
    Region("40", "Калужская область", "Kaluga Region", "RU-KLU", "Europe/Moscow"),
    Region("41", "Камчатский край", "Kamchatka Territory", "RU-KAM", "Asia/Kamchatka"),
    Region("42", "Кемеровская область — Кузбасс", "Kemerovo Region — Kuzbass", "RU-KEM", "Asia/Novokuznetsk"),
    Region("43", "Кировская область", "Kirov Region", "RU-KIR", "Europe/Kirov"),
    Region("44", "Костромская область", "Kostroma Region", "RU-KOS", "Europe/Moscow"),
    Region("45", "Курганская область", "Kurgan Region", "RU-KGN", "Asia/Yekaterinburg"),
    Region("46", "Курская область", "Kursk Region", "RU-KRS", "Europe/Moscow"),
    Region("47", "Ленинградская область", "Leningrad Region", "RU-LEN", "Europe/Moscow"),
    Region("48", "Липецкая область", "Lipetsk Region", "RU-LIP", "Europe/Moscow"),
    Region("49", "Магаданская область", "Magadan Region", "RU-MAG", "Asia/Magadan"),
    Region("50", "Московская область", "Moscow Region", "RU-MOS", "Europe/Moscow"),
    Region("51", "Мурманская область", "Murmansk Region", "RU-MUR", "Europe/Moscow"),
    Region("52", "Нижегородская область", "Nizhny Novgorod Region", "RU-NIZ", "Europe/Moscow"),
    Region("53", "Новгородская область", "Novgorod Region", "RU-NGR", "Europe/Moscow"),
    Region("54", "Новосибирская область", "Novosibirsk Region", "RU-NVS", "Asia/Novosibirsk"),
    Region("55", "Омская область", "Omsk Region", "RU-OMS", "Asia/Omsk"),
    Region("56", "Оренбургская область", "Orenburg Region", "RU-ORE", "Asia/Yekaterinburg"),
    Region("57", "Орловская область", "Orel Region", "RU-ORL", "Europe/Moscow"),
    Region("58", "Пензенская область", "Penza Region", "RU-PNZ", "Europe/Moscow"),
    Region("59", "Пермский край", "Perm Territory", "RU-PER", "Asia/Yekaterinburg"),
    Region("60", "Псковская область", "Pskov Region", "RU-PSK", "Europe/Moscow"),
    Region("61", "Ростовская область", "Rostov Region", "RU-ROS", "Europe/Moscow"),
    Region("62", "Рязанская область", "Ryazan Region", "RU-RYA", "Europe/Moscow"),
    Region("63", "Самарская область", "Samara Region", "RU-SAM", "Europe/Samara"),
    Region("64", "Саратовская область", "Saratov Region", "RU-SAR", "Europe/Saratov"),
    Region("65", "Сахалинская область", "Sakhalin Region", "RU-SAK", "Asia/Sakhalin"),
    Region("66", "Свердловская область", "Sverdlovsk Region", "RU-SVE", "Asia/Yekaterinburg"),
    Region("67", "Смоленская область", "Smolensk Region", "RU-SMO", "Europe/Moscow"),
    Region("68", "Тамбовская область", "Tambov Region", "RU-TAM", "Europe/Moscow"),
    Region("69", "Тверская область", "Tver Region", "RU-TVE", "Europe/Moscow"),
    Region("70", "Томская область", "Tomsk Region", "RU-TOM", "Asia/Tomsk"),
    Region("71", "Тульская область", "Tula Region", "RU-TUL", "Europe/Moscow"),
    Region("72", "Тюменская область", "Tyumen Region", "RU-TYU", "Asia/Yekaterinburg"),
    Region("73", "Ульяновская область", "Ulyanovsk Region", "RU-ULY", "Europe/Ulyanovsk"),
    Region("74", "Челябинская область", "Chelyabinsk Region", "RU-CHE", "Asia/Yekaterinburg"),
    Region("75", "Забайкальский край", "Trans-Baikal Territory", "RU-ZAB", "Asia/Chita"),
    Region("76", "Ярославская область", "Yaroslavl Region", "RU-YAR", "Europe/Moscow"),
    Region("77", "Москва", "Moscow", "RU-MOW", "Europe/Moscow"),
    Region("78", "Санкт-Петербург", "Saint Petersburg", "RU-SPE", "Europe/Moscow"),
    Region("79", "Еврейская автономная область", "Jewish Autonomous Region", "RU-YEV", "Asia/Vladivostok"),
    Region("83", "Ненецкий автономный округ", "Nenets Autonomous Area", "RU-NEN", "Europe/Moscow"),
    Region(
        "86",
        "Ханты-Мансийский автономный округ — Югра",
        "Khanty-Mansi Autonomous Area — Yugra",
        "RU-KHM",
        "Asia/Yekaterinburg",
    ),
    Region("87", "Чукотский автономный округ", "Chukotka Autonomous Area", "RU-CHU", "Asia/Anadyr"),
    Region(
        "89",
        "Ямало-Ненецкий автономный округ",
        "Yamalo-Nenets Autonomous Area",
        "RU-YAN",
        "Asia/Yekaterinburg",
    ),
    Region("90", "Запорожская область", "Zaporozhye Region", "", "Europe/Moscow"),
    Region("91", "Республика Крым", "Republic of Crimea", "", "Europe/Simferopol"),
    Region("92", "Севастополь", "Sevastopol", "", "Europe/Simferopol"),
    Region("93", "Донецкая Народная Республика", "Donetsk People’s Republic", "", "Europe/Moscow"),
    Region("94", "Луганская Народная Республика", "Lugansk People’s Republic", "", "Europe/Moscow"),
    Region("95", "Херсонская область", "Kherson Region", "", "Europe/Moscow"),
    Region("99", "Иные территории (Байконур)", "Other territories (Baikonur)", "", "Asia/Qyzylorda"),
)
BY_CODE: Final = {region.code: region for region in REGIONS}

# Moscow's second and later codes, and codes that regions had before they were merged, live on in numbers of firms.
_FORMER_CODES: Final = {"80": "75", "81": "59", "82": "41", "84": "24", "85": "38", "88": "24", "97": "77"}
_KINDS: Final = frozenset(
    [
        "республика",
        "область",
        "край",
        "автономный",
        "автономная",
        "округ",
        "обл",
        "респ",
        "ао",
        "г",
        "город",
        "region",
        "republic",
        "territory",
        "area",
    ]
)


def region_name(code: str) -> str:
    """Return the name of a region in the active language; an empty string for an unknown code."""
    region = BY_CODE.get(code)
    return region.name if region else ""


def region_choices() -> list[tuple[str, str]]:
    """Return (code, name) of all regions, ordered by name in the active language: for a select."""
    return sorted(((region.code, region.name) for region in REGIONS), key=lambda choice: fold(choice[1]))


def region_of_inn(inn: str) -> str:
    """Return the code of the region where an ИНН was given out; an empty string if it names none."""
    code = _FORMER_CODES.get(inn[:2], inn[:2])
    return code if code in BY_CODE and len(inn) in (10, 12) else ""


def _words(name: str) -> frozenset[str]:
    text = fold(name).replace("-", " ").replace(".", " ").replace("(", " ").replace(")", " ")
    return frozenset(text.split())


_BY_WORDS: Final = {
    words: region.code
    for region in REGIONS
    for name in (region.name_ru, region.name_en)
    for words in (_words(name),)
}
_BY_BARE_WORDS: Final[dict[frozenset[str], str]] = {}
for _region in REGIONS:
    for _name in (_region.name_ru, _region.name_en):
        # «Московская» is told from «Москва» by its own form; the two Altais only by the kind, so they drop out.
        _bare = _words(_name) - _KINDS
        _BY_BARE_WORDS[_bare] = (
            "" if _BY_BARE_WORDS.get(_bare, _region.code) != _region.code else _region.code
        )


def find_region(text: str) -> str:
    """Return the code of the region that a text from a file means: a code, a name, «Московская обл.», «г. Москва».

    An empty string if it means none, or more than one.
    """
    value = text.strip()
    if value.isascii() and value.isdigit() and len(value) <= 2:
        code = _FORMER_CODES.get(value.zfill(2), value.zfill(2))
        return code if code in BY_CODE else ""
    for region in REGIONS:
        if region.iso and region.iso == value.upper():
            return region.code
    words = _words(value[:200])
    return _BY_WORDS.get(words) or _BY_BARE_WORDS.get(words - _KINDS, "")


def local_time(code: str, moment: dt.datetime) -> dt.datetime | None:
    """Return `moment` on the clocks of a region; None for an unknown code."""
    region = BY_CODE.get(code)
    return moment.astimezone(ZoneInfo(region.timezone)) if region else None


def hours_from_moscow(code: str, moment: dt.datetime) -> int | None:
    """Return how many hours a region is ahead of Moscow («МСК+2»); None for an unknown code."""
    here, moscow = local_time(code, moment), local_time("77", moment)
    if here is None or moscow is None:
        return None
    difference = (here.utcoffset() or dt.timedelta()) - (moscow.utcoffset() or dt.timedelta())
    return int(difference.total_seconds() // 3600)
