"""A contractor: construction and installation for developers and for businesses that build for themselves."""

from __future__ import annotations

from voronka.playbook.models import Channel, Strictness
from voronka.playbook.templates_data.kinds import KINDS
from voronka.playbook.templates_data.shapes import (
    BookTemplate,
    CellTemplate,
    GroupTemplate,
    ProductTemplate,
    SegmentTemplate,
    Text,
    call,
    filled,
    funnel_of,
    held,
    known,
    letter,
    meet,
    says,
    step,
    ticked,
    todo,
    visit,
)
from voronka.workspaces.rights import RoleCode

_CHEAPER = says(
    "Нашли бригаду дешевле",
    "We have found a cheaper crew",
    "Сравните сметы построчно: что не вошло, кто отвечает за допуски и что будет с гарантией.",
    "Compare the estimates line by line: what is left out, who answers for permits, what of the guarantee.",
)
_ADVANCE = says(
    "Аванс не дадим",
    "We give no advance",
    "Предложите поэтапную оплату: материалы по счетам, работа по актам каждые две недели.",
    "Offer payment by stages: materials by invoices, work by acts every two weeks.",
)
_TERM = says(
    "Сроки слишком длинные",
    "It takes too long",
    "Покажите график: что можно делать одновременно и какие решения клиента его ускорят.",
    "Show the schedule: what can run in parallel and which decisions of the client would speed it up.",
)

_GENERAL = funnel_of(
    "Подряд · Застройщики и генподрядчики",
    "Contract work · Developers",
    "building",
    "developers",
    step(
        "Объект найден",
        "Site found",
        Text(
            "Узнать об объекте раньше торгов и понять, кто решает и на какой он стадии.",
            "Learn of the site before the tender: who decides and at what stage it is.",
        ),
        Text(
            "Известны объект, стадия, генподрядчик и имя того, кто ведёт наш раздел.",
            "The site, its stage, the general contractor and who runs our part are known.",
        ),
        5,
        5,
        todo("Собрать сведения об объекте", "Gather facts about the site", 2),
        call("Найти того, кто ведёт наш раздел", "Find who runs our part", 4, must=True),
        filled("deal:company", Strictness.ASK),
    ),
    step(
        "Получение проекта",
        "Getting the drawings",
        Text(
            "Получить рабочую документацию и ведомость объёмов и решить, берёмся ли мы.",
            "Get the drawings and the bill of quantities and decide whether we take it.",
        ),
        Text(
            "Документация получена, отметка «берёмся» или честный отказ поставлены.",
            "The drawings are here, and “we take it” or an honest no is said.",
        ),
        5,
        15,
        letter("Запросить рабочую документацию", "Ask for the drawings"),
        meet("Решить с производством, берёмся ли", "Decide with production whether we take it", 4, must=True),
        filled("deal:person", Strictness.ASK),
        ticked(Text("Документация получена", "The drawings are here")),
    ),
    step(
        "Осмотр и смета",
        "Site visit and estimate",
        Text(
            "Осмотреть объект и посчитать смету, в которой нет забытых работ.",
            "See the site and make an estimate in which no work is forgotten.",
        ),
        Text(
            "Смета проверена производством; известны узкие места графика.",
            "The estimate is checked by production; the bottlenecks of the schedule are known.",
        ),
        8,
        30,
        visit("Выехать на объект с прорабом", "Go to the site with the foreman", 3, must=True),
        todo("Составить смету и график", "Make the estimate and the schedule", 7, role=RoleCode.SERVICE),
        held(Channel.VISIT, Strictness.ASK),
        ticked(
            Text("Объёмы проверены на месте", "Quantities are checked on site"),
            Text("Смета согласована с производством", "Production agrees with the estimate"),
        ),
        key=True,
        stuck=Text(
            "Не пускают на объект — попросите фото и обмеры у технадзора и оговорите пересчёт.",
            "They do not let us in: ask technical supervision for photographs and reserve a recount.",
        ),
    ),
    step(
        "Предложение и торги",
        "Offer and tender",
        Text(
            "Подать предложение, которое легко сравнить, и защитить цену раньше, чем её начнут резать.",
            "Hand in an offer that is easy to compare and defend the price before it is cut.",
        ),
        Text(
            "Предложение принято к сравнению; знаем свои место и главного соперника.",
            "The offer is compared; we know our place and the main rival.",
        ),
        10,
        50,
        letter("Отправить предложение со сметой и графиком", "Send the offer with estimate and schedule", 1),
        call("Узнать, как идёт сравнение", "Ask how the comparison goes", 4, must=True),
        todo("Решить о нижней границе цены", "Decide on the lowest price", 5, role=RoleCode.HEAD),
        filled("deal:amount", Strictness.REFUSE),
        filled("deal:expected_close", Strictness.ASK),
        _CHEAPER,
        _TERM,
    ),
    step(
        "Договор подряда",
        "Contract",
        Text(
            "Согласовать договор так, чтобы этапы, приёмка и штрафы были посильными.",
            "Settle the contract so that stages, acceptance and penalties can be borne.",
        ),
        Text(
            "Договор со сметой и графиком подписан обеими сторонами.",
            "The contract with estimate and schedule is signed by both sides.",
        ),
        10,
        75,
        todo("Проверить договор с юристом", "Check the contract with a lawyer", 4),
        meet("Согласовать график и порядок приёмки", "Settle schedule and acceptance", 7, must=True),
        known("economic"),
        filled("company:inn", Strictness.ASK),
        _ADVANCE,
    ),
    step(
        "Аванс и выход на объект",
        "Advance and start on site",
        Text(
            "Получить аванс и принять площадку по акту, чтобы отвечать только за своё.",
            "Receive the advance and take over the site by an act, to answer only for our own.",
        ),
        Text(
            "Аванс поступил, площадка принята, прораб на месте.",
            "The advance has arrived, the site is taken over, the foreman is there.",
        ),
        10,
        92,
        call("Подтвердить день аванса", "Confirm the day of the advance", 3, must=True),
        visit("Принять площадку по акту", "Take over the site by an act", 8, role=RoleCode.SERVICE),
        ticked(
            Text("Аванс поступил", "The advance has arrived"),
            Text("Площадка принята по акту", "The site is taken over by an act"),
        ),
    ),
)

