"""The canonical tables: what every source returns and every fact is computed from.

Each table lists its columns with kind, unit and meaning, and its key. Sources hand frames
to :func:`audit.validation.validated`; the store and ``docs/tables.md`` are built from the
same definitions.

Window: ``usage_rows``, ``activity`` and ``sdk_versions`` describe one window of whole UTC
days, ``window_start`` (first day) to ``window_end`` (the day after the last).
"""

from audit.columns import Column, Table, boolean, count, day, json, moment, text, usd

SCHEMA_VERSION = 2

ORGANIZATION = text("organization_id", "Who is billed.", required=True)
PROJECT = text("project_id", "Project within the organization, as text.", required=True)
WINDOW = (
    day("window_start", "First day of the window.", required=True),
    day("window_end", "Day after the last day of the window.", required=True),
)

SETTINGS = (
    boolean("autocapture_opt_out", "True turns autocapture off; null is the SDK default (on)."),
    boolean("autocapture_web_vitals_opt_in", "Web vitals are captured, billed as events."),
    json("autocapture_web_vitals_allowed_metrics", "Which web vitals; null is all."),
    boolean("capture_dead_clicks", "Dead clicks are captured, billed as events."),
    boolean("heatmaps_opt_in", "Heatmaps are on; measured, not billed."),
    boolean("autocapture_exceptions_opt_in", "Exceptions are captured automatically."),
    json("autocapture_exceptions_errors_to_ignore", "Exceptions dropped before ingestion."),
    boolean("session_recording_opt_in", "Session replay is on."),
    Column(
        "session_recording_sample_rate",
        "decimal",
        "Share recorded; null is all.",
        "0-1",
        minimum=0,
        maximum=1,
    ),
    count(
        "session_recording_minimum_duration_milliseconds",
        "Shorter sessions are dropped; null keeps all.",
        "milliseconds",
    ),
    json("session_recording_linked_flag", "Flag a session must match to be recorded."),
    json("session_recording_url_trigger_config", "Pages that start a recording."),
    json("session_recording_url_blocklist_config", "Pages that pause a recording."),
    json("session_recording_event_trigger_config", "Events that start a recording."),
    text("session_recording_trigger_match_type_config", "How triggers combine: all or any."),
    json("session_recording_trigger_groups", "Newer triggers; they win over the older ones."),
    text("session_recording_retention_period", "How long recordings are kept; not billed by use."),
    boolean("capture_console_log_opt_in", "Console logs in recordings; bytes, not recordings."),
    boolean("capture_performance_opt_in", "Network timings in recordings; bytes."),
    json("session_recording_network_payload_capture_config", "Payload capture; privacy."),
    json("session_recording_masking_config", "Masking; privacy."),
    json("session_replay_config", "Canvas and further replay options."),
    json("recording_domains", "Replay only on these domains; null is all."),
    json("app_urls", "Authorized URLs of the toolbar and web analytics."),
    boolean("surveys_opt_in", "Surveys are on; loading them adds flag requests."),
    json("survey_config", "Survey defaults."),
    json("test_account_filters", "Internal users; filters analysis only, they still bill."),
    text("timezone", "Project time zone; meters run in UTC."),
    json("data_attributes", "Attributes autocapture reads."),
    json("group_types", "Group types in use; empty with group analytics paid is a finding."),
    boolean("has_group_types", "Any group type exists."),
    boolean("flags_persistence_default", "New flags persist across login."),
    boolean("default_evaluation_contexts_enabled", "New flags get evaluation contexts."),
    boolean("require_evaluation_contexts", "Flags must have evaluation contexts."),
    text("cookieless_server_hash_mode", "Cookieless identity mode."),
    json("logs_settings", "Log retention and capture."),
)

