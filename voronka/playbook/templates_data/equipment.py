"""A company that sells equipment to businesses, with service and spare parts after it."""

from __future__ import annotations

from voronka.playbook.palette import color_at
from voronka.playbook.templates_data.grid_texts import EQUIPMENT
from voronka.playbook.templates_data.kinds import KINDS
from voronka.playbook.templates_data.shapes import (
    BookTemplate,
    FunnelTemplate,
    GroupTemplate,
    ProductTemplate,
    SegmentTemplate,
    StageTemplate,
    Text,
)
from voronka.workspaces.rights import RoleCode

_INDUSTRY = (
    StageTemplate(
        Text("Первый контакт", "First contact"),
        goal=Text(
            "Выяснить, есть ли задача под наше оборудование, и договориться о разговоре с тем, кто за неё отвечает.",
            "Find out whether there is a job for our equipment and agree on a talk with the person who answers for it.",
        ),
        result=Text(
            "Известны производство, задача и имя ответственного; назначен день следующего разговора.",
            "We know the plant, the job and the name of the person in charge; the day of the next talk is set.",
        ),
        limit=3,
        probability=5,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Выявление потребности", "Discovery"),
        goal=Text(
            "Понять, сколько клиент теряет без нового оборудования, кто принимает решение и к какому сроку оно нужно.",
            "Understand what the client loses without new equipment, who decides, and by when it must be running.",
        ),
        result=Text(
            "Заполнен опросный лист: объёмы, продукт, площадка, бюджет, срок. Названы технический и финансовый ответственные.",
            "The questionnaire is filled in: volumes, product, site, budget, deadline. The technical and the financial decision maker are named.",
        ),
        limit=7,
        probability=15,
        color=color_at(1),
    ),
    StageTemplate(
        Text("Технический подбор", "Technical match"),
        goal=Text(
            "Подобрать комплектацию, которую главный инженер признаёт подходящей, и снять вопросы по площадке и подключению.",
            "Find a configuration that the chief engineer accepts, and settle the questions of site and connections.",
        ),
        result=Text(
            "Техническое задание согласовано письменно; известно, с кем из поставщиков нас сравнивают.",
            "The specification is agreed in writing; we know which suppliers we are compared with.",
        ),
        limit=10,
        probability=30,
        color=color_at(2),
    ),
    StageTemplate(
        Text("Демонстрация", "Demonstration"),
        goal=Text(
            "Показать работу оборудования на материале клиента: на нашей площадке или у того, у кого оно уже стоит.",
            "Show the equipment at work on the client's own material, at our site or at a customer who already runs it.",
        ),
        result=Text(
            "Решающие люди видели результат; получен протокол испытаний или письменный отзыв технолога.",
            "Those who decide have seen the result; there is a test report or a written opinion of the process engineer.",
        ),
        limit=10,
        probability=50,
        color=color_at(3),
        is_key=True,
    ),
    StageTemplate(
        Text("Коммерческое предложение", "Offer"),
        goal=Text(
            "Защитить цену расчётом окупаемости и согласовать состав поставки, срок и порядок оплаты.",
            "Defend the price with a payback calculation and agree on the scope, the delivery time and the terms of payment.",
        ),
        result=Text(
            "Предложение разобрано с клиентом голосом; замечания собраны, следующая версия или устное «да» получены.",
            "The offer has been talked through; the objections are collected, and the next version or a verbal yes is in hand.",
        ),
        limit=7,
        probability=65,
        color=color_at(4),
    ),
    StageTemplate(
        Text("Договор", "Contract"),
        goal=Text(
            "Провести договор через юристов и снабжение без потери условий, о которых договорились.",
            "Take the contract through the lawyers and purchasing without losing the terms that were agreed.",
        ),
        result=Text(
            "Договор и спецификация подписаны обеими сторонами, счёт на аванс выставлен.",
            "Contract and specification are signed by both sides; the invoice for the advance is out.",
        ),
        limit=10,
        probability=80,
        color=color_at(5),
        role=RoleCode.HEAD,
    ),
    StageTemplate(
        Text("Аванс и поставка", "Advance and delivery"),
        goal=Text(
            "Получить аванс, поставить оборудование в обещанный срок и держать клиента в курсе каждую неделю.",
            "Receive the advance, deliver on the promised day, and tell the client every week where things stand.",
        ),
        result=Text(
            "Аванс на счёте, оборудование принято по накладной, назначен день пуска.",
            "The advance is on our account, the goods are accepted against the waybill, the day of start-up is set.",
        ),
        limit=20,
        probability=95,
        color=color_at(6),
    ),
)

