"""A service company: maintenance contracts for plants and for buildings, and repairs that lead to them."""

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

_OWN = says(
    "У нас свои ремонтники",
    "We have our own repairmen",
    "Предложите то, чего у них нет: диагностику с прибором, редкие узлы, подмену в отпуск и ночью.",
    "Offer what they lack: diagnosis with instruments, rare units, cover for holidays and nights.",
)
_IDLE = says(
    "Платить каждый месяц, даже если ничего не сломалось?",
    "To pay every month even if nothing breaks?",
    "Сравните плату с часом простоя и покажите, что делаем по графику, чтобы не ломалось.",
    "Compare the fee with an hour of downtime and show what we do on schedule to prevent it.",
)

_PLANT = funnel_of(
    "Сервисный договор · Заводы",
    "Service contract · Factories",
    "contracts",
    "factories",
    step(
        "Повод",
        "Occasion",
        Text(
            "Поймать повод — авария, проверка, новый механик — и договориться об осмотре.",
            "Catch the occasion: a breakdown, an inspection, a new mechanic; agree on a look.",
        ),
        Text(
            "Известны парк оборудования, последняя авария и её цена.",
            "The machines, the last breakdown and its price are known.",
        ),
        4,
        8,
        call(
            "Узнать о последнем простое и его цене",
            "Ask about the last downtime and its price",
            must=True,
            how=Text(
                "Когда стояли в последний раз? Сколько стоит час? Кто чинил и сколько ждали деталь?",
                "When did it stop last? What does an hour cost? Who repaired it and how long did the part take?",
            ),
        ),
        filled("deal:company", Strictness.ASK),
        _OWN,
    ),
    step(
        "Осмотр парка",
        "Inspection",
        Text(
            "Осмотреть оборудование с механиком и составить перечень слабых мест.",
            "Inspect the machines with the mechanic and list the weak points.",
        ),
        Text(
            "Отчёт об осмотре с перечнем рисков передан главному инженеру.",
            "The report with risks is with the chief engineer.",
        ),
        8,
        25,
        visit("Провести осмотр", "Carry out the inspection", 4, must=True, role=RoleCode.SERVICE),
        letter("Отправить отчёт с перечнем рисков", "Send the report with the risks", 7),
        held(Channel.VISIT, Strictness.ASK),
        known("technical"),
    ),
    step(
        "Расчёт выгоды",
        "The case",
        Text(
            "Посчитать с клиентом, во что обходятся простои и что изменит договор.",
            "Count with the client what downtime costs and what the contract would change.",
        ),
        Text(
            "Главный инженер согласен с расчётом и готов показать его директору.",
            "The chief engineer agrees and will show it to the director.",
        ),
        6,
        45,
        todo("Подготовить расчёт потерь и выгоды", "Prepare the losses and the gain", 3),
        meet("Разобрать расчёт с главным инженером", "Go through it with the chief engineer", 5, must=True),
        known("economic", Strictness.ASK),
        ticked(Text("Цена часа простоя подтверждена клиентом", "The client confirms the price of an hour")),
        _IDLE,
        key=True,
    ),
    step(
        "Предложение",
        "Offer",
        Text(
            "Предложить три уровня договора с временем реакции и понятной платой за месяц.",
            "Offer three levels with response times and a clear monthly fee.",
        ),
        Text(
            "Выбран уровень; известно, в какой бюджет он войдёт.", "A level is chosen; its budget is known."
        ),
        6,
        60,
        letter("Отправить предложение в трёх уровнях", "Send the offer in three levels", 1),
        call("Разобрать уровни с тем, кто платит", "Go through the levels with who pays", 4, must=True),
        filled("deal:amount", Strictness.REFUSE),
        filled("deal:expected_close", Strictness.ASK),
        stuck=Text(
            "Ждут бюджета следующего года — предложите договор на критичный узел сейчас.",
            "They wait for next year's budget: offer a contract for the critical unit now.",
        ),
    ),
    step(
        "Договор",
        "Contract",
        Text(
            "Согласовать время реакции, перечень узлов и порядок допуска на завод.",
            "Settle response time, the list of units and admission to the site.",
        ),
        Text("Договор подписан, пропуска заказаны.", "The contract is signed, passes are ordered."),
        10,
        80,
        todo("Согласовать договор и перечень узлов", "Settle contract and units", 5, must=True),
        filled("company:inn", Strictness.ASK),
        ticked(Text("Договор подписан", "The contract is signed")),
    ),
    step(
        "Первое обслуживание",
        "First service",
        Text(
            "Провести первое обслуживание так, чтобы цех заметил разницу.",
            "Do the first service so that the shop floor notices the difference.",
        ),
        Text(
            "Акт подписан, график на год утверждён, отзыв механика получен.",
            "The act is signed, the year's schedule is approved.",
        ),
        10,
        93,
        visit("Выполнить первое обслуживание", "Do the first service", 6, must=True, role=RoleCode.SERVICE),
        call("Спросить механика о впечатлении", "Ask the mechanic for an opinion", 9),
        ticked(
            Text("Акт подписан", "The act is signed"),
            Text("График на год утверждён", "The schedule for the year is approved"),
        ),
    ),
)

