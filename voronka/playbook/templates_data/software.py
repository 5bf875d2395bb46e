"""A company that makes or brings in software: implementation for organisations, subscriptions for small business."""

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
    demo,
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

_ANOTHER = says(
    "У нас уже стоит другая система",
    "We have another system already",
    "Спросите, что в ней делают мимо, в таблицах. Покажите именно этот кусок, а не всю программу.",
    "Ask what is done beside it, in spreadsheets. Show just that piece and not the whole program.",
)
_PRICE = says(
    "Дорого за лицензии",
    "The licences are expensive",
    "Разложите цену на одного работника в месяц и сравните со временем, которое он теряет сейчас.",
    "Break the price down to one worker a month and compare it with the time lost now.",
)
_SECURITY = says(
    "Служба безопасности не пропустит",
    "Our security people will not let it through",
    "Попросите их перечень требований, ответьте по пунктам и предложите установку на сервер клиента.",
    "Ask for their list of demands, answer point by point and offer installation on the client's own server.",
)

_CORPORATE = funnel_of(
    "Внедрение · Крупные организации",
    "Implementation · Organisations",
    "projects",
    "corporate",
    step(
        "Интерес",
        "Interest",
        Text(
            "Понять, какой участок болит и кто за него отвечает, и условиться о разговоре на полчаса.",
            "Learn which area hurts and who answers for it, and agree on half an hour's talk.",
        ),
        Text(
            "Известны участок, число работников на нём и имя хозяина задачи.",
            "The area, the number of people in it and the owner of the task are known.",
        ),
        3,
        8,
        call(
            "Узнать, что заставило искать программу",
            "Find out what made them look for software",
            must=True,
            how=Text(
                "Что сейчас делают вручную? Сколько раз в месяц из-за этого ошибаются? Что будет, если оставить как есть?",
                "What is done by hand now? How often does it go wrong in a month? What if it stays as it is?",
            ),
        ),
        filled("deal:company", Strictness.ASK),
        _ANOTHER,
    ),
    step(
        "Обследование",
        "Survey",
        Text(
            "Описать, как работают сейчас, и согласовать, какие три вещи программа должна изменить.",
            "Write down how they work now and agree on three things that the program has to change.",
        ),
        Text(
            "Короткое описание процесса подтверждено теми, кто в нём работает.",
            "A short description of the process is confirmed by those who work in it.",
        ),
        8,
        20,
        meet("Провести интервью с пользователями", "Interview the users", 4, must=True),
        letter("Отправить описание и три цели", "Send the description and the three goals", 7),
        known("user"),
        known("decision", Strictness.ASK),
        stuck=Text(
            "Пользователи заняты — проведите день рядом с ними: увидите больше, чем услышите.",
            "The users are busy: spend a day beside them, you will see more than you would hear.",
        ),
    ),
    step(
        "Показ на их данных",
        "Demonstration on their data",
        Text(
            "Показать не возможности, а рабочий день: их документы, их справочники, их отчёт.",
            "Show a working day rather than features: their papers, their lists, their report.",
        ),
        Text(
            "Пользователи сами прошли свой случай; записан перечень доработок.",
            "The users went through their own case themselves; what has to be adapted is written down.",
        ),
        10,
        40,
        todo("Подготовить стенд с их примерами", "Prepare the stand with their samples", 4),
        demo("Показать решение рабочей группе", "Show the solution to the working group", 7, must=True),
        held(Channel.DEMO, Strictness.ASK),
        ticked(
            Text("Показ прошёл на данных клиента", "The client's own data were shown"),
            Text("Записан перечень доработок", "What has to be adapted is written down"),
        ),
        _SECURITY,
        key=True,
    ),
    step(
        "Оценка и предложение",
        "Estimate and offer",
        Text(
            "Дать оценку работ по этапам, в которой видно, что войдёт в первый пуск, а что подождёт.",
            "Give an estimate by stages that shows what goes live first and what may wait.",
        ),
        Text(
            "Клиент выбрал состав первого пуска и назвал бюджет, в который он укладывается.",
            "The client has chosen the scope of the first launch and named the budget for it.",
        ),
        7,
        55,
        todo(
            "Оценить доработки с разработчиками",
            "Estimate the work with developers",
            3,
            role=RoleCode.SERVICE,
        ),
        call("Разобрать оценку с хозяином задачи", "Go through the estimate with its owner", 6, must=True),
        filled("deal:amount", Strictness.REFUSE),
        filled("deal:expected_close", Strictness.ASK),
        _PRICE,
    ),
    step(
        "Безопасность и закупка",
        "Security and procurement",
        Text(
            "Пройти проверку безопасности и закупку, не растеряв по дороге сроки и состав.",
            "Pass the security check and procurement without losing dates and scope on the way.",
        ),
        Text(
            "Получены согласования безопасности и юристов; мы выбраны исполнителем.",
            "Security and lawyers have agreed; we are chosen as the contractor.",
        ),
        15,
        75,
        todo("Ответить на перечень требований безопасности", "Answer the list of security demands", 4),
        call("Узнать у заказчика, на чьём столе бумаги", "Ask on whose desk the papers are", 8, must=True),
        known("buyer"),
        ticked(
            Text("Безопасность согласовала", "Security has agreed"),
            Text("Юристы согласовали договор", "Lawyers have agreed to the contract"),
        ),
        role=RoleCode.HEAD,
    ),
    step(
        "Договор и старт",
        "Contract and kick-off",
        Text(
            "Подписать договор и передать обещания команде внедрения на общей встрече.",
            "Sign and hand the promises over to the implementation team at a common meeting.",
        ),
        Text(
            "Договор подписан, рабочая группа назначена, день первого пуска записан.",
            "The contract is signed, the working group is named, the day of the launch is set.",
        ),
        8,
        92,
        todo("Подписать договор и лицензионное соглашение", "Sign the contract and the licence", 4),
        meet("Провести стартовую встречу с командой", "Hold the kick-off with the team", 7, must=True),
        filled("company:inn", Strictness.ASK),
        ticked(
            Text("Договор подписан", "The contract is signed"),
            Text("Аванс поступил", "The advance has arrived"),
        ),
    ),
)