_RETAIL = (
    StageTemplate(
        Text("Первый контакт", "First contact"),
        goal=Text(
            "Найти человека, который отвечает за оснащение точек или склада, и понять, есть ли открытие, ремонт или расширение.",
            "Find the person who equips the stores or the warehouse and learn whether an opening, a refit or an extension is ahead.",
        ),
        result=Text(
            "Известны объект, срок открытия и ответственный; согласован выезд на замер.",
            "We know the site, the opening date and the person in charge; a visit for measuring is agreed.",
        ),
        limit=2,
        probability=10,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Замер и потребность", "Survey"),
        goal=Text(
            "Увидеть помещение своими глазами и записать, что должно получиться: товар, проходимость, нагрузки, бюджет на метр.",
            "See the premises and write down what is wanted: goods, traffic, loads, budget per square metre.",
        ),
        result=Text(
            "Есть план помещения с размерами, список зон и ориентир по бюджету.",
            "There is a measured plan, a list of zones and an idea of the budget.",
        ),
        limit=5,
        probability=25,
        color=color_at(1),
    ),
    StageTemplate(
        Text("Проект и презентация", "Layout and presentation"),
        goal=Text(
            "Показать расстановку, в которой клиент узнаёт свою задачу, и выбрать с ним один вариант из двух-трёх.",
            "Show a layout in which the client recognises the task, and choose one of two or three variants together.",
        ),
        result=Text(
            "Клиент выбрал вариант расстановки и назвал, что в нём поменять.",
            "The client has chosen a variant and said what to change in it.",
        ),
        limit=7,
        probability=40,
        color=color_at(2),
        is_key=True,
    ),
    StageTemplate(
        Text("Предложение", "Offer"),
        goal=Text(
            "Согласовать смету и этапы поставки; ответить на цену конкурента составом, сроком и гарантией, а не скидкой.",
            "Agree on the estimate and the stages of delivery; answer a rival's price with scope, time and warranty rather than a discount.",
        ),
        result=Text(
            "Смета согласована с закупками, известны дата решения и тот, кто подписывает.",
            "Purchasing has agreed to the estimate; the day of the decision and the person who signs are known.",
        ),
        limit=5,
        probability=60,
        color=color_at(3),
    ),
    StageTemplate(
        Text("Договор и аванс", "Contract and advance"),
        goal=Text(
            "Подписать договор до даты, после которой к открытию уже не успеть, и получить аванс.",
            "Sign before the date after which the opening can no longer be met, and receive the advance.",
        ),
        result=Text(
            "Договор подписан, аванс поступил, заказ передан в производство.",
            "The contract is signed, the advance received, the order handed to production.",
        ),
        limit=6,
        probability=80,
        color=color_at(4),
    ),
    StageTemplate(
        Text("Поставка и монтаж", "Delivery and assembly"),
        goal=Text(
            "Сдать объект к открытию и получить от клиента рекомендацию для следующей точки.",
            "Hand over the site before the opening and win a recommendation for the next one.",
        ),
        result=Text(
            "Акт монтажа подписан без замечаний, остаток оплачен или стоит в графике.",
            "The assembly is accepted without remarks; the balance is paid or scheduled.",
        ),
        limit=15,
        probability=95,
        color=color_at(5),
        role=RoleCode.SERVICE,
    ),
)

