"""A supplier: wholesale to shops and chains, and supplies to plants under yearly contracts."""

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
)
from voronka.workspaces.rights import RoleCode

_SUPPLIER = says(
    "У нас есть поставщик",
    "We have a supplier",
    "Не просите заменить. Предложите стать вторым: одна позиция, по которой он подводит сроком или наличием.",
    "Do not ask to replace them. Offer to be the second: one item on which they fail in time or stock.",
)
_DISCOUNT = says(
    "Дайте скидку, как у других",
    "Give the discount others give",
    "Привяжите скидку к объёму и предоплате. Назовите, с какого заказа она начинается, и держитесь этого.",
    "Tie the discount to volume and prepayment. Name the order it begins with, and keep to it.",
)
_CREDIT = says(
    "Работаем только с отсрочкой",
    "We only buy on credit",
    "Первые две поставки — по предоплате или с половиной; отсрочку дайте с лимитом после проверки.",
    "The first two deliveries prepaid or half so; credit with a limit after a check.",
)

_SHOPS = funnel_of(
    "Опт · Магазины и сети",
    "Wholesale · Shops and chains",
    "goods",
    "shops",
    step(
        "Первый контакт",
        "First contact",
        Text(
            "Найти того, кто закупает нашу категорию, и узнать, чем он недоволен в нынешних поставках.",
            "Find who buys our category and learn what is wrong with present deliveries.",
        ),
        Text(
            "Известны закупщик, ассортимент и повод для разговора.",
            "The buyer, the range and a reason to talk are known.",
        ),
        3,
        10,
        call(
            "Позвонить закупщику категории",
            "Call the buyer of the category",
            must=True,
            how=Text(
                "По каким позициям бывают пустые полки? Как часто ждёте дольше обещанного? Кто решает о новом поставщике?",
                "Which items run out? How often do you wait longer than promised? Who decides on a new supplier?",
            ),
        ),
        letter("Отправить прайс по трём позициям", "Send prices of three items", 1),
        filled("deal:company", Strictness.ASK),
        _SUPPLIER,
    ),
    step(
        "Потребность и матрица",
        "Needs and range",
        Text(
            "Выбрать с закупщиком позиции, с которых начнём, и понять обороты по ним.",
            "Choose with the buyer the items to begin with and learn their turnover.",
        ),
        Text(
            "Согласован список позиций первой поставки с объёмом в месяц.",
            "Items of the first delivery with monthly volume are agreed.",
        ),
        5,
        25,
        meet("Обсудить ассортимент и обороты", "Discuss the range and the turnover", 3, must=True),
        known("buyer", Strictness.ASK),
        ticked(Text("Список позиций согласован", "The list of items is agreed")),
    ),
    step(
        "Образцы",
        "Samples",
        Text(
            "Дать образцы тем, кто оценивает, и получить от них оценку словами, а не молчанием.",
            "Give samples to those who judge and get their opinion in words, not in silence.",
        ),
        Text("Образцы проверены, замечания записаны.", "The samples are tested, remarks are written down."),
        7,
        40,
        todo(
            "Отправить образцы с документами", "Send samples with papers", 1, must=True, role=RoleCode.SERVICE
        ),
        call("Спросить об оценке образцов", "Ask about the samples", 5),
        ticked(Text("Образцы приняты", "The samples are accepted")),
        stuck=Text(
            "Образцы лежат неделю — предложите приехать и проверить вместе за полчаса.",
            "Samples lie for a week: offer to come and test them together in half an hour.",
        ),
    ),
    step(
        "Условия",
        "Terms",
        Text(
            "Договориться о цене, отсрочке, доставке и бонусе так, чтобы поставка была прибыльной.",
            "Agree on price, credit, delivery and bonus so that the delivery pays.",
        ),
        Text(
            "Условия подтверждены письмом; маржа не ниже порога.",
            "Terms are confirmed in writing; the margin holds.",
        ),
        5,
        60,
        letter("Отправить условия письменно", "Send the terms in writing", 1),
        todo(
            "Согласовать скидку и лимит отсрочки", "Approve discount and credit limit", 3, role=RoleCode.HEAD
        ),
        call("Получить подтверждение условий", "Get the terms confirmed", 4, must=True),
        filled("deal:amount", Strictness.REFUSE),
        filled("company:inn", Strictness.ASK),
        _DISCOUNT,
        _CREDIT,
        key=True,
    ),
    step(
        "Договор поставки",
        "Supply contract",
        Text(
            "Подписать договор и открыть клиента в учёте, чтобы первый заказ не застрял.",
            "Sign the contract and open the client in the books so that the first order does not stick.",
        ),
        Text(
            "Договор подписан, клиент заведён, обмен документами работает.",
            "Signed, entered, papers go through.",
        ),
        7,
        78,
        todo("Согласовать и подписать договор", "Settle and sign the contract", 4, must=True),
        ticked(
            Text("Договор подписан", "The contract is signed"),
            Text("Обмен документами настроен", "Exchange of papers is set up"),
        ),
    ),
    step(
        "Первая отгрузка",
        "First delivery",
        Text(
            "Отгрузить без ошибок и сразу договориться о дне следующего заказа.",
            "Deliver without a mistake and agree at once on the day of the next order.",
        ),
        Text(
            "Первая поставка принята без расхождений; назван день второй.",
            "The first delivery is accepted; the day of the second is named.",
        ),
        7,
        92,
        todo("Проверить сборку и документы", "Check the goods and the papers", 1, role=RoleCode.SERVICE),
        call("Спросить, как прошла приёмка", "Ask how the acceptance went", 4, must=True),
        ticked(Text("Поставка принята без расхождений", "Accepted without differences")),
    ),
)

