"""What the stages of the equipment book ask: tasks, criteria to leave by, objections with answers."""

from __future__ import annotations

from voronka.playbook.models import Channel, Strictness
from voronka.playbook.templates_data.shapes import (
    StageWork,
    Text,
    call,
    demo,
    filled,
    held,
    known,
    letter,
    meet,
    says,
    ticked,
    todo,
    visit,
)
from voronka.workspaces.rights import RoleCode

_PRICE = says(
    "Это дороже, чем у других",
    "It costs more than elsewhere",
    "Спросите, с чем сравнивают. Посчитайте вместе простой, ремонт и расход за три года: цена покупки — меньшая часть.",
    "Ask what it is compared with. Count downtime, repairs and consumption over three years together: the price is the smaller part.",
)
_LATER = says(
    "Сейчас не время, вернёмся в следующем году",
    "Not now, let us return to it next year",
    "Узнайте, что изменится к тому времени и кто это решит. Договоритесь о дне следующего разговора и поставьте его сразу.",
    "Find out what will be different then and who decides it. Agree on the day of the next talk and plan it at once.",
)
_SUPPLIER = says(
    "У нас уже есть поставщик",
    "We have a supplier already",
    "Не спорьте. Спросите, что у него хотели бы улучшить, и предложите сравнить на одной небольшой позиции.",
    "Do not argue. Ask what they would improve about it, and offer a comparison on one small item.",
)