_SMALL = funnel_of(
    "Подписка · Малый бизнес",
    "Subscription · Small business",
    "licences",
    "small",
    step(
        "Заявка",
        "Request",
        Text(
            "Ответить за четверть часа и понять, сколько человек будет работать и с чего начнут.",
            "Answer within a quarter of an hour; learn how many will work and what they begin with.",
        ),
        Text(
            "Известны число рабочих мест и первая задача.",
            "The number of seats and the first task are known.",
        ),
        1,
        15,
        call("Перезвонить по заявке", "Call back", must=True),
        filled("deal:person"),
        _ANOTHER,
    ),
    step(
        "Показ",
        "Demonstration",
        Text(
            "За тридцать минут показать одну задачу клиента от начала до конца и включить пробный доступ.",
            "In thirty minutes show one task of the client from beginning to end and open a trial.",
        ),
        Text(
            "Пробный доступ открыт, первый документ заведён.", "The trial is open, the first record is made."
        ),
        3,
        35,
        demo("Провести показ по видеосвязи", "Show it by video", 1, must=True),
        letter("Отправить доступ и короткий план пробы", "Send the access and a short plan of the trial", 1),
        held(Channel.DEMO),
        key=True,
    ),
    step(
        "Пробный период",
        "Trial",
        Text(
            "Довести клиента до первой пользы: он должен сделать в программе настоящую работу.",
            "Lead the client to the first use: real work has to be done in the program.",
        ),
        Text(
            "За неделю в программе работали хотя бы трое и перенесли свои данные.",
            "At least three people have worked in it during a week and moved their data.",
        ),
        10,
        55,
        call(
            "Спросить, получилось ли на второй день", "Ask on the second day whether it works", 2, must=True
        ),
        call("Помочь перенести данные", "Help to move the data", 5),
        ticked(
            Text("Данные клиента загружены", "The client's data are loaded"),
            Text("Работают не меньше трёх человек", "At least three people work in it"),
        ),
        says(
            "Нет времени разбираться",
            "We have no time to learn it",
            "Предложите настроить вместе за один созвон и начать с одного отдела.",
            "Offer to set it up together in one call and begin with one department.",
        ),
        stuck=Text(
            "Никто не входил три дня — позвоните руководителю и предложите час с настройщиком.",
            "Nobody came in for three days: call the head and offer an hour with a specialist.",
        ),
    ),
    step(
        "Счёт",
        "Invoice",
        Text(
            "Подобрать тариф под число мест и выставить счёт в день согласия.",
            "Choose the plan for the number of seats and send the invoice on the day of consent.",
        ),
        Text("Счёт у того, кто платит; назван день оплаты.", "Who pays has the invoice; the day is named."),
        3,
        75,
        letter("Отправить счёт и договор-оферту", "Send the invoice and the public offer"),
        call("Узнать день оплаты", "Find out the day of payment", 2, must=True),
        filled("deal:amount", Strictness.ASK),
        _PRICE,
    ),
    step(
        "Оплата и запуск",
        "Payment and launch",
        Text(
            "Получить оплату и сделать так, чтобы через месяц подписку не забыли продлить.",
            "Receive the payment and make sure the subscription is not forgotten in a month.",
        ),
        Text(
            "Оплата пришла, назначен ответственный у клиента и день проверки пользы.",
            "It is paid; the client's person in charge and the day of a check are named.",
        ),
        4,
        92,
        call(
            "Поздравить и назначить проверку через месяц",
            "Congratulate, set a check in a month",
            2,
            must=True,
        ),
        ticked(Text("Оплата поступила", "The payment has arrived")),
    ),
)

