-- Where the organization stands in onboarding, and who is with it: what the CRM says.
-- A sign that nobody wrote down (a claim, or a day on which something happened) counts as not given
-- once the CRM was read; an organization the CRM does not know was never written to. A stage whose
-- word nobody has seen is unknown.
-- scope: organization
-- subject: lifecycle
-- unknown: the CRM does not say, or says it in words that cannot be read
-- fact crm_days_until_renewal | days | days until the bill renews, by the CRM; negative after it
-- fact stage_is_terminal | claim | the stage is an end: onboarded, without engagement, with Sales or churned
-- fact stage_is_sales | claim | the stage says that Sales has the account
-- fact stage_is_churned | claim | the stage says that the customer left
-- fact paid_call_was_bought | claim | the stage says that the customer bought a consultation
-- fact was_contacted | claim | somebody of the team wrote to the customer
-- fact days_since_first_outreach | days | days since the first message; -1 where there was none
-- fact days_since_last_message | days | days since the last message; -1 where there was none
-- fact check_in_was_made | claim | the extra check-in was made after the first message
-- fact check_in_is_asked | claim | the status asks for the extra check-in
-- fact has_temporary_owner | claim | a lead of Sales has a task on the account
-- fact has_account_executive | claim | an account executive is in charge
-- fact has_csm | claim | a customer success manager is in charge
-- fact in_sales_segment | claim | a segment says that Sales or Customer Success is engaged
-- fact was_handed_over | claim | a segment says that onboarding handed the account to Sales
-- fact sales_signs | signs | how many of these and a stage at Sales are given
-- fact has_prepaid_plan | claim | a prepaid plan is in force, by segment or billing
-- fact is_hype_startup | claim | marked as a startup the team wants to work with whatever it pays
-- fact days_until_startup_end | days | days until the startup plan or its credit ends, the earlier; negative after it, 3660 where no end is known
-- fact days_since_advised | days | days since a recommendation was sent; -1 where none was
-- fact advice_was_followed | claim | the CRM says that the recommendation was followed
-- fact has_slack_channel | claim | there is a shared channel
-- fact has_support_package | claim | a support package is in force
-- fact employees | people | employees of the company
-- fact users_count | people | users of the organization, by the CRM
-- fact in_icp_country | claim | the company is in a country Sales looks at
-- fact mrr_usd | USD | revenue of a month, by the CRM
-- fact crm_paid_bills | bills | bills over 0 USD that were paid, by the CRM's field or segments
WITH said AS (
    SELECT
        organization_id,
        max(number) FILTER (field = 'employees') AS employees,
        max(number) FILTER (field = 'users_count') AS users_count,
        max(number) FILTER (field = 'mrr_usd') AS mrr_usd,
        max(number) FILTER (field = 'paid_nonzero_bills') AS paid_nonzero_bills,
        count(number) FILTER (field = 'days_since_slack_message') > 0 AS has_slack_channel,
        max(day) FILTER (field = 'next_renewal_date') AS next_renewal_date,
        max(day) FILTER (field = 'first_outreach_at') AS first_outreach_at,
        max(day) FILTER (field = 'last_messaged_at') AS last_messaged_at,
        max(day) FILTER (field = 'check_in_at') AS check_in_at,
        max(day) FILTER (field = 'advised_at') AS advised_at,
        min(day) FILTER (field IN ('credit_expires_at', 'startup_plan_end_at')) AS startup_end_at,
        coalesce(bool_or(claim) FILTER (field = 'temporary_owner'), false) AS temporary_owner,
        coalesce(bool_or(claim) FILTER (field = 'account_executive_id'), false) AS executive,
        coalesce(bool_or(claim) FILTER (field = 'csm_id'), false) AS csm,
        coalesce(bool_or(claim) FILTER (field = 'advice_followed'), false) AS advice_followed,
        coalesce(bool_or(claim) FILTER (field = 'support_package'), false) AS support_package,
        coalesce(bool_or(claim) FILTER (field = 'hype_startup'), false) AS hype_startup,
        bool_or(claim) FILTER (field = 'icp_country') AS icp_country
    FROM lifecycle_values
    GROUP BY organization_id
),
segments AS (
    SELECT
        organization_id,
        bool_or(role = 'sales') AS sales,
        bool_or(role = 'handed_over') AS handed_over,
        bool_or(role = 'prepaid') AS prepaid,
        max(CASE role WHEN 'paid_three' THEN 3 WHEN 'paid_two' THEN 2 WHEN 'paid_one' THEN 1 END)
            AS paid
    FROM lifecycle_segments WHERE role IS NOT NULL GROUP BY organization_id
),
known AS (
    SELECT
        a.organization_id,
        CAST(a.as_of AS DATE) AS today,
        s.* EXCLUDE (organization_id),
        t.raw IS NULL OR t.is_known AS stage_can_be_read,
        coalesce(t.stage, '') AS stage,
        coalesce(t.is_terminal, false) AS terminal,
        coalesce(t.check_in, false) AS check_in,
        coalesce(g.sales, false) AS sales_segment,
        coalesce(g.handed_over, false) AS handed_over,
        coalesce(g.prepaid, false) OR coalesce(o.is_annual_plan_customer, false) AS prepaid,
        coalesce(s.paid_nonzero_bills, g.paid) AS paid_bills,
        -- A day to come is a plan, not a message.
        CASE WHEN s.first_outreach_at <= CAST(a.as_of AS DATE) THEN s.first_outreach_at END
            AS written_at,
        CASE WHEN s.last_messaged_at <= CAST(a.as_of AS DATE) THEN s.last_messaged_at END
            AS messaged_at
    FROM audited a
    JOIN organizations o ON o.organization_id = a.organization_id
    LEFT JOIN said s ON s.organization_id = a.organization_id
    LEFT JOIN segments g ON g.organization_id = a.organization_id
    LEFT JOIN lifecycle_stage t ON t.organization_id = a.organization_id
),
contacts AS (
    SELECT
        *,
        CASE
            WHEN written_at IS NOT NULL OR messaged_at IS NOT NULL THEN true
            WHEN stage_can_be_read THEN stage NOT IN ('', 'new', 'paid_call')
        END AS contacted
    FROM known
)
SELECT
    organization_id,
    date_diff('day', today, next_renewal_date) AS crm_days_until_renewal,
    CASE WHEN stage_can_be_read THEN terminal END AS stage_is_terminal,
    CASE WHEN stage_can_be_read THEN stage = 'sales' END AS stage_is_sales,
    CASE WHEN stage_can_be_read THEN stage = 'churned' END AS stage_is_churned,
    CASE WHEN stage_can_be_read THEN stage = 'paid_call' END AS paid_call_was_bought,
    contacted AS was_contacted,
    CASE
        WHEN written_at IS NOT NULL THEN date_diff('day', written_at, today)
        WHEN NOT contacted THEN -1
    END AS days_since_first_outreach,
    coalesce(date_diff('day', greatest(written_at, messaged_at), today), -1)
        AS days_since_last_message,
    coalesce(check_in_at >= written_at AND check_in_at <= today, false) AS check_in_was_made,
    check_in AS check_in_is_asked,
    coalesce(temporary_owner, false) AS has_temporary_owner,
    coalesce(executive, false) AS has_account_executive,
    coalesce(csm, false) AS has_csm,
    sales_segment AS in_sales_segment,
    handed_over AS was_handed_over,
    CAST(coalesce(temporary_owner, false) AS INTEGER) + CAST(coalesce(executive, false) AS INTEGER)
        + CAST(coalesce(csm, false) AS INTEGER) + CAST(sales_segment AS INTEGER)
        + CAST(handed_over AS INTEGER) + CAST(stage = 'sales' AS INTEGER) AS sales_signs,
    prepaid AS has_prepaid_plan,
    coalesce(hype_startup, false) AS is_hype_startup,
    coalesce(date_diff('day', today, startup_end_at), 3660) AS days_until_startup_end,
    CASE WHEN advised_at <= today THEN date_diff('day', advised_at, today) ELSE -1 END
        AS days_since_advised,
    coalesce(advice_followed, false) AS advice_was_followed,
    coalesce(has_slack_channel, false) AS has_slack_channel,
    coalesce(support_package, false) AS has_support_package,
    employees,
    users_count,
    icp_country AS in_icp_country,
    mrr_usd,
    paid_bills AS crm_paid_bills
FROM contacts