_OWNERS = funnel_of(
    "Монтаж под ключ · Бизнес для себя",
    "Turnkey installation · Owners",
    "install",
    "owners",
    step(
        "Обращение",
        "Enquiry",
        Text(
            "Понять, что и к какому сроку нужно, и договориться о выезде в ближайшие два дня.",
            "Learn what is needed by when, and agree on a visit within two days.",
        ),
        Text(
            "Известны объект, срок и кто платит; день выезда назначен.",
            "Site, date and payer are known; the visit is set.",
        ),
        1,
        10,
        call("Перезвонить и назначить выезд", "Call back and set the visit", must=True),
        filled("deal:company", Strictness.ASK),
    ),
    step(
        "Выезд и замер",
        "Visit and measuring",
        Text(
            "Замерить, сфотографировать и сразу показать на месте два варианта решения.",
            "Measure, photograph and show two ways to do it right on the spot.",
        ),
        Text(
            "Замер сделан, выбран вариант, названа вилка цены.",
            "Measured; a way is chosen, a price range is named.",
        ),
        3,
        35,
        visit("Выехать на замер", "Go and measure", 1, must=True),
        held(Channel.VISIT, Strictness.ASK),
        key=True,
    ),
    step(
        "Смета и предложение",
        "Estimate and offer",
        Text(
            "Отдать смету через два дня после замера и разобрать её с тем, кто платит.",
            "Give the estimate two days after measuring and go through it with who pays.",
        ),
        Text(
            "Смета обсуждена; известно, что смущает в цене.",
            "The estimate is discussed; doubts about the price are known.",
        ),
        3,
        55,
        todo("Составить смету", "Make the estimate", 1),
        call("Разобрать смету с тем, кто платит", "Go through it with who pays", 2, must=True),
        filled("deal:amount", Strictness.REFUSE),
        known("decision"),
        _CHEAPER,
    ),
    step(
        "Договор и предоплата",
        "Contract and prepayment",
        Text(
            "Подписать договор и получить предоплату, пока место в графике бригад свободно.",
            "Sign and get the prepayment while the crews have room in their schedule.",
        ),
        Text(
            "Договор подписан, предоплата поступила, день начала записан.",
            "Signed, prepaid, the day of beginning is set.",
        ),
        5,
        80,
        letter("Отправить договор и счёт", "Send the contract and the invoice"),
        call("Узнать день оплаты", "Find out the day of payment", 2, must=True),
        ticked(
            Text("Договор подписан", "The contract is signed"),
            Text("Предоплата поступила", "The prepayment has arrived"),
        ),
        _ADVANCE,
    ),
    step(
        "Передача бригаде",
        "Hand-over to the crew",
        Text(
            "Познакомить клиента с прорабом и передать всё обещанное письменно.",
            "Introduce the foreman to the client and hand over all promises in writing.",
        ),
        Text(
            "Бригада вышла, клиент знает прораба и график.",
            "The crew is there; the client knows the foreman and the schedule.",
        ),
        4,
        95,
        meet("Познакомить клиента с прорабом", "Introduce the foreman", 2, must=True),
        ticked(Text("Обещания переданы бригаде письменно", "Promises are handed over in writing")),
    ),
)

