"""Industries: the 21 sections of ОКВЭД-2, each with the classes (first two digits of a code) it spans."""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language

from voronka.core.text import fold


@dataclass(frozen=True, slots=True)
class Industry:
    """A section: its letter, full Russian name, short names in both languages, first and last class."""

    section: str
    full_name: str
    name_ru: str
    name_en: str
    first: int
    last: int

    @property
    def name(self) -> str:
        """The short name in the active language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_ru


INDUSTRIES: Final = (
    Industry(
        "A",
        "Сельское, лесное хозяйство, охота, рыболовство и рыбоводство",
        "Сельское и лесное хозяйство",
        "Agriculture, forestry and fishing",
        1,
        3,
    ),
    Industry("B", "Добыча полезных ископаемых", "Добыча полезных ископаемых", "Mining", 5, 9),
    Industry("C", "Обрабатывающие производства", "Производство", "Manufacturing", 10, 33),
    Industry(
        "D",
        "Обеспечение электрической энергией, газом и паром; кондиционирование воздуха",
        "Электроэнергия, газ, пар",
        "Electricity, gas, steam and air conditioning",
        35,
        35,
    ),
    Industry(
        "E",
        "Водоснабжение; водоотведение, сбор и утилизация отходов, ликвидация загрязнений",
        "Вода и отходы",
        "Water supply, sewerage and waste",
        36,
        39,
    ),
    Industry("F", "Строительство", "Строительство", "Construction", 41, 43),
    Industry(
        "G",
        "Торговля оптовая и розничная; ремонт автотранспортных средств и мотоциклов",
        "Торговля",
        "Wholesale and retail trade; vehicle repair",
        45,
        47,
    ),
    Industry("H", "Транспортировка и хранение", "Транспорт и хранение", "Transport and storage", 49, 53),
    Industry(
        "I",
        "Деятельность гостиниц и предприятий общественного питания",
        "Гостиницы и питание",
        "Hotels and catering",
        55,
        56,
    ),
    Industry(
        "J",
        "Деятельность в области информации и связи",
        "ИТ и связь",
        "Information and communication",
        58,
        63,
    ),
    Industry(
        "K", "Деятельность финансовая и страховая", "Финансы и страхование", "Finance and insurance", 64, 66
    ),
    Industry("L", "Деятельность по операциям с недвижимым имуществом", "Недвижимость", "Real estate", 68, 68),
    Industry(
        "M",
        "Деятельность профессиональная, научная и техническая",
        "Наука и профессиональные услуги",
        "Professional, scientific and technical activities",
        69,
        75,
    ),
    Industry(
        "N",
        "Деятельность административная и сопутствующие дополнительные услуги",
        "Административные услуги",
        "Administrative and support services",
        77,
        82,
    ),
    Industry(
        "O",
        "Государственное управление и обеспечение военной безопасности; социальное обеспечение",
        "Государственное управление",
        "Public administration and defence; social security",
        84,
        84,
    ),
    Industry("P", "Образование", "Образование", "Education", 85, 85),
    Industry(
        "Q",
        "Деятельность в области здравоохранения и социальных услуг",
        "Здравоохранение",
        "Health and social services",
        86,
        88,
    ),
    Industry(
        "R",
        "Деятельность в области культуры, спорта, организации досуга и развлечений",
        "Культура и спорт",
        "Culture, sports and leisure",
        90,
        93,
    ),
    Industry("S", "Предоставление прочих видов услуг", "Прочие услуги", "Other services", 94, 96),
    Industry(
        "T",
        "Деятельность домашних хозяйств как работодателей",
        "Домашние хозяйства",
        "Households as employers",
        97,
        98,
    ),
    Industry(
        "U",
        "Деятельность экстерриториальных организаций и органов",
        "Международные организации",
        "Extraterritorial organisations",
        99,
        99,
    ),
)
BY_SECTION: Final = {industry.section: industry for industry in INDUSTRIES}
_CODE: Final = re.compile(r"\s*([0-9]{2})(?:\.[0-9]{1,2}){0,3}(?:\s.*)?", re.DOTALL)


def industry_name(section: str) -> str:
    """Return the short name of a section in the active language; an empty string for an unknown letter."""
    industry = BY_SECTION.get(section)
    return industry.name if industry else ""


def industry_choices() -> list[tuple[str, str]]:
    """Return (letter, short name) of all sections in the order of the classifier: for a select."""
    return [(industry.section, industry.name) for industry in INDUSTRIES]


def section_of(code: str) -> str:
    """Return the section of an ОКВЭД-2 code («46.90» is G); an empty string for what is no code of any section."""
    match = _CODE.fullmatch(code[:300])
    number = int(match[1]) if match else 0
    return next((row.section for row in INDUSTRIES if row.first <= number <= row.last), "")


def find_industry(text: str) -> str:
    """Return the section that a text from a file means: a letter, a code, a name; an empty string for none."""
    value = text.strip()
    if value.upper() in BY_SECTION:
        return value.upper()
    wanted = fold(value)
    for industry in INDUSTRIES:
        if wanted in (fold(industry.name_ru), fold(industry.name_en), fold(industry.full_name)):
            return industry.section
    return section_of(value)