_PLANTS = funnel_of(
    "Снабжение · Предприятия",
    "Supply · Plants",
    "supplies",
    "plants",
    step(
        "Запрос",
        "Request",
        Text(
            "Ответить на запрос в день получения и понять, разовая это закупка или на год.",
            "Answer on the same day and learn whether it is for once or for a year.",
        ),
        Text(
            "Уточнены позиции, замены, срок и порядок закупки.",
            "Items, substitutes, date and way of buying are clear.",
        ),
        1,
        15,
        call("Уточнить запрос у снабженца", "Clarify the request", must=True),
        filled("deal:company", Strictness.ASK),
        _SUPPLIER,
    ),
    step(
        "Подбор и наличие",
        "Selection and stock",
        Text(
            "Подобрать позиции и замены, подтвердив наличие и срок, который выдержим.",
            "Select items and substitutes; confirm stock and a date that we keep.",
        ),
        Text(
            "Подбор согласован с тем, кто применяет на участке.", "The selection is agreed with who uses it."
        ),
        3,
        35,
        todo("Подобрать позиции и замены", "Select items and substitutes", 1, must=True),
        known("technical"),
        ticked(Text("Наличие и срок подтверждены складом", "The warehouse confirms stock and date")),
    ),
    step(
        "Предложение",
        "Offer",
        Text(
            "Дать предложение раньше других, со сроком и заменами, которые выгоднее запрошенного.",
            "Be first with an offer that has the date and better substitutes.",
        ),
        Text(
            "Предложение в сравнении; известны место и что решит дело.",
            "The offer is compared; what decides is known.",
        ),
        3,
        50,
        letter("Отправить предложение", "Send the offer", must=True),
        call("Узнать, с кем сравнивают", "Ask who we are compared with", 2),
        held(Channel.CALL),
        filled("deal:amount", Strictness.REFUSE),
        _DISCOUNT,
        key=True,
    ),
    step(
        "Закупочная процедура",
        "Procurement",
        Text(
            "Пройти процедуру без ошибок и предложить рамочный договор вместо разовой закупки.",
            "Pass the procedure without mistakes and offer a frame contract instead of a single one.",
        ),
        Text(
            "Мы выбраны; клиент ответил о рамочном договоре.",
            "We are chosen; the client answered about a frame contract.",
        ),
        10,
        68,
        todo("Подать документы", "Hand in the papers", 3, must=True),
        call("Предложить рамочный договор", "Offer a frame contract", 7),
        known("economic"),
    ),
    step(
        "Договор и поставка",
        "Contract and delivery",
        Text(
            "Поставить в срок и получить план потребности на квартал вперёд.",
            "Deliver in time and get the plan of needs for the quarter ahead.",
        ),
        Text(
            "Поставка принята, план потребности на квартал получен.",
            "Accepted; the plan for the quarter is here.",
        ),
        12,
        90,
        todo("Проконтролировать отгрузку", "Follow the delivery", 5, role=RoleCode.SERVICE),
        call("Запросить план потребности на квартал", "Ask for the quarter's plan", 10, must=True),
        filled("company:inn", Strictness.ASK),
        ticked(Text("Поставка принята", "The delivery is accepted")),
        _CREDIT,
    ),
)