TEMPLATE = BookTemplate(
    code="construction",
    icon="crane",
    title=Text("Строительство и монтаж", "Construction and installation"),
    for_whom=Text(
        "Подрядчикам: инженерные системы, отделка, металлоконструкции, монтаж под ключ.",
        "For contractors: engineering systems, finishing, steel structures, turnkey installation.",
    ),
    groups=(
        GroupTemplate("building", Text("Строительный подряд", "Contract work")),
        GroupTemplate("install", Text("Монтаж под ключ", "Turnkey installation")),
    ),
    segments=(
        SegmentTemplate(
            "developers",
            Text("Застройщики и генподрядчики", "Developers and general contractors"),
            Text(
                "Торги, сметы, графики и штрафы. Выбирают того, кто не сорвёт соседний раздел.",
                "Tenders, estimates, schedules, penalties. They choose who will not hold up the others.",
            ),
        ),
        SegmentTemplate(
            "owners",
            Text("Бизнес строит для себя", "Owners who build for themselves"),
            Text(
                "Открывают цех, склад или магазин раз в несколько лет. Боятся обмана и затянутых сроков.",
                "They open a shop floor or a store once in years. They fear being cheated and delays.",
            ),
        ),
    ),
    funnels=(_GENERAL, _OWNERS),
    products=(
        ProductTemplate(
            "building",
            "SMR-VENT",
            Text("Вентиляция и кондиционирование", "Ventilation and air conditioning"),
            Text("м²", "m²"),
            4_200,
        ),
        ProductTemplate(
            "building", "SMR-EL", Text("Электромонтаж", "Electrical work"), Text("м²", "m²"), 3_100
        ),
        ProductTemplate(
            "building", "SMR-STEEL", Text("Металлоконструкции", "Steel structures"), Text("т", "t"), 285_000
        ),
        ProductTemplate(
            "install", "KEY-SHOP", Text("Магазин под ключ", "Shop, turnkey"), Text("м²", "m²"), 38_000
        ),
        ProductTemplate(
            "install", "KEY-HALL", Text("Склад под ключ", "Warehouse, turnkey"), Text("м²", "m²"), 27_000
        ),
        ProductTemplate(
            "install",
            "DESIGN",
            Text("Рабочий проект", "Working drawings"),
            Text("проект", "project"),
            320_000,
        ),
    ),
    won_reasons=(
        Text("Срок сдачи", "Date of completion"),
        Text("Прозрачная смета", "A clear estimate"),
        Text("Наши объекты рядом", "Our sites nearby"),
        Text("Гарантия", "Guarantee"),
        Text("Рекомендация", "Recommendation"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Не устроил график", "The schedule did not suit"),
        Text("Проиграли конкурс", "Lost the tender"),
        Text("Объект заморожен", "The site is frozen"),
        Text("Делают своими силами", "They do it themselves"),
        Text("Не договорились об авансе", "No agreement on the advance"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
    ),
    sources=(
        Text("Рекомендация", "Recommendation"),
        Text("Повторное обращение", "Returning client"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Проектировщики", "Designers"),
        Text("Сайт", "Web site"),
        Text("Холодный звонок", "Cold call"),
        Text("Баннер на объекте", "Banner on a site"),
        Text("Выставка", "Exhibition"),
    ),
    kinds=KINDS,
    cells=(
        CellTemplate(
            "building",
            "developers",
            Text(
                "Закрыть раздел в срок и без переделок, чтобы сдать объект целиком.",
                "To finish the part in time without rework so that the whole site is handed over.",
            ),
            Text(
                "Цена по ведомости, люди и техника в наличии, допуски, сданные похожие объекты.",
                "Price by the bill of quantities, people and machines at hand, permits, similar sites.",
            ),
            (
                Text("Выпускают рабочую документацию", "The drawings come out"),
                Text("Объявляют торги по разделам", "They announce tenders by parts"),
                Text("Сравнивают сметы и торгуются", "They compare estimates and bargain"),
                Text("Согласуют договор и график", "They settle contract and schedule"),
                Text("Передают площадку", "They hand over the site"),
            ),
        ),
        CellTemplate(
            "install",
            "owners",
            Text(
                "Открыться к дате и не заниматься стройкой самим.",
                "To open by the date without running a building site themselves.",
            ),
            Text(
                "Доверие, твёрдая цена, один ответственный, фотографии готовых объектов.",
                "Trust, a fixed price, one person in charge, photographs of finished work.",
            ),
            (
                Text("Нашли помещение", "They have found the premises"),
                Text("Зовут трёх подрядчиков на замер", "They call three contractors to measure"),
                Text("Сравнивают сметы", "They compare the estimates"),
                Text("Торгуются о цене и сроке", "They bargain about price and date"),
                Text("Платят аванс", "They pay the advance"),
            ),
        ),
    ),
)