_BUILDINGS = funnel_of(
    "Обслуживание · Здания и объекты",
    "Maintenance · Buildings",
    "repairs",
    "buildings",
    step(
        "Заявка",
        "Request",
        Text(
            "Принять заявку, оценить срочность и назвать время приезда.",
            "Take the request, judge its urgency and name the hour of arrival.",
        ),
        Text(
            "Неисправность описана, время приезда подтверждено.",
            "The fault is described, the arrival is confirmed.",
        ),
        1,
        20,
        call("Уточнить неисправность и доступ", "Clarify the fault and the access", must=True),
        filled("deal:company", Strictness.ASK),
    ),
    step(
        "Выезд и диагностика",
        "Visit and diagnosis",
        Text(
            "Найти причину и сразу осмотреть соседние узлы: что сломается следующим.",
            "Find the cause and look at the neighbours at once: what will break next.",
        ),
        Text(
            "Причина найдена, перечень работ и замечаний составлен.",
            "The cause is found, work and remarks are listed.",
        ),
        2,
        40,
        visit(
            "Выехать и составить дефектную ведомость",
            "Go and list the defects",
            must=True,
            role=RoleCode.SERVICE,
        ),
        held(Channel.VISIT, Strictness.ASK),
    ),
    step(
        "Смета на ремонт",
        "Estimate of repair",
        Text(
            "Дать смету в тот же день и предложить рядом договор на обслуживание.",
            "Give the estimate on the same day with a maintenance contract beside it.",
        ),
        Text(
            "Смета согласована тем, кто платит; о договоре получен ответ.",
            "Who pays agrees; there is an answer on the contract.",
        ),
        2,
        60,
        letter("Отправить смету и вариант договора", "Send the estimate and the contract", must=True),
        call("Получить согласование", "Get the approval", 1),
        filled("deal:amount", Strictness.REFUSE),
        known("decision"),
        says(
            "Почините, а о договоре потом",
            "Repair it, and the contract later",
            "Согласитесь и назовите цену такого же ремонта по договору: разница станет видна сама.",
            "Agree and name what the same repair costs under contract: the difference speaks.",
        ),
        key=True,
    ),
    step(
        "Ремонт",
        "Repair",
        Text(
            "Сделать ремонт в срок и показать заказчику, что было и что стало.",
            "Repair in time and show what it was and what it is now.",
        ),
        Text(
            "Работа принята, фотографии до и после отправлены.",
            "Accepted; photographs before and after are sent.",
        ),
        5,
        80,
        visit("Выполнить ремонт", "Do the repair", 3, must=True, role=RoleCode.SERVICE),
        ticked(Text("Акт подписан", "The act is signed")),
    ),
    step(
        "Договор на обслуживание",
        "Maintenance contract",
        Text(
            "Превратить разовый ремонт в договор, пока помнят, как было без него.",
            "Turn a single repair into a contract while it is remembered what it was without.",
        ),
        Text(
            "Договор подписан или назван день, когда к нему вернутся.",
            "The contract is signed, or the day of return is named.",
        ),
        7,
        92,
        meet("Обсудить договор с управляющим", "Discuss the contract with the manager", 3, must=True),
        ticked(Text("Оплата ремонта поступила", "The repair is paid")),
        _IDLE,
    ),
)