TABLES: tuple[Table, ...] = (
    Table(
        "organizations",
        "Who is billed, the current billing period and what the vendor says of the bill.",
        ("organization_id",),
        (
            ORGANIZATION,
            text("name", "Display name; customer-controlled text."),
            text("region", "us, eu, or the host of the pull."),
            moment("created_at", "When the organization was created."),
            day("as_of", "The audit's now: usage is known up to the day before.", required=True),
            text("subscription_level", "free, paid or custom, as the vendor says."),
            text("billing_plan", "Plan key."),
            boolean("has_active_subscription", "A paid subscription is active."),
            boolean("is_annual_plan_customer", "Prepaid plan in force."),
            text("startup_program", "Startup program label, if any."),
            text("customer_id", "Billing customer."),
            text("account_owner", "Vendor's account owner, if any."),
            day("period_start", "First day of the current billing period."),
            day("period_end", "Day after the last day of the current billing period."),
            text("period_interval", "month or year."),
            Column(
                "discount_percent",
                "decimal",
                "Discount on the bill.",
                "percent 0-100",
                minimum=0,
                maximum=100,
            ),
            usd("discount_amount_usd", "Amount taken off each bill."),
            day("discount_expires_at", "Last day of the amount discount."),
            usd("credit_balance_usd", "Credit left; reduces what is paid, not the bill."),
            usd("current_total_usd", "Actual: billed so far this period, before discount."),
            usd("current_total_after_discount_usd", "Actual: the same after discount."),
            usd("projected_total_usd", "Vendor's forecast for this period, before discount."),
            usd("projected_total_after_discount_usd", "The same after discount."),
            boolean("never_drop_data", "Limits never cut this organization."),
            json("features", "Available product features, keys only."),
        ),
    ),
    Table(
        "members",
        "People with access, and their level: 1 member, 8 admin, 15 owner.",
        ("organization_id", "member_id"),
        (
            ORGANIZATION,
            text("member_id", "User id, or the email when an export has no id.", required=True),
            text("email", "Address."),
            text("name", "Display name; customer-controlled text."),
            count("level", "1 member, 8 admin, 15 owner.", "level"),
            moment("joined_at", "When the person joined."),
            moment("last_seen_at", "Last login or activity, if known."),
        ),
    ),
    Table(
        "projects",
        "Projects with every setting that moves the bill; null means the product's default.",
        ("organization_id", "project_id"),
        (
            ORGANIZATION,
            PROJECT,
            text("name", "Display name; customer-controlled text."),
            moment("created_at", "When the project was created."),
            *SETTINGS,
        ),
    ),
    Table(
        "subscriptions",
        "Products and add-ons the organization has, with its own prices where known.",
        ("organization_id", "product"),
        (
            ORGANIZATION,
            text(
                "product", "Product key of the price catalogue, or the vendor's own.", required=True
            ),
            text("name", "The vendor's display name."),
            text("parent", "Product this is an add-on of."),
            boolean("subscribed", "Paid plan or add-on is on."),
            text("plan", "Plan key in force."),
            text("usage_type", "Counter that meters it."),
            text("unit", "Unit the price is for."),
            json(
                "tiers",
                "Own tiers: [{up_to, unit_amount_usd, flat_amount_usd}]; null = public list.",
            ),
            usd("flat_amount_usd", "Flat price per billing month, for packages."),
            count("free_allowance", "Free units per billing month.", "metered units"),
            boolean("legacy", "No longer sold."),
        ),
    ),
    Table(
        "bill_lines",
        "What the vendor billed or forecasts, per product and billing period. Actual.",
        ("organization_id", "period_start", "product"),
        (
            ORGANIZATION,
            day("period_start", "First day of the period.", required=True),
            day("period_end", "Day after the last day of the period.", required=True),
            text("product", "Product key.", required=True),
            count("quantity", "Metered so far in the period.", "metered units"),
            usd("amount_usd", "Actual: billed so far."),
            count("projected_quantity", "Vendor's forecast for the period.", "metered units"),
            usd("projected_amount_usd", "Vendor's forecast for the period."),
            boolean("is_complete", "The period is over."),
        ),
    ),
    Table(
        "limits",
        "Billing limits a person set, and what they have done. A limit of 0 is a limit.",
        ("organization_id", "product"),
        (
            ORGANIZATION,
            text("product", "Product key.", required=True),
            Column("limit_usd", "decimal", "Limit this period; null is none.", "USD", minimum=0),
            Column("next_period_limit_usd", "decimal", "From the next period.", "USD", minimum=0),
            count("usage_limit", "Limit in units.", "metered units"),
            count("usage", "Units so far this period.", "metered units"),
            boolean("data_was_cut", "Data was dropped this period because of the limit."),
        ),
    ),
    Table(
        "usage_daily",
        "Billed usage by day: one value per project, day and counter of the usage reports.",
        ("organization_id", "project_id", "day", "usage_type"),
        (
            ORGANIZATION,
            PROJECT,
            day("day", "Day of usage.", required=True),
            text("usage_type", "Counter, e.g. event_count_in_period.", required=True),
            count(
                "quantity",
                "Recorded that day. Absent rows are unknown.",
                "metered units",
                required=True,
            ),
        ),
        last_row_wins=True,
    ),
    Table(
        "usage_rows",
        "The joint breakdown that drives the meters over the window, as queries observed it. "
        "One row per combination, and one per meter it is billed on: an identified event "
        "stands once under product_analytics and once under enhanced_persons.",
        (
            "organization_id",
            "project_id",
            "meter",
            "event",
            "library",
            "host_class",
            "identified",
            "known_person",
        ),
        (
            ORGANIZATION,
            PROJECT,
            *WINDOW,
            text("meter", "Product key whose meter counts it.", required=True),
            text(
                "event",
                "Event name; for replay the duration class (under_2_seconds, 2_to_5_seconds, "
                "5_seconds_or_longer); for flags flags or local_evaluation. Customer text.",
                required=True,
            ),
            text("library", "$lib, or unknown.", required=True),
            text(
                "host_class",
                "Kind of host the event came from.",
                required=True,
                choices=("production", "staging", "localhost", "unknown"),
            ),
            Column("identified", "boolean", "Carries a person profile.", required=True),
            Column(
                "known_person", "boolean", "The person was identified at some time.", required=True
            ),
            count("quantity", "Observed in the window.", "metered units", required=True),
        ),
    ),
    Table(
        "activity",
        "What people and clients did in the window, one measure a row.",
        ("organization_id", "project_id", "measure"),
        (
            ORGANIZATION,
            PROJECT,
            *WINDOW,
            text(
                "measure",
                "sessions, people, group_events, people_using_<product> (members who looked at "
                "it), web_events, proxied_web_events, bot_events, behaviour_events and "
                "behaviour_people (without bots and internal users), idle_recordings, "
                "server_flag_calls, server_flag_people, ai_events, ai_generations, ai_spans, "
                "app_queries, api_queries, failed_queries.",
                required=True,
            ),
            count("quantity", "Value of the measure.", "as the measure says", required=True),
        ),
    ),
    Table(
        "resources",
        "Things people made: kind, state, and which events or objects they refer to.",
        ("organization_id", "project_id", "kind", "resource_id"),
        (
            ORGANIZATION,
            PROJECT,
            text(
                "kind",
                "What it is.",
                required=True,
                choices=(
                    "action",
                    "insight",
                    "dashboard",
                    "cohort",
                    "flag",
                    "experiment",
                    "survey",
                    "destination",
                    "transformation",
                    "batch_export",
                    "warehouse_schema",
                ),
            ),
            text("resource_id", "Id within its kind.", required=True),
            text("name", "Display name; customer-controlled text."),
            text("state", "active, inactive, stale, draft, complete or failed.", required=True),
            moment("created_at", "When it was made."),
            moment("updated_at", "When it was last changed."),
            moment("last_used_at", "Last call, view or run, if known."),
            json("refers_to", 'List of event names it matches or reads, e.g. ["$autocapture"].'),
            json(
                "details",
                "Further fields. Of a flag: rollout_percentage. Of a survey or experiment: "
                "start_date, end_date, responses_limit. Of a warehouse_schema: sync_type, "
                "sync_frequency, rows_synced and syncs in the window. Of a destination: "
                "has_filters, succeeded, failed and billable in the window.",
            ),
        ),
    ),
    Table(
        "ingestion_warnings",
        "Warnings logged at ingestion. Sampled by the vendor: presence, not volume.",
        ("organization_id", "project_id", "type"),
        (
            ORGANIZATION,
            PROJECT,
            *WINDOW,
            text("type", "Warning type.", required=True),
            count("quantity", "Warnings seen.", "warnings", required=True),
            moment("last_seen_at", "Most recent one."),
        ),
    ),
    Table(
        "sdk_versions",
        "Events by library and version in the window.",
        ("organization_id", "project_id", "library", "version"),
        (
            ORGANIZATION,
            PROJECT,
            *WINDOW,
            text("library", "$lib.", required=True),
            text("version", "$lib_version.", required=True),
            count("events", "Events it sent.", "events", required=True),
        ),
    ),
    Table(
        "invoices",
        "What the vendor sent.",
        ("organization_id", "invoice_id"),
        (
            ORGANIZATION,
            text("invoice_id", "The vendor's id.", required=True),
            text("status", "draft, open, paid, uncollectible or void.", required=True),
            day("period_start", "First day covered."),
            day("period_end", "Day after the last day covered."),
            usd("total_usd", "Total before credit."),
            usd("amount_due_usd", "What is to be paid."),
            moment("issued_at", "When it was issued."),
            moment("paid_at", "When it was paid."),
            count("attempts", "Automatic attempts to charge it so far.", "attempts"),
            usd("credited_usd", "Credit notes on it: what was refunded."),
        ),
    ),
    Table(
        "lifecycle",
        "Where the organization stands in onboarding and sales: fields of the CRM, as written.",
        ("organization_id", "field"),
        (
            ORGANIZATION,
            text("field", "E.g. onboarding_pipeline, next_renewal_date.", required=True),
            text("value", "As the system spells it."),
            moment("updated_at", "When it was set, if known."),
        ),
    ),
    Table(
        "coverage",
        "What a pull could and could not read, and how. A subject is a table name, or "
        "table.part: usage_rows.session_replay, resources.action, activity.sessions. "
        "No row, or complete = false, makes the facts it feeds missing; an empty project_id "
        "speaks for every project.",
        ("organization_id", "project_id", "subject"),
        (
            ORGANIZATION,
            text("project_id", "Project, or empty for the whole organization.", required=True),
            text("subject", "Table, or table.part.", required=True),
            Column("complete", "boolean", "Read to the end.", required=True),
            text("reason", "Why it is missing and what to do; empty when complete.", required=True),
            text("source", "posthog, files, sample, or the system.", required=True),
            text("query_name", "Name of the query or request that fed it."),
            text("query", "Its text, without keys."),
            count("row_count", "Rows it returned.", "rows"),
        ),
    ),
    Table(
        "data_quality",
        "What was noticed on the way in and does not stop the audit.",
        ("organization_id", "project_id", "subject", "kind"),
        (
            ORGANIZATION,
            text("project_id", "Project, or empty for the whole organization.", required=True),
            text("subject", "Table it is about.", required=True),
            text("kind", "Short name, e.g. duplicate_day.", required=True),
            text("message", "One sentence a person can act on.", required=True),
            count("quantity", "How many rows.", "rows", required=True),
        ),
        last_row_wins=True,
    ),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