WORK: dict[str, dict[str, StageWork]] = {
    "Оборудование · Производство": {
        "Первый контакт": StageWork(
            (
                call(
                    "Позвонить и узнать, кто отвечает за участок",
                    "Call and find out who answers for the section",
                    must=True,
                    how=Text(
                        "Что сейчас делает участок? Что мешает делать больше? Кто отвечает за результат и за деньги?",
                        "What does the section do now? What keeps it from doing more? Who answers for the result and for the money?",
                    ),
                ),
                letter(
                    "Отправить короткое письмо с примером внедрения", "Send a short letter with a case", 1
                ),
            ),
            (filled("deal:company", Strictness.ASK), filled("deal:person")),
            (_SUPPLIER, _LATER),
            Text(
                "Не дозвонились три раза — найдите другого человека на предприятии или зайдите через главного инженера.",
                "Not reached three times: find another person at the plant, or come in through the chief engineer.",
            ),
        ),
        "Выявление потребности": StageWork(
            (
                meet(
                    "Встретиться и заполнить опросный лист",
                    "Meet and fill in the questionnaire",
                    3,
                    must=True,
                ),
                todo(
                    "Внести в карточку объёмы, площадку и срок",
                    "Write volumes, site and deadline into the card",
                    4,
                ),
            ),
            (
                known("decision", Strictness.ASK),
                ticked(
                    Text("Опросный лист заполнен", "The questionnaire is filled in"),
                    Text("Назван бюджет или его порядок", "The budget or its order is named"),
                    Text("Известен срок запуска", "The date of the start is known"),
                ),
            ),
            (_LATER,),
            Text(
                "Клиент не даёт данных — предложите выезд технолога на площадку.",
                "The client gives no data: offer a visit of our engineer to the site.",
            ),
        ),
        "Технический подбор": StageWork(
            (
                todo(
                    "Подготовить комплектацию и расчёт производительности",
                    "Prepare the configuration and the capacity calculation",
                    4,
                ),
                call(
                    "Согласовать техническое задание с главным инженером",
                    "Agree on the specification with the chief engineer",
                    6,
                    must=True,
                ),
            ),
            (
                known("technical"),
                ticked(
                    Text(
                        "Техническое задание согласовано письменно", "The specification is agreed in writing"
                    ),
                    Text(
                        "Проверены вводы, фундамент и проезд",
                        "Connections, foundation and access are checked",
                    ),
                ),
            ),
            (
                says(
                    "Нам нужен опыт именно в нашей отрасли",
                    "We need experience in our very industry",
                    "Предложите звонок с клиентом, у которого уже работает похожая линия.",
                    "Offer a call with a customer who runs a similar line.",
                ),
            ),
        ),
        "Демонстрация": StageWork(
            (
                demo(
                    "Провести демонстрацию на материале клиента",
                    "Demonstrate on the client's own material",
                    6,
                    must=True,
                ),
                letter("Отправить протокол испытаний", "Send the test report", 8),
            ),
            (held(Channel.DEMO, Strictness.ASK), known("decision")),
            (
                says(
                    "В цеху всё будет иначе",
                    "On the shop floor it will be different",
                    "Договоритесь о пробной партии на площадке клиента и запишите, по какому результату решают.",
                    "Agree on a trial batch at the client's site and write down by which result they decide.",
                ),
            ),
            Text(
                "Решающие люди не приехали — не продолжайте без них: назначьте показ у действующего клиента.",
                "Those who decide did not come: do not go on without them, arrange a visit to a running site.",
            ),
        ),
        "Коммерческое предложение": StageWork(
            (
                todo(
                    "Подготовить предложение с расчётом окупаемости",
                    "Prepare the offer with a payback calculation",
                    2,
                ),
                call(
                    "Разобрать предложение с клиентом голосом",
                    "Go through the offer with the client by voice",
                    4,
                    must=True,
                ),
            ),
            (filled("deal:amount", Strictness.REFUSE), filled("deal:expected_close", Strictness.ASK)),
            (_PRICE,),
            Text(
                "Молчат после предложения — спросите, что изменилось у них, а не «посмотрели ли вы».",
                "Silence after the offer: ask what has changed on their side, not whether they have looked.",
            ),
        ),
        "Договор": StageWork(
            (
                todo(
                    "Согласовать договор и спецификацию с юристами клиента",
                    "Settle contract and specification with the client's lawyers",
                    3,
                ),
                call(
                    "Назвать с клиентом день подписания",
                    "Fix the day of signing with the client",
                    5,
                    must=True,
                ),
                todo(
                    "Проверить условия оплаты и ответственность",
                    "Check terms of payment and liability",
                    2,
                    role=RoleCode.HEAD,
                ),
            ),
            (
                filled("company:inn", Strictness.ASK),
                ticked(
                    Text("Договор подписан обеими сторонами", "The contract is signed by both sides"),
                    Text("Счёт на аванс выставлен", "The invoice for the advance is issued"),
                ),
            ),
            (
                says(
                    "Юристы требуют наш типовой договор",
                    "Our lawyers insist on our standard contract",
                    "Примите его за основу и согласуйте только порядок оплаты, приёмку и ответственность.",
                    "Take it as the basis and settle only payment, acceptance and liability.",
                ),
            ),
        ),
        "Аванс и поставка": StageWork(
            (
                call("Узнать день оплаты аванса", "Find out the day of the advance payment", 1, must=True),
                todo(
                    "Передать заказ в производство и назвать день отгрузки",
                    "Hand the order to production and name the day of shipment",
                    3,
                ),
                call("Спросить, как прошёл пуск", "Ask how the start went", 18),
            ),
            (
                ticked(
                    Text("Аванс поступил", "The advance has arrived"),
                    Text("Оборудование принято по накладной", "The equipment is accepted by waybill"),
                ),
            ),
        ),
    },
    "Оборудование · Торговля": {
        "Первый контакт": StageWork(
            (
                call(
                    "Позвонить: какой объект и когда открытие",
                    "Call: which site, and when does it open",
                    must=True,
                ),
                todo("Согласовать день замера", "Agree on the day of the survey", 1),
            ),
            (filled("deal:company", Strictness.ASK), filled("deal:person")),
            (_SUPPLIER,),
        ),
        "Замер и потребность": StageWork(
            (
                visit("Выехать на замер", "Go out for the survey", 2, must=True),
                todo("Начертить план с зонами", "Draw the plan with zones", 3),
            ),
            (
                held(Channel.VISIT),
                ticked(
                    Text("План с размерами есть", "There is a plan with measures"),
                    Text("Назван ориентир по бюджету", "A budget figure is named"),
                ),
            ),
        ),
        "Проект и презентация": StageWork(
            (
                todo("Сделать два варианта расстановки", "Make two layouts", 3),
                demo("Показать варианты клиенту", "Present the layouts", 5, must=True),
            ),
            (held(Channel.DEMO), known("decision", Strictness.ASK)),
            (
                says(
                    "Покажите подешевле",
                    "Show us something cheaper",
                    "Уберите не качество, а зоны: какие открыть первой очередью, какие потом.",
                    "Take out zones, not quality: which open first, which later.",
                ),
            ),
        ),
        "Предложение": StageWork(
            (
                letter("Отправить смету", "Send the estimate", 1),
                call("Согласовать смету с закупками", "Settle the estimate with purchasing", 3, must=True),
            ),
            (filled("deal:amount", Strictness.REFUSE), filled("deal:expected_close", Strictness.ASK)),
            (_PRICE,),
        ),
        "Договор и аванс": StageWork(
            (
                todo(
                    "Отправить договор и счёт на аванс",
                    "Send the contract and the invoice for the advance",
                    1,
                ),
                call("Узнать день оплаты", "Find out the day of payment", 3, must=True),
            ),
            (
                filled("company:inn", Strictness.ASK),
                ticked(
                    Text("Договор подписан", "The contract is signed"),
                    Text("Аванс поступил", "The advance has arrived"),
                ),
            ),
        ),
        "Поставка и монтаж": StageWork(
            (
                todo(
                    "Согласовать график монтажа с объектом",
                    "Settle the schedule of assembly with the site",
                    2,
                    role=RoleCode.SERVICE,
                ),
                visit(
                    "Принять монтаж с клиентом",
                    "Take over the assembly with the client",
                    12,
                    must=True,
                    role=RoleCode.SERVICE,
                ),
                call("Спросить про следующий объект", "Ask about the next site", 14),
            ),
            (ticked(Text("Акт подписан без замечаний", "The act is signed without remarks")),),
        ),
    },
    "Сервисные контракты": {
        "Повод для разговора": StageWork(
            (
                call("Позвонить главному механику", "Call the chief mechanic", 1, must=True),
                todo("Собрать историю ремонтов оборудования", "Gather the repair history", 2),
            ),
            (filled("deal:company", Strictness.ASK),),
            (
                says(
                    "Справляемся своими силами",
                    "We manage by ourselves",
                    "Спросите, сколько часов стояла линия за год и во что обошёлся час.",
                    "Ask how many hours the line stood still in a year and what an hour cost.",
                ),
            ),
        ),
        "Осмотр оборудования": StageWork(
            (
                visit("Осмотреть парк", "Inspect the equipment", 3, must=True),
                letter("Отправить акт осмотра", "Send the inspection report", 5),
            ),
            (held(Channel.VISIT), ticked(Text("Акт осмотра подписан", "The inspection report is signed"))),
        ),
        "Программа обслуживания": StageWork(
            (
                todo("Подготовить три уровня обслуживания", "Prepare three levels of service", 2),
                meet("Обсудить программу", "Discuss the programme", 4, must=True),
            ),
            (known("decision", Strictness.ASK), filled("deal:amount", Strictness.ASK)),
            (_PRICE,),
        ),
        "Согласование": StageWork(
            (
                call(
                    "Узнать, на каком столе лежит договор",
                    "Find out on whose desk the contract lies",
                    3,
                    must=True,
                ),
                todo("Снять замечания юристов", "Settle the lawyers' remarks", 5),
            ),
            (filled("deal:expected_close", Strictness.ASK),),
            (_LATER,),
        ),
        "Подписание и график": StageWork(
            (
                call("Подтвердить день подписания", "Confirm the day of signing", 1, must=True),
                todo("Передать график визитов инженерам", "Hand the schedule of visits to the engineers", 4),
            ),
            (
                ticked(
                    Text("Контракт подписан", "The contract is signed"),
                    Text("Первый платёж получен", "The first payment has arrived"),
                ),
            ),
        ),
    },
    "Запчасти и расходники": {
        "Запрос": StageWork(
            (
                call(
                    "Уточнить модель, серийный номер и срок",
                    "Ask for model, serial number and deadline",
                    must=True,
                ),
            ),
            (filled("deal:company", Strictness.ASK),),
        ),
        "Подбор и наличие": StageWork(
            (todo("Проверить артикулы и остатки", "Check part numbers and stock", must=True),),
            (ticked(Text("Артикулы подтверждены клиентом", "The client has confirmed the part numbers")),),
        ),
        "Счёт": StageWork(
            (
                letter("Отправить счёт", "Send the invoice", must=True),
                call("Узнать, кто и когда платит", "Find out who pays and when", 1),
            ),
            (filled("deal:amount", Strictness.REFUSE),),
            (_PRICE,),
        ),
        "Оплата": StageWork(
            (call("Спросить об оплате", "Ask about the payment", 2, must=True),),
            (ticked(Text("Деньги поступили", "The money has arrived")),),
        ),
        "Отгрузка": StageWork(
            (
                todo(
                    "Отгрузить и получить подписанную накладную",
                    "Ship and get the signed waybill",
                    1,
                    must=True,
                ),
                call("Спросить, всё ли подошло", "Ask whether everything fits", 3),
            ),
            (ticked(Text("Накладная подписана", "The waybill is signed")),),
        ),
    },
}