_SERVICE = (
    StageTemplate(
        Text("Повод для разговора", "Reason to talk"),
        goal=Text(
            "Прийти с пользой: заканчивается гарантия, подходит срок обслуживания, у соседей по отрасли была остановка.",
            "Come with something useful: the warranty ends, maintenance is due, a plant of the same trade has had a stoppage.",
        ),
        result=Text(
            "Главный механик согласен на осмотр парка, дата осмотра назначена.",
            "The chief mechanic agrees to an inspection of the machines, and its date is set.",
        ),
        limit=5,
        probability=15,
        color=color_at(0),
        role=RoleCode.SERVICE,
    ),
    StageTemplate(
        Text("Осмотр оборудования", "Inspection"),
        goal=Text(
            "Оценить состояние каждой машины и посчитать с клиентом, во что обходится час простоя.",
            "Judge the state of every machine and work out with the client what an hour of standstill costs.",
        ),
        result=Text(
            "Подписан акт осмотра; есть список работ и цена простоя со слов клиента.",
            "The inspection report is signed; there is a list of works and the cost of standstill in the client's own figures.",
        ),
        limit=7,
        probability=35,
        color=color_at(1),
        role=RoleCode.SERVICE,
        is_key=True,
    ),
    StageTemplate(
        Text("Программа обслуживания", "Service programme"),
        goal=Text(
            "Предложить два-три уровня обслуживания и помочь выбрать тот, который окупается сокращением простоев.",
            "Offer two or three levels of service and help to choose the one that pays for itself in saved standstill.",
        ),
        result=Text(
            "Клиент выбрал уровень, время реакции и перечень запчастей на складе.",
            "The client has chosen the level, the response time and the list of parts kept in stock.",
        ),
        limit=5,
        probability=55,
        color=color_at(2),
    ),
    StageTemplate(
        Text("Согласование", "Approval"),
        goal=Text(
            "Провести контракт через бюджет года: дать механику цифры, которыми он защитит его перед финансистами.",
            "Bring the contract into the budget of the year: give the mechanic figures to defend it before finance.",
        ),
        result=Text(
            "Сумма стоит в бюджете, замечания юристов сняты.",
            "The sum is in the budget and the lawyers have no more remarks.",
        ),
        limit=10,
        probability=75,
        color=color_at(3),
    ),
    StageTemplate(
        Text("Подписание и график", "Signature and schedule"),
        goal=Text(
            "Подписать контракт и сразу поставить первый плановый визит.",
            "Sign the contract and put the first planned visit into the calendar at once.",
        ),
        result=Text(
            "Контракт подписан, первый платёж получен, график визитов передан инженерам.",
            "The contract is signed, the first payment is in, the schedule of visits is with the engineers.",
        ),
        limit=5,
        probability=90,
        color=color_at(4),
    ),
)

_PARTS = (
    StageTemplate(
        Text("Запрос", "Enquiry"),
        goal=Text(
            "Ответить в тот же день и понять срочность: плановая замена или точка уже стоит.",
            "Answer on the same day and learn how urgent it is: a planned replacement, or the store is already at a standstill.",
        ),
        result=Text(
            "Известны модель, серийный номер, количество и срок.",
            "Model, serial number, quantity and deadline are known.",
        ),
        limit=1,
        probability=30,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Подбор и наличие", "Matching and stock"),
        goal=Text(
            "Подобрать деталь без ошибки и предложить запас, чтобы следующий раз не ждать.",
            "Match the part without mistake and propose a small stock, so that next time nobody waits.",
        ),
        result=Text(
            "Артикулы подтверждены клиентом, наличие и срок отгрузки названы.",
            "The client has confirmed the part numbers; stock and shipping time are named.",
        ),
        limit=1,
        probability=45,
        color=color_at(1),
    ),
    StageTemplate(
        Text("Счёт", "Invoice"),
        goal=Text(
            "Выставить счёт, по которому клиенту нечего уточнять, и узнать день оплаты.",
            "Send an invoice that leaves nothing to ask about, and learn the day of payment.",
        ),
        result=Text(
            "Счёт у того, кто платит; дата оплаты названа.",
            "The invoice is with the person who pays; the date of payment is named.",
        ),
        limit=2,
        probability=65,
        color=color_at(2),
        is_key=True,
    ),
    StageTemplate(
        Text("Оплата", "Payment"),
        goal=Text(
            "Дождаться оплаты, не теряя товар из резерва: напомнить за день и в день срока.",
            "See the payment in without losing the reserved goods: remind a day before and on the day.",
        ),
        result=Text(
            "Деньги поступили, заказ на складе собран.",
            "The money is in, the order is picked in the warehouse.",
        ),
        limit=3,
        probability=85,
        color=color_at(3),
    ),
    StageTemplate(
        Text("Отгрузка", "Shipment"),
        goal=Text(
            "Доставить в срок, убедиться, что деталь встала на место, и спросить о следующей замене.",
            "Deliver in time, make sure that the part fits, and ask about the next replacement.",
        ),
        result=Text(
            "Накладная подписана, клиент подтвердил, что всё работает.",
            "The waybill is signed and the client confirms that everything works.",
        ),
        limit=3,
        probability=95,
        color=color_at(4),
    ),
)

