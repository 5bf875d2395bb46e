"""What the grids of the first two books say: for what each target group buys, by what it chooses, its own steps."""

from __future__ import annotations

from voronka.playbook.templates_data.shapes import CellTemplate, Text

EQUIPMENT = (
    CellTemplate(
        "machines",
        "industry",
        Text(
            "Выпускать больше и без остановок: закрыть узкое место участка, снять людей с тяжёлой работы, уложиться в план пуска.",
            "To produce more and without stops: open the bottleneck, free people from heavy work, keep the date of start-up.",
        ),
        Text(
            "Надёжность и срок пуска, окупаемость в месяцах, сервис рядом, пример на похожем заводе. Цена — после этого.",
            "Reliability and date of start-up, payback in months, service nearby, a similar plant as proof. Price comes after these.",
        ),
        (
            Text("Главный инженер видит узкое место", "The chief engineer sees the bottleneck"),
            Text("Пишут техническое задание", "They write the specification"),
            Text("Собирают предложения и сравнивают", "They collect offers and compare"),
            Text("Защищают бюджет у директора", "They defend the budget before the director"),
            Text("Торгуются и заключают договор", "They bargain and sign"),
            Text("Принимают и запускают", "They accept and start up"),
        ),
    ),
    CellTemplate(
        "machines",
        "retail",
        Text(
            "Открыть магазин или склад к дате и разместить больше товара на тех же метрах.",
            "To open a shop or warehouse by its date and place more goods on the same floor.",
        ),
        Text(
            "Срок поставки с монтажом, цена за место хранения, готовность считать проект бесплатно, порядок в документах.",
            "Delivery with installation on time, price per place, a free layout project, papers in order.",
        ),
        (
            Text("Утверждён план открытий", "The plan of openings is approved"),
            Text("Запрашивают планировки и цены", "They ask for layouts and prices"),
            Text("Закупки проводят торги", "Procurement holds a tender"),
            Text("Согласуют монтаж с подрядчиком здания", "They settle installation with the builder"),
            Text("Принимают склад", "They accept the warehouse"),
        ),
    ),
    CellTemplate(
        "service",
        "industry",
        Text(
            "Чтобы линия не вставала: ремонт по графику вместо аварий и запчасти до поломки.",
            "To keep the line running: planned repair instead of breakdowns, parts before they fail.",
        ),
        Text(
            "Время реакции в договоре, склад запчастей, одни и те же инженеры, понятная цена за год.",
            "Response time in the contract, parts in stock, the same engineers, a clear price for a year.",
        ),
        (
            Text("Считают потери от простоя", "They count losses of downtime"),
            Text("Осматривают оборудование", "They inspect the machines"),
            Text("Включают сервис в бюджет года", "They put service into the year's budget"),
            Text("Подписывают договор", "They sign the contract"),
        ),
    ),
    CellTemplate(
        "service",
        "retail",
        Text(
            "Быстро заменить то, что сломалось, и не искать совместимое самим.",
            "To replace quickly what broke without looking for what fits.",
        ),
        Text(
            "Наличие на складе, доставка завтра, счёт за час, отсрочка.",
            "In stock, delivered tomorrow, an invoice within the hour, payment later.",
        ),
        (
            Text("Что-то сломалось или кончилось", "Something broke or ran out"),
            Text("Ищут номер детали и цену", "They look for the part number and the price"),
            Text("Согласуют счёт", "They approve the invoice"),
            Text("Платят и получают", "They pay and receive"),
        ),
    ),
)

SERVICES = (
    CellTemplate(
        "projects",
        "large",
        Text(
            "Решить задачу, за которую отвечают перед советом, и не рисковать собой: чтобы результат был виден в показателях.",
            "To solve a task they answer for before the board without risking themselves: the result must show in figures.",
        ),
        Text(
            "Опыт в отрасли, команда поимённо, ход проекта по этапам, отзывы таких же компаний, порядок в документах закупки.",
            "Experience in the trade, the team by name, stages of the project, references of peers, tender papers in order.",
        ),
        (
            Text("Появляется задача у руководителя", "A head gets the task"),
            Text("Ищут, кто это уже делал", "They look for who has done it"),
            Text("Собирают требования и бюджет", "They gather requirements and a budget"),
            Text("Служба закупок проводит конкурс", "Procurement holds a tender"),
            Text("Юристы согласуют договор", "Lawyers settle the contract"),
            Text("Назначают ответственного и начинают", "They name the person in charge and begin"),
        ),
    ),
    CellTemplate(
        "projects",
        "medium",
        Text(
            "Снять с собственника проблему, которая ест его время и деньги, и увидеть первый результат за месяц.",
            "To rid the owner of a problem that eats time and money, with a first result within a month.",
        ),
        Text(
            "Доверие к человеку, рекомендация знакомых, понятный первый шаг с твёрдой ценой.",
            "Trust in the person, a friend's recommendation, a clear first step at a fixed price.",
        ),
        (
            Text(
                "Собственник понимает, что сам не успевает",
                "The owner sees that there is no time to do it alone",
            ),
            Text("Спрашивает знакомых и смотрит сайты", "Asks friends and looks at web sites"),
            Text("Встречается с двумя-тремя", "Meets two or three"),
            Text("Советуется с партнёром и бухгалтером", "Consults a partner and the accountant"),
            Text("Платит за первый этап", "Pays for the first step"),
        ),
    ),
    CellTemplate(
        "support",
        "medium",
        Text(
            "Чтобы всё работало без их участия и было с кого спросить.",
            "To have it all working without them, and somebody to answer for it.",
        ),
        Text(
            "Скорость ответа, одна цена в месяц, человек, которого знают по имени, отчёт простыми словами.",
            "Speed of answer, one price a month, a person known by name, a report in plain words.",
        ),
        (
            Text("Нынешний исполнитель подводит", "The present contractor lets them down"),
            Text("Просят посмотреть, что не так", "They ask to look what is wrong"),
            Text("Сравнивают две-три цены за месяц", "They compare two or three monthly prices"),
            Text("Пробуют месяц", "They try a month"),
            Text("Переходят на договор", "They change over to the contract"),
        ),
    ),
    CellTemplate(
        "support",
        "large",
        Text(
            "Закрыть нехватку своих людей и получить уровень услуг, записанный в договоре.",
            "To make up for the lack of own people and get the level of service written in the contract.",
        ),
        Text(
            "Гарантии времени реакции со штрафом, замена специалистов, допуски и безопасность.",
            "Guaranteed response with penalties, replacement of specialists, clearances and security.",
        ),
        (
            Text("Планируют расходы года", "They plan the year's expenses"),
            Text("Пишут требования к уровню услуг", "They write the required service levels"),
            Text("Проводят закупку", "They hold a tender"),
            Text("Передают дела на испытательный срок", "They hand over for a trial period"),
        ),
    ),
)
