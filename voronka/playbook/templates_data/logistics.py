"""A carrier and forwarder: transport for shippers, and storage with delivery for online shops."""

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

_RATE = says(
    "У других ставка ниже",
    "Others have a lower rate",
    "Уточните, что входит: простой, экспедирование, страховка. Предложите сравнить по последним десяти рейсам.",
    "Ask what is included: waiting, forwarding, insurance. Offer to compare the last ten trips.",
)
_CARRIERS = says(
    "Перевозчики у нас есть",
    "We have carriers",
    "Попросите одно направление, где чаще всего срывают подачу, и возьмите его на пробу.",
    "Ask for the one lane where trucks fail most often and take it on trial.",
)

_TRANSPORT = funnel_of(
    "Перевозки · Производители и дистрибьюторы",
    "Transport · Shippers",
    "transport",
    "shippers",
    step(
        "Первый разговор",
        "First talk",
        Text(
            "Узнать направления, объёмы и то, на чём срываются нынешние перевозчики.",
            "Learn the lanes, the volumes and where the present carriers fail.",
        ),
        Text(
            "Известны направления, рейсы в месяц и имя логиста.",
            "Lanes, trips a month and the logistician's name are known.",
        ),
        3,
        10,
        call(
            "Поговорить с логистом о направлениях",
            "Talk to the logistician about lanes",
            must=True,
            how=Text(
                "Какие направления болят? Сколько рейсов в месяц? Что было при последнем срыве и кто за него заплатил?",
                "Which lanes hurt? How many trips a month? What happened at the last failure, and who paid?",
            ),
        ),
        filled("deal:company", Strictness.ASK),
        _CARRIERS,
    ),
    step(
        "Расчёт ставок",
        "Rates",
        Text(
            "Посчитать ставки, которые выдержим и в сезон, и понять требования к машине.",
            "Count rates that we can keep in season and learn what truck is required.",
        ),
        Text(
            "Ставки посчитаны по направлениям; требования к погрузке записаны.",
            "Rates by lane are ready; loading demands are written down.",
        ),
        3,
        25,
        todo("Посчитать ставки по направлениям", "Count the rates by lane", 1, must=True),
        ticked(Text("Требования к транспорту записаны", "Demands on the truck are written down")),
    ),
    step(
        "Пробный рейс",
        "Trial trip",
        Text(
            "Выполнить один рейс безупречно: подача вовремя, связь, документы в день выгрузки.",
            "Make one perfect trip: on time, in touch, papers on the day of unloading.",
        ),
        Text(
            "Рейс выполнен, логист подтвердил, что готов обсуждать объём.",
            "The trip is done; the logistician is ready to discuss volume.",
        ),
        7,
        45,
        todo("Назначить машину и водителя", "Assign truck and driver", 2, role=RoleCode.SERVICE),
        call(
            "Сообщить о выгрузке и спросить оценку", "Report the unloading and ask for a mark", 6, must=True
        ),
        ticked(
            Text("Подача вовремя", "Arrived on time"),
            Text("Документы переданы", "Papers are handed over"),
        ),
        key=True,
        stuck=Text(
            "Пробный рейс не дают — предложите подменить перевозчика в день срыва, по звонку.",
            "No trial trip: offer to step in on the day another carrier fails, at a call.",
        ),
    ),
    step(
        "Условия и объём",
        "Terms and volume",
        Text(
            "Договориться о доле объёма, ставках на квартал и оплате.",
            "Agree on the share of volume, rates for the quarter and payment.",
        ),
        Text(
            "Подтверждены направления, рейсы в месяц и отсрочка.",
            "Lanes, trips a month and credit are confirmed.",
        ),
        6,
        62,
        meet(
            "Обсудить долю объёма с руководителем логистики",
            "Discuss the share with the head of logistics",
            3,
            must=True,
        ),
        todo("Согласовать лимит отсрочки", "Approve the credit limit", 4, role=RoleCode.HEAD),
        known("decision", Strictness.ASK),
        filled("deal:amount", Strictness.REFUSE),
        _RATE,
    ),
    step(
        "Договор",
        "Contract",
        Text(
            "Подписать договор с посильной ответственностью за груз и простой.",
            "Sign a contract with liability for cargo and waiting that we can bear.",
        ),
        Text(
            "Договор и страховка оформлены, доступ к заявкам открыт.",
            "Contract and insurance are ready; orders can come.",
        ),
        8,
        80,
        todo("Согласовать договор и страховку", "Settle contract and insurance", 4, must=True),
        filled("company:inn", Strictness.ASK),
        ticked(Text("Договор подписан", "The contract is signed")),
    ),
    step(
        "Первые заявки",
        "First orders",
        Text(
            "Выполнить первый месяц заявок без срывов и закрепить место в графике.",
            "Do the first month of orders without failure and take a place in the schedule.",
        ),
        Text(
            "Месяц без срывов; согласован график следующего.",
            "A month without failure; the next one is agreed.",
        ),
        20,
        93,
        call("Сверить качество первых рейсов", "Check the quality of first trips", 7, must=True),
        letter("Отправить отчёт за месяц", "Send the report of the month", 18),
        ticked(Text("Первая оплата поступила", "The first payment has arrived")),
    ),
)

