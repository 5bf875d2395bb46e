"""A company that sells expert work to businesses: projects, and support by subscription."""

from __future__ import annotations

from voronka.playbook.palette import color_at
from voronka.playbook.templates_data.grid_texts import SERVICES
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

_LARGE = (
    StageTemplate(
        Text("Выход на компанию", "Way in"),
        goal=Text(
            "Найти внутри человека, которому наша услуга облегчит жизнь, и получить от него двадцать минут.",
            "Find somebody inside whose life our service makes easier, and win twenty minutes of their time.",
        ),
        result=Text(
            "Разговор состоялся; понятно, чья это задача и кто ещё в ней участвует.",
            "The talk took place; it is clear whose task this is and who else takes part in it.",
        ),
        limit=5,
        probability=5,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Квалификация", "Qualification"),
        goal=Text(
            "Честно решить, стоит ли игра свеч: есть ли проблема, бюджет, хозяин у проекта и шанс у нас.",
            "Decide honestly whether it is worth playing: is there a problem, a budget, an owner, and a chance for us.",
        ),
        result=Text(
            "Записаны проблема, её цена в деньгах, порядок выбора подрядчика и срок решения.",
            "The problem, its price in money, the way of choosing a contractor and the date of decision are written down.",
        ),
        limit=5,
        probability=15,
        color=color_at(1),
    ),
    StageTemplate(
        Text("Интервью и диагностика", "Interviews and diagnosis"),
        goal=Text(
            "Поговорить со всеми, кого проект заденет, и собрать общую картину, с которой они согласны.",
            "Talk to everybody whom the project touches and put together a picture on which they agree.",
        ),
        result=Text(
            "Сводка интервью разослана участникам и подтверждена заказчиком проекта.",
            "The summary of interviews went to those who took part and is confirmed by the project's sponsor.",
        ),
        limit=10,
        probability=30,
        color=color_at(2),
    ),
    StageTemplate(
        Text("Презентация решения", "Presentation of the solution"),
        goal=Text(
            "Показать тем, кто решает, как мы будем работать, что изменится и чем мы это докажем.",
            "Show those who decide how we shall work, what will change, and how we are going to prove it.",
        ),
        result=Text(
            "Презентация проведена при участии ЛПР; договорились о составе работ и мерах успеха.",
            "The presentation was held with the decision maker present; the scope and the measures of success are agreed.",
        ),
        limit=7,
        probability=45,
        color=color_at(3),
        is_key=True,
    ),
    StageTemplate(
        Text("Коммерческое предложение", "Offer"),
        goal=Text(
            "Дать предложение на языке выгод заказчика, с этапами и вариантами, и разобрать его вместе.",
            "Give an offer in the language of the client's benefits, with stages and options, and go through it together.",
        ),
        result=Text(
            "Заказчик назвал вариант, который готов защищать внутри, и замечания к нему.",
            "The client has named the option they will defend inside, and what to change in it.",
        ),
        limit=7,
        probability=60,
        color=color_at(4),
    ),
    StageTemplate(
        Text("Конкурс и служба закупок", "Tender and procurement"),
        goal=Text(
            "Пройти процедуру закупки без ошибок в документах и без скидки, о которой пожалеем.",
            "Pass the procurement procedure without mistakes in the papers and without a discount we would regret.",
        ),
        result=Text(
            "Мы объявлены победителем или закупки согласовали нас единственным исполнителем.",
            "We are declared the winner, or procurement has approved us as the only contractor.",
        ),
        limit=15,
        probability=70,
        color=color_at(5),
        role=RoleCode.HEAD,
    ),
    StageTemplate(
        Text("Договор", "Contract"),
        goal=Text(
            "Согласовать договор, сохранив этапы приёмки и порядок оплаты.",
            "Agree on the contract and keep the stages of acceptance and the order of payments.",
        ),
        result=Text("Договор подписан обеими сторонами.", "The contract is signed by both sides."),
        limit=10,
        probability=85,
        color=color_at(6),
    ),
    StageTemplate(
        Text("Старт проекта", "Kick-off"),
        goal=Text(
            "Передать обещания продавца команде проекта при клиенте, чтобы ничего не потерялось.",
            "Hand the seller's promises over to the project team in front of the client, so that none is lost.",
        ),
        result=Text(
            "Стартовая встреча прошла, план-график утверждён, первый платёж поступил.",
            "The kick-off was held, the schedule is approved, the first payment has come in.",
        ),
        limit=5,
        probability=95,
        color=color_at(7),
    ),
)

