-- What the CRM says of health, credit and risk, and what invoices say of payment.
-- A number or day that the CRM does not have is unknown. A sign that nobody wrote down (a claim, or
-- a day on which something happened) counts as not given once the CRM was read.
-- scope: organization
-- subject: lifecycle
-- unknown: neither the CRM nor an invoice that was read tells it
-- fact crm_days_since_last_seen | days | days since anybody was seen, as the CRM says
-- fact crm_active_users_percent | percent | active users of all, as the CRM says
-- fact active_users_percent_change | percent | change of the active user percentage; a fall is negative
-- fact crm_users_engaging | people | people who use features, as the CRM says
-- fact tickets_30_days | tickets | support tickets of the last 30 days
-- fact urgent_tickets | tickets | urgent tickets that are not resolved
-- fact docs_visits_7_days | visits | visits to the documentation in the last 7 days
-- fact days_since_meeting | days | days since the last meeting
-- fact days_since_ticket | days | days since the last support ticket
-- fact crm_product_count | products | products in use, as the CRM says
-- fact crm_analysing_insights_percent | percent | active users who analysed insights in 14 days, as the CRM says
-- fact crm_watching_replays_percent | percent | active users who watched replays in 14 days, as the CRM says
-- fact creating_flags_percent | percent | active users who made or changed flags in 30 days
-- fact using_experiments_percent | percent | active users who used experiments in 14 days
-- fact crm_viewing_surveys_percent | percent | active users who looked at surveys in 14 days, as the CRM says
-- fact billing_page_visits_7_days | visits | visits to the billing page in the last 7 days
-- fact days_since_slack_message | days | days since the last message in the shared channel
-- fact owner_was_removed | claim | the owner role was taken from somebody, at any time
-- fact days_since_owner_removed | days | days since then; 0 where none was removed
-- fact on_startup_plan | claim | on the startup plan, by the CRM's field or segment
-- fact startup_payment_usd | USD | on the startup plan: forecast to be paid this period after credit, by the CRM or by the vendor's forecast less the credit left; else 0
-- fact has_credit | claim | startup or prepaid credit is left
-- fact credit_runway_days | days | days until the credit is used up, by the CRM, else the credit left at the vendor's forecast; 0 without credit
-- fact credit_expires_days | days | days until the credit expires; 3660 where it has no end or there is none
-- fact is_unmanaged | claim | neither a customer success manager nor an account executive is in charge
-- fact crm_payment_failed | claim | the CRM names a failed payment
-- fact days_since_payment_failed | days | days since then; 0 where none failed
-- fact has_open_conversation | claim | a conversation with the team is open
-- fact evaluates_alternatives | claim | the customer said that it looks at alternatives
-- fact champion_has_left | claim | the champion left or changed roles
-- fact export_was_requested | claim | the customer asked for all its data
-- fact complains_of_price | claim | the customer complained of the price
-- fact health_poor_weeks | weeks | consecutive weeks of poor health that the CRM notes; 0 where it notes none
-- fact renews_in_days | days | days until the contract renews; 3660 where none is known
-- fact noted_urgent_tickets | tickets | urgent tickets that are not resolved; 0 where the CRM notes none
-- fact followed_advice | advice | 1 where the CRM says that our advice was followed
-- fact limits_that_cut | limits | billing limits that dropped data this period | limits
-- fact failed_invoices | invoices | open invoices whose automatic charge failed | invoices
-- fact failed_invoices_usd | USD | what is due on them (actual) | invoices
-- fact charge_attempts | attempts | most automatic attempts on one of them | invoices
WITH said AS (
    SELECT
        organization_id,
        max(number) FILTER (field = 'days_since_last_seen') AS days_since_last_seen,
        max(number) FILTER (field = 'active_users_percent') AS active_users_percent,
        max(number) FILTER (field = 'active_users_percent_change') AS active_users_percent_change,
        max(number) FILTER (field = 'users_engaging') AS users_engaging,
        max(number) FILTER (field = 'tickets_30_days') AS tickets_30_days,
        max(number) FILTER (field = 'urgent_tickets') AS urgent_tickets,
        max(number) FILTER (field = 'docs_visits_7_days') AS docs_visits_7_days,
        max(number) FILTER (field = 'days_since_meeting') AS days_since_meeting,
        max(number) FILTER (field = 'days_since_ticket') AS days_since_ticket,
        max(number) FILTER (field = 'product_count') AS product_count,
        max(number) FILTER (field = 'analysing_insights_percent') AS analysing_insights_percent,
        max(number) FILTER (field = 'watching_replays_percent') AS watching_replays_percent,
        max(number) FILTER (field = 'creating_flags_percent') AS creating_flags_percent,
        max(number) FILTER (field = 'using_experiments_percent') AS using_experiments_percent,
        max(number) FILTER (field = 'viewing_surveys_percent') AS viewing_surveys_percent,
        max(number) FILTER (field = 'billing_page_visits_7_days') AS billing_page_visits_7_days,
        max(number) FILTER (field = 'days_since_slack_message') AS days_since_slack_message,
        max(number) FILTER (field = 'health_poor_weeks') AS health_poor_weeks,
        max(number) FILTER (field = 'forecasted_mrr_usd') AS forecasted_mrr_usd,
        max(number) FILTER (field = 'credit_runway_days') AS credit_runway_days,
        max(day) FILTER (field = 'owner_removed_at') AS owner_removed_at,
        max(day) FILTER (field = 'payment_failed_at') AS payment_failed_at,
        max(day) FILTER (field = 'contract_renewal_date') AS contract_renewal_date,
        max(day) FILTER (field = 'credit_expires_at') AS credit_expires_at,
        max(day) FILTER (field = 'startup_plan_end_at') AS startup_plan_end_at,
        bool_or(claim) FILTER (field = 'is_startup_plan') AS is_startup_plan,
        bool_or(claim) FILTER (field IN ('csm_id', 'account_executive_id')) AS is_managed,
        bool_or(claim) FILTER (field = 'open_conversation') AS open_conversation,
        bool_or(claim) FILTER (field = 'evaluating_alternatives') AS evaluating_alternatives,
        bool_or(claim) FILTER (field = 'champion_left') AS champion_left,
        bool_or(claim) FILTER (field = 'export_requested') AS export_requested,
        bool_or(claim) FILTER (field = 'pricing_complaint') AS pricing_complaint,
        bool_or(claim) FILTER (field = 'advice_followed') AS advice_followed
    FROM lifecycle_values
    GROUP BY organization_id
),
startup AS (
    SELECT DISTINCT organization_id FROM lifecycle_segments WHERE role = 'startup'
),
failed AS (
    SELECT
        i.organization_id,
        count(*) AS invoices,
        sum(coalesce(i.amount_due_usd, i.total_usd)) AS usd,
        max(i.attempts) AS attempts
    FROM invoices i
    WHERE i.status = 'open' AND i.attempts > 0 AND i.paid_at IS NULL
    GROUP BY ALL
),
cut AS (
    SELECT organization_id, count(*) AS limits FROM limits WHERE data_was_cut GROUP BY ALL
),
known AS (
    SELECT
        a.organization_id,
        a.as_of,
        s.* EXCLUDE (organization_id),
        coalesce(s.is_startup_plan, u.organization_id IS NOT NULL) AS on_startup_plan,
        CAST(o.credit_balance_usd AS DOUBLE) AS credit_usd,
        CAST(coalesce(o.projected_total_after_discount_usd, o.projected_total_usd) AS DOUBLE)
            AS projected_usd,
        date_diff('day', a.as_of, coalesce(s.credit_expires_at, s.startup_plan_end_at))
            AS expires_days,
        f.invoices AS failed_invoices, f.usd AS failed_usd, f.attempts,
        c.limits AS limits_that_cut
    FROM audited a
    JOIN organizations o ON o.organization_id = a.organization_id
    LEFT JOIN said s ON s.organization_id = a.organization_id
    LEFT JOIN startup u ON u.organization_id = a.organization_id
    LEFT JOIN failed f ON f.organization_id = a.organization_id
    LEFT JOIN cut c ON c.organization_id = a.organization_id
),
credit AS (
    SELECT
        *,
        -- A balance is newer than the CRM's runway: credit used up is none.
        CASE
            WHEN credit_usd IS NOT NULL THEN credit_usd > 0
            WHEN credit_runway_days IS NOT NULL THEN true
            WHEN NOT on_startup_plan THEN false
        END AS with_credit,
        coalesce(
            credit_runway_days,
            CASE WHEN projected_usd > 0 THEN floor(30 * credit_usd / projected_usd) END
        ) AS runway_days
    FROM known
)
SELECT
    organization_id,
    days_since_last_seen AS crm_days_since_last_seen,
    active_users_percent AS crm_active_users_percent,
    active_users_percent_change,
    users_engaging AS crm_users_engaging,
    tickets_30_days,
    urgent_tickets,
    docs_visits_7_days,
    days_since_meeting,
    days_since_ticket,
    product_count AS crm_product_count,
    analysing_insights_percent AS crm_analysing_insights_percent,
    watching_replays_percent AS crm_watching_replays_percent,
    creating_flags_percent,
    using_experiments_percent,
    viewing_surveys_percent AS crm_viewing_surveys_percent,
    billing_page_visits_7_days,
    days_since_slack_message,
    coalesce(owner_removed_at <= as_of, false) AS owner_was_removed,
    greatest(coalesce(date_diff('day', owner_removed_at, as_of), 0), 0)
        AS days_since_owner_removed,
    on_startup_plan,
    -- greatest() of an unknown is the other, so each unknown is asked for first.
    CASE
        WHEN NOT on_startup_plan THEN 0
        WHEN forecasted_mrr_usd IS NOT NULL THEN forecasted_mrr_usd
        WHEN projected_usd - credit_usd IS NOT NULL THEN greatest(projected_usd - credit_usd, 0)
    END AS startup_payment_usd,
    with_credit AS has_credit,
    CASE WHEN NOT with_credit THEN 0 WHEN runway_days IS NOT NULL THEN greatest(runway_days, 0) END
        AS credit_runway_days,
    CASE WHEN with_credit AND expires_days IS NOT NULL THEN greatest(expires_days, 0) ELSE 3660 END
        AS credit_expires_days,
    NOT coalesce(is_managed, false) AS is_unmanaged,
    coalesce(payment_failed_at <= as_of, false) AS crm_payment_failed,
    greatest(coalesce(date_diff('day', payment_failed_at, as_of), 0), 0)
        AS days_since_payment_failed,
    coalesce(open_conversation, false) AS has_open_conversation,
    coalesce(evaluating_alternatives, false) AS evaluates_alternatives,
    coalesce(champion_left, false) AS champion_has_left,
    coalesce(export_requested, false) AS export_was_requested,
    coalesce(pricing_complaint, false) AS complains_of_price,
    coalesce(health_poor_weeks, 0) AS health_poor_weeks,
    CASE WHEN contract_renewal_date >= as_of
        THEN date_diff('day', as_of, contract_renewal_date) ELSE 3660 END AS renews_in_days,
    coalesce(urgent_tickets, 0) AS noted_urgent_tickets,
    CASE WHEN advice_followed THEN 1 ELSE 0 END AS followed_advice,
    coalesce(limits_that_cut, 0) AS limits_that_cut,
    coalesce(failed_invoices, 0) AS failed_invoices,
    coalesce(failed_usd, 0) AS failed_invoices_usd,
    coalesce(attempts, 0) AS charge_attempts
FROM credit