_FULFILMENT = funnel_of(
    "Хранение и доставка · Интернет-магазины",
    "Storage and delivery · Online shops",
    "storage",
    "online",
    step(
        "Заявка",
        "Request",
        Text(
            "Понять товар, заказы в день и пик сезона, чтобы сразу назвать вилку цены.",
            "Learn the goods, orders a day and the peak so as to name a price range at once.",
        ),
        Text(
            "Известны товар, заказы в день и нынешний склад.",
            "Goods, orders a day and the present warehouse are known.",
        ),
        1,
        15,
        call("Расспросить о товаре и заказах", "Ask about goods and orders", must=True),
        filled("deal:company", Strictness.ASK),
    ),
    step(
        "Расчёт и экскурсия",
        "Calculation and tour",
        Text(
            "Посчитать заказ «под ключ» и показать склад в работе.",
            "Count the price of an order all in and show the warehouse at work.",
        ),
        Text(
            "Клиент видел склад и понимает цену одного заказа.",
            "The client saw the warehouse and knows the price of an order.",
        ),
        4,
        35,
        todo("Посчитать цену заказа", "Count the price of an order", 1),
        visit("Показать склад", "Show the warehouse", 3, must=True),
        held(Channel.VISIT),
        key=True,
    ),
    step(
        "Предложение",
        "Offer",
        Text(
            "Дать предложение с тремя объёмами, чтобы рост удешевлял заказ.",
            "Give an offer with three volumes so that growth makes an order cheaper.",
        ),
        Text(
            "Выбран объём; согласованы упаковка, возвраты и брак.",
            "A volume is chosen; packing, returns and damage are agreed.",
        ),
        4,
        55,
        letter("Отправить предложение с тремя объёмами", "Send the offer with three volumes", 1),
        call("Разобрать предложение с владельцем", "Go through it with the owner", 3, must=True),
        known("decision"),
        filled("deal:amount", Strictness.REFUSE),
        says(
            "Своими силами дешевле",
            "It is cheaper ourselves",
            "Посчитайте вместе аренду, людей, ошибки и пик: чаще всего забыты последние два.",
            "Count rent, people, mistakes and the peak together: mostly the last two are forgotten.",
        ),
    ),
    step(
        "Интеграция и договор",
        "Integration and contract",
        Text(
            "Соединить магазин со складом и подписать договор до завоза товара.",
            "Connect the shop with the warehouse and sign before the goods come.",
        ),
        Text(
            "Проверочный заказ прошёл от сайта до коробки; договор подписан.",
            "A test order went from site to box; it is signed.",
        ),
        7,
        75,
        todo(
            "Настроить обмен заказами", "Set up the exchange of orders", 4, must=True, role=RoleCode.SERVICE
        ),
        todo("Подписать договор хранения", "Sign the storage contract", 5),
        filled("company:inn", Strictness.ASK),
        ticked(
            Text("Проверочный заказ прошёл", "The test order went through"),
            Text("Договор подписан", "The contract is signed"),
        ),
    ),
    step(
        "Завоз и первая неделя",
        "Arrival and first week",
        Text(
            "Принять товар без расхождений и отправить первую сотню заказов без ошибок.",
            "Take the goods without differences and send the first hundred orders without mistakes.",
        ),
        Text(
            "Остатки сошлись, ошибок не больше одной на сотню.",
            "Stock agrees; at most one mistake in a hundred.",
        ),
        7,
        93,
        call("Сверить остатки и ошибки за неделю", "Check stock and mistakes of the week", 5, must=True),
        ticked(Text("Остатки сошлись", "The stock agrees")),
    ),
)