_MEDIUM = (
    StageTemplate(
        Text("Обращение", "Enquiry"),
        goal=Text(
            "Ответить, пока вопрос горячий, и понять, что случилось такого, что нас ищут именно сейчас.",
            "Answer while the question is hot and learn what has happened that they look for us just now.",
        ),
        result=Text(
            "Понятны задача и повод; назначена встреча с руководителем.",
            "The task and the occasion are clear; a meeting with the manager is set.",
        ),
        limit=1,
        probability=10,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Встреча и диагностика", "Meeting and diagnosis"),
        goal=Text(
            "Разобрать ситуацию с собственником или директором так, чтобы польза была уже от самой встречи.",
            "Go through the situation with the owner or director so that the meeting itself is already of use.",
        ),
        result=Text(
            "Клиент согласился с описанием проблемы и назвал, каким хочет видеть итог.",
            "The client agrees with how we describe the problem and has named the outcome they want.",
        ),
        limit=5,
        probability=30,
        color=color_at(1),
        is_key=True,
    ),
    StageTemplate(
        Text("Программа работ", "Programme of work"),
        goal=Text(
            "Предложить понятный первый шаг с ясной ценой, а не весь проект сразу.",
            "Propose a clear first step at a clear price rather than the whole project at once.",
        ),
        result=Text(
            "Программа обсуждена с тем, кто платит; вопросы закрыты.",
            "The programme has been discussed with the person who pays; the questions are closed.",
        ),
        limit=4,
        probability=50,
        color=color_at(2),
    ),
    StageTemplate(
        Text("Согласование условий", "Terms"),
        goal=Text(
            "Договориться об оплате, сроках и о том, кто от клиента отвечает за проект.",
            "Agree on payment, dates and on who answers for the project on the client's side.",
        ),
        result=Text("Условия подтверждены письмом.", "The terms are confirmed in writing."),
        limit=4,
        probability=70,
        color=color_at(3),
    ),
    StageTemplate(
        Text("Договор и предоплата", "Contract and prepayment"),
        goal=Text(
            "Подписать короткий договор и получить предоплату, пока решение свежо.",
            "Sign a short contract and receive the prepayment while the decision is fresh.",
        ),
        result=Text(
            "Договор подписан, предоплата поступила, назван день начала.",
            "The contract is signed, the prepayment received, the day of the start named.",
        ),
        limit=4,
        probability=90,
        color=color_at(4),
    ),
)

_SUBSCRIPTION = (
    StageTemplate(
        Text("Заявка", "Request"),
        goal=Text(
            "Понять, чем клиент недоволен сейчас и что заставит его сменить исполнителя.",
            "Understand what the client is unhappy about now and what would make them change the contractor.",
        ),
        result=Text(
            "Известны объём, нынешний исполнитель и дата окончания его договора.",
            "The volume, the present contractor and the end date of that contract are known.",
        ),
        limit=2,
        probability=15,
        color=color_at(0),
    ),
    StageTemplate(
        Text("Аудит", "Audit"),
        goal=Text(
            "Провести короткий аудит и показать три вещи, которые можно улучшить в первый же месяц.",
            "Carry out a short audit and show three things that can be improved within the first month.",
        ),
        result=Text(
            "Отчёт передан и обсуждён с руководителем клиента.",
            "The report is handed over and discussed with the client's manager.",
        ),
        limit=7,
        probability=40,
        color=color_at(1),
        role=RoleCode.SERVICE,
        is_key=True,
    ),
    StageTemplate(
        Text("Выбор тарифа", "Choice of plan"),
        goal=Text(
            "Подобрать тариф под реальный объём и договориться об уровне сервиса в цифрах.",
            "Choose a plan for the real volume and agree on the level of service in figures.",
        ),
        result=Text(
            "Клиент выбрал тариф, время реакции и отчётность записаны.",
            "The client has chosen a plan; response time and reporting are written down.",
        ),
        limit=4,
        probability=60,
        color=color_at(2),
    ),
    StageTemplate(
        Text("Пробный месяц", "Trial month"),
        goal=Text(
            "Отработать месяц так, чтобы уходить от нас было жалко; в конце показать итоги в цифрах.",
            "Work a month so well that they would be sorry to lose us; at its end show the results in figures.",
        ),
        result=Text(
            "Отчёт за месяц принят, клиент подтвердил продолжение.",
            "The report of the month is accepted and the client has confirmed that we go on.",
        ),
        limit=22,
        probability=80,
        color=color_at(3),
        role=RoleCode.SERVICE,
    ),
    StageTemplate(
        Text("Годовой договор", "Annual contract"),
        goal=Text(
            "Подписать договор на год и поставить дату разговора о продлении.",
            "Sign for a year and set the date for the talk about renewal.",
        ),
        result=Text(
            "Договор подписан, первый счёт оплачен, дата продления в календаре.",
            "The contract is signed, the first invoice is paid, the renewal date is in the calendar.",
        ),
        limit=5,
        probability=92,
        color=color_at(4),
    ),
)