TEMPLATE = BookTemplate(
    code="maintenance",
    icon="tool",
    title=Text("Сервис и обслуживание", "Industrial service"),
    for_whom=Text(
        "Сервисным компаниям: договоры обслуживания для заводов и зданий, ремонт и диагностика.",
        "For service companies: maintenance contracts for factories and buildings, repair and diagnosis.",
    ),
    groups=(
        GroupTemplate("contracts", Text("Договоры обслуживания", "Service contracts")),
        GroupTemplate("repairs", Text("Ремонт и диагностика", "Repair and diagnosis")),
    ),
    segments=(
        SegmentTemplate(
            "factories",
            Text("Заводы", "Factories"),
            Text(
                "Непрерывное производство, механик и главный инженер. Покупают часы без простоя.",
                "Continuous production, a mechanic and a chief engineer. They buy hours without downtime.",
            ),
        ),
        SegmentTemplate(
            "buildings",
            Text("Здания и объекты", "Buildings"),
            Text(
                "Бизнес-центры, склады, торговые центры. Управляющий хочет, чтобы ему не звонили арендаторы.",
                "Offices, warehouses, malls. The manager wants no calls from tenants.",
            ),
        ),
    ),
    funnels=(_PLANT, _BUILDINGS),
    products=(
        ProductTemplate(
            "contracts",
            "SLA-8",
            Text("Договор, реакция 8 часов", "Contract, response in 8 hours"),
            Text("мес.", "month"),
            95_000,
        ),
        ProductTemplate(
            "contracts",
            "SLA-4",
            Text("Договор, реакция 4 часа", "Contract, response in 4 hours"),
            Text("мес.", "month"),
            160_000,
        ),
        ProductTemplate(
            "contracts",
            "SLA-24",
            Text("Дежурный инженер на объекте", "Engineer on site"),
            Text("мес.", "month"),
            390_000,
        ),
        ProductTemplate(
            "repairs",
            "DIAG",
            Text("Диагностика с отчётом", "Diagnosis with a report"),
            Text("выезд", "visit"),
            18_000,
        ),
        ProductTemplate(
            "repairs", "REP-H", Text("Работа инженера", "Engineer's work"), Text("час", "hour"), 3_600
        ),
        ProductTemplate(
            "repairs",
            "OVERHAUL",
            Text("Капитальный ремонт узла", "Overhaul of a unit"),
            Text("проект", "project"),
            480_000,
        ),
    ),
    won_reasons=(
        Text("Время реакции", "Response time"),
        Text("Расчёт простоев убедил", "The price of downtime convinced"),
        Text("Качество первого ремонта", "Quality of the first repair"),
        Text("Запчасти на складе", "Parts in stock"),
        Text("Рекомендация", "Recommendation"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Решили сделать своими силами", "Decided to do it themselves"),
        Text("Нет бюджета", "No budget"),
        Text("Отложили решение", "Put off the decision"),
        Text("Не допустили на объект", "Not admitted to the site"),
        Text("Оборудование меняют на новое", "The machines are replaced"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
    ),
    sources=(
        Text("Входящий звонок", "Incoming call"),
        Text("Сайт", "Web site"),
        Text("Рекомендация", "Recommendation"),
        Text("Повторное обращение", "Returning client"),
        Text("Производители оборудования", "Makers of machines"),
        Text("Холодный звонок", "Cold call"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Управляющие компании", "Managing companies"),
    ),
    kinds=KINDS,
    cells=(
        CellTemplate(
            "contracts",
            "factories",
            Text(
                "Чтобы линия работала по плану, а ремонт не начинался с поиска виноватых.",
                "To run the line by plan, without repairs that begin with a search for the guilty.",
            ),
            Text(
                "Время реакции, знание этой техники, склад деталей, отчёт, понятный директору.",
                "Response time, knowledge of these machines, parts in stock, a report the director understands.",
            ),
            (
                Text("Случилась дорогая остановка", "A costly stop has happened"),
                Text("Механик ищет, кто поможет", "The mechanic looks for help"),
                Text("Главный инженер сравнивает с наймом людей", "The chief engineer compares with hiring"),
                Text("Директор утверждает статью расходов", "The director approves the expense"),
                Text("Подписывают договор и дают допуск", "They sign and admit"),
            ),
        ),
        CellTemplate(
            "repairs",
            "buildings",
            Text(
                "Чтобы арендаторы не жаловались и ничего не затопило ночью.",
                "So that tenants do not complain and nothing floods at night.",
            ),
            Text(
                "Приезд в назначенный час, цена до начала работ, один телефон на всё.",
                "Arrival at the named hour, the price before the work, one telephone for all.",
            ),
            (
                Text("Сломалось или жалуются", "It broke, or they complain"),
                Text("Звонят тем, кто приедет сегодня", "They call who comes today"),
                Text("Согласуют смету с собственником", "The owner approves the estimate"),
                Text("Принимают работу", "They accept the work"),
                Text("Думают о договоре", "They think of a contract"),
            ),
        ),
    ),
)