TEMPLATE = BookTemplate(
    code="logistics",
    icon="truck-delivery",
    title=Text("Перевозки и логистика", "Transport and logistics"),
    for_whom=Text(
        "Перевозчикам, экспедиторам и складам: перевозки по договору, хранение и доставка заказов.",
        "For carriers, forwarders and warehouses: contract transport, storage and delivery of orders.",
    ),
    groups=(
        GroupTemplate("transport", Text("Перевозки", "Transport")),
        GroupTemplate("storage", Text("Хранение и доставка заказов", "Storage and delivery")),
    ),
    segments=(
        SegmentTemplate(
            "shippers",
            Text("Производители и дистрибьюторы", "Shippers"),
            Text(
                "Регулярные рейсы, логист и безопасность. Срыв подачи стоит им дороже ставки.",
                "Regular trips, a logistician and security. A truck that fails costs more than the rate.",
            ),
        ),
        SegmentTemplate(
            "online",
            Text("Интернет-магазины", "Online shops"),
            Text(
                "Растут рывками, сезон решает год. Хотят забыть о складе и видеть остатки.",
                "They grow by leaps, the season makes the year. They want to forget the warehouse and see the stock.",
            ),
        ),
    ),
    funnels=(_TRANSPORT, _FULFILMENT),
    products=(
        ProductTemplate(
            "transport", "FTL-20", Text("Рейс, 20 тонн", "Trip, 20 tons"), Text("рейс", "trip"), 118_000
        ),
        ProductTemplate("transport", "LTL", Text("Сборный груз", "Part load"), Text("м³", "m³"), 6_900),
        ProductTemplate(
            "transport", "REF", Text("Рефрижератор", "Refrigerated truck"), Text("рейс", "trip"), 164_000
        ),
        ProductTemplate(
            "storage", "PALLET", Text("Хранение паллеты", "Storage of a pallet"), Text("мес.", "month"), 900
        ),
        ProductTemplate(
            "storage", "PICK", Text("Сборка заказа", "Picking of an order"), Text("заказ", "order"), 85
        ),
        ProductTemplate("storage", "RETURN", Text("Приём возврата", "Return"), Text("шт.", "pc"), 60),
    ),
    won_reasons=(
        Text("Пробный рейс без срыва", "A trial trip without failure"),
        Text("Ставка", "Rate"),
        Text("Отсрочка платежа", "Payment on credit"),
        Text("Связь и отслеживание", "Contact and tracking"),
        Text("Близко к клиенту", "Close to the client"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Нет машин на направлении", "No trucks on the lane"),
        Text("Сорвали пробный рейс", "The trial trip failed"),
        Text("Не договорились об отсрочке", "No agreement on credit"),
        Text("Возят своим транспортом", "They use their own trucks"),
        Text("Объёмов больше нет", "There is no volume any more"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
    ),
    sources=(
        Text("Холодный звонок", "Cold call"),
        Text("Биржа грузов", "Freight exchange"),
        Text("Сайт", "Web site"),
        Text("Рекомендация", "Recommendation"),
        Text("Повторное обращение", "Returning client"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Выставка", "Exhibition"),
        Text("Партнёры", "Partners"),
    ),
    kinds=KINDS,
    cells=(
        CellTemplate(
            "transport",
            "shippers",
            Text(
                "Чтобы товар был у клиента к часу, а логист спал ночью.",
                "To have the goods there by the hour and let the logistician sleep at night.",
            ),
            Text(
                "Подача без срывов, ставка на квартал, связь с водителем, документы, страховка.",
                "Trucks that come, a rate for the quarter, contact with the driver, papers, insurance.",
            ),
            (
                Text("Сорвалась подача или начался сезон", "A truck failed, or the season began"),
                Text("Логист обзванивает перевозчиков", "The logistician calls carriers"),
                Text("Дают пробный рейс", "They give a trial trip"),
                Text("Проверяет безопасность", "Security checks"),
                Text("Делят объём между двумя-тремя", "They share volume among two or three"),
            ),
        ),
        CellTemplate(
            "storage",
            "online",
            Text(
                "Отправлять заказы в тот же день и не нанимать кладовщиков к сезону.",
                "To send orders the same day without hiring for the season.",
            ),
            Text(
                "Цена одного заказа, ошибки на сотню, скорость отправки, обмен с магазином, возвраты.",
                "Price of an order, mistakes in a hundred, speed, exchange with the shop, returns.",
            ),
            (
                Text("Склад не справляется с заказами", "The warehouse cannot keep up"),
                Text("Считают своё и чужое", "They count their own against ours"),
                Text("Смотрят склады", "They look at warehouses"),
                Text("Проверяют обмен заказами", "They test the exchange of orders"),
                Text("Перевозят товар", "They move the goods"),
            ),
        ),
    ),
)