TEMPLATE = BookTemplate(
    code="wholesale",
    icon="building-warehouse",
    title=Text("Оптовые поставки", "Wholesale supply"),
    for_whom=Text(
        "Дистрибьюторам и поставщикам: опт для магазинов и сетей, снабжение предприятий.",
        "For distributors and suppliers: wholesale to shops and chains, supplies to plants.",
    ),
    groups=(
        GroupTemplate("goods", Text("Товары для продажи", "Goods for sale")),
        GroupTemplate("supplies", Text("Материалы и расходники", "Materials and supplies")),
    ),
    segments=(
        SegmentTemplate(
            "shops",
            Text("Магазины и сети", "Shops and chains"),
            Text(
                "Закупают оборот с полки: наличие, отсрочка, возврат. Закупщик отвечает за категорию.",
                "They buy turnover: stock, credit, returns. A buyer answers for the category.",
            ),
        ),
        SegmentTemplate(
            "plants",
            Text("Предприятия", "Plants"),
            Text(
                "Снабжение по заявкам участков. Главное — не остановить работу; цена сравнивается строкой.",
                "Supply by requests of the shop floor. Work must not stop; prices are compared by line.",
            ),
        ),
    ),
    funnels=(_SHOPS, _PLANTS),
    products=(
        ProductTemplate(
            "goods", "BOX-A", Text("Короб ассортимента А", "Box of range A"), Text("короб", "box"), 7_400
        ),
        ProductTemplate(
            "goods", "BOX-B", Text("Короб ассортимента Б", "Box of range B"), Text("короб", "box"), 12_900
        ),
        ProductTemplate(
            "goods", "STAND", Text("Стойка с товаром", "Stand with goods"), Text("шт.", "pc"), 34_000
        ),
        ProductTemplate(
            "supplies", "GLOVE", Text("Перчатки рабочие", "Work gloves"), Text("упак.", "pack"), 2_300
        ),
        ProductTemplate(
            "supplies",
            "OIL-20",
            Text("Масло индустриальное", "Industrial oil"),
            Text("бочка", "barrel"),
            41_000,
        ),
        ProductTemplate("supplies", "FAST", Text("Крепёж", "Fasteners"), Text("короб", "box"), 5_600),
    ),
    won_reasons=(
        Text("Наличие на складе", "In stock"),
        Text("Отсрочка платежа", "Payment on credit"),
        Text("Цена", "Price"),
        Text("Скорость ответа", "Speed of answer"),
        Text("Качество образцов", "Quality of samples"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Нет нужного ассортимента", "The range is missing"),
        Text("Не устроил срок поставки", "The delivery date did not suit"),
        Text("Не договорились об отсрочке", "No agreement on credit"),
        Text("Образцы не подошли", "The samples did not suit"),
        Text("Закупка отменена", "The purchase is cancelled"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
    ),
    sources=(
        Text("Холодный звонок", "Cold call"),
        Text("Сайт", "Web site"),
        Text("Входящий звонок", "Incoming call"),
        Text("Повторное обращение", "Returning client"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Выставка", "Exhibition"),
        Text("Рекомендация", "Recommendation"),
        Text("Торговый представитель", "Field representative"),
    ),
    kinds=KINDS,
    cells=(
        CellTemplate(
            "goods",
            "shops",
            Text(
                "Чтобы полка приносила деньги и не пустовала, а непроданное можно было вернуть.",
                "To keep the shelf earning and full, with what is unsold taken back.",
            ),
            Text(
                "Оборачиваемость, наценка, отсрочка, доставка день в день, поддержка выкладки.",
                "Turnover, margin, credit, delivery on the day, help with display.",
            ),
            (
                Text("Пересматривают матрицу категории", "They review the range of the category"),
                Text("Просят прайс и образцы", "They ask for prices and samples"),
                Text("Ставят на пробу в несколько точек", "They try it in a few shops"),
                Text("Договариваются об условиях на год", "They agree on terms for a year"),
                Text("Вводят в матрицу", "They put it into the range"),
            ),
        ),
        CellTemplate(
            "supplies",
            "plants",
            Text(
                "Чтобы участок не встал из-за мелочи, а снабженец не искал её по городу.",
                "So that a trifle does not stop the shop floor and nobody hunts for it around the town.",
            ),
            Text(
                "Наличие, срок, точность подбора, одна заявка — одна поставка, порядок в документах.",
                "Stock, date, exact selection, one request one delivery, papers in order.",
            ),
            (
                Text("Участок подаёт заявку", "The shop floor sends a request"),
                Text("Снабжение рассылает запрос", "Procurement asks around"),
                Text("Сравнивают цену и срок", "They compare price and date"),
                Text("Согласуют оплату", "They approve the payment"),
                Text("Принимают на склад", "They take it into the store"),
            ),
        ),
    ),
)