TEMPLATE = BookTemplate(
    code="software",
    icon="code",
    title=Text("Программы и ИТ", "Software and IT"),
    for_whom=Text(
        "Разработчикам и интеграторам: внедрение для организаций и подписка для малого бизнеса.",
        "For makers and integrators of software: implementation for organisations, subscription for small business.",
    ),
    groups=(
        GroupTemplate("licences", Text("Программы по подписке", "Software by subscription")),
        GroupTemplate("projects", Text("Внедрение и доработка", "Implementation")),
    ),
    segments=(
        SegmentTemplate(
            "corporate",
            Text("Крупные организации", "Organisations"),
            Text(
                "Много участников, безопасность и закупка со своими правилами. Покупают порядок и отсутствие риска.",
                "Many people, security and procurement with rules of their own. They buy order and no risk.",
            ),
        ),
        SegmentTemplate(
            "small",
            Text("Малый бизнес", "Small business"),
            Text(
                "Решает владелец за неделю. Покупают простоту: чтобы заработало сегодня и без программиста.",
                "The owner decides within a week. They buy simplicity: working today without a programmer.",
            ),
        ),
    ),
    funnels=(_CORPORATE, _SMALL),
    products=(
        ProductTemplate(
            "licences",
            "SUB-5",
            Text("Подписка, 5 мест, год", "Subscription, 5 seats, a year"),
            Text("лицензия", "licence"),
            60_000,
        ),
        ProductTemplate(
            "licences",
            "SUB-25",
            Text("Подписка, 25 мест, год", "Subscription, 25 seats, a year"),
            Text("лицензия", "licence"),
            240_000,
        ),
        ProductTemplate(
            "licences",
            "SRV",
            Text("Установка на сервер клиента", "Installation on the client's server"),
            Text("лицензия", "licence"),
            890_000,
        ),
        ProductTemplate(
            "projects",
            "SURVEY",
            Text("Обследование процесса", "Survey of a process"),
            Text("проект", "project"),
            250_000,
        ),
        ProductTemplate(
            "projects",
            "LAUNCH",
            Text("Внедрение первого участка", "Implementation of the first area"),
            Text("проект", "project"),
            1_400_000,
        ),
        ProductTemplate("projects", "DEV-H", Text("Доработка", "Adaptation"), Text("час", "hour"), 4_800),
    ),
    won_reasons=(
        Text("Решение показано на их данных", "The solution was shown on their data"),
        Text("Быстрый запуск", "Quick launch"),
        Text("Опыт в отрасли клиента", "Experience in the client's trade"),
        Text("Прошли безопасность", "We passed security"),
        Text("Цена владения", "Cost of ownership"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Остались на старой системе", "Stayed with the old system"),
        Text("Не прошли безопасность", "Did not pass security"),
        Text("Пишут свою программу", "They write their own"),
        Text("Нет бюджета", "No budget"),
        Text("Отложили решение", "Put off the decision"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
    ),
    sources=(
        Text("Сайт", "Web site"),
        Text("Пробный доступ", "Trial"),
        Text("Вебинар или выступление", "Webinar or talk"),
        Text("Статья или рассылка", "Article or newsletter"),
        Text("Партнёры", "Partners"),
        Text("Рекомендация", "Recommendation"),
        Text("Холодный звонок", "Cold call"),
        Text("Тендерная площадка", "Tender platform"),
    ),
    kinds=KINDS,
    cells=(
        CellTemplate(
            "projects",
            "corporate",
            Text(
                "Чтобы участок работал без ручного труда и ошибок, а отчёт был готов к утру.",
                "To run an area without manual work and mistakes, with the report ready by morning.",
            ),
            Text(
                "Похожее внедрение у коллег, соответствие требованиям безопасности, понятные этапы, живая поддержка.",
                "A similar case at a peer, security, clear stages, support by people.",
            ),
            (
                Text(
                    "Пользователи жалуются, руководитель ищет выход",
                    "Users complain, the head looks for a way",
                ),
                Text("Пишут требования", "They write the requirements"),
                Text("Смотрят три-четыре программы", "They look at three or four programs"),
                Text("Согласуют с безопасностью и ИТ", "They settle it with security and IT"),
                Text("Проводят закупку", "They hold a tender"),
                Text("Запускают на одном участке", "They launch it in one area"),
            ),
        ),
        CellTemplate(
            "licences",
            "small",
            Text(
                "Перестать терять заявки и деньги в таблицах и чатах.",
                "To stop losing requests and money in spreadsheets and chats.",
            ),
            Text(
                "Понятно без обучения, цена за месяц, перенос данных, отзывы таких же.",
                "Clear without training, a monthly price, data moved over, reviews of the like.",
            ),
            (
                Text("Потеряли что-то важное", "Something important was lost"),
                Text("Смотрят обзоры и пробуют две-три программы", "They read reviews and try two or three"),
                Text("Заводят свои данные", "They enter their data"),
                Text("Платят за первый период", "They pay for the first term"),
            ),
        ),
    ),
)