TEMPLATE = BookTemplate(
    code="services",
    icon="briefcase",
    title=Text("Услуги", "Services"),
    for_whom=Text(
        "Для консультантов, ИТ-компаний, агентств и подрядчиков: проекты под задачу и обслуживание по договору.",
        "For consultants, IT companies, agencies and contractors: projects for a task and support under contract.",
    ),
    groups=(
        GroupTemplate("projects", Text("Проекты", "Projects")),
        GroupTemplate("support", Text("Абонентское обслуживание", "Support by subscription")),
    ),
    segments=(
        SegmentTemplate(
            "large",
            Text("Крупные компании", "Large companies"),
            Text(
                "Несколько участников решения, бюджет на год вперёд, служба закупок. Покупают снижение риска: опыт, команду, порядок в документах.",
                "Several people decide, the budget is set a year ahead, procurement takes part. They buy less risk: experience, a team, papers in order.",
            ),
        ),
        SegmentTemplate(
            "medium",
            Text("Средний бизнес", "Mid-sized business"),
            Text(
                "Решает собственник или директор, быстро и по доверию. Покупают результат и спокойствие; платить готовы частями, по этапам.",
                "The owner or director decides, quickly and on trust. They buy a result and peace of mind, and pay in parts, stage by stage.",
            ),
        ),
    ),
    funnels=(
        FunnelTemplate(
            Text("Проекты · Крупные компании", "Projects · Large companies"), "projects", "large", _LARGE
        ),
        FunnelTemplate(
            Text("Проекты · Средний бизнес", "Projects · Mid-sized business"), "projects", "medium", _MEDIUM
        ),
        FunnelTemplate(Text("Абонентское обслуживание", "Support"), "support", "medium", _SUBSCRIPTION),
    ),
    products=(
        ProductTemplate(
            "projects", "AUD", Text("Экспресс-аудит", "Express audit"), Text("проект", "project"), 180_000
        ),
        ProductTemplate(
            "projects",
            "IMP",
            Text("Проект внедрения", "Implementation project"),
            Text("проект", "project"),
            1_650_000,
        ),
        ProductTemplate(
            "projects", "DEV", Text("Доработка под задачу", "Custom development"), Text("час", "hour"), 4_500
        ),
        ProductTemplate(
            "projects", "EDU", Text("Обучение сотрудников", "Training of staff"), Text("день", "day"), 95_000
        ),
        ProductTemplate(
            "support",
            "SUP-S",
            Text("Сопровождение «Базовое»", "Support, basic"),
            Text("мес.", "month"),
            45_000,
        ),
        ProductTemplate(
            "support",
            "SUP-M",
            Text("Сопровождение «Расширенное»", "Support, extended"),
            Text("мес.", "month"),
            110_000,
        ),
        ProductTemplate(
            "support", "SUP-L", Text("Выделенная команда", "Dedicated team"), Text("мес.", "month"), 420_000
        ),
    ),
    won_reasons=(
        Text("Опыт в отрасли клиента", "Experience in the client's trade"),
        Text("Доверие к команде", "Trust in the team"),
        Text("Понятный план и этапы", "A clear plan with stages"),
        Text("Результат первого шага", "The result of the first step"),
        Text("Рекомендация", "Recommendation"),
        Text("Цена и порядок оплаты", "Price and order of payment"),
    ),
    lost_reasons=(
        Text("Дорого", "Too expensive"),
        Text("Выбрали конкурента", "Chose a competitor"),
        Text("Решили сделать своими силами", "Decided to do it themselves"),
        Text("Проиграли конкурс", "Lost the tender"),
        Text("Нет бюджета", "No budget"),
        Text("Отложили решение", "Put off the decision"),
        Text("Сменился заказчик проекта", "The project's sponsor has changed"),
        Text("Клиент перестал отвечать", "The client stopped answering"),
        Text("Не наша задача", "Not our kind of task"),
    ),
    sources=(
        Text("Рекомендация", "Recommendation"),
        Text("Сайт", "Web site"),
        Text("Входящий звонок", "Incoming call"),
        Text("Холодный звонок", "Cold call"),
        Text("Вебинар или выступление", "Webinar or talk"),
        Text("Статья или рассылка", "Article or newsletter"),
        Text("Повторное обращение", "Returning client"),
        Text("Партнёры", "Partners"),
        Text("Тендерная площадка", "Tender platform"),
        Text("Социальные сети", "Social networks"),
    ),
    kinds=KINDS,
    cells=SERVICES,
)
