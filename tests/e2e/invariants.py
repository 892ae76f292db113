# SPDX-License-Identifier: Apache-2.0
"""What is true at every moment and after every test, whatever happened: read from the database and from what people see."""
import json

from processes import until

TRUE_S = 10  # promise 4: from a decision until every copy of every card shows it
OPEN = ("pending", "needs_info", "approved", "fulfilling", "draft")
UNDECIDED = ("pending", "needs_info")
DECIDING = ("approve", "reject")

# Each query gives a row for each fault.
FAULTS = {
    "a closed request without exactly one request.closed, or an open one with one": """
        select r.id, r.state, r.round, count(a.id) as closings from requests r
        left join audit_logs a on a.entity_type = 'request' and a.entity_id = r.id::text and a.action = 'request.closed'
        group by r.id having case when r.state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
            then count(a.id) >= r.round else count(a.id) not between 1 and r.round end""",
    "an audit row of a request behind its request.closed": """
        select r.id, r.state, array_agg(a.action order by a.seq) as trail from requests r
        join audit_logs a on a.entity_type = 'request' and a.entity_id = r.id::text
            and a.action not in ('decision.refused', 'request.refused', 'change.refused', 'stepup.refused')
        where r.state not in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
        group by r.id having (array_agg(a.action order by a.seq desc))[1] <> 'request.closed'""",
    "two final decisions for one stage": """
        select request_id, ordinal from decisions where is_final group by 1, 2 having count(*) > 1""",
    "a decision without its audit row, or an audit row without its decision": """
        select coalesce(d.id, a.id) as id, d.made, a.told from
            (select request_id::text as id, count(*) as made from decisions group by 1) d
            full join (select entity_id as id, count(*) as told from audit_logs
                where action in ('decision.approved', 'decision.rejected') and user_id <> 'system' group by 1) a on a.id = d.id
        where coalesce(made, 0) <> coalesce(told, 0)""",
    "somebody decided about themselves": """
        select d.request_id, d.oid from decisions d join requests r on r.id = d.request_id
        where r.requester_oid in (d.oid, d.on_behalf_of) or nullif(r.beneficiary_oid, '') in (d.oid, d.on_behalf_of)""",
    "an approval that nobody gave and no rule either": """
        select r.id from requests r where r.state in ('approved', 'fulfilling', 'delivered') and r.stage > 0
            and not exists (select from decisions d where d.request_id = r.id and d.ordinal = r.stage and d.is_final
                and d.decision = 'approved')
            and not exists (select from policies p where p.tenant_id = r.tenant_id and p.name = r.policy_name
                and p.version = r.policy_version and p.body::text like '%"on_timeout": "approve"%')""",
    "two open stages of one request, or an open one of a closed request": """
        select s.request_id, count(*) from stages s join requests r on r.id = s.request_id where s.state = 'open'
        group by 1, r.state having count(*) > 1 or r.state not in ('pending', 'needs_info')""",
    "two notices for one person and fact": """
        select recipient_oid, channel, fact from outbox where kind = 'send' group by 1, 2, 3 having count(*) > 1""",
    "two active grants of one app for one person": """
        select oid, app_id from grants where state = 'active' group by 1, 2 having count(*) > 1""",
    "two grants of one request": """
        select request_id from grants group by 1 having count(*) > 1""",
    "two live jobs for one thing": """
        select kind, key from jobs where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin')
        group by 1, 2 having count(*) > 1""",
}


def faults(database):
    """Name -> rows of each invariant that does not hold."""
    parts = [f"select {n} as n, to_jsonb(q) as row from ({query}) q" for n, query in enumerate(FAULTS.values())]
    names, found = list(FAULTS), {}
    for fault in database.rows(" union all ".join(parts)):
        found.setdefault(names[fault["n"]], []).append(fault["row"])
    return found


def walk(value):
    """Every object inside."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


def deciding_buttons(card):
    """(verb, number of the request) of each button that decides."""
    for part in walk(card):
        data = part.get("data")
        if part.get("verb") in DECIDING and isinstance(data, dict) and "rid" in data:
            yield part["verb"], int(data["rid"])


def stale_cards(database, tenant, twins=False):
    """Cards out there that still offer to decide what is decided. What could not be delivered is not judged. twins: nor is a second
    card whose sending a dead process did not live to record; a press of it finds the truth."""
    states = {row["id"]: row["state"] for row in database.rows("select id, state from requests")}
    lost = set(database.column("select c.activity_id from outbox o join card_copies c on c.outbox_id = o.copy_of"
                               " where o.kind = 'update' and o.state <> 'sent'"))
    known = set(database.column("select activity_id from card_copies")) if twins else None
    return [f"{message['id']} in {message['conversation']} offers {verb} for #{number}, which is {states.get(number)}"
            for message in tenant.messages() if not message["deleted"] and message["id"] not in lost and (known is None or message["id"] in known)
            for verb, number in deciding_buttons(json.loads(json.dumps(message["activity"])))
            if states.get(number, "gone") not in UNDECIDED]


def check(database, tenant, twins=False):
    """AssertionError that names what does not hold."""
    found = faults(database)
    if found:
        raise AssertionError("; ".join(f"{name}: {rows}" for name, rows in found.items()))
    until(lambda: not stale_cards(database, tenant, twins),
          f"no card offers what is decided: {stale_cards(database, tenant, twins)}", TRUE_S, 0.3)
