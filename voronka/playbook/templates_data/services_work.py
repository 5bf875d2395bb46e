"""What the stages of the services book ask: tasks, criteria to leave by, objections with answers."""

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
)
from voronka.workspaces.rights import RoleCode

_PRICE = says(
    "Дорого",
    "It is expensive",
    "Вернитесь к цене проблемы, которую клиент назвал сам, и предложите начать с одного этапа.",
    "Go back to the price of the problem that the client named, and offer to begin with one step.",
)
_OWN = says(
    "Сделаем силами своих сотрудников",
    "Our own people will do it",
    "Спросите, кто именно, что он тогда отложит и когда нужен результат. Предложите взять на себя самую трудную часть.",
    "Ask who exactly, what they will put off, and when the result is needed. Offer to take over the hardest part.",
)
_THINK = says(
    "Нам надо подумать",
    "We have to think about it",
    "Спросите, что осталось неясным и кто будет думать вместе с вами. Договоритесь о дне ответа.",
    "Ask what is still unclear and who will think with them. Agree on the day of the answer.",
)

WORK: dict[str, dict[str, StageWork]] = {
    "Проекты · Крупные компании": {
        "Выход на компанию": StageWork(
            (
                todo(
                    "Изучить компанию и найти троих, кого касается задача",
                    "Study the company and find three people it concerns",
                    1,
                ),
                call("Договориться о разговоре", "Arrange a talk", 3, must=True),
            ),
            (filled("deal:person", Strictness.ASK),),
            (_OWN,),
            Text(
                "Секретарь не соединяет — напишите письмо по делу и позвоните на следующий день со ссылкой на него.",
                "The secretary does not put through: write a letter to the point and call next day referring to it.",
            ),
        ),
        "Квалификация": StageWork(
            (
                meet(
                    "Провести разговор о проблеме и её цене",
                    "Talk about the problem and its price",
                    3,
                    must=True,
                ),
                todo("Записать порядок выбора подрядчика", "Write down how the contractor is chosen", 4),
            ),
            (
                known("economic"),
                ticked(
                    Text(
                        "Записана цена проблемы в деньгах",
                        "The price of the problem in money is written down",
                    ),
                    Text("Известен порядок выбора", "The way of choosing is known"),
                    Text("Назван срок решения", "The date of the decision is named"),
                ),
            ),
            (_THINK,),
        ),
        "Интервью и диагностика": StageWork(
            (
                meet("Провести интервью с участниками", "Interview those concerned", 5, must=True),
                letter("Разослать сводку интервью", "Send the summary of the interviews", 8),
            ),
            (
                known("decision", Strictness.ASK),
                ticked(Text("Сводка подтверждена заказчиком", "The summary is confirmed by the client")),
            ),
        ),
        "Презентация решения": StageWork(
            (
                todo(
                    "Подготовить решение с мерами успеха", "Prepare the solution with measures of success", 3
                ),
                demo(
                    "Провести презентацию при участии ЛПР",
                    "Present with the decision maker there",
                    5,
                    must=True,
                ),
            ),
            (held(Channel.DEMO, Strictness.ASK), known("decision", Strictness.ASK)),
            (_OWN,),
        ),
        "Коммерческое предложение": StageWork(
            (
                todo("Подготовить предложение в трёх вариантах", "Prepare the offer in three variants", 3),
                call(
                    "Разобрать варианты с заказчиком", "Go through the variants with the client", 5, must=True
                ),
            ),
            (filled("deal:amount", Strictness.REFUSE), filled("deal:expected_close", Strictness.ASK)),
            (_PRICE,),
        ),
        "Конкурс и служба закупок": StageWork(
            (
                todo("Собрать документы конкурса", "Gather the papers of the tender", 4, must=True),
                call("Узнать у заказчика, как идёт оценка", "Ask the client how the evaluation goes", 8),
                todo("Решить о нижней границе цены", "Decide on the lowest price", 5, role=RoleCode.HEAD),
            ),
            (known("buyer"), ticked(Text("Нас объявили победителем", "We are declared the winner"))),
            (
                says(
                    "Закупки требуют скидку",
                    "Purchasing demands a discount",
                    "Меняйте скидку на условие: срок оплаты, объём, отзыв. Ничего не уступайте без ответа.",
                    "Trade a discount for a condition: payment, volume, a reference. Give nothing away for nothing.",
                ),
            ),
        ),
        "Договор": StageWork(
            (
                todo("Согласовать договор", "Settle the contract", 4),
                call("Подтвердить день подписания", "Confirm the day of signing", 6, must=True),
            ),
            (
                filled("company:inn", Strictness.ASK),
                ticked(Text("Договор подписан обеими сторонами", "The contract is signed by both sides")),
            ),
        ),
        "Старт проекта": StageWork(
            (
                meet("Провести стартовую встречу", "Hold the kick-off meeting", 3, must=True),
                todo(
                    "Передать проект исполнителям",
                    "Hand the project to those who do it",
                    2,
                    role=RoleCode.SERVICE,
                ),
            ),
            (
                ticked(
                    Text("План-график утверждён", "The schedule is approved"),
                    Text("Первый платёж поступил", "The first payment has arrived"),
                ),
            ),
        ),
    },
    "Проекты · Средний бизнес": {
        "Обращение": StageWork(
            (call("Перезвонить в течение часа", "Call back within an hour", must=True),),
            (filled("deal:company", Strictness.ASK),),
            (_THINK,),
        ),
        "Встреча и диагностика": StageWork(
            (
                meet("Встретиться с руководителем", "Meet the head of the company", 2, must=True),
                letter(
                    "Отправить описание проблемы и желаемого итога",
                    "Send the problem and the wanted outcome in writing",
                    4,
                ),
            ),
            (known("decision", Strictness.ASK), held(Channel.MEETING)),
            (_OWN,),
        ),
        "Программа работ": StageWork(
            (
                todo("Подготовить программу", "Prepare the programme", 2),
                call(
                    "Обсудить программу с тем, кто платит",
                    "Discuss the programme with who pays",
                    3,
                    must=True,
                ),
            ),
            (filled("deal:amount", Strictness.ASK),),
            (_PRICE,),
        ),
        "Согласование условий": StageWork(
            (call("Получить подтверждение условий", "Get the terms confirmed", 2, must=True),),
            (filled("deal:expected_close", Strictness.ASK), filled("deal:amount", Strictness.REFUSE)),
            (_THINK,),
        ),
        "Договор и предоплата": StageWork(
            (
                todo("Отправить договор и счёт", "Send contract and invoice", 1),
                call("Узнать день оплаты", "Find out the day of payment", 2, must=True),
            ),
            (
                filled("company:inn", Strictness.ASK),
                ticked(
                    Text("Договор подписан", "The contract is signed"),
                    Text("Предоплата поступила", "The prepayment has arrived"),
                ),
            ),
        ),
    },
    "Абонентское обслуживание": {
        "Заявка": StageWork(
            (
                call(
                    "Узнать объём и нынешнего исполнителя",
                    "Find out the volume and the present contractor",
                    must=True,
                ),
            ),
            (filled("deal:company", Strictness.ASK),),
        ),
        "Аудит": StageWork(
            (
                todo("Провести аудит", "Carry out the audit", 4, must=True, role=RoleCode.SERVICE),
                meet(
                    "Обсудить отчёт с руководителем клиента", "Discuss the report with the client's head", 6
                ),
            ),
            (known("decision"), ticked(Text("Отчёт передан", "The report is handed over"))),
        ),
        "Выбор тарифа": StageWork(
            (call("Помочь выбрать тариф", "Help to choose the plan", 2, must=True),),
            (filled("deal:amount", Strictness.ASK),),
            (_PRICE,),
        ),
        "Пробный месяц": StageWork(
            (
                call("Спросить о первой неделе", "Ask about the first week", 5),
                meet("Разобрать отчёт за месяц", "Go through the report of the month", 20, must=True),
            ),
            (ticked(Text("Отчёт за месяц принят", "The report of the month is accepted")),),
            (
                says(
                    "Разницы пока не видно",
                    "We see no difference yet",
                    "Покажите цифры до и после из аудита; договоритесь, что именно улучшить за две недели.",
                    "Show the figures before and after from the audit; agree on what to improve within two weeks.",
                ),
            ),
        ),
        "Годовой договор": StageWork(
            (
                todo("Отправить договор на год", "Send the contract for a year", 1),
                call("Подтвердить подписание", "Confirm the signing", 3, must=True),
            ),
            (
                ticked(
                    Text("Договор подписан", "The contract is signed"),
                    Text("Первый счёт оплачен", "The first invoice is paid"),
                ),
            ),
        ),
    },
}