TEMPLATE = BookTemplate(
    code="equipment",
    icon="building-factory-2",
    title=Text("Оборудование", "Equipment"),
    for_whom=Text(
        "Для тех, кто поставляет предприятиям машины, линии, стеллажи или приборы и обслуживает их после продажи.",
        "For companies that supply machines, lines, racking or instruments to businesses and look after them later.",
    ),
    groups=(
        GroupTemplate("machines", Text("Оборудование", "Equipment")),
        GroupTemplate("service", Text("Сервис и запчасти", "Service and spare parts")),
    ),
    segments=(
        SegmentTemplate(
            "industry",
            Text("Производство", "Manufacturing"),
            Text(
                "Заводы и цеха. Покупают под план выпуска; выбирает главный инженер, деньги даёт директор. Важны надёжность, срок пуска и окупаемость.",
                "Plants and workshops. They buy for their output plan; the chief engineer chooses, the director pays. Reliability, start-up date and payback count.",
            ),
        ),
        SegmentTemplate(
            "retail",
            Text("Торговля и склады", "Retail and warehousing"),
            Text(
                "Сети, магазины, распределительные центры. Покупают к дате открытия; торгуются закупки. Важны срок, монтаж под ключ и цена метра.",
                "Chains, stores, distribution centres. They buy for an opening date; purchasing haggles. Time, turnkey assembly and the price per metre count.",
            ),
        ),
    ),
    funnels=(
        FunnelTemplate(
            Text("Оборудование · Производство", "Equipment · Manufacturing"),
            "machines",
            "industry",
            _INDUSTRY,
        ),
        FunnelTemplate(Text("Оборудование · Торговля", "Equipment · Retail"), "machines", "retail", _RETAIL),
        FunnelTemplate(Text("Сервисные контракты", "Service contracts"), "service", "industry", _SERVICE),
        FunnelTemplate(Text("Запчасти и расходники", "Parts and supplies"), "service", "retail", _PARTS),
    ),
    products=(
        ProductTemplate(
            "machines",
            "LF-200",
            Text("Линия фасовки ЛФ-200", "Packing line LF-200"),
            Text("компл.", "set"),
            4_850_000,
        ),
        ProductTemplate(
            "machines",
            "KL-12",
            Text("Конвейер ленточный 12 м", "Belt conveyor, 12 m"),
            Text("шт.", "pc"),
            1_420_000,
        ),
        ProductTemplate(
            "machines",
            "SP-6",
            Text("Секция паллетного стеллажа 6 м", "Pallet racking bay, 6 m"),
            Text("секц.", "bay"),
            98_000,
        ),
        ProductTemplate(
            "machines",
            "VP-3000",
            Text("Весы платформенные 3 т", "Platform scale, 3 t"),
            Text("шт.", "pc"),
            62_000,
        ),
        ProductTemplate(
            "machines",
            "HK-40",
            Text("Камера холодильная 40 м³", "Cold room, 40 m³"),
            Text("компл.", "set"),
            1_180_000,
        ),
        ProductTemplate(
            "service",
            "SK-12",
            Text("Сервисный контракт на год", "Service contract, one year"),
            Text("год", "year"),
            360_000,
        ),
        ProductTemplate(
            "service",
            "PNR",
            Text("Пусконаладка, выезд инженера", "Start-up, engineer on site"),
            Text("день", "day"),
            45_000,
        ),
        ProductTemplate(
            "service",
            "ZIP-1",
            Text("Комплект запчастей на год", "Set of spare parts for a year"),
            Text("компл.", "set"),
            128_000,
        ),
    ),
    won_reasons=(
        Text("Срок поставки лучше, чем у других", "Faster delivery than the others"),
        Text("Убедили на демонстрации", "Convinced by the demonstration"),
        Text("Сервис и запчасти рядом", "Service and parts close by"),
        Text("Расчёт окупаемости", "Payback calculation"),
        Text("Цена и условия оплаты", "Price and terms of payment"),
        Text("Рекомендация или прежний опыт", "Recommendation or earlier experience"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Не прошли по техническим требованиям", "Did not meet the technical requirements"),
        Text("Не устроил срок поставки", "Delivery time too long"),
        Text("Бюджет урезан или проект заморожен", "Budget cut or project frozen"),
        Text("Отложили на следующий год", "Put off until next year"),
        Text("Обошлись ремонтом того, что есть", "Repaired what they have"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
        Text("Не наш клиент", "Not our kind of client"),
    ),
    sources=(
        Text("Сайт", "Web site"),
        Text("Входящий звонок", "Incoming call"),
        Text("Холодный звонок", "Cold call"),
        Text("Выставка", "Exhibition"),
        Text("Рекомендация", "Recommendation"),
        Text("Повторное обращение", "Returning client"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Проектировщики и партнёры", "Designers and partners"),
        Text("Рассылка", "Mailing"),
        Text("Реклама", "Advertising"),
    ),
    kinds=KINDS,
    cells=EQUIPMENT,
)
